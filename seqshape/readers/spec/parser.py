"""Tokens to the syntax tree. Every statement is parsed for itself, so that one run finds the faults of all."""

from __future__ import annotations

from typing import Any

from seqshape.diagnostics import Fault, Source, Span
from seqshape.readers.spec.syntax import (
    CONSTANTS,
    DEEPEST,
    NO_NAMES,
    Arithmetic,
    Chain,
    Choice,
    Constant,
    Invocation,
    Keyword,
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
    literal,
    too_deep,
)
from seqshape.readers.spec.tokens import PARTNER, Token, tokenize
from seqshape.records import NamedTuple

DEEPEST_GROUP = 10_000  # brackets in brackets
MOST_FAULTS = 20

_CLOSING = frozenset(PARTNER.values())
_ENDS = frozenset({"end", ";"})
_TOLD = frozenset({"newline", "fault", *PARTNER, *_CLOSING})  # what cutting a text into statements looks at
_JOINING = frozenset({">", "|", ","})
_SUM = frozenset({"+", "-"})
# What binds how tightly; a sign stands before its operand, and all else between two.
_CHAIN, _RANGE, _ADDED, _PRODUCT, _SIGN, _POWER = range(6)
_RANKS = {
    ">": _CHAIN,
    "..": _RANGE,
    **dict.fromkeys(_SUM, _ADDED),
    **dict.fromkeys(("*", "//", "%", "/"), _PRODUCT),
    "**": _POWER,
}
_OPERATORS = frozenset(_RANKS) - {">"}
_node = tuple.__new__  # what a node is made by: Name() and the like take three times as long


def parse(text: str, name: str | None = None, *, deepest: int = DEEPEST_GROUP) -> Script:
    """The syntax tree of a spec. ``name`` is its file; without one, faults get a hint on what shells do to a spec.

    ``deepest``: how deep brackets may be nested. Raises SeqshapeError with a diagnostic for every statement that is no good.
    """
    scan, declaring = tokenize(text), None
    if "->" in text and ")=" in text.replace(" ", ""):  # it may declare a layer
        from seqshape.readers.spec.declared import Declaring

        declaring = Declaring(scan, _expression)
        scan = declaring.scan
    splitter = _Splitter(text, scan.tokens, deepest)
    splitter.run()
    scan.tokens.clear()  # those of a statement are let go with it
    statements: list[Statement] = []
    faults = scan.faults[:MOST_FAULTS] + splitter.faults
    waiting = [*reversed(splitter.statements)]
    splitter.statements.clear()
    while waiting and len(faults) < MOST_FAULTS:
        tokens = waiting.pop()
        try:
            if declaring is not None and declaring.takes(tokens):
                continue
            statement = _Parser(tokens).statement()
            if splitter.deep > DEEPEST:
                from seqshape.readers.spec.depth import require_shallow_values

                require_shallow_values(statement.value)
            statements.append(statement)
        except Fault as fault:
            faults.append(fault)
    if faults:
        from seqshape.readers.spec.complaints import failure

        raise failure(faults, Source(text, name))
    declared = declaring.found if declaring is not None else ()
    return Script(text, tuple(statements), tuple(scan.comments), tuple(declared))


def _expression(tokens: list[Token]) -> Syntax:
    """The one expression that tokens are, the last of them being the end. Raises Fault."""
    parser = _Parser(tokens)
    value = parser.outputs()
    if parser.token.kind != "end":
        from seqshape.readers.spec.complaints import unexpected_after

        raise unexpected_after(value, parser.token)
    return value


class _Open(NamedTuple):
    token: Token
    position: int


