"""Translations of keras.ops: element by element, reductions, shapes, products."""

from __future__ import annotations

from collections.abc import Callable

from seqshape.exporters.torch.site import Piece, Site, translation, whole
from seqshape.kinds import Axes, Dims
from seqshape.structure import listed

# The code by the names of the inputs. Whole numbers are exact in the first table only: the others count in floats.
EXACT: dict[str, str] = {
    "Absolute": "torch.abs({x})",
    "Add": "{x1} + {x2}",
    "Copy": "{x}.clone()",
    "Equal": "{x1} == {x2}",
    "Greater": "{x1} > {x2}",
    "GreaterEqual": "{x1} >= {x2}",
    "Less": "{x1} < {x2}",
    "LessEqual": "{x1} <= {x2}",
    "LogicalAnd": "torch.logical_and({x1}, {x2})",
    "LogicalNot": "torch.logical_not({x})",
    "LogicalOr": "torch.logical_or({x1}, {x2})",
    "LogicalXor": "torch.logical_xor({x1}, {x2})",
    "Multiply": "{x1} * {x2}",
    "Negative": "-{x}",
    "NotEqual": "{x1} != {x2}",
    "StopGradient": "{variable}.detach()",
    "Subtract": "{x1} - {x2}",
}
FLOATS: dict[str, str] = {
    "Arctan": "torch.atan({x})",
    "Ceil": "torch.ceil({x})",
    "Cos": "torch.cos({x})",
    "Cosh": "torch.cosh({x})",
    "Divide": "{x1} / {x2}",
    "Erf": "torch.erf({x})",
    "Exp": "torch.exp({x})",
    "Expm1": "torch.expm1({x})",
    "Floor": "torch.floor({x})",
    "HardSigmoid": "F.hardsigmoid({x})",
    "HardSilu": "F.hardswish({x})",
    "HardTanh": "F.hardtanh({x})",
    "Log": "torch.log({x})",
    "Log10": "torch.log10({x})",
    "Log1p": "torch.log1p({x})",
    "Log2": "torch.log2({x})",
    "LogSigmoid": "F.logsigmoid({x})",
    "Matmul": "{x1} @ {x2}",
    "Power": "{x1} ** {x2}",
    "Reciprocal": "1 / {x}",
    "Relu": "F.relu({x})",
    "Relu6": "F.relu6({x})",
    "Rsqrt": "torch.rsqrt({x})",
    "Selu": "F.selu({x})",
    "Sigmoid": "torch.sigmoid({x})",
    "Sign": "torch.sign({x})",
    "Silu": "F.silu({x})",
    "Sin": "torch.sin({x})",
    "Sinh": "torch.sinh({x})",
    "Softplus": "F.softplus({x})",
    "Softsign": "F.softsign({x})",
    "Sqrt": "torch.sqrt({x})",
    "Square": "{x} ** 2",
    "Tan": "torch.tan({x})",
    "Tanh": "torch.tanh({x})",
    "TanhShrink": "F.tanhshrink({x})",
    "TrueDivide": "{x1} / {x2}",
}
REDUCTIONS = {
    "All": "all", "Amax": "amax", "Amin": "amin", "Any": "any", "Logsumexp": "logsumexp", "Max": "amax", "Mean": "mean",
    "Min": "amin", "Std": "std", "Sum": "sum", "Var": "var",
}  # fmt: skip


def _code(site: Site, operand: object) -> str:
    if isinstance(operand, Piece):
        return operand.text
    if isinstance(operand, (bool, int, float)):
        return f"({site.literal(operand)})" if operand < 0 else site.literal(operand)
    raise site.refuse(f"has the operand {operand!r}, which is no tensor and no number")


def _require_floats(site: Site, *operands: object) -> None:
    for operand in operands:
        if isinstance(operand, Piece) and not (operand.dtype or "float32").startswith("float32"):
            raise site.refuse(f"gets {operand.dtype}, and torch makes another dtype of that than Keras")


def _by_template(template: str, floats: bool) -> Callable[..., str]:
    def write(site: Site, first: object, **others: object) -> str:
        operands = {site.type.inputs[0]: first, **others}
        if floats:
            _require_floats(site, *operands.values())
        if not isinstance(first, Piece) and template.startswith("torch."):
            raise site.refuse("has a number as its first operand")
        return template.format(**{name: _code(site, operand) for name, operand in operands.items()})

    return write


for _name, _template in EXACT.items():
    translation(f"ops.{_name}", raw=True)(_by_template(_template, floats=False))
for _name, _template in FLOATS.items():
    translation(f"ops.{_name}", raw=True)(_by_template(_template, floats=True))


@translation("ops.Maximum", "ops.Minimum")
def _extreme(site: Site, x1: object, *, x2: object, **rest: object) -> str:
    first, second = (
        _code(site, each) if isinstance(each, Piece) else f"torch.tensor({_code(site, each)})" for each in (x1, x2)
    )
    return f"torch.{site.type.name.lower()}({first}, {second})"


