"""Keras's dtype policies: which names there are, and what each computes in and keeps weights in."""

from __future__ import annotations

from functools import lru_cache

DTYPES = frozenset(
    (
        "bool string float16 bfloat16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64"
        " float8_e4m3fn float8_e5m2 complex64 complex128"
    ).split()
)
_MIXED = ("mixed_float16", "mixed_bfloat16")
# What the name of a quantized policy begins with: ``int8_from_mixed_bfloat16``, ``int4/128_from_float32``.
_QUANTIZED = ("int8", "float8", "int4", "gptq", "awq")
# What model.quantize(mode) sets for the layers that can be quantized; of all others the weights stay what they were.
QUANTIZED = {"int8": "int8_from_float32", "int4": "int4/128_from_float32"}
# Each mode with the numbers of bits that it takes; the group size follows, -1 or above 0.
_BITS: dict[str, tuple[int, ...]] = {"gptq": (2, 3, 4, 8), "awq": (4,)}


# JAX computes with 32 bits unless it is told otherwise.
_NARROWED = {"float64": "float32", "int64": "int32", "uint64": "uint32", "complex128": "complex64"}


def narrowed(dtype: str) -> str:
    """The dtype that comes out where Keras has JAX trace a layer."""
    return _NARROWED.get(dtype, dtype)


def is_dtype(name: object) -> bool:
    """Whether Keras knows a dtype of that name; ``int`` is the 32-bit one."""
    return isinstance(name, str) and (name in DTYPES or name == "int")


def is_policy(name: object) -> bool:
    """Whether Keras knows a dtype policy of that name: a dtype, two mixed ones, and quantized ones made of these."""
    if not isinstance(name, str):
        return False
    if not name.startswith(_QUANTIZED):
        return is_dtype(name) or name in _MIXED
    mode, _, source = name.partition("_from_")
    known = (is_dtype(source) or source in _MIXED) and _is_mode(mode)
    return known and not (mode == "int8" and compute_dtype(source) == "float16")


def _is_mode(mode: str) -> bool:
    """Whether a kind of quantization is one of Keras's; a file says of float8 how many maxima it remembers."""
    name, *rest = mode.split("/")
    numbers = [int(part) if part.removeprefix("-").isdecimal() and part.isascii() else 0 for part in rest]
    if name == "int4":
        return len(numbers) < 2 and all(map(_is_group, numbers))
    if name == "float8":
        return len(numbers) < 2 and all(number > 0 for number in numbers)
    if name in _BITS:
        return len(numbers) == 2 and numbers[0] in _BITS[name] and _is_group(numbers[1])
    return name == "int8" and not numbers


def _is_group(size: int) -> bool:
    return size == -1 or size > 0


@lru_cache(maxsize=256)
def compute_dtype(policy: str) -> str:
    """The dtype that a policy computes in: ``mixed_float16`` → ``float16``."""
    name = policy.rpartition("_from_")[2].removeprefix("mixed_")
    return "int32" if name == "int" else name


@lru_cache(maxsize=256)
def variable_dtype(policy: str) -> str:
    """The dtype that a policy keeps weights in: ``mixed_float16`` → ``float32``."""
    name = policy.rpartition("_from_")[2]
    return "float32" if name.startswith("mixed_") else compute_dtype(name)