class _Splitter:
    """Cuts the tokens into statements and finds the brackets that do not match.

    ``statements`` gets those that can be parsed, each with an ``end`` token of its own.
    """

    def __init__(self, text: str, tokens: list[Token], deepest: int) -> None:
        self.text = text
        self.tokens = tokens
        self.deepest = deepest
        self.deep = 0  # the most brackets that were open at once
        self.statements: list[list[Token]] = []
        self.faults: list[Fault] = []

    def run(self) -> None:
        """Cut all of the text, or up to the twentieth fault."""
        at = 0
        while at < len(self.tokens) and len(self.faults) < MOST_FAULTS:
            at = self.statement(at)

    def statement(self, at: int) -> int:
        """Cut one statement that begins at the token ``at``; gives where the next one begins."""
        kept: list[Token] = []
        brackets: list[_Open] = []
        faults: list[Fault] = []
        tokens, sound = self.tokens, True
        while (kind := (token := tokens[at])[0]) not in _ENDS:
            if kind not in _TOLD:
                kept.append(token)
            elif kind == "newline":
                if self.ends(at, kept, brackets):
                    break
            else:
                kept.append(token)
                if kind in PARTNER:
                    brackets.append(_Open(token, at))
                    self.deep = max(self.deep, len(brackets))
                    if len(brackets) == self.deepest + 1:
                        faults.append(too_deep(token.span, self.deepest))
                elif kind == "fault":
                    sound = False
                else:
                    faults += _close(brackets, token)
            at += 1
        return self.finish(at, kept, brackets, faults, sound=sound)

    def ends(self, at: int, kept: list[Token], brackets: list[_Open]) -> bool:
        """Whether a statement ends at a new line. There are no two in a row, and the last token is ``end``."""
        following = self.tokens[at + 1].kind
        return bool(kept) and not brackets and kept[-1].kind not in _JOINING and following not in _JOINING

    def finish(self, at: int, kept: list[Token], brackets: list[_Open], faults: list[Fault], *, sound: bool) -> int:
        following = self.restart(brackets[0].position, at, kept[0]) if brackets else at + 1
        if brackets and not faults and sound:
            from seqshape.readers.spec.complaints import unclosed

            faults = [unclosed([bracket.token for bracket in brackets if bracket.position < following])]
        self.faults += faults
        if sound and not faults and kept:
            stop = kept[-1].stop
            kept.append(Token("end", "", stop, stop))
            self.statements.append(kept)
        return following

    def restart(self, opened: int, at: int, first: Token) -> int:
        """Where to go on after a bracket that is never closed: at a line that looks like a statement, else after it."""
        column = self.column(first)
        for index in range(opened, at):
            starts_line = self.tokens[index].kind == "newline"
            if starts_line and self.column(self.tokens[index + 1]) == column and self.assigns(index + 1):
                return index + 1
        return at + 1

    def assigns(self, at: int) -> bool:
        """Whether ``name =`` or ``name, name =`` stands at a token."""
        while self.tokens[at].kind == "name" and self.tokens[at + 1].kind == ",":
            at += 2
        return self.tokens[at].kind == "name" and self.tokens[at + 1].kind == "="

    def column(self, token: Token) -> int:
        return token.start - self.text.rfind("\n", 0, token.start)


def _close(brackets: list[_Open], token: Token) -> list[Fault]:
    if brackets and PARTNER[brackets[-1].token.kind] == token.kind:
        brackets.pop()
        return []
    from seqshape.readers.spec.complaints import closed_by_another, closes_nothing

    return [closed_by_another(brackets.pop().token, token) if brackets else closes_nothing(token)]


class _Level:
    """Brackets that are open, or the statement itself: ``kind`` is their sign, ``call`` or ``end``.

    ``base`` is how many runs were open before them, ``items`` what they hold so far.
    """

    __slots__ = ("base", "callee", "closing", "items", "keys", "kind", "name", "separator", "start")

    def __init__(self, kind: str, start: int, base: int, closing: str, callee: Any = None) -> None:
        self.kind = kind
        self.start = start
        self.base = base
        self.closing = closing
        self.callee = callee
        self.items: list[Any] = []
        self.keys: list[Any] = []
        self.separator = ""
        self.name: Name | None = None


class _Run:
    """Operands of one rank with the operators between them, of which the last operand is still to come."""

    __slots__ = ("operands", "operators", "rank", "start")

    def __init__(self, rank: int, operator: str, operands: list[Any], start: int) -> None:
        self.rank = rank
        self.operands = operands
        self.operators = [operator]
        self.start = start

    def closed(self, last: Any) -> Syntax:
        """The expression, with its last operand."""
        span = Span(self.start, last.span.stop)
        if self.rank == _SIGN:
            return Unary(self.operators[0], last, span)
        operands = (*self.operands, last)
        if self.rank == _CHAIN:  # a chain in parentheses is written out in place
            if Chain in map(type, operands):
                operands = tuple(
                    step for each in operands for step in (each.steps if isinstance(each, Chain) else (each,))
                )
            return Chain(operands, span)
        if self.rank == _RANGE:
            return Range(operands[0], operands[1], operands[2] if len(operands) > 2 else None, span)
        return Arithmetic(operands, tuple(self.operators), span)


