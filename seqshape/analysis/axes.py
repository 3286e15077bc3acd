"""What a spec leaves open: its choices, ranges and unknowns, each found in the syntax tree and named after its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, NoReturn, TypeAlias

from seqshape.declaration import LayerType
from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError, Source, Span
from seqshape.graph import DECLARED
from seqshape.readers.spec.arithmetic import combine, negative
from seqshape.readers.spec.syntax import (
    Arithmetic,
    Chain,
    Choice,
    Invocation,
    Keyword,
    Listing,
    Name,
    Number,
    Range,
    Script,
    Statement,
    Unary,
    Unknown,
    layer_name,
)
from seqshape.records import NamedTuple
from seqshape.registry import FLAGS, SHORT, find_layer

Open: TypeAlias = Choice | Range | Unknown
MOST_OPTIONS = 10_000  # of a choice that is no range of sizes
MOST_LISTED = 10_000_000  # numbers that are listed one by one
# What the columns of a sweep are called: no axis may have one of these names.
TAKEN = frozenset(
    "params trainable_params non_trainable_params bytes macs output receptive_field and or not in is".split()
)


class Option(NamedTuple):
    """One of the things that a choice offers: how it is written, what it is, and what it leaves open itself."""

    text: str
    node: object
    axes: tuple[Axis, ...] = ()


class Axis(NamedTuple):
    """Something that takes several values, which are sizes or options; ``None``: unknown.

    ``is_whole``: its values change sizes only.
    ``spans`` are the places in the source; ``target`` is the name that a statement gives it.
    """

    name: str
    values: Sequence[int] | None
    options: tuple[Option, ...] = ()
    span: Span = Span()
    target: str | None = None
    is_whole: bool = True

    @property
    def is_size(self) -> bool:
        """Whether a name can stand for all its values: they are whole numbers from 1 up."""
        return self.is_whole and self.values is not None and not self.options and ends(self.values)[0] >= 1

    def __str__(self) -> str:
        return self.name


def ends(values: Sequence[int]) -> tuple[int, int]:
    """The smallest and the largest of some numbers."""
    known = (values[0], values[-1]) if isinstance(values, range) else values
    return min(known), max(known)


def count(axes: Sequence[Axis]) -> int:
    """How many configurations axes make."""
    return prod(map(_count, axes))


def _count(axis: Axis) -> int:
    if axis.options:
        return sum(count(option.axes) for option in axis.options)
    return len(axis.values) if axis.values is not None else 1


def every(axes: Sequence[Axis]) -> Iterator[Axis]:
    """All axes, those inside of options after theirs, each once."""
    seen: set[str] = set()
    for axis in axes:
        for found in (axis, *(inner for option in axis.options for inner in every(option.axes))):
            if found.name not in seen:
                seen.add(found.name)
                yield found


# --- finding ----------------------------------------------------------------------------------------------------------


def find_axes(script: Script, given: Mapping[str, Sequence[int]], reserved: Sequence[str] = ()) -> tuple[Axis, ...]:
    """What the statements of a spec leave open, in the order of the text.

    ``given``: numbers for names that the spec assigns. ``reserved``: names that no axis may get. Raises SeqshapeError
    for what is no choice.
    """
    return _Finder(script, given, reserved).run()


class _Finder:
    def __init__(self, script: Script, given: Mapping[str, Sequence[int]], reserved: Sequence[str]) -> None:
        self.script = script
        self.given = given
        self.taken = {*TAKEN, *reserved, *words(script)}
        self.source = Source(script.text)
        self.declared: dict[str, LayerType] = {
            **DECLARED.get(),
            **{one.layer.name: one.layer for one in script.declared},
        }

    def run(self) -> tuple[Axis, ...]:
        try:
            return tuple(axis for statement in self.script.statements for axis in self.statement(statement))
        except Fault as fault:
            raise SeqshapeError((fault.diagnostic(Span())._replace(source=self.source),)) from None

    def statement(self, statement: Statement) -> Iterator[Axis]:
        value = statement.value
        target = statement.targets[0].text if len(statement.targets) == 1 else None
        is_open = isinstance(value, (Choice, Range, Unknown))
        if target is not None and target in self.given and (is_open or isinstance(value, Number)):
            yield Axis(target, self.given[target] or None, span=value.span, target=target)
        elif target is not None and is_open:
            yield self.axis(value, target)._replace(name=target, target=target)
        else:
            yield from self.inside(value, None)

    def inside(self, node: object, name: str | None) -> Iterator[Axis]:
        """What an expression leaves open; ``name`` is what its place is called."""
        if isinstance(node, (Choice, Range, Unknown)):
            yield self.axis(node, self.fresh(name or "layer"))
        elif isinstance(node, Invocation):
            yield from self.inside(node.callee, "layer")
            for keyword, place in zip(node.arguments, _places(node, self.declared), strict=True):
                yield from self.inside(keyword.value, place)
        elif isinstance(node, Arithmetic):
            is_repeat = any(isinstance(one, (Invocation, Chain, Listing)) for one in node.operands)
            for operand in node.operands:
                yield from self.inside(operand, "repeat" if is_repeat and name is None else name)
        elif isinstance(node, Keyword) or not isinstance(node, Span):
            for part in children(node):
                yield from self.inside(part, name)

    def axis(self, node: Open, name: str) -> Axis:
        if isinstance(node, Unknown):
            return Axis(name, self.given.get(name) or None, span=node.span)
        if isinstance(node, Range):
            return Axis(name, numbers_of(node), span=node.span)
        options = [one for option in node.options for one in _flattened(option)]
        sizes = [_sizes(option) for option in options]
        known = [found for found in sizes if found is not None]
        if len(known) == len(sizes):
            return Axis(name, _united(known), span=node.span)
        expanded = [one for option, found in zip(options, sizes, strict=True) for one in _one_by_one(option, found)]
        return Axis(name, None, tuple(self.option(one, name) for one in expanded), node.span)

    def option(self, node: Any, name: str) -> Option:
        text = str(node.value) if isinstance(node, Number) else self.script.text[node.span.start : node.span.stop]
        return Option(text, node, tuple(self.inside(node, name)))

    def fresh(self, stem: str) -> str:
        name, number = stem, 2
        while name in self.taken:
            name, number = f"{stem}_{number}", number + 1
        self.taken.add(name)
        return name


def _flattened(option: object) -> Iterator[object]:
    """A choice in a choice is one choice."""
    if isinstance(option, Choice):
        for inner in option.options:
            yield from _flattened(inner)
    else:
        yield option


def _united(listed: list[Sequence[int]]) -> Sequence[int]:
    """All numbers of several lists, each once; a range that stands alone stays one."""
    return listed[0] if len(listed) == 1 else tuple(dict.fromkeys(number for one in listed for number in one))


def _one_by_one(option: Any, sizes: Sequence[int] | None) -> list[object]:
    """An option, written as its numbers if it is a range of them."""
    return [option] if sizes is None else [Number(size, option.span) for size in sizes[:MOST_OPTIONS]]


def _sizes(node: object) -> Sequence[int] | None:
    """The whole numbers that an option stands for, if it is one or a range."""
    if isinstance(node, Range):
        return numbers_of(node)
    return (node.value,) if isinstance(node, Number) and isinstance(node.value, int) else None


def numbers_of(node: Range) -> range:
    """The numbers of a range. Raises Fault where it is none, or has none in it."""
    first, last = _number(node.start), _number(node.stop)
    step = 1 if node.step is None else _number(node.step)
    if step < 1:
        raise Fault("a step is a whole number of at least 1", span=node.span, code="E123", help="write 8..512..8")
    found = range(first, last + 1, step)
    if not found:
        help = f"write the smaller end first: {last}..{first}"
        raise Fault("this range is empty", span=node.span, code="E123", help=help)
    return found


def _number(node: Any) -> int:
    """A whole number that is written out, possibly as arithmetic."""
    value: object = None
    if isinstance(node, Number):
        value = node.value
    elif isinstance(node, Unary):
        value = negative(_number(node.operand)) if node.operator == "-" else _number(node.operand)
    elif isinstance(node, Arithmetic):
        value = _number(node.operands[0])
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            value = combine(operator, value, _number(operand), node.span)
    if not isinstance(value, int):
        help = "a range goes from one whole number to another: 8..512, or 8..512..8 with a step"
        raise Fault("the end of a range is a whole number", span=node.span, code="E123", help=help)
    return value


def children(node: object) -> Sequence[object]:
    """The parts of a syntax node, or of a tuple of them."""
    return node if isinstance(node, tuple) else ()


def words(node: object) -> Iterator[str]:
    """Every word of a syntax tree."""
    if isinstance(node, Name):
        yield node.text
    elif isinstance(node, tuple):
        for part in node:
            yield from words(part)


def _places(node: Invocation, declared: Mapping[str, LayerType]) -> Iterator[str | None]:
    """What the place of each argument of a call is called: the layer's parameter."""
    callee = node.callee
    while isinstance(callee, Choice):
        callee = callee.options[0]
    name = layer_name(callee.text) if isinstance(callee, Name) else ""
    kind = declared.get(name) or (find_layer(name) if name else None)
    position = 0
    for written in node.arguments:
        if written.name is not None:
            yield _long(written.name.text, kind)
        elif (flag := _flag(written.value, kind)) is not None:
            yield flag
        else:
            is_known = kind is not None and position < len(kind.positional)
            yield kind.positional[position].name if kind is not None and is_known else None
            position += 1


