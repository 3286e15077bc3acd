"""What to say of a spec that cannot be parsed. Loaded when there is something to say."""

from __future__ import annotations

from collections.abc import Sequence

from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError, Source, Span
from seqshape.readers.spec.syntax import DEEPEST, Syntax
from seqshape.readers.spec.tokens import PARTNER, Token

IN_A_SHELL = "in a shell, put the whole spec in single quotes: 'LSTM(5,seq) > Dense(1)'"
_MANY = 4  # faults from which on a text may be no spec at all
_BETWEEN = frozenset({"..", "+", "-", "*", "//", "%", "/", "**"})


def failure(faults: list[Fault], source: Source) -> SeqshapeError:
    """The error that tells of all faults, in the order of the text; without a file they get a hint on shells."""
    if len(faults) >= _MANY and _is_prose(source.text):
        name = source.name or "this"
        message = f"{name} is a text of sentences, and no network is written in it"
        help = "a network is layers with > between them: LSTM(5,seq) > Dense(1)"
        return SeqshapeError((Diagnostic(faults[0].code, "error", message, help=help),))
    if source.name is None:
        for fault in faults:
            _hint(fault, source.text)
    found = [fault.diagnostic()._replace(source=source) for fault in faults]
    return SeqshapeError(
        tuple(sorted(found, key=lambda diagnostic: (diagnostic.labels[0].span.start, diagnostic.labels[0].span.stop)))
    )


def _is_prose(text: str) -> bool:
    """Whether words follow on words, as nowhere in a spec: in most lines that hold any."""
    import re

    lines = [line for line in text.split("\n") if line.strip()]
    pairs = re.compile(r"[A-Za-z]{2,}[,;:]? +[a-z]{2,}")
    return 2 * sum(bool(pairs.search(line)) for line in lines[:200]) > len(lines[:200])


def _hint(fault: Fault, text: str) -> None:
    """Add a word on shells to a fault of one line that a shell may have cut: it is empty, or stops short."""
    at_end = fault.span is not None and fault.span.stop >= len(text.rstrip())
    stops_short = fault.code == "E116" and text.rstrip().endswith((">", "-")) and at_end
    is_open = fault.code == "E114" and fault.span is not None and text[fault.span.start] in PARTNER
    if (fault.code == "E110" or stops_short or is_open) and "\n" not in text:
        fault.help = f"{fault.help}; {IN_A_SHELL}" if fault.help else IN_A_SHELL


# --- brackets ---------------------------------------------------------------------------------------------------------


def closes_nothing(token: Token) -> Fault:
    """A closing bracket where none is open."""
    opening = next(opening for opening, partner in PARTNER.items() if partner == token.kind)
    help = f"delete it, or open it with `{opening}`"
    return Fault(f"`{token.text}` closes no bracket", span=token.span, code="E114", help=help)


def closed_by_another(opened: Token, token: Token) -> Fault:
    """A closing bracket of another kind than the one that is open."""
    message = f"`{opened.text}` is closed by `{token.text}`"
    help = f"write `{PARTNER[opened.kind]}` here, or close `{opened.text}` before it"
    fault = Fault(message, span=token.span, code="E114", help=help)
    fault.labels = (Label(opened.span, "opened here"),)
    return fault


def unclosed(brackets: Sequence[Token]) -> Fault:
    """Brackets that are still open at the end; the innermost is the last."""
    inner = brackets[-1]
    brackets = brackets[-DEEPEST:]
    closing = "".join(PARTNER[bracket.kind] for bracket in reversed(brackets))
    fault = Fault(f"`{inner.text}` is never closed", span=inner.span, code="E114", help=f"close it with `{closing}`")
    fault.labels = tuple(Label(bracket.span, "nor is this one") for bracket in reversed(brackets[:-1]))
    return fault


# --- what stands in the wrong place -----------------------------------------------------------------------------------


