"""What becomes of the weights of a layer whose dtype policy is a quantized one: ``int8_from_float32``,
``int4/128_from_…``.

Keras stores a quantized matrix as whole numbers, packed two a byte where 4 bits do, with a scale for each column or
for each group of rows. A layer declares with ``quantized=`` which of these functions holds for its weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqshape.diagnostics import Fault
from seqshape.dims import Dim, ceil_div, product
from seqshape.records import NamedTuple
from seqshape.tensor import Frozen, Shape, WeightShape, under

Weights = Mapping[str, WeightShape]
HISTORY = 1024  # how many maxima a float8 policy remembers


class Mode(NamedTuple):
    """A kind of quantization: ``bits`` a number, and one scale for each ``group`` of rows (0: one for all rows)."""

    name: str
    bits: int = 8
    group: int = 0
    history: int = HISTORY


def mode_of(policy: str) -> Mode | None:
    """What a dtype policy says of quantization; ``None`` if nothing, or nothing that is known."""
    name, *rest = policy.partition("_from_")[0].split("/")
    numbers = [max(0, int(part)) for part in rest if part.removeprefix("-").isdecimal() and part.isascii()]
    if "_from_" not in policy or len(numbers) < len(rest):
        return None
    if name == "int4":
        return Mode(name, 4, *numbers[:1])
    if name in ("gptq", "awq") and len(numbers) == 2:
        return Mode(name, *numbers)
    if name == "float8":
        return Mode(name, history=numbers[0] if numbers else HISTORY)
    return Mode(name) if name == "int8" else None


def of_dense(weights: Weights, mode: Mode, arguments: Mapping[str, object]) -> Weights:
    """Of Dense: a scale for each unit."""
    _refuse_low_rank(mode, arguments)
    rows, columns = _shape(weights["kernel"])
    return _with_matrix(weights, mode, (rows, columns), (columns,), "kernel_zero")


def of_einsum(weights: Weights, mode: Mode, arguments: Mapping[str, Any]) -> Weights:
    """Of EinsumDense: the axes of the kernel that its output lacks are the rows; the scale lines up with the output."""
    _refuse_low_rank(mode, arguments)
    if "..." in arguments["equation"] and mode.name != "float8":
        raise Fault(f"cannot be quantized to {mode.name} with ... in its equation", arg="equation")
    kernel = _shape(weights["kernel"])
    operands, _, output = str(arguments["equation"]).replace("...", "").replace(" ", "").partition("->")
    sizes = dict(zip(operands.partition(",")[2], kernel, strict=False))
    if mode.name in ("gptq", "awq"):
        return _with_matrix(weights, mode, _halves(kernel), (), "zero_point")
    rows = product(tuple(size for label, size in sizes.items() if label not in output))
    columns = product(tuple(size for label, size in sizes.items() if label in output))
    return _with_matrix(weights, mode, (rows, columns), tuple(sizes.get(label, 1) for label in output), "kernel_zero")


def of_heads(weights: Weights, mode: Mode, arguments: Mapping[str, Any]) -> Weights:
    """Of an attention layer: each of its projections like an EinsumDense."""
    found: dict[str, WeightShape] = {}
    for name in dict.fromkeys(path.partition("/")[0] for path in weights):
        own = {path.partition("/")[2]: weight for path, weight in weights.items() if path.startswith(f"{name}/")}
        kernel = _shape(own["kernel"])
        place = 2 if name == "attention_output" else 1  # the axes before it are summed over
        matrix, zero = (product(kernel[:place]), product(kernel[place:])), "kernel_zero"
        if mode.name in ("gptq", "awq"):
            matrix, zero = _halves(kernel), "zero_point"
        lead = 2 if "num_query_heads" in arguments else arguments["query"].rank - 1
        scale = (*(1,) * lead, *kernel[place:])
        found |= under(name, _with_matrix(own, mode, matrix, scale, zero))
    return {path: item._replace(inner=True) if isinstance(item, Frozen) else item for path, item in found.items()}


def _refuse_low_rank(mode: Mode, arguments: Mapping[str, object]) -> None:
    if mode.name in ("gptq", "awq") and arguments.get("lora_rank"):
        raise Fault(f"cannot have a lora_rank with {mode.name} quantization", arg="lora_rank")


def _halves(kernel: Shape) -> tuple[Dim, Dim]:
    """GPTQ and AWQ take the largest axis of three for the model's width: it stands alone, the other two are heads."""
    if len(kernel) != 3:
        return kernel[0], product(kernel[1:])
    first, second, third = kernel
    is_first = isinstance(first, int) and all(isinstance(size, int) and size <= first for size in (second, third))
    return (first, second * third) if is_first else (first * second, third)


