"""Tokens to the syntax tree. Every statement is parsed for itself, so that one run finds the faults of all."""

from __future__ import annotations

from seqshape.diagnostics import Fault, Label, SeqshapeError, Source, Span
from seqshape.readers.spec.syntax import (
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
    Unknown,
)
from seqshape.readers.spec.tokens import Token, tokenize
from seqshape.records import NamedTuple

DEEPEST = 64  # brackets in brackets: each level costs the parser nine frames of Python's stack
MOST_FAULTS = 20
IN_A_SHELL = "in a shell, put the whole spec in single quotes: 'LSTM(5,seq) > Dense(1)'"

_PARTNER = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_PARTNER.values())
_JOINING = frozenset({">", "|", ","})
_SUM = frozenset({"+", "-"})
_PRODUCT = frozenset({"*", "//", "%", "/"})
_OPERATORS = _SUM | _PRODUCT | {"**", ".."}
_CONSTANTS = {"True": True, "False": False, "None": None}
_NO_NAMES = frozenset({*_CONSTANTS, "lambda"})


def parse(text: str, name: str | None = None) -> Script:
    """The syntax tree of a spec. ``name`` is its file; without one, faults get a hint on what shells do to a spec.

    Raises SeqshapeError with a diagnostic for every statement that is no good.
    """
    scan = tokenize(text)
    splitter = _Splitter(text, scan.tokens)
    splitter.run()
    statements: list[Statement] = []
    faults = scan.faults[:MOST_FAULTS] + splitter.faults
    for tokens in splitter.statements:
        if len(faults) >= MOST_FAULTS:
            break
        try:
            statements.append(_Parser(tokens).statement())
        except Fault as fault:
            faults.append(fault)
    if faults:
        raise failure(faults, Source(text, name))
    return Script(text, tuple(statements), tuple(scan.comments))


def failure(faults: list[Fault], source: Source) -> SeqshapeError:
    """The error that tells of all faults, in the order of the text."""
    if source.name is None:
        for fault in faults:
            _hint(fault, source.text)
    found = [fault.diagnostic()._replace(source=source) for fault in faults]
    return SeqshapeError(
        tuple(sorted(found, key=lambda diagnostic: (diagnostic.labels[0].span.start, diagnostic.labels[0].span.stop)))
    )


def _hint(fault: Fault, text: str) -> None:
    """Add a word on shells to a fault of one line that a shell may have cut: it is empty, or stops short."""
    at_end = fault.span is not None and fault.span.stop >= len(text.rstrip())
    stops_short = fault.code == "E116" and text.rstrip().endswith((">", "-")) and at_end
    is_open = fault.code == "E114" and fault.span is not None and text[fault.span.start] in _PARTNER
    if (fault.code == "E110" or stops_short or is_open) and "\n" not in text:
        fault.help = f"{fault.help}; {IN_A_SHELL}" if fault.help else IN_A_SHELL


class _Open(NamedTuple):
    token: Token
    position: int


class _Splitter:
    """Cuts the tokens into statements and finds the brackets that do not match.

    ``statements`` gets those that can be parsed, each with an ``end`` token of its own.
    """

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
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
        while not self.ends(at, kept, brackets):
            token = self.tokens[at]
            if token.kind in _PARTNER:
                brackets.append(_Open(token, at))
                if len(brackets) == DEEPEST + 1:
                    faults.append(_too_deep(token))
            elif token.kind in _CLOSING:
                faults += _close(brackets, token)
            if token.kind != "newline":
                kept.append(token)
            at += 1
        return self.finish(at, kept, brackets, faults)

    def ends(self, at: int, kept: list[Token], brackets: list[_Open]) -> bool:
        kind = self.tokens[at].kind
        if kind != "newline":
            return kind in ("end", ";")
        following = self.tokens[at + 1].kind  # there are no two newlines in a row, and the last token is ``end``
        return bool(kept) and not brackets and kept[-1].kind not in _JOINING and following not in _JOINING

    def finish(self, at: int, kept: list[Token], brackets: list[_Open], faults: list[Fault]) -> int:
        sound = all(token.kind != "fault" for token in kept)
        following = self.restart(brackets[0].position, at, kept[0]) if brackets else at + 1
        if brackets and not faults and sound:
            faults = [_unclosed([bracket for bracket in brackets if bracket.position < following])]
        self.faults += faults
        if sound and not faults and kept:
            stop = kept[-1].stop
            self.statements.append([*kept, Token("end", "", stop, stop)])
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