class _Parser:
    """Reads the tokens of one statement, whose brackets match, without recursion. Raises Fault at what is wrong first.
    Operands and what follows them take turns; ``levels`` are the brackets and ``runs`` the operators that are open."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.powers = 0
        self.levels: list[_Level] = []
        self.runs: list[_Run] = []

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    # --- statements ---------------------------------------------------------------------------------------------------

    def statement(self) -> Statement:
        """``value`` or ``targets = value``, up to the end."""
        start = self.token.start
        targets = self.targets()
        value = self.outputs()
        if self.token.kind != "end":
            from seqshape.readers.spec.complaints import unexpected_after

            raise unexpected_after(value, self.token)
        return Statement(targets, value, Span(start, self.tokens[self.at - 1].stop))

    def targets(self) -> tuple[Name, ...]:
        tokens, at = self.tokens, 0
        while tokens[at][0] == "name" and tokens[at + 1][0] == ",":
            at += 2
        if tokens[at][0] != "name" or tokens[at + 1][0] != "=":
            return ()
        names = tokens[0 : at + 1 : 2]
        for token in names:
            if token.text in NO_NAMES or "." in token.text:
                help = "a name is one word: letters, digits and underscores"
                raise Fault(f"{token.text} cannot be a name", span=token.span, code="E118", help=help)
        self.at = at + 2
        return tuple(Name(token.text, token.span) for token in names)

    def outputs(self) -> Syntax:
        """A chain, or several with commas between them, which are a tuple without its parentheses."""
        self.levels.append(_Level("end", self.token.start, 0, "end"))
        node: Syntax | None = None
        while self.levels:
            node = self.operand() if node is None else self.after(node)
        assert node is not None
        return node

    # --- operands and operators ---------------------------------------------------------------------------------------

    def operand(self) -> Syntax | None:
        """An operand; ``None`` where a sign or a bracket stands before it."""
        token = self.tokens[self.at]
        kind, text, start, stop, value = token
        if kind == "number":
            self.at += 1
            return _node(Number, (value, Span(start, stop)))
        if kind == "name":
            self.at += 1
            return self.word(token) if text in NO_NAMES else _node(Name, (text, Span(start, stop)))
        if kind in PARTNER:
            self.at += 1
            return self.opened(_Level(kind, start, len(self.runs), PARTNER[kind]))
        if kind in _SUM:
            self.sign(start)
            return None
        if kind not in ("sizes", "string", "?"):
            raise self.missing()
        self.at += 1
        return literal(token)

    def word(self, token: Token) -> Syntax:
        if token.text in CONSTANTS:
            return Constant(CONSTANTS[token.text], token.span)
        help = "write the model as Python in a file and give that: seqshape summarize model.py"
        raise Fault("a spec runs no Python, so it has no lambda", span=token.span, code="E126", help=help)

    def sign(self, start: int) -> None:
        """One sign, or several that come to one."""
        minus = False
        while (kind := self.tokens[self.at].kind) in _SUM:
            minus ^= kind == "-"
            self.at += 1
        self.runs.append(_Run(_SIGN, "-" if minus else "+", [], start))

    def after(self, node: Syntax) -> Syntax | None:
        """What an operand is part of, if an expression ends with it; ``None`` if another operand has to follow."""
        token = self.tokens[self.at]
        kind = token.kind
        if kind == "(":
            return self.call(node, token)
        rank, runs, base = _RANKS.get(kind, -1), self.runs, self.levels[-1].base
        while len(runs) > base and runs[-1].rank > rank:
            node = self.closed(runs.pop(), node)
        run = runs[-1] if len(runs) > base else None
        if rank < 0 or (run is not None and run.rank == _RANGE == rank and len(run.operators) > 1):
            while len(runs) > base:
                node = self.closed(runs.pop(), node)
            return self.item(node, token)
        self.at += 1
        if run is not None and run.rank == rank != _POWER:
            run.operands.append(node)
            run.operators.append(kind)
            return None
        runs.append(_Run(rank, kind, [node], node.span.start))
        if rank == _POWER:  # to the right first, as in Python
            self.powers += 1
            if self.powers > DEEPEST:
                raise too_deep(token.span, DEEPEST)
        return None

    def closed(self, run: _Run, last: Syntax) -> Syntax:
        self.powers -= run.rank == _POWER
        return run.closed(last)

    # --- brackets -----------------------------------------------------------------------------------------------------

    def call(self, node: Syntax, token: Token) -> Syntax | None:
        if not isinstance(node, (Name, Choice)):
            help = "write a sign between them: > feeds one to the other, * repeats"
            raise Fault("only a name can have arguments", span=token.span, code="E117", help=help)
        self.at += 1
        return self.opened(_Level("call", node.span.start, len(self.runs), ")", node))

    def opened(self, level: _Level) -> Syntax | None:
        self.levels.append(level)
        return self.begun(level)

    def begun(self, level: _Level) -> Syntax | None:
        """At the beginning of an item: the brackets, if they end here, else ``None``: an operand has to follow."""
        token = self.tokens[self.at]
        if token.kind == level.closing:
            return self.ended(level)
        if level.kind == "call":
            level.name = None
            if token.kind == "name" and self.tokens[self.at + 1].kind == "=":
                level.name = Name(token.text, token.span)
                self.at += 2
        return None

    def item(self, node: Syntax, token: Token) -> Syntax | None:
        """Put a whole expression where it belongs; the brackets, if they end with it."""
        level, kind = self.levels[-1], token.kind
        if level.kind == "call":
            name = level.name
            span = node.span if name is None else Span(name.span.start, node.span.stop)
            level.items.append(_node(Keyword, (name, node, span)))
        elif level.kind == "{":
            if not self.option(level, node, kind):
                return None
        else:
            level.items.append(node)
        if kind == level.closing or (level.kind == "end" and kind != ","):
            return self.ended(level)
        if level.kind in ("(", "["):
            self.separate(level, token)
        elif kind != ",":
            raise self.unexpected(level.closing)
        else:
            level.separator = ","
            self.at += 1
        return self.begun(level)

    def separate(self, level: _Level, token: Token) -> None:
        """Read the ``,`` or ``|`` that stands here; it has to be the same all through a pair of brackets."""
        if token.kind not in (",", "|"):
            raise self.unexpected(level.closing)
        if level.separator not in ("", token.kind):
            help = "branches stand between |, the items of a tuple between commas: give one of them its own brackets"
            raise Fault("`,` and `|` in the same brackets", span=token.span, code="E117", help=help)
        level.separator = token.kind
        self.at += 1
        if token.kind == "|" and self.tokens[self.at].kind == level.closing:
            raise self.missing()

    def option(self, level: _Level, node: Syntax, kind: str) -> bool:
        """Whether an item of braces is whole: an option of a choice, or the value after ``"key":``."""
        if len(level.keys) > len(level.items):  # the value of a key
            level.items.append(node)
            return True
        if not level.keys and (level.items or kind != ":"):
            level.items.append(node)
            return True
        if not isinstance(node, (Text, Number)):
            raise Fault("a key is a string or a number", span=node.span, code="E117", help="put it in quotes")
        if kind != ":":
            raise self.unexpected(":")
        level.keys.append(node)
        self.at += 1
        return False

    def ended(self, level: _Level) -> Syntax:
        """What brackets are that end here."""
        self.levels.pop()
        kind, items = level.kind, level.items
        if kind != "end":
            self.at += 1
        span = Span(level.start, self.tokens[self.at - 1].stop)
        if kind == "call":
            if self.tokens[self.at].kind == "(":
                from seqshape.readers.spec.complaints import called_twice

                raise called_twice(self.tokens, span, self.at)
            return _node(Invocation, (level.callee, tuple(items), span))
        if kind == "{":
            if items and not level.keys:
                return Choice(tuple(items), span)
            return Mapping(tuple(zip(level.keys, items, strict=True)), span)
        if kind == "end":
            return Listing("(", ",", tuple(items), span) if level.separator else items[0]
        if kind == "(" and len(items) == 1 and not level.separator:
            return items[0]._replace(span=span)  # type: ignore[no-any-return]
        return Listing(kind, level.separator or ("" if items else ","), tuple(items), span)

    # --- what is wrong ------------------------------------------------------------------------------------------------

    def missing(self) -> Fault:
        """What to say where a layer or a value should stand, but something else does."""
        from seqshape.readers.spec.complaints import missing

        return missing(self.tokens, self.at)

    def unexpected(self, closing: str) -> Fault:
        """What to say where a comma or a closing bracket should stand."""
        from seqshape.readers.spec.complaints import unexpected

        return unexpected(self.token, closing)
