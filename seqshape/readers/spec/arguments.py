"""Argument lists: from the syntax tree to the values of a call."""

from __future__ import annotations

from collections.abc import Callable

from seqshape.diagnostics import Fault, Span
from seqshape.dims import Poly, symbol
from seqshape.graph import CALL_KEYWORDS, Argument, Call, Unsaid, Value, Word
from seqshape.readers.spec.arithmetic import Numeric, combine, negative
from seqshape.readers.spec.scope import NamedLayer, NamedTensor, NamedValue, Scope
from seqshape.readers.spec.syntax import (
    DEEPEST,
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
    Syntax,
    Text,
    Unary,
    Unknown,
    layer_name,
    too_deep,
    value_name,
)

# Arguments in which an unassigned word is a named size.
_SHAPES_OF_INPUT = frozenset({"shape", "batch_shape", "batch_size"})
_SHAPES = frozenset({"input_shape", "input_dim", "batch_input_shape"})


_LITERALS = frozenset({Number, Text, Constant})  # a value and its place, as a Value is
_made = tuple.__new__  # what a named tuple is made by


class Values:
    """Makes the values of arguments. ``submodel`` makes the layer that a chain in an argument is."""

    def __init__(self, scope: Scope, submodel: Callable[[Syntax], Call]) -> None:
        self.scope = scope
        self.submodel = submodel
        self.depth = 0  # values in values

    def argument(self, written: Keyword) -> Argument:
        """A constructor's argument."""
        named, node, span = written
        if named is None:
            return _made(Argument, (None, self.value(node, keyword=False), span))
        name = named.text
        value = self.shape(node) if name in _SHAPES else self.value(node, keyword=True)
        return _made(Argument, (name, value, span))

    def input_argument(self, written: Keyword) -> Argument:
        """An argument of ``Input``: unassigned words in its shape are named sizes."""
        name = written.name.text if written.name else None
        if name is None or name in _SHAPES_OF_INPUT:
            return Argument(name, self.shape(written.value), written.span)
        return self.argument(written)

    def is_call_argument(self, written: Keyword, callee: str) -> bool:
        """Whether an argument of a layer goes to the call: the layer's call has that name, or a tensor stands in it."""
        name = written.name
        return name is not None and (_is_of_call(name.text, callee) or self.scope.reads_tensor(written.value))

    def value(self, node: Syntax, *, keyword: bool) -> Value:
        """The value of an argument; ``keyword``: it stands after ``=``, where a bare word is no flag."""
        self.scope.spend(1, node.span)
        kind = type(node)
        if kind in _LITERALS:
            return _made(Value, node)
        if kind is Name:
            return self.word(node, keyword)  # type: ignore[arg-type]
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise too_deep(node.span, DEEPEST)
            return self.composed(node, keyword)
        finally:
            self.depth -= 1

    def composed(self, node: Syntax, keyword: bool) -> Value:
        """The value of an argument that is made of others."""
        if isinstance(node, Invocation):
            return Value(self.nested(node), node.span)
        if isinstance(node, Listing) and node.separator != "|":
            return _collected(node, [self.value(item, keyword=keyword) for item in node.items])
        if isinstance(node, Mapping):
            return Value({_key(key): self.value(item, keyword=True) for key, item in node.items}, node.span)
        if isinstance(node, Unknown):
            return Value(Unsaid(), node.span)
        if isinstance(node, (Chain, Listing)) or self.is_layer(node):
            return Value(self.submodel(node), node.span)
        return Value(self.number(node), node.span)

    # --- words and layers ---------------------------------------------------------------------------------------------

    def word(self, name: Name, keyword: bool) -> Value:
        """A bare word: after ``=`` an assigned name or a string, else left to the layer, whose flags come first."""
        text, span = name
        assigned = self.assigned(name)
        if assigned is None and text in self.scope.declared:
            return Value(Call(text, (), span, bare=True), span)
        if not keyword:
            return _made(Value, (_made(Word, (value_name(text), assigned)), span))
        if assigned is None:
            return Value(value_name(name.text), name.span)
        if isinstance(self.scope.names.get(name.text), NamedTensor):
            raise _tensor_argument(name)
        return Value(assigned.data, name.span)

    def assigned(self, name: Name) -> Value | None:
        """What a word stands for, if it is an assigned name or a named size."""
        binding = self.scope.find(name)
        if isinstance(binding, NamedValue):
            return binding.value
        if isinstance(binding, NamedTensor):
            return Value(binding.operand, binding.span)
        if isinstance(binding, NamedLayer):
            if binding.keywords:
                raise _call_argument(f"{name.text} has call arguments", name.span)
            return Value(binding.call, binding.span)
        if name.text in self.scope.sizes:
            return Value(symbol(name.text), self.scope.sizes[name.text])
        return None

    def nested(self, node: Invocation) -> Call:
        """A layer call in an argument list: a wrapped layer, a cell, an initializer."""
        callee = layer_callee(node)
        if self.scope.is_input(node):
            raise _tensor_argument(callee)
        if callee.text in self.scope.names:
            help = f"write {callee.text} alone; call arguments stand where the layer is fed by >"
            raise Fault(f"{callee.text} has its arguments already", span=node.span, code="E128", help=help)
        if self.scope.is_residual(node) or self.scope.is_sequential(node):
            return self.submodel(node)
        for written in node.arguments:
            if self.is_call_argument(written, callee.text) and written.name:
                raise _call_argument(f"{written.name.text} is a call argument", written.span)
        arguments = tuple(map(self.argument, node.arguments))
        return Call(layer_name(callee.text), arguments, node.span, name_span=callee.span)

    def is_layer(self, node: Syntax) -> bool:
        """Whether a product in an argument list repeats a layer, and is no arithmetic."""
        while isinstance(node, Listing) and not node.separator:
            node = node.items[0]
        if isinstance(node, Arithmetic):
            return node.operators[0] == "*" and any(map(self.is_layer, node.operands))
        if isinstance(node, Name):
            known = self.scope.names.get(node.text)
            return isinstance(known, NamedLayer) or (known is None and self._looks_like_layer(node))
        if isinstance(node, Listing):
            return node.separator == "|"
        return isinstance(node, (Invocation, Chain))

    def _looks_like_layer(self, name: Name) -> bool:
        return name.text[0].isupper() and name.text not in self.scope.sizes

    # --- shapes and numbers -------------------------------------------------------------------------------------------

    def shape(self, node: Syntax) -> Value:
        """A shape, or one dim of it, in which an unassigned word is a named size."""
        self.scope.spend(1, node.span)
        if isinstance(node, Unknown):
            help = "write None for a dim that is unknown until run time, or a name (Input(T,F)) for one that is fixed"
            raise Fault("`?` cannot be a dim", span=node.span, code="E124", help=help)
        if isinstance(node, Listing) and node.separator != "|":
            return _collected(node, [self.shape(item) for item in node.items])
        if isinstance(node, Name):
            return self.dim(node)
        if isinstance(node, (Arithmetic, Unary)):
            return Value(self.number(node, dims=True), node.span)
        if isinstance(node, (Range, Choice)):
            raise several(node.span)
        if isinstance(node, (Number, Text, Constant)):
            return Value(node.value, node.span)
        raise Fault("this is no size", span=node.span, code="E128", help="a dim is a number, a name or None")

    def dim(self, name: Name) -> Value:
        """A word in a shape: an assigned number or tuple, else a named size."""
        binding = self.scope.find(name)
        if binding is None:
            return Value(self.scope.size(name), name.span)
        if not isinstance(binding, NamedValue):
            raise _no_number(name, "a layer" if isinstance(binding, NamedLayer) else "a tensor")
        return Value(binding.value.data, name.span)

    def number(self, node: Syntax, *, dims: bool = False) -> Numeric:
        """The number that arithmetic comes to; ``dims``: an unassigned word is a named size."""
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Name):
            return self._named_number(node, dims)
        if isinstance(node, Unary):
            value = self.number(node.operand, dims=dims)
            return negative(value) if node.operator == "-" else value
        if isinstance(node, Arithmetic):
            return self._folded(node, dims)
        if isinstance(node, (Range, Choice)):
            raise several(node.span)
        if isinstance(node, Unknown):
            help = "name it first: d = ?; then write d here"
            raise Fault("`?` has no name to reckon with", span=node.span, code="E123", help=help)
        raise Fault("this is no number", span=node.span, code="E123", help=_no_number_help(node))

    def _folded(self, node: Arithmetic, dims: bool) -> Numeric:
        result = self.number(node.operands[0], dims=dims)
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            result = combine(operator, result, self.number(operand, dims=dims), node.span)
        return result

    def _named_number(self, name: Name, dims: bool) -> Numeric:
        binding = self.scope.find(name)
        if binding is None:
            if dims or name.text in self.scope.sizes:
                return self.scope.size(name)
            raise self.scope.unknown(name, NamedValue, "a number")
        data = binding.value.data if isinstance(binding, NamedValue) else None
        if isinstance(data, (int, float, Poly)) and not isinstance(data, bool):
            return data
        raise _no_number(name, _described(binding))


