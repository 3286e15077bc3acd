"""A walked model as a list of statements, which the textual exporters write down in their own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from seqshape.bind.layer import Bound
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters.literals import unsayable
from seqshape.graph import Call, Node, Operand, Ref, Value
from seqshape.records import NamedTuple
from seqshape.structure import mapped
from seqshape.walk.flow import Done, Flow, flat
from seqshape.walk.model import Model
from seqshape.walk.replay import needed, written_keywords

if TYPE_CHECKING:
    from seqshape.network import Network


UNREADABLE = ("_", "l", "I", "O")  # names that mean nothing, or look like numbers


class Statement(NamedTuple):
    """One node: the variable of each output, the layer, its operands; ``shared`` layers are made once, before."""

    outputs: tuple[str, ...]
    layer: Bound
    node: Node
    shared: str | None


class Plan(NamedTuple):
    """The statements of a Functional model, in order; ``layers`` are the shared ones by variable."""

    inputs: tuple[tuple[str, Bound, Node], ...]
    layers: dict[str, Bound]
    statements: tuple[Statement, ...]
    variables: dict[tuple[Node, int], str]


def require_sound(network: Network) -> None:
    """Raise SeqshapeError, with what is wrong, for a faulty network."""
    wrong = tuple(found for found in network.diagnostics if found.severity == "error")
    if wrong:
        raise SeqshapeError(wrong)


def require_writable(model: Model) -> None:
    """Raise SeqshapeError if Keras has cut the graph behind a layer that gives its input itself (no file says so), an
    operation holds a tensor among its arguments (no file either), or a model was built for a single number.
    """
    if any(not tensor.shape for tensor in model.inputs.values()):
        raise unsayable(f"{model.name} takes a single number, without a batch")
    for done in model.done.values():
        if done.effect is not None and done.effect.circular:
            raise unsayable(f"{done.layer.name} gives its input tensor itself, and Keras has cut the graph there")
        require_wired(done)


def require_wired(done: Done) -> None:
    """Raise SeqshapeError for an operation that holds a tensor among its arguments."""
    if done.node.held:
        raise unsayable(f"{done.layer.name} gets a tensor as {', '.join(done.node.held)}, which Keras cannot save")


def plan(model: Model, taken: set[str], *, indexed: bool = False) -> Plan:
    """Variables for the tensors and shared layers of a model, in the order in which they can be written.

    ``taken`` are names that mean something else; those that are given are added. ``indexed``: a tensor in a structure
    in a structure can be written as ``x2[0]``.
    """
    walked = [done for done in needed(model) if done.node not in model.graph.inputs]
    layer_of = model.session.binder.get
    ports = [(node, layer_of(node.call)) for node in model.graph.inputs]
    inputs = tuple((fresh(layer.name, taken), layer, node) for node, layer in ports)
    variables: dict[tuple[Node, int], str] = {(node, 0): name for name, _, node in inputs}
    repeated = _repeated(done.node.call for done in walked)
    shared = {call: fresh(f"{layer_of(call).name}_layer", taken) for call in repeated}
    statements = []
    for done in walked:
        names = _names(done.outputs, taken)
        texts = names if model.graph.masked or len(names) == 1 else _of_each(done.outputs, names, indexed)
        variables |= {(done.node, index): text for index, text in enumerate(texts) if text}
        statements.append(Statement(names, done.layer, done.node, shared.get(done.node.call)))
    made = {name: layer_of(call) for call, name in shared.items()}
    return Plan(inputs, made, tuple(statements), variables)


def _names(outputs: object, taken: set[str]) -> tuple[str, ...]:
    """A variable for each output of a node."""
    count = max(len(outputs), 1) if isinstance(outputs, list) else 1
    return tuple(fresh("x" if count == 1 else f"x{index}", taken, always=True) for index in range(count))


def _of_each(outputs: list[object], names: tuple[str, ...], indexed: bool) -> list[str]:
    """How each tensor of a structure can be written, in Keras's flat order; an empty text where it cannot."""
    texts: list[str] = []
    for item, name in zip(outputs, names, strict=True):
        if isinstance(item, Flow):
            texts.append(name)
        else:
            plain = indexed and isinstance(item, list) and all(isinstance(each, Flow) for each in item)
            texts += [f"{name}[{index}]" if plain else "" for index in range(len(flat(item)))]
    return texts


def _repeated(calls: Iterable[Call]) -> Iterator[Call]:
    seen: set[Call] = set()
    told: set[Call] = set()
    for call in calls:
        if call in seen and call not in told:
            told.add(call)
            yield call
        seen.add(call)


def fresh(stem: str, taken: set[str], *, always: bool = False) -> str:
    """A variable name that is not taken yet; ``always`` numbers the first one too."""
    import keyword

    stem = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in stem)
    is_plain = stem and not stem[0].isdigit() and not keyword.iskeyword(stem) and stem not in UNREADABLE
    stem = stem if is_plain else f"v_{stem}"
    name, number = (f"{stem}1", 2) if always else (stem, 2)
    while name in taken:
        name, number = f"{stem}{number}" if always else f"{stem}_{number}", number + 1
    taken.add(name)
    return name


def input_flags(layer: Bound) -> list[str]:
    """What an input says of itself beside its shape and dtype: ``sparse``, ``optional``."""
    return [name for name in ("sparse", "ragged", "optional") if layer.arguments.get(name)]


def called(model: Model, node: Node) -> tuple[list[Operand], dict[str, Operand]]:
    """The operands of a call, positional ones and keywords, as Keras's ``call`` takes them.

    A chain may hand on a list of tensors that are arguments one by one: ``(x, x) > MHA(2, 3)``.
    """
    done = model.done[node]
    if done.effect is None or done.effect.out is None:
        args, named = model.operands(node)
        return list(args), dict(named)
    return [_operand(item, node) for item in done.args], written_keywords(model, node)


def _operand(item: object, node: Node) -> Operand:
    found: Operand = mapped(lambda leaf: leaf.ref if type(leaf) is Flow else Value(leaf, node.span), item)
    return found


def operand_text(
    operand: Operand, variables: dict[tuple[Node, int], str], literal: Callable[[object], object], brackets: str = "[]"
) -> str:
    """A structure of tensors and literals as text, tensors by their variables, lists in these brackets."""

    def leaf(operand: Ref | Value) -> str:
        if isinstance(operand, Value):
            return str(literal(operand.plain()))
        if operand.output is None and (operand.node, 1) in variables:
            return "[" + ", ".join(outputs_of(operand.node, variables)) + "]"
        if (operand.node, operand.output or 0) not in variables:
            raise unsayable("one tensor out of a structure in a structure (the states of stacked cells)")
        return variables[operand.node, operand.output or 0]

    def whole(nest: object, parts: list[str]) -> str:
        if not isinstance(nest, dict):
            return f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
        pairs = (f"{literal(key)}: {part}" for key, part in zip(nest, parts, strict=True))
        return f"{{{', '.join(pairs)}}}"

    return str(mapped(leaf, operand, whole))


def outputs_of(node: Node, variables: dict[tuple[Node, int], str]) -> list[str]:
    """The variables of all outputs of a node."""
    return [name for (made, _), name in variables.items() if made is node]


def keywords(model: Model, node: Node) -> dict[str, Operand]:
    """The call's keywords that say something: not ``mask=None``, no mask that comes by itself."""
    return {
        name: operand
        for name, operand in written_keywords(model, node).items()
        if not (isinstance(operand, Value) and operand.data is None)
    }
