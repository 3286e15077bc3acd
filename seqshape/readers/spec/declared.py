"""Declarations of layers in a spec: ``CRF(units) = (T, F) -> (T, units) params F*units + units``.

Loaded where one is met. The text is data: formulas are the spec's own arithmetic, and as bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NoReturn

from seqshape.diagnostics import Fault, Label, Span, suggest
from seqshape.dims import UNKNOWN, Dim, require_divides
from seqshape.kinds import ACTIVATIONS
from seqshape.layers.declared import REST, Declaration, DeclaredLayer, Formula, Parameter
from seqshape.readers.spec.arithmetic import combine
from seqshape.readers.spec.depth import require_shallow_values
from seqshape.readers.spec.syntax import (
    Arithmetic,
    Declared,
    Invocation,
    Name,
    Number,
    Syntax,
    Unary,
    own_word,
)
from seqshape.readers.spec.tokens import PARTNER, Scan, Token
from seqshape.registry import find_layer

CODE = "E132"
FORM = "write NAME(parameters) = (T, F) -> (T, 9) params F*9 + 9 macs T*F*9"
_COUNTS = ("params", "macs")
_CLOSING = frozenset(PARTNER.values())
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_RANKS = {"+": _SUM, "-": _SUM, "**": _POWER}
Reading = Callable[[list[Token]], Syntax]


class Declaring:
    """The declarations of a text: ``scan`` has its tokens, in which ``...`` is a word; ``read`` parses an expression."""

    def __init__(self, scan: Scan, read: Reading) -> None:
        places = {token.start for token in scan.tokens if token.kind == "fault" and _is_rest(token)}
        tokens = [token._replace(kind="name") if token.start in places else token for token in scan.tokens]
        faults = [fault for fault in scan.faults if fault.span is None or fault.span.start not in places]
        self.scan = Scan(tokens, scan.comments, faults)
        self.wrong = {fault.span.start: fault for fault in scan.faults if fault.span is not None}
        self.read = read
        self.found: list[Declared] = []

    def takes(self, tokens: list[Token]) -> bool:
        """Whether a statement is a declaration, which is taken. Raises Fault at what is wrong with it."""
        if not is_declaration(tokens):
            for token in tokens:
                if _is_rest(token) and token.start in self.wrong:
                    raise self.wrong[token.start]
            return False
        found = declared(tokens, self.read)
        for before in self.found:
            if before.layer.name == found.layer.name:
                message = f"{found.layer.name} is declared twice"
                fault = Fault(message, span=found.name, code=CODE, help="delete one of the two")
                fault.labels = (Label(before.name, "here first"),)
                raise fault
        self.found.append(found)
        return True


def is_declaration(tokens: Sequence[Token]) -> bool:
    """Whether a statement declares a layer: a call, ``=``, and ``->`` somewhere behind; no other statement is so."""
    if len(tokens) < 4 or tokens[0].kind != "name" or tokens[1].kind != "(":
        return False
    stop = _closing(tokens, 1)
    return tokens[stop + 1].kind == "=" and any(token.text == "->" for token in tokens[stop:])


def declared(tokens: list[Token], read: Reading) -> Declared:
    """The declaration that a statement is. ``read`` parses an expression. Raises Fault with the place of what is wrong."""
    stop = _closing(tokens, 1)
    call = read([*tokens[: stop + 1], tokens[-1]])
    assert isinstance(call, Invocation)
    assert isinstance(call.callee, Name)
    name, parameters = _name(call.callee), _parameters(call)
    arrow = next(at for at in range(stop, len(tokens)) if tokens[at].text == "->")
    inputs = tuple(_input(group) for group in _groups(tokens[stop + 2 : arrow], tokens[arrow]))
    reader = _Formulas(read, {one.name for one in parameters if one.number is None}.union(*map(_names, inputs)))
    outputs, counts = reader.right(tokens[arrow:])
    if any(REST in dims for dims in outputs) and not any(REST in dims for dims in inputs):
        span = tokens[arrow].span.to(tokens[-2].span)
        _refuse("... on the right stands for what ... on the left does", span, "write ... on the left too")
    params, macs = (counts.get(word) for word in _COUNTS)
    text = _written(name, parameters, inputs, outputs, counts)
    found = Declaration(name, parameters, inputs, outputs, params, macs, frozenset(reader.used), text)
    return Declared(DeclaredLayer(found), text, Span(tokens[0].start, tokens[-2].stop), call.callee.span)


def _names(dims: Sequence[str | int]) -> set[str]:
    return {dim for dim in dims if isinstance(dim, str)}


# --- the parts --------------------------------------------------------------------------------------------------------


def _closing(tokens: Sequence[Token], at: int) -> int:
    """Where the bracket that is opened at a token is closed."""
    depth = 0
    for place in range(at, len(tokens)):
        depth += (tokens[place].kind in PARTNER) - (tokens[place].kind in _CLOSING)
        if not depth:
            return place
    return len(tokens) - 2


def _is_count(tokens: Sequence[Token], at: int) -> bool:
    return tokens[at].kind == "name" and tokens[at].text in _COUNTS and tokens[at - 1].kind != ">"


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    """What stands between commas; a last comma may stand behind."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.kind in PARTNER) - (token.kind in _CLOSING)
        if token.kind == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if parts[-1] or len(parts) == 1 else parts[:-1]


