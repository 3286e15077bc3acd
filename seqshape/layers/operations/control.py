"""Operations that run a function of the user's. Nothing is executed: what the function gives, only a file can tell."""

from __future__ import annotations

from seqshape.diagnostics import Fault
from seqshape.layers.operations.operands import dtype_of, gives, gives_all, shape_of, tensors
from seqshape.reach import Reach, see, together
from seqshape.registry import operation
from seqshape.tensor import NO_MASK, Effect, Tensor, TensorArguments, TensorLike

_ONLY_FILES = "only a file can hold one: a spec has no functions"


def _unknowable(**functions: TensorLike) -> Effect:
    """The outputs are whatever the function returns. Raises Fault if it is a tensor or a number."""
    for name, function in functions.items():
        if isinstance(function, (int, float)):
            raise Fault(f"needs a function as {name}, but gets {function}", code="E202", help=_ONLY_FILES)
        if isinstance(function, Tensor):
            raise Fault(f"needs a function as {name}, but gets a tensor", code="E202", help=_ONLY_FILES)
    return Effect(None, {}, 0, see(), NO_MASK)


@operation(order="cond body loop_vars maximum_iterations")
def WhileLoop(loop_vars: TensorLike) -> Effect:
    """A function applied while a condition holds; every variable keeps its shape and dtype."""
    if not isinstance(loop_vars, list):
        return gives(shape_of(loop_vars), dtype_of(loop_vars), see())
    parts = tensors(loop_vars)
    return gives_all(parts, [_all(len(parts))] * len(parts))


def _all(number: int) -> Reach:
    return together(*(see(index) for index in range(number)))


@operation(order="lower upper body_fun init_val", lower="Anything", upper="Anything")
def ForiLoop(init_val: TensorLike) -> Effect:
    """A function applied for every number of a range; the value keeps its shape and dtype."""
    return gives(shape_of(init_val), dtype_of(init_val), see())


@operation()
def Map(f: TensorLike, xs: TensorLike) -> Effect:
    """A function applied to every row."""
    return _unknowable(f=f)


@operation(order="function elements")
def VectorizedMap(elements: TensorLike) -> Effect:
    """A function applied to every row at once."""
    return _unknowable()


@operation()
def Scan(f: TensorLike, init: TensorLike, xs: TensorLike | None = None) -> Effect:
    """A function applied to row after row, which hands on a state."""
    return _unknowable(f=f)


@operation()
def AssociativeScan(f: TensorLike, elems: TensorLike) -> Effect:
    """An associative function applied to all elements up to each position."""
    return _unknowable(f=f)


@operation()
def Cond(pred: TensorLike, true_fn: TensorLike, false_fn: TensorLike) -> Effect:
    """One of two functions, as a truth value says."""
    return _unknowable(true_fn=true_fn, false_fn=false_fn)


@operation()
def Switch(operands: TensorArguments) -> Effect:
    """One of several functions, as a number says: the number, the functions and their operands."""
    return _unknowable(branches=operands[1] if len(operands) > 1 else Tensor(()))


@operation()
def JVP(fun: TensorLike, primals: TensorLike, tangents: TensorLike) -> Effect:
    """A function and its directional derivative."""
    return _unknowable(fun=fun)
