"""The canonical form of a spec, written from its syntax tree.

``LSTM(5,seq) > TD(Dense(1))``: blanks round ``>``, ``|`` and the ``=`` of a statement, none inside parentheses; double
quotes; plain decimal numbers; ``(3,3)`` for ``3x3``; ``[A | B]`` for ``(A | B)``; a repeat after what it repeats,
``(A > B)*2``; no parentheses that mean nothing; no ``keras.layers.``; one statement a line; layers in one spelling. A
comment keeps its line; one from inside a statement moves to a line before it. Of several blank lines one stays.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias, TypeVar

from seqshape.exporters.spelling import Said, Spelling
from seqshape.quoting import quoted
from seqshape.readers.spec.parser import parse
from seqshape.readers.spec.syntax import (
    Arithmetic,
    Chain,
    Choice,
    Constant,
    Declared,
    Invocation,
    Listing,
    Mapping,
    Name,
    Number,
    Range,
    Script,
    Statement,
    Syntax,
    Text,
    Unary,
    Unknown,
    is_input,
    is_residual,
    is_sequential,
    layer_name,
)
from seqshape.readers.spec.tokens import Comment
from seqshape.records import NamedTuple

# How tightly an expression binds: one that binds looser than its place wants gets parentheses.
_CHAIN, _RANGE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(7)
_BINDING: Final[dict[type, int]] = {Chain: _CHAIN, Range: _RANGE, Unary: _SIGN}
_RANKS = {"+": _SUM, "-": _SUM, "**": _POWER}

# Where an expression stands: as a step of a chain or a branch, as all of a statement, or where values stand.
Place: TypeAlias = Literal["step", "statement", "value"]

Found = TypeVar("Found")
# Asks for the text of one part after the other, and returns its own.
Writing: TypeAlias = "Generator[tuple[Syntax, Place, int], str, Found]"


def format_spec(text: str, *, long: bool = False, spelled: bool = True) -> str:
    """The canonical form of a spec, without a new line at the end; to format it again changes nothing.

    ``long``: layers as Keras writes them, ``LSTM(5, return_sequences=True)``. ``spelled=False``: only blanks and brackets
    are set right, and layers stay as they are written. Raises SeqshapeError where the text is no spec.
    """
    return write_script(parse(text), long=long, spelled=spelled)


def write_script(script: Script, *, long: bool = False, spelled: bool = True) -> str:
    """The canonical text of a syntax tree, comments included."""
    assigned = frozenset(target.text for statement in script.statements for target in statement.targets)
    writer = _Writer(assigned, Spelling(assigned, long=long) if spelled else None)
    lines: list[str] = []
    end = 0
    for line in _lines(script, writer):
        if lines and script.text.count("\n", end, max(end, line.start)) > 1:
            lines.append("")
        lines.append(line.text)
        end = line.stop
    return "\n".join(lines)


class _Line(NamedTuple):
    """A line to write, and the stretch of the source that it comes from."""

    text: str
    start: int
    stop: int


def _lines(script: Script, writer: _Writer) -> Iterator[_Line]:
    comments = list(reversed(script.comments))
    every: list[Statement | Declared] = [*script.statements, *script.declared]
    for statement in sorted(every, key=lambda one: one.span.start):
        start, stop = statement.span.start, statement.span.stop
        while comments and comments[-1].span.start < stop:
            yield _comment_line(comments.pop(), start)
        text = statement.text if isinstance(statement, Declared) else writer.statement(statement)
        if comments and _follows(comments[-1], script.text[stop : comments[-1].span.start]):
            comment = comments.pop()
            text, stop = f"{text}  {comment.text}", comment.span.stop
        yield _Line(text, start, stop)
    while comments:
        yield _comment_line(comments.pop(), len(script.text))


def _comment_line(comment: Comment, latest: int) -> _Line:
    return _Line(comment.text, min(comment.span.start, latest), min(comment.span.stop, latest))


def _follows(comment: Comment, between: str) -> bool:
    """Whether a comment stands behind a statement on its line; ``between`` is what stands between the two."""
    return not comment.alone and "\n" not in between and not between.replace(";", "").strip()


class _Writer:
    """Writes syntax trees. ``assigned`` are the names of the spec, which are no layer names."""

    def __init__(self, assigned: frozenset[str], spelling: Spelling | None) -> None:
        self.assigned = assigned
        self.spelling = spelling
        self.comma = spelling.comma if spelling is not None else ","
        self.known: dict[int, bool] = {}  # of parts of the trees: whether each is a layer

    def statement(self, statement: Statement) -> str:
        """One line."""
        value = self.write(statement.value, "statement")
        targets = ", ".join(target.text for target in statement.targets)
        return f"{targets} = {value}" if targets else value

    def write(self, node: Syntax, place: Place) -> str:
        """An expression. One part waits for another without a call, so that brackets may be nested deep."""
        waiting = [self._written(node, place, _CHAIN)]
        text: Any = None  # of the part that was written last; None begins one
        while waiting:
            try:
                part = waiting[-1].send(text)
            except StopIteration as end:
                text = end.value
                waiting.pop()
            else:
                waiting.append(self._written(*part))
                text = None
        return str(text)

    def _written(self, node: Syntax, place: Place, least: int) -> Writing[str]:
        """An expression, in parentheses if it binds looser than ``least``."""
        text = yield from self._text(node, place)
        return f"({text})" if _binding(node) < least else text

    def _text(self, node: Syntax, place: Place) -> Writing[str]:
        if isinstance(node, Name):
            return node.text if place == "value" else self.layer(node, is_bare=True, alone=place == "step")
        if isinstance(node, Invocation):
            return (yield from self.invocation(node, place))
        if isinstance(node, Chain):
            return " > ".join((yield from _each(node.steps, "step", _RANGE)))
        if isinstance(node, Listing):
            return (yield from self.listing(node, place))
        if isinstance(node, Arithmetic):
            return (yield from self.arithmetic(node, place))
        if isinstance(node, Choice):
            return f"{{{','.join((yield from _each(node.options, place)))}}}"
        return (yield from self.plain(node))

    def plain(self, node: Number | Text | Constant | Unknown | Unary | Range | Mapping) -> Writing[str]:
        """What looks the same in every place."""
        if isinstance(node, (Number, Constant)):
            return repr(node.value)
        if isinstance(node, Text):
            return quoted(node.value)
        if isinstance(node, Unary):
            return node.operator + (yield node.operand, "value", _POWER)
        if isinstance(node, Range):
            ends = [node.start, node.stop] if node.step is None else [node.start, node.stop, node.step]
            return "..".join((yield from _each(ends, "value", _SUM)))
        if isinstance(node, Mapping):
            keys = yield from _each([key for key, _ in node.items], "value")
            items = yield from _each([item for _, item in node.items], "value")
            return f"{{{','.join(map(':'.join, zip(keys, items, strict=True)))}}}"
        return "?"

    def layer(self, name: Name, *, is_bare: bool, alone: bool = False) -> str:
        """A name where a layer stands, unless it is assigned; ``alone``: it has no arguments, and none are left out."""
        text = name.text
        if text in self.assigned:
            return text
        short = layer_name(text)
        if is_input(name):
            short = "Input"
        elif is_residual(name):
            short = "Residual"
        elif short.lower() == "sequential":
            short = "Sequential"
        elif self.spelling is not None:
            called = self.spelling.bare(short) if alone else None
            if called is not None:
                return text if called.partition("(")[0] in self.assigned else called
            short = short if is_bare and _is_activation(short) else self.spelling.name(short)
        return text if short in self.assigned else short

    def invocation(self, node: Invocation, place: Place) -> Writing[str]:
        if isinstance(node.callee, Choice):
            choice = yield node.callee, "step", _CHAIN
            return f"{choice}({(yield from self._as_written(node, 'value'))})"
        callee = self.layer(node.callee, is_bare=False)
        if (is_residual(node) or is_sequential(node)) and callee not in self.assigned:
            return f"{callee}({(yield from self._as_written(node, 'step'))})"
        if self.spelling is None:
            return f"{callee}({(yield from self._as_written(node, 'value'))})"
        name = layer_name(node.callee.text) if node.callee.text not in self.assigned else node.callee.text
        said = self.spelling.arguments("Input" if is_input(node) else name, node.arguments)
        short = self._shortened(self.spelling, node, name, callee, said) if place == "step" else None
        if short is not None:
            return short
        texts: list[str] = []
        for one in said:
            text = yield from self._argument(one)
            texts.append(text)
        return f"{callee}({self.comma.join(texts)})"

    def _shortened(
        self, spelling: Spelling, node: Invocation, name: str, callee: str, said: Sequence[Said]
    ) -> str | None:
        """A step that needs no parentheses: an activation, or a layer of which nothing is said."""
        word = spelling.activation(name, list(said))
        if word is not None:
            return word
        if said or spelling.long or is_input(node) or callee in self.assigned:
            return None
        return f"{callee}()" if _is_activation(callee) else callee

    def _as_written(self, node: Invocation, place: Place) -> Writing[str]:
        values = yield from _each([argument.value for argument in node.arguments], place)
        named = zip(node.arguments, values, strict=True)
        return self.comma.join(f"{argument.name.text}={value}" if argument.name else value for argument, value in named)

    def _argument(self, said: Said) -> Writing[str]:
        is_step = said.is_layer and isinstance(said.value, (Name, Invocation))
        value = yield said.value, "step" if is_step else "value", _CHAIN
        return f"{said.name}={value}" if said.name else value

    def listing(self, node: Listing, place: Place) -> Writing[str]:
        if node.separator == "|":
            return f"[{' | '.join((yield from _each(node.items, 'step')))}]"
        inner = self.comma.join((yield from _each(node.items, place)))
        if len(node.items) == 1 and node.separator:
            inner += ","
        return f"({inner})" if node.bracket == "(" else f"[{inner}]"

    def arithmetic(self, node: Arithmetic, place: Place) -> Writing[str]:
        if node.operators == ("**",):
            base, exponent = node.operands
            power = yield base, "value", _ATOM
            return f"{power}**{(yield exponent, 'value', _SIGN)}"
        if _binding(node) == _SUM:
            texts = yield from _each(node.operands, "value", _PRODUCT)
        else:
            texts = yield from _each(self.repeats_last(node, place), place, _SIGN)
        return texts[0] + "".join(sign + text for sign, text in zip(node.operators, texts[1:], strict=True))

    def repeats_last(self, node: Arithmetic, place: Place) -> tuple[Syntax, ...]:
        """The operands of a product; where one of them is clearly a layer, it comes first."""
        if set(node.operators) != {"*"}:
            return node.operands
        layers = [operand for operand in node.operands if self.is_layer(operand)]
        if not layers and place == "step":  # a word among numbers is the layer, of two words one may be a number
            layers = [operand for operand in node.operands if not isinstance(operand, Number)]
        if len(layers) != 1:
            return node.operands
        return (layers[0], *(operand for operand in node.operands if operand is not layers[0]))

    def is_layer(self, node: Syntax) -> bool:
        """Whether an expression is a layer whatever its names stand for; asked once of each part."""
        waiting = [node]
        while waiting:
            parts = _telling(waiting[-1])
            unknown = [part for part in parts if id(part) not in self.known]
            if unknown:
                waiting += unknown
            else:
                whole = waiting.pop()
                self.known[id(whole)] = _is_chain(whole) or any(self.known[id(part)] for part in parts)
        return self.known[id(node)]


def _each(nodes: Sequence[Syntax], place: Place, least: int = _CHAIN) -> Writing[list[str]]:
    """Several expressions, one after the other."""
    texts: list[str] = []
    for node in nodes:
        text = yield node, place, least
        texts.append(text)
    return texts


def _telling(node: Syntax) -> Sequence[Syntax]:
    """The parts of an expression that tell whether it is a layer."""
    if isinstance(node, Listing):
        return node.items[:1] if not node.separator else ()
    return node.operands if isinstance(node, Arithmetic) and node.operators[0] == "*" else ()


def _is_chain(node: Syntax) -> bool:
    """Whether an expression is a layer by itself."""
    return isinstance(node, (Chain, Invocation)) or (isinstance(node, Listing) and node.separator == "|")


def _binding(node: Syntax) -> int:
    if isinstance(node, Arithmetic):
        return _RANKS.get(node.operators[0], _PRODUCT)
    return _BINDING.get(type(node), _ATOM)


def _is_activation(word: str) -> bool:
    from seqshape.kinds import ACTIVATIONS

    return word in ACTIVATIONS
