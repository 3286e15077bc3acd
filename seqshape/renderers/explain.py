"""Explanations as text and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seqshape.dims import UNKNOWN, Dim, pretty, to_json
from seqshape.renderers.text import Whole, fitted, pad, printable, reflowed
from seqshape.renderers.text import width as columns
from seqshape.tensor import show

if TYPE_CHECKING:
    from seqshape.analysis.explain import Explanation, Length
    from seqshape.analysis.messages import Told
    from seqshape.diagnostics import Diagnostic
    from seqshape.network import Network


def render(
    explanations: tuple[Explanation, ...], length: Length | None, *, macs: bool = False, about: bool = False
) -> str:
    """A paragraph a layer, then whether the counts depend on the number of steps.

    ``about``: also what the manual says of each layer first, and where to read on.
    """
    blocks = ["\n".join([*_lines(one, macs, 0), *(_manual(one) if about else ())]) for one in explanations]
    if length is not None:
        blocks.append(printable(length.sentence))
    return "\n\n".join(blocks)


def _manual(one: Explanation) -> Iterator[str]:
    if one.about is not None:
        yield f"  {one.about}"
        yield f"  more of it: seqshape layers {printable(one.class_name)}"


def _lines(one: Explanation, macs: bool, depth: int) -> Iterator[str]:
    indent = "  " * depth
    inputs = ", ".join(map(show, one.input_shapes)) or "input"
    outputs = ", ".join(map(show, one.output_shapes))
    yield f"{indent}{printable(f'{one.name} ({one.class_name})')}   {inputs} → {outputs}"
    for inner in one.layers:
        yield from _lines(inner, macs, depth + 1)
    if not one.layers:
        yield from (f"{indent}  {line}" for line in _weights(one))
    yield from (f"{indent}  {line}" for line in _sums(one, macs))


def _weights(one: Explanation) -> list[str]:
    names = list(map(printable, _short([weight.path for weight in one.weights])))
    cells = [
        (
            name,
            weight.formula or "",
            show(weight.shape),
            _count(weight.number),
            "not trainable" if weight.trainable is False else "",
        )
        for name, weight in zip(names, one.weights, strict=True)
    ]
    widths = [max((columns(row[column]) for row in cells), default=0) for column in range(4)]
    aligns = ("left", "left", "left", "right")
    return ["  ".join([*map(pad, row, widths, aligns), row[-1]]).rstrip() for row in cells]


def _short(paths: list[str]) -> list[str]:
    """The last part of each path where that is enough to tell them apart."""
    last = [path.rpartition("/")[2] for path in paths]
    return last if len(set(last)) == len(last) else paths


def _sums(one: Explanation, macs: bool) -> Iterator[str]:
    if one.params is None:
        yield "the number of parameters is not known"
    elif not one.weights:
        yield "no parameters"
    elif one.formula is None:
        yield f"{_count(one.params)} parameters"
    else:
        yield " = ".join(part for part in (one.formula, one.values, _count(one.params)) if part is not None)
    if macs and one.macs is not None and one.macs != 0:
        parts = (one.macs_formula, one.macs_values, _count(one.macs))
        yield "MACs: " + " = ".join(part for part in parts if part is not None)
    if one.steps is not None:
        yield printable(one.steps)


def _count(number: Dim) -> str:
    """A count with separators between thousands, a formula, or ``?``."""
    return "?" if number is UNKNOWN else f"{number:,}" if isinstance(number, int) else pretty(number)  # type: ignore[arg-type]


def to_dict(
    explanations: tuple[Explanation, ...], length: Length | None, diagnostics: Sequence[Diagnostic] = ()
) -> dict[str, object]:
    """The same as data."""
    from seqshape.renderers.check import findings

    return {
        "schema": "seqshape.explain/1",
        "layers": [_layer(one) for one in explanations],
        "length": None if length is None else length._asdict() | {"layers": list(length.layers)},
        "diagnostics": findings(diagnostics),
    }


def _layer(one: Explanation) -> dict[str, object]:
    return {
        "name": one.name,
        "class": one.class_name,
        "inputs": [_shape(shape) for shape in one.input_shapes],
        "outputs": [_shape(shape) for shape in one.output_shapes],
        "weights": [
            {
                "path": weight.path,
                "formula": weight.formula,
                "shape": _shape(weight.shape),
                "count": to_json(weight.number),
                "trainable": weight.trainable,
            }
            for weight in one.weights
        ],
        "params": None if one.params is None else to_json(one.params),
        "formula": one.formula,
        "values": one.values,
        "macs": None if one.macs is None else to_json(one.macs),
        "macs_formula": one.macs_formula,
        "macs_values": one.macs_values,
        "steps": one.steps,
        "about": one.about,
        "layers": [_layer(inner) for inner in one.layers],
    }


def _shape(shape: tuple[Dim, ...] | None) -> list[object] | None:
    return None if shape is None else [to_json(dim) for dim in shape]


# --- codes, and messages of frameworks -------------------------------------------------------------------------------


def page(text: str, width: int | None) -> str:
    """The page of a code; the command that gives it stays on a line of its own."""
    if width is None:
        return text
    prose, mark, example = text.partition("For example: ")
    command, _, rest = example.partition("\n\n")
    lines = [*reflowed(prose.rstrip("\n"), width)]
    if mark:
        lines += ["", "For example:", *(Whole(f"  {line}") for line in command.split("\n"))]
    return "\n".join([*lines, *(["", *reflowed(rest, width)] if rest else [])])


def told(found: Told, network: Network | None, width: int | None) -> str:
    """What a message means, and which layer of the network it is."""
    lines = reflowed(printable_lines(found.page()), width)
    if network is None:
        lines += ["", "Which layer of a network it is: seqshape explain MESSAGE SPEC -i SHAPE"]
        return "\n".join(fitted(lines, width))
    blamed = culprits(found, network)
    if not blamed:
        lines += ["", *reflowed(SOUND, width)]
        return "\n".join(lines)
    from seqshape.renderers import Options
    from seqshape.renderers.diagnostics import render as drawn

    return "\n".join([*lines, "", "In this network:", "", drawn(blamed, Options(width))])


SOUND = (
    "In this network nothing is wrong of that kind. Then the data differ from it: the shapes of X and y without the "
    "number of samples have to be those that summarize shows for the input and, with --target, for the output."
)


def printable_lines(text: str) -> str:
    """A text whose lines may hold what somebody has pasted."""
    return "\n".join(map(printable, text.split("\n")))


def culprits(found: Told, network: Network) -> list[Diagnostic]:
    """What the network has of that code, or at the layer that the message names; else all that is wrong with it."""
    wrong = [one for one in network.diagnostics if one.severity == "error"]
    for chosen in (
        [one for one in wrong if one.code == found.code and found.layer in (None, one.layer)],
        [one for one in wrong if one.code == found.code],
        [one for one in network.diagnostics if one.code == found.code],
    ):
        if chosen:
            return chosen
    return wrong


def told_to_dict(found: Told, network: Network | None) -> dict[str, object]:
    """The same as data."""
    data: dict[str, object] = {
        "schema": "seqshape.message/1", "code": found.code, "meaning": found.meaning, "layer": found.layer,
    }  # fmt: skip
    if network is not None:
        data["diagnostics"] = [
            {"code": one.code, "layer": one.layer, "message": one.message, "help": one.help, "replacement": one.replacement}
            for one in culprits(found, network)
        ]  # fmt: skip
    return data