def _too_deep(token: Token) -> Fault:
    return Fault(
        f"brackets are nested more than {DEEPEST} deep",
        span=token.span,
        code="E115",
        help="name the inner parts in statements of their own",
    )


def _close(brackets: list[_Open], token: Token) -> list[Fault]:
    if not brackets:
        help = f"delete it, or open it with `{_opener(token.kind)}`"
        return [Fault(f"`{token.text}` closes no bracket", span=token.span, code="E114", help=help)]
    opened = brackets.pop().token
    right = _PARTNER[opened.kind]
    if right == token.kind:
        return []
    message = f"`{opened.text}` is closed by `{token.text}`"
    help = f"write `{right}` here, or close `{opened.text}` before it"
    fault = Fault(message, span=token.span, code="E114", help=help)
    fault.labels = (Label(opened.span, "opened here"),)
    return [fault]


def _opener(closing: str) -> str:
    return next(opening for opening, partner in _PARTNER.items() if partner == closing)


def _unclosed(brackets: list[_Open]) -> Fault:
    inner = brackets[-1].token
    closing = "".join(_PARTNER[bracket.token.kind] for bracket in reversed(brackets))
    message = f"`{inner.text}` is never closed"
    fault = Fault(message, span=inner.span, code="E114", help=f"close it with `{closing}`")
    fault.labels = tuple(Label(bracket.token.span, "nor is this one") for bracket in reversed(brackets[:-1]))
    return fault