def _groups(tokens: list[Token], following: Token) -> list[list[Token]]:
    """The brackets with dims that stand on one side. Raises Fault where something else does."""
    parts = _split(tokens)
    for part in parts:
        if not part or part[0].kind != "(" or _closing(part, 0) != len(part) - 1:
            span = part[0].span.to(part[-1].span) if part else following.span
            _refuse("a shape in brackets stands here", span)
        if len(part) == 2:
            _refuse("a shape has at least one dim", part[0].span.to(part[1].span), "the batch stands before it anyway")
    return [part[1:-1] for part in parts]


def _name(callee: Name) -> str:
    word = callee.text
    if "." in word or word in _COUNTS or word == REST:
        _refuse(f"{word} is no name for a layer", callee.span, "a name is one word, such as CRF")
    if find_layer(word) is not None or own_word(word) or word in ACTIVATIONS:
        help = "give it a name of its own"
        _refuse(f"{word} is a layer of Keras already, and means that everywhere", callee.span, help)
    return word


def _parameters(call: Invocation) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for at, written in enumerate(call.arguments, 1):
        value, name = written.value, written.name
        is_whole = isinstance(value, Number) and isinstance(value.value, int)
        if name is not None and is_whole:
            one = Parameter(name.text, None, value.value)
        elif name is None and is_whole:
            one = Parameter(f"argument_{at}", value.value)
        elif name is None and isinstance(value, Name) and value.text.isidentifier():
            one = Parameter(value.text)
        else:
            _refuse("a parameter is a name, a name with a number, or a number", written.span, "such as CRF(units)")
        if one.name in _COUNTS:
            _refuse(f"{one.name} says what a layer has, and is no name", written.span, "pick another name")
        if any(one.name == other.name for other in found):
            _refuse(f"there are two parameters {one.name}", written.span, "pick another name")
        found.append(one)
    return tuple(found)


def _input(tokens: list[Token]) -> tuple[str | int, ...]:
    """The dims of an input: names, numbers, and ``...`` once."""
    dims: list[str | int] = []
    for part in _split(tokens):
        token = part[0] if part else tokens[0]
        if len(part) == 1 and token.kind == "name" and _is_rest(token):
            if REST in dims:
                _refuse("... stands for all other dims, once", token.span, "delete one of the two")
            dims.append(REST)
        elif len(part) == 1 and token.kind == "name" and token.text.isidentifier() and token.text not in _COUNTS:
            dims.append(token.text)
        elif len(part) == 1 and token.kind == "number" and isinstance(token.value, int):
            dims.append(token.value)
        else:
            span = token.span.to(part[-1].span) if part else token.span
            _refuse("a dim of an input is a name or a number", span, "formulas stand on the right: (T, F) -> (T-2, F)")
    return tuple(dims)


def _is_rest(token: Token) -> bool:
    return token.text in (REST, "…")


