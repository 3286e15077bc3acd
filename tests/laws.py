"""The promises as functions: each takes a declaration and gives what is wrong with it, so that wrong ones can be tried."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from seqshape.bind.layer import Layer
from seqshape.declaration import LayerType, is_inert
from seqshape.diagnostics import Fault
from seqshape.dims import Inconclusive, evaluate, recording, sized, symbol
from seqshape.registry import COMMON
from seqshape.tensor import Effect, Tensor, flatten

SIZES = frozenset({"Size", "Count", "Sizes", "Counts"})


# --- a declaration and the signature of the real class ----------------------------------------------------------------


def signature(function: Any) -> list[tuple[str, Any]]:
    """The named parameters of a Keras function with their defaults (``...``: required), without ``self``."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    named = [item for item in parameters if item.kind in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY)]
    return [(item.name, ... if item.default is item.empty else item.default) for item in named]


def undeclared(kind: LayerType, real: type) -> list[str]:
    """How the declared and the inert parameters of a layer differ from the constructor of the real class."""
    wanted = signature(real.__init__)  # type: ignore[misc]
    extra = [parameter.name for parameter in kind.parameters if parameter.name not in dict(wanted)]
    have = [(found.name, found.default) for found in kind.parameters if found.name not in extra]
    faults = [f"{name} is no argument of Keras's {real.__name__}" for name in extra if not _popped(real, name)]
    if [name for name, _ in have] != [name for name, _ in wanted]:
        faults.append(f"the order is {[name for name, _ in have]}, Keras's {[name for name, _ in wanted]}")
    for (name, default), (_, theirs) in zip(have, wanted, strict=False):
        if not _same(default, theirs):
            faults.append(f"the default of {name} is {default!r}, Keras's {theirs!r}")
    loose = [parameter.name for parameter in kind.parameters if parameter.kind is None and not is_inert(parameter.name)]
    return [*faults, *(f"{name} is neither declared nor inert" for name in loose if name not in COMMON)]


def _same(mine: Any, theirs: Any) -> bool:
    return type(mine) is type(theirs) and (mine == theirs or mine != mine)


def _popped(real: type, name: str) -> bool:
    """Whether a class of Keras takes an argument that its signature does not show, out of ``**kwargs``."""
    bases = [base for base in real.__mro__ if base.__module__.startswith("keras")]
    named = any(name in dict(signature(base.__init__)) for base in bases)  # type: ignore[misc]
    return named or any(f'"{name}"' in inspect.getsource(base) for base in bases)


# --- the rule on names and on numbers ---------------------------------------------------------------------------------


class Named:
    """Names for the sizes of a layer and its inputs, each with the value that it stands for."""

    def __init__(self, *, carried: bool) -> None:
        self.values: dict[str, int] = {}
        self.carried = carried

    def size(self, value: Any) -> Any:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            return value
        name = f"n{len(self.values)}"
        self.values[name] = value
        return sized(name, value) if self.carried else symbol(name)

    def tensor(self, tensor: Any) -> Any:
        """A tensor or a list of them with names for dims.

        The batch keeps its number: it is held apart in every rule.
        """
        if isinstance(tensor, list):
            return [self.tensor(item) for item in tensor]
        if not isinstance(tensor, Tensor):  # a literal operand
            return tensor
        return Tensor((*tensor.shape[:1], *map(self.size, tensor.shape[1:])), tensor.dtype)

    def layer(self, layer: Layer) -> Layer:
        copy = Layer(layer.form, layer.call, layer.name)
        copy.spans, copy.dtype, copy.trainable = layer.spans, layer.dtype, layer.trainable
        kinds = {parameter.name: parameter.family for parameter in layer.type.parameters}
        copy.arguments = {name: self.argument(kinds.get(name), value) for name, value in layer.arguments.items()}
        return copy

    def argument(self, kind: str | None, value: Any) -> Any:
        if isinstance(value, Layer):
            return self.layer(value)
        if isinstance(value, (tuple, list)):
            return type(value)(self.argument(kind, item) for item in value)
        return self.size(value) if kind in SIZES else value


def run(layer: Layer, inputs: Mapping[str, Any]) -> Effect:
    """The effect of a layer on its inputs by name; the first is the one that stands by position."""
    first, *others = inputs
    return layer(inputs[first], **{name: inputs[name] for name in others})