def _long(name: str, kind: LayerType | None) -> str:
    names = {parameter.name for parameter in kind.parameters} if kind is not None else set()
    return name if name in names else next((long for long in SHORT.get(name, ()) if long in names), name)


def _flag(node: object, kind: LayerType | None) -> str | None:
    """The parameter that a bare word, or a choice of bare words, sets."""
    while isinstance(node, Choice):
        node = node.options[0]
    if not isinstance(node, Name) or kind is None:
        return None
    names = {parameter.name for parameter in kind.parameters}
    if node.text in FLAGS and FLAGS[node.text][0] in names:
        return FLAGS[node.text][0]
    return next((parameter.name for parameter in kind.parameters if parameter.takes(node.text)), None)


# --- putting values in ------------------------------------------------------------------------------------------------


def settled(script: Script, axes: Sequence[Axis], chosen: Mapping[str, int | Option]) -> Script:
    """The spec in which every axis has the value that is chosen for it, or is an unknown size of its name."""
    unknown = [
        Statement((Name(axis.name, Span()),), Unknown(axis.span), Span())
        for axis in every(axes)
        if axis.target is None and axis.name not in chosen and not axis.options
    ]
    putting = _Putting(axes, chosen)
    statements = [put for statement in script.statements if (put := putting.statement(statement)) is not None]
    return script._replace(statements=(*unknown, *statements))


