"""VGSL, in which Tesseract and kraken write down networks: ``[1,36,0,1 Ct3,3,16 Mp3,3 Lfys48 Lfx96 O1c111]``.

``docs/vgsl.md`` has the elements. A spec is read as Tesseract 5 builds it, and as kraken does if it has an element or a
number that only kraken takes. A row is an element, and its name is the element's text.
"""

from __future__ import annotations

from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError, Source, Span
from seqshape.graph import Argument, Call, Graph, Node, Operand, Ref, Value
from seqshape.readers.vgsl.elements import (
    CLASSES,
    ELEMENTS,
    Element,
    activation,
    argument,
    convolution,
    depth_map,
    full,
    lstm,
    pair,
    softmax_lstm,
)
from seqshape.readers.vgsl.tokens import MOST_FAULTS, Token, is_vgsl, tokens_of

DEEPEST = 100  # brackets in brackets, and prefixes before each other
MOST_ELEMENTS = 100_000  # with those that R repeats

__all__ = ["ELEMENTS", "is_vgsl", "read_vgsl"]


def read_vgsl(text: str, name: str | None = None) -> Graph:
    """The graph of a VGSL spec. Raises SeqshapeError with a diagnostic for everything that is no element."""
    source = Source(text, name)
    tokens, faults = tokens_of(text)
    if not faults:
        try:
            return _Builder(tokens, source).run()
        except Fault as found:
            faults = [found]
    raise SeqshapeError(tuple(_diagnostic(fault, source) for fault in faults[:MOST_FAULTS]))


def _diagnostic(fault: Fault, source: Source) -> Diagnostic:
    """A fault, with the mended spec where the rest of it can be read."""
    found = fault.diagnostic()._replace(source=source)
    if fault.instead is None or fault.span is None:
        return found
    rest = "" if fault.code == "E114" and fault.instead else source.text[fault.span.stop :]
    mended = source.text[: fault.span.start] + fault.instead + rest
    return found._replace(replacement=mended) if not tokens_of(mended)[1] else found