@translation("ops.Where")
def _where(site: Site, condition: Piece, *, x1: object, x2: object, **rest: object) -> str:
    return f"torch.where({condition}.bool(), {_code(site, x1)}, {_code(site, x2)})"


@translation("ops.Clip")
def _clip(site: Site, x: Piece, *, x_min: object, x_max: object, **rest: object) -> str:
    return f"{x}.clamp({_code(site, x_min)}, {_code(site, x_max)})"


@translation("ops.Cast")
def _cast(site: Site, x: Piece, *, dtype: object, **rest: object) -> str:
    if dtype == "float32":
        return f"{x}.to(torch.get_default_dtype())"
    if dtype not in ("bool", "int8", "int16", "int32", "int64", "uint8", "float16", "float64", "bfloat16"):
        raise site.refuse(f"casts to {dtype}")
    return f"{x}.to(torch.{dtype})"


@translation("ops.OnesLike", "ops.ZerosLike")
def _like(site: Site, x: Piece, *, dtype: object = None, **rest: object) -> str:
    name = "ones_like" if site.type.name == "OnesLike" else "zeros_like"
    if dtype not in (None, "bool", "float32", "int32"):
        raise site.refuse(f"has the dtype {dtype}")
    return f"torch.{name}({x}{f', dtype=torch.{dtype}' if dtype in ('bool', 'int32') else ''})"


# --- activations with arguments ---------------------------------------------------------------------------------------


@translation("ops.Softmax", "ops.LogSoftmax")
def _softmax(site: Site, x: Piece, *, axis: Axes | None, **rest: object) -> str:
    if not isinstance(axis, int):
        raise site.refuse(f"goes along {axis}, not one axis")
    return f"F.{'softmax' if site.type.name == 'Softmax' else 'log_softmax'}({x}, {site.literal(axis)})"


@translation("ops.LeakyRelu")
def _leaky_relu(site: Site, x: Piece, *, negative_slope: object, **rest: object) -> str:
    return f"F.leaky_relu({x}, {site.literal(negative_slope)})"


@translation("ops.Elu", "ops.Celu")
def _elu(site: Site, x: Piece, *, alpha: object, **rest: object) -> str:
    return f"F.{site.type.name.lower()}({x}, {site.literal(alpha)})"


@translation("ops.Gelu")
def _gelu(site: Site, x: Piece, *, approximate: object, **rest: object) -> str:
    return f'F.gelu({x}, approximate="{"tanh" if approximate else "none"}")'


# --- reductions -------------------------------------------------------------------------------------------------------


def _dims(x: Piece, axis: object) -> tuple[int, ...]:
    axes = tuple(range(x.rank)) if axis is None else listed(axis)
    return tuple(one % x.rank for one in axes)


@translation(*(f"ops.{name}" for name in REDUCTIONS))
def _reduction(site: Site, x: Piece, *, axis: Axes | None, keepdims: bool, **rest: object) -> str:
    name = site.type.name
    if name not in ("All", "Any"):
        _require_floats(site, x)
    if rest.get("initial") is not None:
        raise site.refuse("has an initial value")
    if not x.rank or axis == ():
        raise site.refuse("reduces no axis")
    options = ", unbiased=False" if name in ("Std", "Var") else ""
    options += ", keepdim=True" if keepdims else ""
    start = f"{x}.bool()" if name in ("All", "Any") and x.dtype != "bool" else x.text
    return f"{start}.{REDUCTIONS[name]}({site.literal(_dims(x, axis))}{options})"


@translation("ops.Argmax", "ops.Argmin")
def _position(site: Site, x: Piece, *, axis: Axes | None, keepdims: bool, **rest: object) -> str:
    if axis is None and keepdims:
        raise site.refuse("keeps all dims")
    where = "" if axis is None else f"{site.literal(axis)}{', keepdim=True' if keepdims else ''}"
    return f"{x}.{site.type.name.lower()}({where})"


# --- shapes -----------------------------------------------------------------------------------------------------------


@translation("ops.Reshape")
def _reshape(site: Site, x: Piece, *, newshape: Dims, **rest: object) -> str:
    dims = [site.literal(dim) for dim in newshape]
    if dims.count("None") + dims.count("-1") > 1 and newshape[0] not in (-1,) and dims[0] == "None":
        dims[0] = f"len({site.once(x)})"
    dims = ["-1" if dim == "None" else dim for dim in dims]
    if dims.count("-1") > 1:
        raise site.refuse(f"has several unknown sizes in {tuple(newshape)}")
    return f"{x}.reshape({', '.join(dims) or '()'})"


@translation("ops.ExpandDims", raw=True)
def _expand_dims(site: Site, x: Piece, *, axis: object, **rest: object) -> str:
    axes = listed(axis)
    rank = x.rank + len(axes)
    return x.text + "".join(f".unsqueeze({one})" for one in sorted(one % rank for one in axes))


@translation("ops.Squeeze", raw=True)
def _squeeze(site: Site, x: Piece, *, axis: object, **rest: object) -> str:
    if axis is None:
        axis = tuple(place for place, dim in enumerate(x.shape) if dim == 1)
    return f"{x}.squeeze({site.literal(_dims(x, axis))})"


