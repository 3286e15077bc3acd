"""Operations that work on each element by itself, and on pairs of elements after broadcasting."""

from __future__ import annotations

from collections.abc import Callable

from seqshape.diagnostics import Fault
from seqshape.dims import Unknown, require_divides
from seqshape.kinds import Axes, Integer, Text
from seqshape.layers.operations.dtypes import boolean, doubled, floating, inexact, numeric, result_type, same, single
from seqshape.layers.operations.operands import (
    axes_in,
    dtype_of,
    gives,
    paired,
    require_identical,
    seen_beside,
    sees,
    shape_of,
    strong_dtype_of,
    union,
)
from seqshape.reach import NOTHING, see
from seqshape.registry import alike, operation
from seqshape.tensor import Effect, Tensor, TensorLike, show

Unary = Callable[[str], str]
Binary = Callable[[TensorLike, TensorLike], str]


def unary(name: str, dtype: Unary, meaning: str, *functions: str) -> None:
    """Declare an operation on each element; ``dtype`` says what comes of the input's."""

    @alike({name: meaning}, *functions)
    def rule(x: Tensor) -> Effect:
        return gives(x.shape, dtype(dtype_of(x)))


unary("Abs", same, "The absolute value.")
unary("Absolute", same, "The absolute value.", "abs")
unary("Angle", floating, "The angle of a complex number.")
unary("Arccos", floating, "The inverse cosine.")
unary("Arccosh", floating, "The inverse hyperbolic cosine.")
unary("Arcsin", floating, "The inverse sine.")
unary("Arcsinh", floating, "The inverse hyperbolic sine.")
unary("Arctan", floating, "The inverse tangent.")
unary("Arctanh", floating, "The inverse hyperbolic tangent.")
unary("BitwiseInvert", same, "Every bit inverted.")
unary("BitwiseNot", same, "Every bit inverted.")
unary("Ceil", floating, "Rounded up.")
unary("Conj", same, "The complex conjugate.")
unary("Conjugate", same, "The complex conjugate.", "conj")
unary("Copy", same, "The same elements.")
unary("Cos", floating, "The cosine.")
unary("Cosh", floating, "The hyperbolic cosine.")
unary("Deg2rad", doubled, "Degrees to radians.")
unary("Erf", same, "The error function.")
unary("Erfc", floating, "One minus the error function.")
unary("Erfinv", same, "The inverse error function.")
unary("Exp", inexact, "e to the power of each element.")
unary("Exp2", inexact, "2 to the power of each element.")
unary("Expm1", inexact, "e to the power of each element, less 1.")
unary("Floor", floating, "Rounded down.")
unary("HardSigmoid", same, "A sigmoid of straight lines.")
unary("HardSilu", same, "SiLU with a sigmoid of straight lines.", "hard_swish")
unary("HardTanh", same, "Clipped to [-1, 1].")
unary("I0", doubled, "The modified Bessel function of order 0.")
unary("Imag", same, "The imaginary part.")
unary("Isfinite", boolean, "Whether an element is a finite number.")
unary("Isinf", boolean, "Whether an element is infinite.")
unary("Isnan", boolean, "Whether an element is not a number.")
unary("Isneginf", boolean, "Whether an element is minus infinity.")
unary("Isposinf", boolean, "Whether an element is plus infinity.")
unary("Isreal", boolean, "Whether an element has no imaginary part.")
unary("Log", floating, "The natural logarithm.")
unary("Log10", floating, "The logarithm to the base 10.")
unary("Log1p", floating, "The natural logarithm of 1 plus each element.")
unary("Log2", floating, "The logarithm to the base 2.")
unary("LogSigmoid", same, "The logarithm of the sigmoid.")
unary("LogicalNot", boolean, "Whether an element is false.")
unary("Negative", same, "Each element with the other sign.")
unary("Rad2deg", doubled, "Radians to degrees.")
unary("Real", same, "The real part.")
unary("Reciprocal", single, "1 over each element.")
unary("Relu", same, "Negative elements become 0.")
unary("Relu6", same, "Clipped to [0, 6].")
unary("Rsqrt", same, "1 over the square root.")
unary("Selu", same, "The scaled exponential linear unit.")
unary("Sigmoid", same, "1 / (1 + exp(-x)).")
unary("Sign", same, "-1, 0 or 1.")
unary("Signbit", boolean, "Whether the sign bit is set.")
unary("Silu", same, "x times its sigmoid, also called swish.", "swish")
unary("Sin", floating, "The sine.")
unary("Sinc", floating, "sin(πx) / (πx).")
unary("Sinh", floating, "The hyperbolic sine.")
unary("Softplus", same, "log(1 + exp(x)).")
unary("Softsign", same, "x / (1 + |x|).")
unary("SparsePlus", same, "A softplus that reaches 0.")
unary("SparseSigmoid", same, "A sigmoid that reaches 0 and 1.")
unary("Sqrt", floating, "The square root.")
unary("Square", numeric, "Each element times itself.")
unary("Tan", floating, "The tangent.")
unary("Tanh", floating, "The hyperbolic tangent.")
unary("TanhShrink", same, "x - tanh(x).")
unary("Trunc", same, "Rounded towards 0.")
unary("Round", same, "Rounded to ``decimals`` digits after the point.")
unary("NanToNum", same, "Numbers in the place of what is not a number or infinite.")
unary("Clip", numeric, "Each element at least ``x_min`` and at most ``x_max``.")
unary("Tril", same, "The lower triangle of each matrix; above diagonal ``k`` there are zeros.")
unary("Triu", same, "The upper triangle of each matrix; below diagonal ``k`` there are zeros.")
unary("LeakyRelu", same, "Negative elements are multiplied with ``negative_slope``.")
unary("Elu", same, "Negative elements become ``alpha·(exp(x) - 1)``.")
unary("Celu", same, "Negative elements become ``alpha·(exp(x/alpha) - 1)``.")
unary("Gelu", same, "x times the probability that a normal variable is below it.")
unary("SoftShrink", same, "Each element nearer to 0 by ``threshold``.")
unary("HardShrink", same, "Elements within ``threshold`` of 0 become 0.")
unary("Squareplus", same, "``(x + √(x² + b)) / 2``.")
unary("Threshold", same, "Elements that are not above ``threshold`` become ``default_value``.")