def missing(tokens: Sequence[Token], at: int) -> Fault:
    """What to say where a layer or a value should stand, but another token does."""
    token = tokens[at]
    before = tokens[at - 1] if at else None
    if before is not None and before.kind == ">":
        return _chain_fault("between `>` and `>`" if token.kind == ">" else "after `>`", before)
    if token.kind == ">":
        return _chain_fault("before `>`", token)
    for sign in (token, before):
        if sign is not None and sign.kind == "|":
            return _missing("a branch is empty", sign, "write Id for the input itself: [Id | …]")
    if before is not None and before.kind in _BETWEEN:
        return _missing(f"something is missing after `{before.text}`", before, "write a number, or delete it")
    if before is not None and before.kind in ("=", ":"):
        return _missing(f"nothing stands after `{before.text}`", before, "write a value, or delete it")
    help = "write a value here, or delete it" if token.kind != "end" else "write a layer or a value"
    return _missing(f"nothing stands before {_shown(token)}", token, help)


def unexpected(token: Token, closing: str) -> Fault:
    """What to say where a comma or a closing bracket should stand."""
    help = f"put a comma before {_shown(token)}, if it is an item of its own"
    if token.kind == "=":
        help = "only one word can stand before `=`"
    elif token.kind == ":":
        help = "write `..` for a range and `=` after the name of an argument"
    elif token.kind == "|" and closing == "}":
        help = "choices have commas between them: {8,16}, {LSTM,GRU}(8)"
    elif token.kind == "|":
        help = "branches stand in brackets of their own: [A | B]"
    return Fault(f"expected `,` or `{closing}` but found {_shown(token)}", span=token.span, code="E117", help=help)


def unexpected_after(value: Syntax, token: Token) -> Fault:
    """What to say where a statement should end."""
    if token.kind == "=":
        help = "only names can stand there: x = …, or h, c = …"
        return Fault("this cannot be named", span=value.span, code="E118", help=help)
    help = "layers are joined by >, statements separated by ; or a new line"
    if token.kind == "|":
        help = "branches stand in brackets: [A | B]"
    message = f"expected `>` or the end of the statement but found {_shown(token)}"
    return Fault(message, span=token.span, code="E117", help=help)


def called_twice(tokens: list[Token], layer: Span, at: int) -> Fault:
    """What to say of ``LSTM(5)(x)``, as Keras's functional style writes it: the same with an arrow.

    ``at``: where the second bracket is.
    """
    depth, end = 0, at
    for end in range(at, len(tokens)):
        depth += (tokens[end].kind in "([{") - (tokens[end].kind in ")]}")
        if not depth:
            break
    said = _chain([token for token in tokens[: end + 1] if token.start >= layer.start])
    help = f"feed it with >: write {said}" if end > at + 1 else f"leave out the second brackets: {said}"
    return Fault("a layer is fed with >, not called", span=tokens[at].span, code="E131", help=help)


def _chain(tokens: list[Token]) -> str:
    """``Dense(2)(LSTM(4)(x))`` with arrows."""
    calls: list[str] = []
    while tokens and tokens[-1].kind == ")":
        first = _opening(tokens)
        if first == 0 or tokens[first - 1].kind != ")":
            break
        calls.insert(0, _written(tokens[:first]))
        tokens = tokens[first + 1 : -1]
    return " > ".join([*_fed(tokens), *calls])


def _opening(tokens: list[Token]) -> int:
    """Where the bracket opens that the last token closes."""
    depth = 0
    for place in range(len(tokens) - 1, -1, -1):
        depth += (tokens[place].kind in ")]}") - (tokens[place].kind in "([{")
        if not depth:
            return place
    return 0


def _fed(tokens: list[Token]) -> list[str]:
    """What is fed, a list of tensors in round brackets; nothing where there is none."""
    kinds = [token.kind for token in tokens]
    is_list = kinds[:1] == ["["] and kinds[-1:] == ["]"]
    text = _written(tokens[1:-1] if is_list else tokens)
    is_several = is_list or ("," in kinds and not any(kind in "([{" for kind in kinds))
    return [f"({text})" if is_several else text] if text else []


def _written(tokens: list[Token]) -> str:
    """The text of tokens, with a space where the source has some."""
    stops = [tokens[0].start, *(token.stop for token in tokens[:-1])] if tokens else []
    return "".join((" " if token.start > stop else "") + token.text for token, stop in zip(tokens, stops, strict=True))


def _chain_fault(where: str, token: Token) -> Fault:
    return _missing(f"a chain needs a layer {where}", token, f"write a layer there, or delete the `{token.text}`")


def _missing(message: str, token: Token, help: str) -> Fault:
    return Fault(message, span=token.span, code="E116", help=help)


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else f"`{token.text}`"