@translation("ops.Transpose", raw=True)
def _transpose(site: Site, x: Piece, *, axes: Axes | None, **rest: object) -> str:
    return f"{x}.permute({', '.join(map(site.literal, _dims(x, axes) if axes else range(x.rank)[::-1]))})"


@translation("ops.Swapaxes", raw=True)
def _swap(site: Site, x: Piece, *, axis1: int, axis2: int, **rest: object) -> str:
    return f"{x}.transpose({site.literal(axis1)}, {site.literal(axis2)})"


@translation("ops.Moveaxis", raw=True)
def _move(site: Site, x: Piece, *, source: object, destination: object, **rest: object) -> str:
    return f"{x}.movedim({site.literal(_plain(source))}, {site.literal(_plain(destination))})"


def _plain(axes: object) -> object:
    return tuple(axes) if isinstance(axes, (tuple, list)) else axes


@translation("ops.Flip", raw=True)
def _flip(site: Site, x: Piece, *, axis: object, **rest: object) -> str:
    return f"{x}.flip({site.literal(_dims(x, axis))})"


@translation("ops.Roll", raw=True)
def _roll(site: Site, x: Piece, *, shift: object, axis: object, **rest: object) -> str:
    return f"{x}.roll({site.literal(_plain(shift))}" + ("" if axis is None else f", {site.literal(_plain(axis))}") + ")"


@translation("ops.Cumsum", "ops.Cumprod")
def _cumulative(site: Site, x: Piece, *, axis: Axes | None, dtype: object = None, **rest: object) -> str:
    _require_floats(site, x)
    if dtype is not None:
        raise site.refuse("has a dtype of its own")
    start, place = (f"{x}.flatten()", 0) if axis is None else (x.text, axis)
    return f"{start}.{site.type.name.lower()}({site.literal(place)})"


@translation("ops.Repeat", raw=True)
def _repeat(site: Site, x: Piece, *, repeats: object, axis: object, **rest: object) -> str:
    if not isinstance(repeats, int):
        raise site.refuse("repeats each place another number of times")
    return f"{x}.repeat_interleave({site.literal(repeats)}{'' if axis is None else f', {site.literal(axis)}'})"


@translation("ops.Tile", raw=True)
def _tile(site: Site, x: Piece, *, repeats: object, **rest: object) -> str:
    return f"torch.tile({x}, {site.literal(listed(repeats))})"


@translation("ops.Concatenate", "ops.Stack", raw=True)
def _joined(site: Site, xs: list[Piece], *, axis: Axes | None, **rest: object) -> str:
    name = "cat" if site.type.name == "Concatenate" else "stack"
    return f"torch.{name}([{', '.join(map(str, xs))}], {site.literal(axis)})"


@translation("ops.Split", raw=True)
def _split(site: Site, x: Piece, *, indices_or_sections: object, axis: int, **rest: object) -> list[str]:
    where = _plain(indices_or_sections)
    return site.unpack(f"torch.tensor_split({x}, {site.literal(where)}, {site.literal(axis)})", len(site.kinds))


@translation("ops.Unstack", raw=True)
def _unstack(site: Site, x: Piece, *, axis: int, **rest: object) -> list[str]:
    return site.unpack(f"{x}.unbind({site.literal(axis)})", len(site.kinds))


@translation("ops.BroadcastTo", raw=True)
def _broadcast(site: Site, x: Piece, *, shape: Dims, **rest: object) -> str:
    return f"{x}.expand({', '.join(str(whole(dim, site, 'its shape')) for dim in shape)})"


@translation("ops.GetItem", raw=True)
def _get_item(site: Site, x: Piece, *, key: object, **rest: object) -> str:
    items = listed(key)
    if any(isinstance(item, slice) and (item.step or 1) < 0 for item in items):
        raise site.refuse("takes a slice backwards")
    return f"{x}[{', '.join(_item(site, item) for item in items)}]"


def _item(site: Site, item: object) -> str:
    if isinstance(item, slice):
        ends = ["" if end is None else site.literal(end) for end in (item.start, item.stop)]
        return ":".join([*ends, *([] if item.step is None else [site.literal(item.step)])])
    return "..." if item is ... else site.literal(item)


# --- products ---------------------------------------------------------------------------------------------------------


@translation("ops.Einsum")
def _einsum(site: Site, operands: list[Piece], *, subscripts: str, **rest: object) -> str:
    return f"torch.einsum({site.literal(subscripts.replace(' ', ''))}, {', '.join(map(str, operands))})"


@translation("ops.Normalize")
def _normalize(site: Site, x: Piece, *, axis: object, order: object, epsilon: object, **rest: object) -> str:
    if order != 2 or not isinstance(axis, int):
        raise site.refuse("divides by another norm than the Euclidean along one axis")
    return f"F.normalize({x}, dim={site.literal(axis)}, eps={site.literal(1e-7 if epsilon is None else epsilon)})"