def several(span: Span) -> Fault:
    """The complaint that one network is wanted, but a choice or a range stands for several."""
    help = "seqshape sweep takes all of them; for one network, write one value here"
    return Fault("this stands for several networks, and one is wanted", span=span, code="E125", help=help)


def layer_callee(node: Invocation) -> Name:
    """The name that is called. Raises Fault if it is a choice of names."""
    if isinstance(node.callee, Choice):
        raise several(node.callee.span)
    return node.callee


def _collected(node: Listing, items: list[Value]) -> Value:
    return Value(items if node.bracket == "[" else tuple(items), node.span)


def _key(node: Syntax) -> str | int | float:
    assert isinstance(node, (Text, Number)), "the parser takes no other key"
    return node.value


def _is_of_call(name: str, callee: str) -> bool:
    """Whether a keyword is an argument of the call of a layer, and none of its constructor."""
    if name in CALL_KEYWORDS:  # also where the value is a literal
        return True
    from seqshape.registry import find_layer

    kind = find_layer(layer_name(callee))
    if kind is None or kind.operation:
        return False
    return name in kind.call_arguments[1:] and kind.parameter(name) is None


def is_constructed(name: str, class_name: str) -> bool:
    """Whether a keyword is an argument of the constructor of an operation, and none of its operands."""
    if not class_name.startswith("ops."):
        return False
    from seqshape.registry import find_layer

    kind = find_layer(class_name)
    return kind is not None and kind.parameter(name) is not None


def _tensor_argument(name: Name) -> Fault:
    help = f"feed it with >: {name.text} > …; a call argument is named: initial_state={name.text}"
    return Fault(f"{name.text} is a tensor, which a constructor cannot take", span=name.span, code="E128", help=help)


def _call_argument(message: str, span: Span) -> Fault:
    help = "call arguments belong to the outermost layer, the one that is fed by >"
    return Fault(f"{message}, but this layer is not fed here", span=span, code="E128", help=help)


def _no_number(name: Name, what: str) -> Fault:
    help = "write a number, or name one"
    return Fault(f"{name.text} is {what}, not a number", span=name.span, code="E123", help=help)


def _no_number_help(node: Syntax) -> str:
    if isinstance(node, (Invocation, Chain)):
        return "layers are joined by >, and their outputs added by [A | B] > Add"
    return "arithmetic is for numbers and names of numbers"


def _described(binding: object) -> str:
    if isinstance(binding, NamedLayer):
        return "a layer"
    return "a tensor" if isinstance(binding, NamedTensor) else "another kind of value"
