"""Which dtype comes out: Keras's type promotion on JAX, where 64 bits become 32, and the rules that operations share.

A dtype is its name. ``int`` and ``float`` are those of Python's numbers, which give way to the dtype of a tensor.
"""

from __future__ import annotations

from functools import reduce

from seqshape.diagnostics import Fault

# Every dtype by what it holds and how many bits it has; a Python number has none of its own.
_FAMILIES = ("bool", "int", "float", "complex")
_HOLDS: dict[str, tuple[str, int]] = {
    "bool": ("bool", 1),
    "int": ("int", 0),
    "float": ("float", 0),
    "bfloat16": ("float", 16),
    **{f"{sign}int{bits}": ("int", bits) for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": ("float", bits) for bits in (16, 32, 64)},
    **{f"complex{bits}": ("complex", bits) for bits in (64, 128)},
}
_ON_JAX = {
    "int": "int32",
    "float": "float32",
    "int64": "int32",
    "uint64": "uint32",
    "float64": "float32",
    "complex128": "complex64",
}
_WIDENED = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def result_type(*dtypes: str) -> str:
    """The dtype that all of ``dtypes`` are promoted to. Raises Fault where there is none (strings, 8-bit floats)."""
    if len(set(dtypes)) == 1:
        return _ON_JAX.get(dtypes[0], dtypes[0])
    promoted = reduce(_promoted, dtypes)
    return _ON_JAX.get(promoted, promoted)


def _promoted(left: str, right: str) -> str:
    """The least dtype that holds two."""
    for dtype in (left, right):
        if dtype not in _HOLDS:
            other = right if dtype == left else left
            raise Fault(f"cannot compute with dtype {dtype} and {other}", help="cast one with ops.cast")
    (family, bits), (other, others) = _HOLDS[left], _HOLDS[right]
    if family != other:
        wide, narrow = (left, right) if _FAMILIES.index(family) > _FAMILIES.index(other) else (right, left)
        return "complex128" if (wide, narrow) == ("complex64", "float64") else wide
    if family == "int" and bits and others and (left[0] == "u") != (right[0] == "u"):
        return _signed(bits * 2 if left[0] == "u" else bits, others * 2 if right[0] == "u" else others)
    if {left, right} == {"bfloat16", "float16"}:
        return "float32"
    return left if bits >= others else right


def _signed(*bits: int) -> str:
    """The signed integer for both an unsigned and a signed one; beyond 64 bits only a float holds them."""
    return f"int{max(bits)}" if max(bits) <= 64 else "float"


def same(dtype: str) -> str:
    """The dtype of the operand."""
    return dtype


def boolean(dtype: str) -> str:
    """``bool``."""
    return "bool"


def single(dtype: str) -> str:
    """Keras's default, whatever comes in: the class does not say which dtype it gives."""
    return "float32"


def floating(dtype: str) -> str:
    """Promoted to a float."""
    return result_type(dtype, "float")


def inexact(dtype: str) -> str:
    """A float stays what it is, also a double; anything else becomes float32."""
    return "float32" if _is_exact(dtype) else dtype


def doubled(dtype: str) -> str:
    """Half precision stays; int64 and float64 give float64, anything else float32."""
    if dtype in ("bfloat16", "float16"):
        return dtype
    return "float64" if dtype in ("int64", "float64") else "float32"


def numeric(dtype: str) -> str:
    """A truth value becomes an int32; anything else stays."""
    return "int32" if dtype == "bool" else dtype


def widened(dtype: str) -> str:
    """Small integers are added up in 32 bits."""
    return _WIDENED.get(dtype, dtype)


def promoted(dtype: str) -> str:
    """Alone in a promotion: 64 bits become 32."""
    return result_type(dtype)


def summed(dtype: str) -> str:
    """Promoted, and small integers widened."""
    return widened(result_type(dtype))


def _is_exact(dtype: str) -> bool:
    return dtype == "bool" or "int" in dtype


def is_float(dtype: str) -> bool:
    """Whether a dtype is one of floating point."""
    return "float" in dtype


def is_integer(dtype: str) -> bool:
    """Whether a dtype is a signed or unsigned integer."""
    return "int" in dtype