class _Putting:
    """Puts the values that are chosen where their axes stand, and options where the names that they are given do."""

    def __init__(self, axes: Sequence[Axis], chosen: Mapping[str, int | Option]) -> None:
        self.chosen = chosen
        self.found = {(axis.span.start, axis.span.stop): axis for axis in every(axes)}
        self.named = {axis.span: axis for axis in axes if axis.target is not None}
        self.words: dict[str, object] = {}
        for axis in axes:
            value = chosen.get(axis.name)
            if axis.target is not None and isinstance(value, Option):
                self.words[axis.target] = value.node

    def statement(self, statement: Statement) -> Statement | None:
        """A statement with its value; ``None`` for one that names an option, which stands wherever its name does."""
        own = self.named.get(statement.value.span)
        if own is None:
            return statement._replace(value=mapped(statement.value, self.change))
        value = self.chosen.get(own.name)
        if isinstance(value, Option):
            return None
        return statement._replace(value=Unknown(own.span) if value is None else Number(value, own.span))

    def change(self, node: object) -> object:
        """What stands in the place of a part; ``None``: the part itself, with its own parts changed."""
        if isinstance(node, (Choice, Range, Unknown)):
            axis = self.found.get((node.span.start, node.span.stop))
            return node if axis is None else self.put(axis)
        word = self.words.get(node.text) if isinstance(node, Name) else None
        return word if word is None or isinstance(word, Name) else mapped(word, self.change)

    def put(self, axis: Axis) -> object:
        """The value of an axis as a part of the spec."""
        value = self.chosen.get(axis.name)
        if isinstance(value, Option):
            return mapped(value.node, self.change)
        return Name(axis.name, axis.span) if value is None else Number(value, axis.span)


def parse_numbers(text: str) -> Sequence[int]:
    """What ``--set`` gives a name: ``100``, ``8..512``, ``8..512..8``, ``{16,32}``; nothing for ``?``. Raises ValueError."""
    stem = text.strip()
    if stem == "?":
        return ()
    stem = stem[1:-1] if stem[:1] == "{" and stem[-1:] == "}" else stem
    found: list[int] = []
    for item in stem.split(","):
        numbers = _parsed(item, text)
        if "," not in stem:
            return numbers if ".." in item else tuple(numbers)
        if len(found) + len(numbers) - 1 > MOST_LISTED:
            raise ValueError(f"more than {MOST_LISTED:,} numbers are listed: write one range")
        found += numbers
    return tuple(dict.fromkeys(found))


def _parsed(item: str, text: str) -> range:
    """A number, or a range: ``8..512..8``. Raises ValueError."""
    ends = [end.strip().replace("_", "") for end in item.split("..")]
    if len(ends) > 3 or not all(end.isascii() and end.isdigit() and len(end) < 19 for end in ends):
        raise ValueError(f"{text!r} are no numbers: write 100, 8..512, 8..512..8 or {{16,32}}")
    first, last, step = int(ends[0]), int(ends[:2][-1]), int(ends[2]) if ends[2:] else 1
    if step < 1 or first < 1 or last < first:
        raise ValueError(f"{item.strip()!r} is no range from a number of at least 1 to a larger one")
    return range(first, last + 1, step)


def mapped(node: object, change: Callable[[object], object]) -> Any:
    """A syntax tree in which ``change`` has replaced what it gives something for."""
    if isinstance(node, Span) or not isinstance(node, tuple):
        return node
    new = change(node)
    if new is not None:
        return new
    parts = [mapped(part, change) for part in node]
    made = type(node)(*parts) if hasattr(node, "_fields") else tuple(parts)
    if isinstance(made, Invocation) and isinstance(made.callee, Invocation):
        help = "give the layer its arguments in one place"
        raise Fault("this has its arguments already", span=made.span, code="E128", help=help)
    return made


def refuse(code: str, message: str, help: str | None = None, span: Span | None = None) -> NoReturn:
    """Say what is wrong with what is asked. Raises SeqshapeError."""
    labels = () if span is None else (Label(span),)
    raise SeqshapeError((Diagnostic(code, "error", message, labels, help),))