@operation()
def Cbrt(x: Tensor) -> Effect:
    """The cube root. Small integers and truth values give float32, int64 float64."""
    dtype = dtype_of(x)
    return gives(x.shape, {"int64": "float64", "uint64": "uint64"}.get(dtype, inexact(dtype)))


@operation()
def Fabs(x: Tensor) -> Effect:
    """The absolute value as a float; complex numbers have none."""
    if "complex" in dtype_of(x):
        raise Fault(f"takes no complex numbers, but gets {x.dtype}", help="use ops.absolute")
    return gives(x.shape, inexact(dtype_of(x)))


@alike(
    dict.fromkeys(("Array", "ConvertToTensor"), "The same elements, of another dtype if one is given."),
    sparse="Anything",
)
def _converted(x: Tensor, dtype: Text | None = None) -> Effect:
    return gives(x.shape, dtype or dtype_of(x))


@alike(
    {
        "Cast": "The same elements in another dtype; ``None`` is float32.",
        "SaturateCast": "The same elements in another dtype, ``None`` being float32; what does not fit becomes the"
        " nearest that does.",
    }
)
def _cast(x: Tensor, dtype: Text | None) -> Effect:
    return gives(x.shape, dtype or "float32")


@operation()
def StopGradient(variable: Tensor) -> Effect:
    """The same elements, through which no gradient flows."""
    return gives(variable.shape, dtype_of(variable))