def of_embedding(weights: Weights, mode: Mode, arguments: Mapping[str, object]) -> Weights:
    """Of Embedding and ReversibleEmbedding: a scale for each vector, and of the table of a reverse, where it has one."""
    if mode.name not in ("int8", "int4"):
        raise Fault(f"can be quantized to int8 or int4, but not to {mode.name}", arg="dtype")
    count, width = _shape(weights["embeddings"])
    tied = {name: weight for name, weight in weights.items() if name != "reverse_embeddings"}
    found = tied | _table("embeddings", mode, (count, width), (count,))
    if "reverse_embeddings" in weights:
        found |= _table("reverse_embeddings", mode, (width, count), (count,))
    return _trained_first(found)


def _trained_first(weights: Weights) -> Weights:
    """In the order in which Keras lists them."""
    return dict(sorted(weights.items(), key=lambda item: isinstance(item[1], Frozen) and not item[1].trainable))


def _table(name: str, mode: Mode, shape: tuple[Dim, Dim], scale: Shape) -> dict[str, WeightShape]:
    """A table of vectors, which lie along the last axis of ``embeddings`` and the first of ``reverse_embeddings``."""
    reverse = name.startswith("reverse")
    width = shape[0] if reverse else shape[1]
    if mode.name == "int8":
        return {name: Frozen(shape, "int8"), f"{name}_scale": Frozen(scale)}
    packed = (ceil_div(width, 2), shape[1]) if reverse else (shape[0], ceil_div(width, 2))
    if not mode.group:
        return {name: Frozen(packed, "int8"), f"{name}_scale": Frozen(scale)}
    groups = ceil_div(width, mode.group)
    grouped = (groups, *scale) if reverse else (*scale, groups)
    zero = Frozen(grouped, None if reverse else "int8")
    found: dict[str, WeightShape] = {
        name: Frozen(packed, "int8"),
        f"{name}_scale": Frozen(grouped),
        f"{name}_zero": zero,
    }
    return found if reverse else {**found, "g_idx": Frozen((width,), "float32")}


def _shape(weight: WeightShape) -> Shape:
    return weight.shape if isinstance(weight, Frozen) else weight


def _with_matrix(weights: Weights, mode: Mode, matrix: tuple[Dim, Dim], scale: Shape, zero: str) -> Weights:
    """The weights with a kernel of ``rows x columns`` stored as the mode does it. ``scale``: that of int8."""
    rows, columns = matrix
    if mode.name == "float8":
        return _trained_first({**_float8(mode), **weights})
    if mode.name == "int8":
        stored = {"kernel": Frozen(_shape(weights["kernel"]), "int8"), "kernel_scale": Frozen(scale)}
    elif mode.name == "int4":
        stored = _int4(mode, rows, columns)
    else:
        stored = _transposed(mode, rows, columns, zero)
    return _trained_first({**weights, **stored})


def _int4(mode: Mode, rows: Dim, columns: Dim) -> dict[str, Frozen]:
    packed = Frozen((rows, ceil_div(columns, 2)), "int8")
    if not mode.group:
        return {"kernel": packed, "kernel_scale": Frozen((columns,))}
    grouped = (ceil_div(rows, mode.group), columns)
    return {
        "kernel": packed,
        "kernel_scale": Frozen(grouped),
        "kernel_zero": Frozen(grouped, "int8"),
        "g_idx": Frozen((rows,), "float32"),
    }


def _transposed(mode: Mode, rows: Dim, columns: Dim, zero: str) -> dict[str, Frozen]:
    """GPTQ (Frantar et al., 2022) and AWQ (Lin et al., 2023)."""
    grouped = (columns, ceil_div(rows, mode.group) if mode.group else 1)
    found = {
        "kernel": Frozen((ceil_div(columns, 2) if mode.bits == 4 else columns, rows), "uint8"),
        "kernel_scale": Frozen(grouped),
        zero: Frozen(grouped, "uint8"),
    }
    if mode.name == "awq":
        found["awq_scales"] = Frozen((rows,))
    return {**found, "g_idx": Frozen((rows,), "float32")}


def _float8(mode: Mode) -> dict[str, Frozen]:
    """The kernel stays; a scale and the last maxima of the inputs, the kernel and the gradients are trained with it."""
    found: dict[str, Frozen] = {}
    for part in ("inputs", "kernel", "outputs_grad"):
        found[f"{part}_scale"] = Frozen((), "float32", True)
        found[f"{part}_amax_history"] = Frozen((mode.history,), "float32", True)
    return found
