"""The manual page of a layer, the page of an argument, and the catalogue, as text.

``width``: columns that prose is folded to; a spec to copy stays on its line. Without it lines are about 100 wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seqshape.renderers.text import Whole, fitted, reflowed

if TYPE_CHECKING:
    from seqshape.analysis.manual import ArgumentPage, Manual
    from seqshape.analysis.words import Effects, Word
    from seqshape.layers.mistakes import Mistake

WIDTH = 100


def render(page: Manual, width: int | None = None) -> str:
    """The page: what it does, its shapes, weights and formulas, the usual mistakes, its arguments."""
    return "\n".join(fitted(_lines(page, width), width)).rstrip()


def _lines(page: Manual, width: int | None) -> Iterator[str]:
    also = f"  (also {', '.join(page.aliases)})" if page.aliases else ""
    yield f"{page.name}{also}"
    yield ""
    room = None if width is None else max(width - 2, 1)
    yield from (f"  {line}".rstrip() for line in reflowed(page.text, room))
    yield ""
    yield from _shapes(page)
    yield from _mistakes(page.mistakes)
    if page.arguments:
        yield "arguments"
        yield from map(_argument, page.arguments)
        yield ""
    if page.flags:
        yield from _wrapped("flags", page.flags, width)
    if page.inert:
        yield from _wrapped("accepted, changes nothing here", page.inert, width)
    extra = page.call_arguments[1:]
    if extra:
        yield from _wrapped("call arguments", extra, width)


def _shapes(page: Manual) -> Iterator[str]:
    if page.input_shape is None:
        return
    yield f"shapes    {page.input_shape} → {', '.join(page.output_shapes)}"
    width = max((len(path) for path, _ in page.weights), default=0)
    for index, (path, shape) in enumerate(page.weights):
        yield f"{'weights' if index == 0 else '':9} {path:{width}}  {shape}"
    yield f"params    {page.params}"
    yield f"MACs      {page.macs}  (one sample; FLOPs = 2 x MACs)"
    yield ""


def _mistakes(mistakes: Sequence[Mistake]) -> Iterator[str]:
    if not mistakes:
        return
    yield "a usual mistake" if len(mistakes) == 1 else "usual mistakes"
    for one in mistakes:
        yield Whole(f"  wrong  {_command(one.wrong, one.input)}")
        yield Whole(f"  right  {_command(one.right, one.input if one.on is None else one.on)}")
        yield f"         {one.why}"
    yield ""


def _command(spec: str, shape: str) -> str:
    return f"'{spec}' -i {shape}" if shape else f"'{spec}'"


def _argument(argument: ArgumentPage) -> str:
    short = f" ({argument.short})" if argument.short else ""
    return f"  {argument.name + short:26} {argument.takes}; {argument.default}"


def _wrapped(title: str, words: Sequence[str], width: int | None = None) -> Iterator[str]:
    yield title
    yield from _listed(words, width or WIDTH)
    yield ""


def _listed(words: Sequence[str], width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(", ".join(words), min(width, WIDTH), initial_indent="  ", subsequent_indent="  ")


def catalogue(families: Mapping[str, Sequence[str]], width: int | None = None, *, ops: bool = False) -> str:
    """Every layer, or every operation, by family."""
    lines: list[str] = []
    for family, names in families.items():
        lines.extend(_wrapped(family, names, width))
    lines.append(
        "seqshape layers NAME prints the manual of one, seqshape layers WORD searches names, arguments and manuals."
    )
    if not ops:
        lines.append("seqshape layers --ops lists the operations of keras.ops.")
    return "\n".join(fitted(lines, width))


def found(places: Mapping[str, Sequence[tuple[str, str]]], width: int | None = None) -> str:
    """What a search has found: by where it was found, a name and what stands there."""
    lines: list[str] = []
    for where, hits in places.items():
        lines.append(where)
        lines += [f"  {name:26} {text}".rstrip() for name, text in hits]
        lines.append("")
    return "\n".join(
        fitted(
            [*lines, "seqshape layers NAME prints the manual of one, seqshape explain WORD tells of an argument."],
            width,
        )
    )


# --- words -----------------------------------------------------------------------------------------------------------


def word(page: Word, width: int | None = None) -> str:
    """The page of an argument or a flag."""
    return "\n".join(fitted(_told(page, width or WIDTH), width or WIDTH)).rstrip()


def _told(page: Word, width: int) -> Iterator[str]:
    yield f"{page.word}  {_what(page)}"
    yield ""
    if page.meaning is not None:
        yield f"{page.name}: {page.meaning}."
        yield ""
    if page.inert:
        yield "It changes no shape and no count: seqshape takes it, and writes it where it writes a network."
        yield ""
    if page.weights:
        yield from _weights(page, width)
    if page.effects:
        yield from _effects(page.effects)
    for layer, text in page.sentences:
        yield f"{layer}: {text}"
    if page.sentences:
        yield ""
    if page.call:
        yield "taken when one of these is called"
        yield from _listed(page.call, width)
    for takes, default, names in page.takes:
        yield f"{takes}; {'required' if default == 'required' else f'default {default}'}"
        yield from _listed(names, width)
    having = [*(layer for layer, _ in page.weights), *page.call, *(names[0] for _, _, names in page.takes)]
    if having:
        yield ""
        yield f"seqshape layers {having[0]} prints the manual of that layer."


def _what(page: Word) -> str:
    layers = [name for _, _, names in page.takes for name in names]
    parts = [f"a word for {page.sets}"] if page.sets is not None else []
    if page.weights:
        parts.append(f"a weight of {_of(layer for layer, _ in page.weights)}")
    if page.sets is None and page.everywhere:
        parts.append("an argument of every layer")
    if page.sets is None and page.call:
        parts.append(f"an argument of the call of {_of(page.call)}")
    if page.sets is None and layers:
        parts.append(f"an argument of {_of(layers)}")
    return ", and ".join(parts)


def _of(layers: Iterable[str]) -> str:
    one, *more = layers
    return f"{1 + len(more)} layers" if more else one


def _weights(page: Word, width: int) -> Iterator[str]:
    """The shapes of a weight, each with the layers that have it so."""
    shapes: dict[str, list[str]] = {}
    for layer, shape in page.weights:
        shapes.setdefault(shape, []).append(layer)
    for shape, names in shapes.items():
        yield shape
        yield from _listed(names, width)


def _effects(effects: Sequence[Effects]) -> Iterator[str]:
    yield f"in {effects[0].layer}"
    longest = max(len(one.value) for one in effects)
    counts = len({one.params for one in effects}) > 1
    for one in effects:
        yield f"  {one.value:{longest}}  gives {one.output}" + (f", {one.params} parameters" if counts else "")
    yield ""