class _Builder:
    """A spec on its way to a graph. ``turned`` has the axes whose order is turned round at the moment."""

    def __init__(self, tokens: list[Token], source: Source) -> None:
        self.tokens = tokens
        self.text = source.text
        self.at = 0
        self.graph = Graph("Functional", source=source)
        self.names: dict[str, int] = {}
        self.turned: set[str] = set()
        self.elements = 0
        self.printed = any(token.kind in ("swap", "window", "map") for token in tokens)
        self.program = self._dialect()

    def run(self) -> Graph:
        """The whole graph. Raises Fault."""
        out: Operand | None = None
        while self.at < len(self.tokens):
            out = self.network(out, 0)
        if out is None or not self.graph.inputs:
            raise Fault("the spec has no input", span=Span(0, 0), code="E150", help="begin with it: [1,36,0,1 …]")
        self.graph.outputs = out
        self.graph.rows = list(self.graph.calls)  # in the order of the spec
        if any(token.match[0][:2] in ("LS", "LE") for token in self.tokens):
            self.graph.heard = frozenset({CLASSES})
        return self.graph

    def _dialect(self) -> str:
        """Whose spec it is. Raises Fault if no program has all of it."""
        said: dict[str, Token] = {}
        for token in self.tokens:
            element = self._element(token)
            whose = element.program(token.match) if element else "Tesseract" if token.kind in ("turn", "times") else ""
            if whose:
                said.setdefault(whose, token)
        if len(said) == 2:
            kraken, tesseract = said["kraken"], said["Tesseract"]
            message = f"{tesseract.match[0]} is an element of Tesseract, and {kraken.match[0]} one of kraken"
            fault = Fault(message, span=tesseract.span, code="E150", help="no program builds a network with both")
            fault.labels = (Label(kraken.span, "only kraken has it"),)
            raise fault
        return next(iter(said), "Tesseract")

    def _element(self, token: Token) -> Element | None:
        return ELEMENTS[int(token.kind)] if token.kind.isdigit() else None

    def network(self, given: Operand | None, depth: int) -> Operand | None:
        """One network: an element, a series, several side by side, or one behind a prefix. What comes out of it."""
        token = self.tokens[self.at]
        if depth > DEEPEST:
            raise Fault(f"is more than {DEEPEST} brackets deep", span=token.span, code="E115")
        self.at += 1
        if token.kind == "[":
            return self.series(given, depth)
        if token.kind == "input":
            return self.input(token)
        if given is None:
            raise Fault("stands before the input", span=token.span, code="E150", help="begin with it: [1,36,0,1 …]")
        if token.kind == "(":
            return self.beside(given, token, depth)
        if token.kind in ("turn", "swap"):
            return self.turn(token, given, depth)
        if token.kind == "times":
            return self.repeat(token, given, depth)
        return self.element(token, given)

    def series(self, given: Operand | None, depth: int) -> Operand | None:
        """``[…]``: one after the other."""
        while self.tokens[self.at].kind != "]":
            given = self.network(given, depth + 1)
        self.at += 1
        return given

    def beside(self, given: Operand, opening: Token, depth: int) -> Operand:
        """``(…)``: side by side, their depths one after the other."""
        branches = []
        while self.tokens[self.at].kind != ")":
            branches.append(self.network(given, depth + 1))
        closing = self.tokens[self.at]
        self.at += 1
        return self.joined(branches, opening.span.to(closing.span))

    def joined(self, branches: list[Operand | None], span: Span) -> Operand:
        """The outputs of several networks, laid into one depth."""
        if not branches:
            raise Fault("holds no network", span=span, code="E150", help="write networks side by side: (Lfx8 Lrx8)")
        if len(branches) == 1 and branches[0] is not None:
            return branches[0]
        return self.add(
            Call("Concatenate", (), span), "parallel", [branch for branch in branches if branch is not None]
        )

    def turn(self, token: Token, given: Operand, depth: int) -> Operand | None:
        """``Rx``, ``Ry``: the network sees the axis from its other end. In what Tesseract prints, the LSTM says it itself."""
        self.require_more(token)
        axis = token.match[0][1]
        if self.printed or token.kind == "swap":
            return self.network(given, depth + 1)
        self.turned ^= {axis}
        out = self.network(given, depth + 1)
        self.turned ^= {axis}
        return out

    def repeat(self, token: Token, given: Operand, depth: int) -> Operand:
        """``R3[…]``: a network several times side by side, each with weights of its own."""
        self.require_more(token)
        times, at = int(token.match["times"]), self.at
        if not 1 <= times <= MOST_ELEMENTS:
            message = f"a network stands 1 to {MOST_ELEMENTS:,} times, not {times}"
            raise Fault(message, span=token.span, code="E122")
        branches = []
        for _ in range(times):
            self.at = at
            branches.append(self.network(given, depth + 1))
        return self.joined(branches, token.span)

    def require_more(self, token: Token) -> None:
        """Insist on a network behind a prefix. Raises Fault."""
        if self.at >= len(self.tokens) or self.tokens[self.at].kind in ("]", ")"):
            raise Fault(f"{token.match[0]} stands before a network", span=token.span, code="E150", help="Rx[Lfx8 Lfx8]")

    def input(self, token: Token) -> Operand:
        """The input layer: 0 is what varies."""
        span = token.span
        dims = tuple(
            Value(int(token.match[name]) or None, Span(*token.match.span(name)))
            for name in ("batch", "height", "width", "depth")
        )
        if dims[3].data is None:
            raise Fault(
                "a picture has a depth of at least 1", span=dims[3].span, code="E150", help="1 is grey, 3 colour"
            )
        call = Call("InputLayer", (Argument("batch_shape", Value(dims, span), span),), span)
        call.named = "input"
        node = Node(call, span=span)
        self.graph.calls.append(call)
        self.graph.nodes.append(node)
        self.graph.inputs.append(node)
        self.graph.structure = Ref(node, 0)
        return Ref(node, 0)

    def element(self, token: Token, given: Operand) -> Operand:
        """A layer. Raises Fault if it is none here."""
        element = self._element(token)
        if element is None:
            call = self.printed_call(token)
            return self.add(call, self.written(call.span), given)
        if self.printed and element.layer is full:
            return self.add(depth_map(token.match), token.match[0], given)
        call = element.layer(token.match, self.program)
        if self.printed and element.layer is softmax_lstm:
            self._say_classes(call)
        self._remark_even(token, element)
        if element.layer is lstm and token.match["axis"] in self.turned:
            _turn_round(call)
        name = token.match.groupdict().get("name") or token.match[0]
        return self.add(call, name, given)

    def _say_classes(self, call: Call) -> None:
        """Tesseract prints the softmax of an LSTM behind it, and with it how many classes there are."""
        if self.at < len(self.tokens) and self.tokens[self.at].match[0][:1] == "F":
            classes = argument(self.tokens[self.at].match, "units", "classes")
            self.at += 1
            call.arguments = tuple(classes if one.name == "classes" else one for one in call.arguments)

    def printed_call(self, token: Token) -> Call:
        """A convolution as Tesseract prints it, in which a window stands before a map: one layer. Raises Fault else."""
        if token.kind == "map":
            return depth_map(token.match)
        following = self.tokens[self.at] if self.at < len(self.tokens) else token
        if "function" not in following.match.groupdict() or following.match[0][:1] != "F":
            help = "a convolution names its function and its depth: Ct3,3,16"
            raise Fault(f"{token.match[0]} is no element of VGSL", span=token.span, code="E150", help=help)
        self.at += 1
        kernel = pair(token.match, ("rows", "columns"), "kernel_size")
        same = Argument("padding", Value("same", token.span), token.span)
        units = argument(following.match, "units", "filters")
        return Call("Conv2D", (units, *kernel, same, *activation(following.match)), token.span.to(following.span))

    def written(self, span: Span) -> str:
        """What stands at a place of the spec."""
        return self.text[span.start : span.stop]

    def _remark_even(self, token: Token, element: Element) -> None:
        match = token.match
        if element.layer is not convolution or all(int(match[group]) % 2 for group in ("rows", "columns")):
            return
        given = "×".join(match[group] for group in ("rows", "columns"))
        built = "×".join(str(int(match[group]) // 2 * 2 + 1) for group in ("rows", "columns"))
        message, help = f"Tesseract builds the even window {given} as {built}", f"write {built.replace('×', ',')}"
        if self.program == "kraken":
            message, help = f"kraken's even window {given} makes the picture smaller by one", "take an odd window"
        label = Label(Span(match.start("rows"), match.end("columns")))
        self.graph.notes.append(Diagnostic("W150", "warning", message, (label,), help, source=self.graph.source))

    def add(self, call: Call, name: str, given: Operand) -> Operand:
        """A layer behind what is given, under a name that no other layer has."""
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise Fault(f"has more than {MOST_ELEMENTS:,} elements", span=call.span, code="E122")
        number = self.names.get(name, 0)
        self.names[name] = number + 1
        call.named = f"{name}_{number}" if number else name
        node = Node(call, (given,), span=call.span)
        self.graph.calls.append(call)
        self.graph.nodes.append(node)
        return Ref(node, 0)


def _turn_round(call: Call) -> None:
    """An LSTM that sees its axis from the other end: forward and reverse change places."""
    other = {"f": "r", "r": "f", "b": "b"}
    call.arguments = tuple(
        one._replace(value=one.value._replace(data=other[str(one.value.data)])) if one.name == "direction" else one
        for one in call.arguments
    )
