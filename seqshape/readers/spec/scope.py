"""What the names of a spec stand for while it is read, and what kind of thing an expression is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from keyword import iskeyword
from typing import Literal, TypeAlias

from seqshape.diagnostics import Fault, Label, Span, suggest
from seqshape.dims import Poly, symbol
from seqshape.graph import DECLARED, Call, Operand, Ref, Value
from seqshape.readers.spec.syntax import (
    Arithmetic,
    Chain,
    Invocation,
    Listing,
    Name,
    Syntax,
    own_word,
)
from seqshape.readers.spec.syntax import Mapping as Braces

Kind: TypeAlias = Literal["value", "layer", "tensor", "mixed"]

NODE = 10  # parts that one application of a layer counts for; every value in an argument list counts for one
MOST_PARTS = 4_000_000  # as many as MOST_NODES layers with a few arguments have, and the groups that they stand in
MOST_NODES = 250_000


class Skipped(Exception):
    """A name stands for something that has been complained about already."""


class Binding:
    """What a name stands for: of this very class, something faulty that has been complained about already.

    ``span`` is where it was named, ``parts`` its size with all that it holds.
    """

    __slots__ = ("parts", "span", "used")

    def __init__(self, span: Span, parts: int = 1) -> None:
        self.span = span
        self.parts = parts
        self.used = False


class NamedValue(Binding):
    """A number, a string, a tuple."""

    __slots__ = ("value",)

    def __init__(self, span: Span, value: Value, parts: int = 1) -> None:
        super().__init__(span, parts)
        self.value = value


class NamedLayer(Binding):
    """A layer or a submodel, with the call arguments that stood in its parentheses."""

    __slots__ = ("call", "keywords")

    def __init__(self, span: Span, call: Call, keywords: Mapping[str, Operand], parts: int = 1) -> None:
        super().__init__(span, parts)
        self.call = call
        self.keywords = keywords


class NamedTensor(Binding):
    """A tensor, or a list of them."""

    __slots__ = ("operand",)

    def __init__(self, span: Span, operand: Operand, parts: int = 1) -> None:
        super().__init__(span, parts)
        self.operand = operand


class Scope:
    """The names of one spec. ``free`` are the names of inputs that the command line gives and the spec need not."""

    def __init__(self, free: Iterable[str] = ()) -> None:
        self.names: dict[str, Binding] = {}
        self.free = frozenset(free)
        self.sizes: dict[str, Span] = {}
        self.kinds: dict[int, tuple[Syntax, Kind]] = {}  # of the expressions of one statement that have parts
        self.words: dict[str, str] = {}  # the words of the language that names are
        self.parts = 0
        self.declared: frozenset[str] = frozenset(DECLARED.get())  # the layers that the user declares

    def find(self, name: Name) -> Binding | None:
        """What a name stands for, ``None`` if it was not assigned.

        Raises Fault for ``_`` and where names hold names so often that the network would be too large.
        """
        if name.text == "_":
            raise Fault("`_` is no name", span=name.span, code="E119", help="it throws an output away; give it a name")
        binding = self.names.get(name.text)
        if binding is not None:
            if type(binding) is Binding:
                raise Skipped
            binding.used = True
            self.spend(binding.parts, name.span)
        return binding

    def spend(self, parts: int, span: Span) -> None:
        """Count parts of the network. Raises Fault when there are too many."""
        self.parts += parts
        if self.parts > MOST_PARTS:
            self.require_room(0, span)

    def require_room(self, parts: int, span: Span) -> None:
        """Raises Fault, before they are made, where so many more parts would be too many."""
        if self.parts + parts > MOST_PARTS:
            message = f"this comes to more than {MOST_NODES:,} layers"
            raise Fault(message, span=span, code="E122", help="repeat less, and let names hold names less often")

    def size(self, name: Name) -> Poly:
        """The named size of that name, which from now on is known as one."""
        if "." in name.text or iskeyword(name.text):
            help = "counts are printed as Python expressions: pick a word that can stand in one"
            raise Fault(f"{name.text} cannot name a size", span=name.span, code="E119", help=help)
        self.sizes.setdefault(name.text, name.span)
        return symbol(name.text)

    def unsaid(self, name: Name) -> Poly:
        """The new unknown size that ``name = ?`` makes; it must not be mistaken for an earlier one."""
        if name.text in self.sizes:
            fault = Fault(f"{name.text} is a size already", span=name.span, code="E119", help="pick another name")
            fault.labels = (Label(self.sizes[name.text], "here first"),)
            raise fault
        return self.size(name)

    def is_free(self, name: Name) -> bool:
        """Whether a name is an input that only the command line tells of."""
        return name.text in self.free and name.text not in self.names

    def unknown(self, name: Name, wanted: type[Binding], noun: str) -> Fault:
        """The complaint that a name stands for nothing."""
        known = [text for text, binding in self.names.items() if isinstance(binding, wanted)]
        message = f"nothing is named {name.text}, and {noun} is needed here"
        help = suggest(name.text, known) or f"name it first: {name.text} = …"
        return Fault(message, span=name.span, code="E119", help=help)

    # --- kinds --------------------------------------------------------------------------------------------------------

    def kind(self, node: Syntax) -> Kind:
        """What an expression is in a chain: a value, a layer that needs an input, or a tensor that takes none.

        ``mixed``: branches of which some are layers and some are tensors. Raises Skipped for a name that is faulty.
        """
        if isinstance(node, Invocation):
            return "tensor" if self.own_word(node.callee) == "input" else "layer"
        if isinstance(node, Name):
            return self._kind_of_name(node)
        if isinstance(node, Chain) and isinstance(node.steps[0], (Invocation, Name)):
            first = self.kind(node.steps[0])
            return "layer" if first == "value" else first
        waiting = [node]
        while waiting:
            parts = _telling(waiting[-1])
            open_parts = [part for part in parts if isinstance(part, _WITH_PARTS) and id(part) not in self.kinds]
            if open_parts:
                waiting += open_parts
            else:
                whole = waiting.pop()
                self.kinds[id(whole)] = whole, self._kind_of_parts(whole, parts)
        return self.kinds[id(node)][1]

    def _kind_of_parts(self, node: Syntax, parts: Sequence[Syntax]) -> Kind:
        """The kind of an expression, those of its parts being known or known at once."""
        kinds = [found[1] if (found := self.kinds.get(id(part))) else self.kind(part) for part in parts]
        if isinstance(node, Chain):
            return "layer" if kinds[0] == "value" else kinds[0]
        if isinstance(node, Listing):
            return _kind_of_items(set(kinds), node.separator)
        return next((kind for kind in kinds if kind != "value"), "value")

    def _kind_of_name(self, name: Name) -> Kind:
        binding = self.names.get(name.text)
        if isinstance(binding, NamedValue):
            return "value"
        if type(binding) is Binding:
            raise Skipped
        if isinstance(binding, NamedTensor) or self.own_word(name) == "input" or self.is_free(name):
            return "tensor"
        return "layer"

    def own_word(self, name: Syntax) -> str:
        """``input``, ``residual`` or ``sequential`` if a name is that word, unless something else is named so; else ``""``."""
        if not isinstance(name, Name):
            return ""
        word = self.words.get(name.text)
        if word is None:
            word = self.words[name.text] = own_word(name.text)
        return "" if word and name.text in self.names else word

    def is_input(self, node: Syntax) -> bool:
        """Whether this is the word ``Input``, with or without arguments, and nobody has named something else so."""
        return self.own_word(node.callee if isinstance(node, Invocation) else node) == "input"

    def is_residual(self, node: Syntax) -> bool:
        """Whether this is the word ``Residual``, and nobody has named something else so."""
        return self.own_word(node.callee if isinstance(node, Invocation) else node) == "residual"

    def is_sequential(self, node: Syntax) -> bool:
        """Whether this is Keras's ``Sequential([…])``, and nobody has named something else so."""
        return isinstance(node, Invocation) and self.own_word(node.callee) == "sequential"

    def reads_tensor(self, node: Syntax) -> bool:
        """Whether a tensor of this spec stands in an expression, so that it is a call argument.

        A chain that starts from an ``Input`` of its own is a model, hence a layer's argument.
        """
        if isinstance(node, Chain):
            first = node.steps[0]
            return not self.is_input(first) and self.reads_tensor(first)
        if isinstance(node, Listing):
            return any(map(self.reads_tensor, node.items))
        if isinstance(node, Braces):
            return any(self.reads_tensor(item) for _, item in node.items)
        if isinstance(node, (Name, Invocation)):
            return self.kind(node) == "tensor"
        return False


_WITH_PARTS = (Chain, Listing, Arithmetic)


def _telling(node: Syntax) -> Sequence[Syntax]:
    """The parts of an expression whose kinds tell its own."""
    if isinstance(node, Chain):
        return node.steps[:1]
    if isinstance(node, Listing):
        return node.items
    return node.operands if isinstance(node, Arithmetic) and node.operators[0] in ("*", "/", "//", "%") else ()


def _kind_of_items(kinds: set[Kind], separator: str) -> Kind:
    if "mixed" in kinds or {"tensor", "layer"} <= kinds:
        return "mixed"
    if "tensor" in kinds:
        return "tensor"
    return "layer" if "layer" in kinds or separator == "|" else "value"


def extent(operand: Operand) -> int:
    """How many tensors a structure holds, counted up to a bound."""
    if type(operand) is Ref:
        return 1
    count = 0
    stack: list[Operand] = [operand]
    while stack and count < MOST_PARTS:
        item = stack.pop()
        count += 1
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, (list, tuple)) and not isinstance(item, (Ref, Value)):
            stack.extend(item)
    return count
