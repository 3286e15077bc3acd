"""Estimates of memory as text: a line for a run and one for training, each with its sum; then, if asked, every layer."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.dims import Size, pretty
from seqshape.estimate import LayerMemory, Memory, Sum
from seqshape.renderers.text import memory_text, pad, printable, width

OPENING = "Memory, estimated for a batch of"
HEADERS = ("", "weights", "gives", "works with", "keeps for the backward pass")


def lines(memory: Memory) -> Iterator[str]:
    """What stands below a summary: a sentence on each sum, with its parts."""
    yield f"{OPENING} {memory.batch:,} ({memory.dtype}):"
    for name, found in (("a run", memory.inference), (f"a step of training with {memory.optimizer}", memory.training)):
        parts = " + ".join(f"{term.name} {_size(term.bytes)}" for term in found.terms)
        at = f"; most while {found.at} {'runs' if name == 'a run' else 'is undone'}" if found.at else ""
        yield printable(f"{name}: {_size(found.bytes)} = {parts}{at}")
    if memory.fit is not None:
        fit = memory.fit
        told = f"a batch of {_batch(fit.inference)} for a run, of {_batch(fit.training)} for training"
        yield f"within {fit.bytes:,} bytes: {told}"
    if memory.unknown:
        yield printable(f"nobody can tell what {', '.join(memory.unknown)} would hold")


def _batch(found: int | None) -> str:
    """The largest batch; where sizes without a number or an unknown layer are in the way, or it changes nothing, none."""
    return "any size, or one that cannot be told" if found is None else f"{found:,}"


def _size(size: Size | None) -> str:
    """Bytes as Keras shows them, in units of 1024."""
    if size is None:
        return "?"
    text = memory_text(size)
    return text if isinstance(size, int) else f"({text})"


def bytes_text(size: Size | None) -> str:
    """Bytes to the last one, or a formula."""
    return "?" if size is None else f"{size:,}" if isinstance(size, int) else pretty(size)


def render(memory: Memory) -> str:
    """Every layer with what it holds, then the sums, in bytes."""
    rows = [HEADERS, *(_row(layer) for layer in memory.layers)]
    widths = [max(width(row[place]) for row in rows) for place in range(len(HEADERS) - 1)]
    blocks = [_line(row, widths) for row in rows]
    blocks += ["", f"{OPENING} {memory.batch:,} ({memory.dtype}), in bytes"]
    blocks += ["", *_sum("a run", memory.inference)]
    blocks += ["", *_sum(f"a step of training with {memory.optimizer}", memory.training)]
    blocks += ["", *[*lines(memory)][3:]] if memory.fit is not None or memory.unknown else []
    return "\n".join(blocks)


def _row(layer: LayerMemory) -> tuple[str, ...]:
    kept = " + ".join(f"{term.name} {bytes_text(term.bytes)}" for term in layer.kept) or "nothing"
    counts = map(bytes_text, (layer.weights, layer.outputs, layer.working))
    return (printable(f"{layer.name} ({layer.class_name})"), *counts, printable(kept))


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *counts, last = row
    cells = [pad(first, widths[0]), *(pad(cell, size, "right") for cell, size in zip(counts, widths[1:], strict=True))]
    return "  ".join([*cells, last]).rstrip()


def _sum(title: str, found: Sum) -> Iterator[str]:
    """The terms below each other, and what they come to."""
    cells = [(term.name, bytes_text(term.bytes), term.why) for term in found.terms]
    cells.append((title, bytes_text(found.bytes), ""))
    first, second = (max(width(row[place]) for row in cells) for place in (0, 1))
    for number, (name, count, why) in enumerate(cells):
        sign = "=" if number == len(cells) - 1 else "+" if number else " "
        yield printable(f"  {sign} {pad(name, first)}  {pad(count, second, 'right')}  {why}".rstrip())
