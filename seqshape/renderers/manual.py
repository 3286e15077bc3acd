"""The manual page of a layer, and the catalogue, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqshape.analysis.manual import ArgumentPage, Manual

WIDTH = 100


def render(page: Manual) -> str:
    """The page: what it does, its arguments, shapes, weights and formulas."""
    return "\n".join(_lines(page)).rstrip()


def _lines(page: Manual) -> Iterator[str]:
    from textwrap import dedent

    first, _, rest = page.text.partition("\n")
    also = f"  (also {', '.join(page.aliases)})" if page.aliases else ""
    yield f"{page.name}{also}"
    yield ""
    yield from (f"  {line}".rstrip() for line in f"{first}\n{dedent(rest)}".rstrip().splitlines())
    yield ""
    yield from _shapes(page)
    if page.arguments:
        yield "arguments"
        yield from map(_argument, page.arguments)
        yield ""
    if page.flags:
        yield from _wrapped("flags", page.flags)
    if page.inert:
        yield from _wrapped("accepted, changes nothing here", page.inert)
    extra = page.call_arguments[1:]
    if extra:
        yield from _wrapped("call arguments", extra)


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


def _argument(argument: ArgumentPage) -> str:
    short = f" ({argument.short})" if argument.short else ""
    return f"  {argument.name + short:26} {argument.takes}; {argument.default}"


def _wrapped(title: str, words: Sequence[str]) -> Iterator[str]:
    import textwrap

    yield title
    yield from textwrap.wrap(", ".join(words), WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield ""


def catalogue(families: Mapping[str, Sequence[str]]) -> str:
    """Every layer, by family."""
    lines: list[str] = []
    for family, names in families.items():
        lines.extend(_wrapped(family, names))
    return "\n".join([*lines, "seqshape layers NAME prints the manual of one."])