@operation()
def View(x: Tensor, dtype: Text | None = None) -> Effect:
    """The same bytes read as another dtype: the last dim changes with the size of an element."""
    if dtype == "string":
        raise Fault("cannot read bytes as strings", arg="dtype")
    old, new = _bytes(dtype_of(x)), _bytes("int32" if dtype == "int" else dtype or dtype_of(x))
    if old == new or (x.shape and isinstance(x.shape[-1], Unknown)):
        return gives(x.shape, dtype or dtype_of(x))
    *_, last = x.axes("... last")
    complaint = f"needs a number of bytes that {dtype} divides, but gets {last} times {old}"
    require_divides(new, last * old, complaint, arg="dtype")
    return gives((*x.shape[:-1], last * old // new), dtype or dtype_of(x), see().mix(-1))


def _bytes(dtype: str) -> int:
    digits = "".join(character for character in dtype.partition("_")[0] if character.isdigit())
    return int(digits or 8) // 8


@alike(
    {
        "OnesLike": "Ones in the shape of the input.",
        "ZerosLike": "Zeros in the shape of the input.",
        "EmptyLike": "A tensor in the shape of the input; its values are not set.",
    }
)
def _constant(x: Tensor, dtype: Text | None = None) -> Effect:
    return gives(x.shape, dtype or dtype_of(x), NOTHING)


@operation()
def FullLike(x: Tensor, fill_value: TensorLike, dtype: Text | None = None) -> Effect:
    """One value throughout, in the shape of the input."""
    return gives(shape_of(x), dtype or strong_dtype_of(x), sees(x, fill_value)[1])


@alike(
    {
        "Softmax": "Exponentials that sum to 1 along ``axis``.",
        "LogSoftmax": "The logarithm of the softmax along ``axis``.",
    }
)
def _over_axes(x: Tensor, axis: Axes | None = -1) -> Effect:
    """Same shape, but every element depends on all along ``axis``."""
    return gives(x.shape, dtype_of(x), see().mix(*axes_in(axis, x.rank)))


@operation()
def Sparsemax(x: Tensor, axis: Integer = -1) -> Effect:
    """Like softmax, but small elements become 0."""
    return _over_axes(x, axis)


def combined(x1: TensorLike, x2: TensorLike) -> str:
    """The promotion of both dtypes."""
    return result_type(dtype_of(x1), dtype_of(x2))


def strictly(x1: TensorLike, x2: TensorLike) -> str:
    """The promotion of both, in which a number counts as a tensor."""
    return result_type(strong_dtype_of(x1), strong_dtype_of(x2))


def truth(x1: TensorLike, x2: TensorLike) -> str:
    """``bool``."""
    return "bool"


def float_of(x1: TensorLike, x2: TensorLike) -> str:
    """The promotion of both to a float."""
    return result_type(dtype_of(x1), dtype_of(x2), "float")


def strict_float_of(x1: TensorLike, x2: TensorLike) -> str:
    """The promotion of both to a float, in which a number counts as a tensor."""
    return result_type(strong_dtype_of(x1), strong_dtype_of(x2), "float")


def arc_float_of(x1: TensorLike, x2: TensorLike) -> str:
    """The promotion of both to a float, in which any number counts as a float32."""
    known = [dtype_of(x) if isinstance(x, Tensor) else "float32" for x in (x1, x2)]
    return result_type(*known, "float")


def numeric_of(x1: TensorLike, x2: TensorLike) -> str:
    """The promotion of both; of truth values an int32."""
    return numeric(combined(x1, x2))


def inexact_of(x1: TensorLike, x2: TensorLike) -> str:
    """The promotion of both; of integers a float32."""
    found = combined(x1, x2)
    return found if found == "bool" else inexact(found)


def binary(name: str, dtype: Binary, meaning: str) -> None:
    """Declare an operation on pairs of elements of two operands, of which one may be a number."""

    @alike({name: meaning})
    def rule(x1: TensorLike, x2: TensorLike) -> Effect:
        return _paired(x1, x2, dtype)


def of_tensors(name: str, dtype: Binary, meaning: str) -> None:
    """Declare an operation on pairs of elements of two operands, of which Keras takes none for a number."""

    @alike({name: meaning})
    def rule(x1: Tensor, x2: Tensor) -> Effect:
        return _paired(x1, x2, dtype)


def _paired(x1: TensorLike, x2: TensorLike, dtype: Binary) -> Effect:
    return gives(paired(shape_of(x1), shape_of(x2)), dtype(x1, x2), union(sees(x1, x2)))


binary("Add", combined, "x1 + x2.")
binary("Arctan2", arc_float_of, "The angle of the point (x2, x1).")
binary("Divide", float_of, "x1 / x2.")
binary("DivideNoNan", float_of, "x1 / x2, and 0 where x2 is 0.")
binary("Equal", truth, "x1 == x2.")
binary("FloorDivide", combined, "x1 // x2.")
binary("Fmax", combined, "The larger of both, ignoring what is not a number.")
binary("Fmin", combined, "The smaller of both, ignoring what is not a number.")
binary("Fmod", numeric_of, "The remainder of x1 / x2 with the sign of x1.")
binary("Gcd", strictly, "The greatest common divisor.")
binary("Greater", truth, "x1 > x2.")
binary("GreaterEqual", truth, "x1 >= x2.")
of_tensors("Heaviside", inexact_of, "0 for negative x1, 1 for positive, x2 where it is 0.")
of_tensors("Hypot", inexact_of, "√(x1² + x2²).")
binary("Lcm", strictly, "The least common multiple.")
binary("Ldexp", strict_float_of, "x1 times 2 to the power of x2.")
binary("Less", truth, "x1 < x2.")
binary("LessEqual", truth, "x1 <= x2.")
binary("Logaddexp", float_of, "log(exp(x1) + exp(x2)).")
binary("Logaddexp2", float_of, "log2(2^x1 + 2^x2).")
binary("LogicalAnd", truth, "Whether both are true.")
binary("LogicalOr", truth, "Whether one is true.")
binary("LogicalXor", truth, "Whether just one is true.")
binary("Maximum", combined, "The larger of both.")
binary("Minimum", combined, "The smaller of both.")
binary("Mod", numeric_of, "The remainder of x1 / x2.")
binary("Multiply", combined, "x1 · x2.")
binary("Nextafter", strict_float_of, "The next number after x1 in the direction of x2.")
binary("NotEqual", truth, "x1 != x2.")
binary("Power", combined, "x1 to the power of x2.")
binary("Subtract", combined, "x1 - x2.")
binary("TrueDivide", float_of, "x1 / x2.")


def bitwise(name: str, meaning: str, *, shift: bool = False) -> None:
    """Declare an operation on bits. As in Keras, the shape is x's; a shift by a number keeps the dtype."""

    @alike({name: meaning})
    def rule(x: Tensor, y: TensorLike) -> Effect:
        if not isinstance(y, Tensor) and not (shift and isinstance(y, int)):
            help = f"{'a whole number or ' if shift else ''}an array does"
            raise Fault(f"needs a tensor as y, but gets {y!r}", code="E202", help=help)
        dtype = strictly(x, y) if isinstance(y, Tensor) else dtype_of(x)
        return gives(x.shape, dtype, seen_beside(x, y))


bitwise("BitwiseAnd", "The bits that are set in both.")
bitwise("BitwiseOr", "The bits that are set in one.")
bitwise("BitwiseXor", "The bits that are set in just one.")
bitwise("BitwiseLeftShift", "The bits of x moved up by y.", shift=True)
bitwise("BitwiseRightShift", "The bits of x moved down by y.", shift=True)
bitwise("LeftShift", "The bits of x moved up by y.", shift=True)
bitwise("RightShift", "The bits of x moved down by y.", shift=True)


@operation()
def Isclose(x1: TensorLike, x2: TensorLike, rtol: TensorLike = 1e-5, atol: TensorLike = 1e-8) -> Effect:
    """Whether the elements are equal up to ``atol + rtol·|x2|``."""
    return gives(paired(shape_of(x1), shape_of(x2)), "bool", union(sees(x1, x2)))


@operation()
def Where(condition: TensorLike, x1: TensorLike | None = None, x2: TensorLike | None = None) -> Effect:
    """``x1`` where the condition is true, else ``x2``.

    With the condition alone Keras says its shape, though it gives the positions where it is true.
    """
    given = [x for x in (x1, x2) if x is not None]
    if len(given) == 1:
        raise Fault("needs both x1 and x2, or none of them", code="E202")
    dtype = result_type(*("int32" if x is None else dtype_of(x) for x in (x1, x2)))
    shape = paired(shape_of(condition), *map(shape_of, given))
    return gives(shape, dtype, union(sees(condition, *given)))


@operation()
def Polar(abs_: Tensor, angle: TensorLike) -> Effect:
    """The complex number of that length and angle. Keras says float32 of it, though it is complex."""
    return gives(abs_.shape, "float32", seen_beside(abs_, angle))


@operation()
def ViewAsComplex(x: Tensor) -> Effect:
    """Pairs along the last axis as complex numbers."""
    return gives(x.shape[:-1], "complex64", see().reduce(x.rank - 1) if x.rank > 1 else see())


@operation()
def ViewAsReal(x: Tensor) -> Effect:
    """Complex numbers as pairs along a new last axis."""
    return gives((*x.shape, 2), "float32", see().insert(x.rank, 2))


@operation()
def BinaryCrossentropy(target: Tensor, output: Tensor) -> Effect:
    """The cross-entropy of each element of ``output`` with that of ``target``."""
    require_same_shape(target, output)
    return gives(output.shape, dtype_of(output), union(sees(target, output)))


def require_same_shape(target: Tensor, output: Tensor) -> None:
    """Insist that two operands have one shape, in which Keras takes None for equal to None only. Raises Fault."""
    first, second = target.shape, output.shape
    complaint = f"needs target and output of the same shape, but gets {show(first)} and {show(second)}"
    if len(first) != len(second):
        raise Fault(complaint, code="E203")
    for left, right in zip(first, second, strict=True):
        require_identical(left, right, complaint)