class _Parser:
    """Recursive descent over the tokens of one statement, whose brackets match. Raises Fault at what is wrong first."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.powers = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, kind: str) -> bool:
        if self.tokens[self.at].kind != kind:
            return False
        self.at += 1
        return True

    def since(self, start: int) -> Span:
        """From a position in the text to the end of the token read last."""
        return Span(start, self.tokens[self.at - 1].stop)

    # --- statements ---------------------------------------------------------------------------------------------------

    def statement(self) -> Statement:
        """``value`` or ``targets = value``, up to the end."""
        start = self.token.start
        targets = self.targets()
        value = self.outputs()
        if self.token.kind != "end":
            raise self.unexpected_after(value)
        return Statement(targets, value, self.since(start))

    def targets(self) -> tuple[Name, ...]:
        at = 0
        while self.tokens[at].kind == "name" and self.tokens[at + 1].kind == ",":
            at += 2
        if self.tokens[at].kind != "name" or self.tokens[at + 1].kind != "=":
            return ()
        names = self.tokens[0 : at + 1 : 2]
        for token in names:
            if token.text in _NO_NAMES or "." in token.text:
                help = "a name is one word: letters, digits and underscores"
                raise Fault(f"{token.text} cannot be a name", span=token.span, code="E118", help=help)
        self.at = at + 2
        return tuple(Name(token.text, token.span) for token in names)

    def outputs(self) -> Syntax:
        """A chain, or several with commas between them, which are a tuple without its parentheses."""
        start = self.token.start
        items = [self.expression()]
        comma = False
        while self.accept(","):
            comma = True
            if self.token.kind == "end":
                break
            items.append(self.expression())
        return Listing("(", ",", tuple(items), self.since(start)) if comma else items[0]

    # --- expressions, from the loosest to the tightest ----------------------------------------------------------------

    def expression(self) -> Syntax:
        """A chain, or one step of it. A chain in parentheses as a step is written out in place."""
        start = self.token.start
        first = self.range()
        if self.token.kind != ">":
            return first
        steps = [*_steps(first)]
        while self.accept(">"):
            steps += _steps(self.range())
        return Chain(tuple(steps), self.since(start))

    def range(self) -> Syntax:
        start = self.token.start
        first = self.sum()
        if not self.accept(".."):
            return first
        stop = self.sum()
        step = self.sum() if self.accept("..") else None
        return Range(first, stop, step, self.since(start))

    def sum(self) -> Syntax:
        start = self.token.start
        operands, operators = [self.product()], []
        while self.token.kind in _SUM:
            operators.append(self.take().kind)
            operands.append(self.product())
        return Arithmetic(tuple(operands), tuple(operators), self.since(start)) if operators else operands[0]

    def product(self) -> Syntax:
        start = self.token.start
        operands, operators = [self.signed()], []
        while self.token.kind in _PRODUCT:
            operators.append(self.take().kind)
            operands.append(self.signed())
        return Arithmetic(tuple(operands), tuple(operators), self.since(start)) if operators else operands[0]

    def signed(self) -> Syntax:
        start, minus = self.token.start, False
        if self.token.kind not in _SUM:
            return self.power()
        while self.token.kind in _SUM:
            minus ^= self.take().kind == "-"
        operand = self.power()
        return Unary("-" if minus else "+", operand, self.since(start))

    def power(self) -> Syntax:
        start = self.token.start
        base = self.called()
        if self.token.kind != "**":
            return base
        sign = self.take()
        self.powers += 1
        if self.powers > DEEPEST:
            raise _too_deep(sign)
        exponent = self.signed()  # to the right first, as in Python
        self.powers -= 1
        return Arithmetic((base, exponent), ("**",), self.since(start))

    def called(self) -> Syntax:
        start = self.token.start
        node = self.atom()
        if self.token.kind != "(":
            return node
        if not isinstance(node, (Name, Choice)):
            help = "write a sign between them: > feeds one to the other, * repeats"
            raise Fault("only a name can have arguments", span=self.token.span, code="E117", help=help)
        call = Invocation(node, self.arguments(), self.since(start))
        if self.token.kind == "(":
            help = "feed a layer with >: x > LSTM(5) is what Keras writes as LSTM(5)(x)"
            raise Fault("a layer is called with >", span=self.token.span, code="E131", help=help)
        return call

    # --- atoms --------------------------------------------------------------------------------------------------------

    def atom(self) -> Syntax:
        token = self.token
        if token.kind in ("(", "["):
            return self.brackets()
        if token.kind == "{":
            return self.braces()
        if token.kind not in ("name", "number", "sizes", "string", "?"):
            raise self.missing()
        self.at += 1
        return self.word(token) if token.kind == "name" else _literal(token)

    def word(self, token: Token) -> Syntax:
        if token.text in _CONSTANTS:
            return Constant(_CONSTANTS[token.text], token.span)
        if token.text == "lambda":
            help = "write the model as Python in a file and give that: seqshape summarize model.py"
            raise Fault("a spec runs no Python, so it has no lambda", span=token.span, code="E126", help=help)
        return Name(token.text, token.span)

    def brackets(self) -> Syntax:
        opened = self.take()
        closing = _PARTNER[opened.kind]
        items: list[Syntax] = []
        separator = ""
        while self.token.kind != closing:
            items.append(self.expression())
            if self.token.kind == closing:
                break
            separator = self.separator(separator, closing, items[-1])
            if separator == "|" and self.token.kind == closing:
                raise self.missing()
        self.at += 1
        span = self.since(opened.start)
        if opened.kind == "(" and len(items) == 1 and not separator:
            return items[0]._replace(span=span)
        return Listing(opened.kind, separator or ("" if items else ","), tuple(items), span)

    def separator(self, before: str, closing: str, item: Syntax) -> str:
        """The ``,`` or ``|`` that stands here; it has to be the same all through a pair of brackets."""
        token = self.token
        if token.kind not in (",", "|"):
            raise self.unexpected(closing, item)
        if before not in ("", token.kind):
            help = "branches stand between |, the items of a tuple between commas: give one of them its own brackets"
            raise Fault("`,` and `|` in the same brackets", span=token.span, code="E117", help=help)
        return self.take().kind

    def braces(self) -> Syntax:
        """A choice ``{a,b}`` or a mapping ``{"key": value}``."""
        opened = self.take()
        options: list[Syntax] = []
        items: list[tuple[Syntax, Syntax]] = []
        while self.token.kind != "}":
            first = self.expression()
            if (not options and self.token.kind == ":") or items:
                items.append((first, self.after_colon(first)))
            else:
                options.append(first)
            if self.token.kind != "}" and not self.accept(","):
                raise self.unexpected("}", first)
        self.at += 1
        span = self.since(opened.start)
        return Choice(tuple(options), span) if options else Mapping(tuple(items), span)

    def after_colon(self, key: Syntax) -> Syntax:
        if not isinstance(key, (Text, Number)):
            raise Fault("a key is a string or a number", span=key.span, code="E117", help="put it in quotes")
        if not self.accept(":"):
            raise self.unexpected(":", key)
        return self.expression()

    def arguments(self) -> tuple[Keyword, ...]:
        self.at += 1
        found: list[Keyword] = []
        while self.token.kind != ")":
            found.append(self.argument())
            if self.token.kind != ")" and not self.accept(","):
                raise self.unexpected(")", found[-1].value)
        self.at += 1
        return tuple(found)

    def argument(self) -> Keyword:
        token = self.token
        name = None
        if token.kind == "name" and self.tokens[self.at + 1].kind == "=":
            self.at += 2
            name = Name(token.text, token.span)
        value = self.expression()
        return Keyword(name, value, self.since(token.start))

    # --- what is wrong ------------------------------------------------------------------------------------------------

    def missing(self) -> Fault:
        """What to say where a layer or a value should stand, but something else does."""
        token = self.token
        before = self.tokens[self.at - 1] if self.at else None
        if before is not None and before.kind == ">":
            return _chain_fault("between `>` and `>`" if token.kind == ">" else "after `>`", before)
        if token.kind == ">":
            return _chain_fault("before `>`", token)
        if token.kind == "|" or (before is not None and before.kind == "|"):
            place = token if token.kind == "|" else before
            return _missing("a branch is empty", place or token, "write Id for the input itself: [Id | …]")
        if before is not None and before.kind in _OPERATORS:
            return _missing(f"something is missing after `{before.text}`", before, "write a number, or delete it")
        if before is not None and before.kind in ("=", ":"):
            return _missing(f"nothing stands after `{before.text}`", before, "write a value, or delete it")
        help = "write a value here, or delete it" if token.kind != "end" else "write a layer or a value"
        return _missing(f"nothing stands before {_shown(token)}", token, help)

    def unexpected(self, closing: str, item: Syntax) -> Fault:
        """What to say where a comma or a closing bracket should stand."""
        token = self.token
        help = f"put a comma before {_shown(token)}, if it is an item of its own"
        if token.kind == "=":
            help = "only one word can stand before `=`"
        elif token.kind == ":":
            help = "write `..` for a range and `=` after the name of an argument"
        elif token.kind == "|":
            help = "branches stand in brackets of their own: [A | B]"
        return Fault(f"expected `,` or `{closing}` but found {_shown(token)}", span=token.span, code="E117", help=help)

    def unexpected_after(self, value: Syntax) -> Fault:
        """What to say where a statement should end."""
        token = self.token
        if token.kind == "=":
            help = "only names can stand there: x = …, or h, c = …"
            return Fault("this cannot be named", span=value.span, code="E118", help=help)
        help = "layers are joined by >, statements separated by ; or a new line"
        if token.kind == "|":
            help = "branches stand in brackets: [A | B]"
        message = f"expected `>` or the end of the statement but found {_shown(token)}"
        return Fault(message, span=token.span, code="E117", help=help)


def _steps(node: Syntax) -> tuple[Syntax, ...]:
    return node.steps if isinstance(node, Chain) else (node,)


def _literal(token: Token) -> Syntax:
    value = token.value
    if isinstance(value, str):
        return Text(value, token.span)
    if isinstance(value, tuple):
        return Listing("(", ",", _sizes(token), token.span)
    return Unknown(token.span) if value is None else Number(value, token.span)


def _sizes(token: Token) -> tuple[Number, ...]:
    """The numbers of ``3x3``, each with its place."""
    found: list[Number] = []
    at = token.start
    for digits in token.text.lower().split("x"):
        found.append(Number(int(digits), Span(at, at + len(digits))))
        at += len(digits) + 1
    return tuple(found)


def _chain_fault(where: str, token: Token) -> Fault:
    return _missing(f"a chain needs a layer {where}", token, f"write a layer there, or delete the `{token.text}`")


def _missing(message: str, token: Token, help: str) -> Fault:
    return Fault(message, span=token.span, code="E116", help=help)


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else f"`{token.text}`"