class _Formulas:
    """Reads formulas over ``known`` names; ``used`` are those that were met."""

    def __init__(self, read: Reading, known: set[str]) -> None:
        self.read = read
        self.known = known - {REST}
        self.used: set[str] = set(self.known)

    def right(self, tokens: list[Token]) -> tuple[tuple[tuple[Formula | str, ...], ...], dict[str, Formula]]:
        """The dims of the outputs, and the counts, of what stands from the arrow on."""
        cuts = [*(at for at in range(len(tokens)) if _is_count(tokens, at)), len(tokens) - 1]
        outputs = tuple(self.output(group) for group in _groups(tokens[1 : cuts[0]], tokens[cuts[0]]))
        counts: dict[str, Formula] = {}
        for start, following in pairwise(cuts):
            word = tokens[start]
            if word.text in counts:
                _refuse(f"{word.text} is said twice", word.span, "delete one of the two")
            counts[word.text] = self.formula(tokens[start + 1 : following], tokens[following])
        return outputs, counts

    def output(self, tokens: list[Token]) -> tuple[Formula | str, ...]:
        """The dims of an output."""
        parts = _split(tokens)
        if sum(len(part) == 1 and _is_rest(part[0]) for part in parts) > 1:
            _refuse("... stands for all other dims, once", tokens[0].span.to(tokens[-1].span), "delete one of the two")
        return tuple(REST if len(part) == 1 and _is_rest(part[0]) else self.formula(part, tokens[-1]) for part in parts)

    def formula(self, tokens: list[Token], following: Token) -> Formula:
        """A formula. Raises Fault where it is none."""
        if not tokens:
            _refuse("a formula is missing here", following.span, "write a number, a name or a formula: F*9 + 9")
        node = self.read([*tokens, Token("end", "", tokens[-1].stop, tokens[-1].stop)])
        require_shallow_values(node)
        self.check(node)
        return Formula(_text(node, _SUM), lambda sizes: _value(node, sizes))

    def check(self, node: Syntax) -> None:
        """Raises Fault for what is no arithmetic over the names."""
        if isinstance(node, Name):
            if node.text not in self.known:
                listed = ", ".join(sorted(self.known)) or "none"
                help = suggest(node.text, sorted(self.known)) or f"the names of this declaration are {listed}"
                _refuse(f"{node.text} is no parameter, and no dim on the left", node.span, help)
            self.used.add(node.text)
        elif isinstance(node, Unary):
            self.check(node.operand)
        elif isinstance(node, Arithmetic):
            for operand in node.operands:
                self.check(operand)
        elif not isinstance(node, Number) or not isinstance(node.value, int):
            help = "a formula has whole numbers, names, + - * / // % ** and brackets"
            _refuse("this is no part of a formula", node.span, help)


def _value(node: Syntax, sizes: Mapping[str, Dim]) -> Dim:
    if isinstance(node, Number):
        return int(node.value)
    if isinstance(node, Name):
        return sizes[node.text]
    if isinstance(node, Unary):
        value = _value(node.operand, sizes)
        return -value if node.operator == "-" else value
    assert isinstance(node, Arithmetic)
    result = _value(node.operands[0], sizes)
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        result = _combined(operator, result, _value(operand, sizes), node)
    return result


def _combined(operator: str, left: Dim, right: Dim, node: Arithmetic) -> Dim:
    """``left operator right``; a ``/`` has to leave nothing over."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if operator == "/" and right != 0:
        message = f"is declared with {_text(node, _SUM)}, but {left} is not divisible by {right}"
        require_divides(right, left, message)
        operator = "//"
    found = combine(operator, left, right, node.span)  # type: ignore[arg-type]
    if isinstance(found, float):
        raise Fault(f"{left}{operator}{right} is no whole number", span=node.span, code="E123")
    return found


# --- its text ---------------------------------------------------------------------------------------------------------


def _text(node: Syntax, least: int) -> str:
    """The canonical text of a formula, in brackets if it binds looser than ``least``."""
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, Name):
        return node.text
    if isinstance(node, Unary):
        text, rank = f"{node.operator}{_text(node.operand, _POWER)}", _SIGN
    else:
        assert isinstance(node, Arithmetic)
        rank = _RANKS.get(node.operators[0], _PRODUCT)
        if rank == _POWER:
            text = f"{_text(node.operands[0], _ATOM)}**{_text(node.operands[1], _SIGN)}"
        else:
            parts = [_text(operand, rank + 1) for operand in node.operands]
            blank = " " if rank == _SUM and least == _SUM else ""
            signs = (f"{blank}{sign}{blank}" for sign in node.operators)
            text = parts[0] + "".join(sign + part for sign, part in zip(signs, parts[1:], strict=True))
    return f"({text})" if rank < least else text


def _written(
    name: str,
    parameters: Sequence[Parameter],
    inputs: Sequence[Sequence[str | int]],
    outputs: Sequence[Sequence[Formula | str]],
    counts: Mapping[str, Formula],
) -> str:
    call = ", ".join(
        str(one.number) if one.number is not None else one.name if one.default is None else f"{one.name}={one.default}"
        for one in parameters
    )
    left = ", ".join(_shape([str(dim) for dim in dims]) for dims in inputs)
    right = ", ".join(_shape([dim if isinstance(dim, str) else dim.text for dim in dims]) for dims in outputs)
    said = "".join(f" {word} {counts[word].text}" for word in _COUNTS if word in counts)
    return f"{name}({call}) = {left} -> {right}{said}"


def _shape(dims: Sequence[str]) -> str:
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"


def _refuse(message: str, span: Span, help: str = FORM) -> NoReturn:
    raise Fault(message, span=span, code=CODE, help=help)