def numbers_and_names(layer: Layer, inputs: Mapping[str, Any], *, carried: bool) -> list[str]:
    """How the rule on names, evaluated at the numbers, differs from the rule on the numbers.

    ``carried``: the names carry their values, so that every question has an answer. Without, a rule may say
    Inconclusive, but never something wrong.
    """
    plain = run(layer, inputs)
    named = Named(carried=carried)
    copy = named.layer(layer)
    tensors = {name: named.tensor(tensor) for name, tensor in inputs.items()}
    try:
        with recording() as needs:
            found = run(copy, tensors)
    except Inconclusive as question:
        return [f"cannot answer on names that carry values: {question}"] if carried else []
    except Fault as fault:
        return [f"refuses names whose numbers it takes: {fault.message}"]
    broken = [need.text for need in needs if not need.holds(named.values)]
    faults = [f"says that {text} must hold, and takes numbers for which it does not" for text in broken]
    return [*faults, *_differences(plain, found, named.values)]


def _differences(plain: Effect, named: Effect, values: Mapping[str, int]) -> Iterator[str]:
    shapes = [tensor.shape for tensor in flatten(plain.out)]
    evaluated = [evaluate(tensor.shape, values) for tensor in flatten(named.out)]
    if shapes != evaluated:
        yield f"shapes {evaluated} on names, {shapes} on numbers"
    weights = {path: tuple(weight.shape) for path, weight in plain.weights.items()}
    on_names = {path: evaluate(tuple(weight.shape), values) for path, weight in named.weights.items()}
    if list(weights.items()) != list(on_names.items()):
        yield f"weights {on_names} on names, {weights} on numbers"
    if plain.macs != evaluate(named.macs, values):
        yield f"multiply-adds {evaluate(named.macs, values)} on names, {plain.macs} on numbers"


# --- length and imports -----------------------------------------------------------------------------------------------


def unread_in(rule: Any) -> set[str]:
    """The parameters of a rule, tensors apart, that its body does not name."""
    function = ast.parse(textwrap.dedent(inspect.getsource(rule))).body[0]
    assert isinstance(function, ast.FunctionDef)
    read = {node.id for part in function.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    kinds = rule.__annotations__
    return {name for name, kind in kinds.items() if name != "return" and not kind.startswith("Tensor")} - read


def body_length(rule: Any) -> int:
    """The lines of a rule's body, without signature and docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def imported(source: str) -> Iterator[tuple[str, bool]]:
    """What a module imports of the package, by dotted names, and whether it does so when it is loaded itself."""
    tree = ast.parse(source)
    late = {id(node) for part in ast.walk(tree) if isinstance(part, ast.FunctionDef) for node in ast.walk(part)}
    late |= {id(node) for part in ast.walk(tree) if _for_types(part) for node in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "seqshape":
            yield from ((f"{node.module}.{alias.name}", id(node) not in late) for alias in node.names)
        elif isinstance(node, ast.Import):
            found = [alias.name for alias in node.names if alias.name.split(".")[0] == "seqshape"]
            yield from ((name, id(node) not in late) for name in found)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
CHOICES = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.Assert, ast.match_case)


def complexities(source: str) -> list[tuple[str, int]]:
    """How many ways lead through each function, by its dotted name: 1, and 1 more for every choice (McCabe, 1976)."""
    return [(name, 1 + sum(map(_choices, ast.iter_child_nodes(node)))) for name, node in _functions(ast.parse(source))]


def _functions(tree: ast.AST, above: str = "") -> Iterator[tuple[str, ast.AST]]:
    """The functions of a module, of its classes, and those inside others."""
    for node in ast.iter_child_nodes(tree):
        name = f"{above}{node.name}" if isinstance(node, (*FUNCTIONS, ast.ClassDef)) else ""
        if isinstance(node, FUNCTIONS):
            yield name, node
        yield from _functions(node, f"{name}." if name else above)


def _choices(node: ast.AST) -> int:
    """The choices in a piece of code: branches, loops, handlers, comprehensions and their conditions, and, or."""
    if isinstance(node, FUNCTIONS):
        return 0  # is counted by itself
    found = int(isinstance(node, CHOICES))
    if isinstance(node, ast.BoolOp):
        found += len(node.values) - 1
    elif isinstance(node, ast.comprehension):
        found += 1 + len(node.ifs)
    elif isinstance(node, (ast.For, ast.While, ast.Try)):
        found += bool(node.orelse)
    return found + sum(map(_choices, ast.iter_child_nodes(node)))
