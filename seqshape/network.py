"""A whole network: the graph as read, its inputs settled, the walk, and the Summary that comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seqshape.bind.layer import Bound, Layer
from seqshape.bind.resolve import own_name
from seqshape.collector import SELDOM_COLLECTED
from seqshape.diagnostics import Diagnostic, Fault, Label, SeqshapeError, Span
from seqshape.dims import UNKNOWN, Dim, Poly, are_numbers, evaluate, merge_needs, names, recording, symbol
from seqshape.graph import Call, Graph, Node
from seqshape.inputs import Inputs
from seqshape.keras.revised import count_unwalked, settle
from seqshape.keras.rows import Rows
from seqshape.keras.session import Session
from seqshape.kinds import KINDS
from seqshape.registry import find_layer
from seqshape.remarks import remarks
from seqshape.summary import Port, Row, Summary, Symbol
from seqshape.tensor import Shape, Tensor, Unknowable, show
from seqshape.walk.loose import free
from seqshape.walk.model import Model, new_session

# Named dims that are assumed where no input is given, by the number of axes after the batch.
ASSUMED = {1: ("F",), 2: ("T", "F"), 3: ("H", "W", "C"), 4: ("T", "H", "W", "C"), 5: ("T", "D", "H", "W", "C")}


class Network:
    """A walked network.

    Raises SeqshapeError at once only if the given inputs do not fit the source; faults of the network are in
    ``diagnostics``, and what could be known stands beside them.
    """

    def __init__(
        self,
        graph: Graph,
        inputs: Inputs | None = None,
        *,
        dtype: str = "float32",
        version: str = "3",
        override: Mapping[Node, Tensor] | None = None,
    ) -> None:
        self.version = version
        self.graph = graph
        self.override = dict(override or {})
        self.inputs = inputs or Inputs()
        self.dtype = dtype
        self.assumptions: list[str] = []
        self.origins: dict[str, str] = {}
        self.assumed: tuple[str, ...] = ()  # the names of the dims of an assumed shape
        self._check_names()
        with SELDOM_COLLECTED:
            self.session, self.model = self._walk()
        self._remarked = False  # whether the whole model has been looked at

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Findings of the reader and of the walk, in the order of the source; then numbers for names that do not occur."""
        if not self._remarked:
            self._remarked = True
            for one in remarks(self.model):
                self.session.report(one)
        found = [*self.graph.notes, *self.session.diagnostics]
        if self.inputs.values:
            found += self._unheard()
        source = self.graph.source
        return [one._replace(source=one.source or source) for one in found]

    def _unheard(self) -> Iterator[Diagnostic]:
        """Numbers for sizes that neither the shapes nor the source names."""
        text = self.graph.source.text if self.graph.source is not None else ""
        known = self.inputs.named_sizes() | {*self.assumed}
        for name in sorted(self.inputs.values.keys() - known):
            if name in self.graph.heard or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                continue
            help = f"the names are {', '.join(sorted(known))}" if known else "a size is named in -i or an Input: -i T,3"
            yield Diagnostic("W308", "warning", f"a number is given for {name}, but no size is called so", help=help)

    def _check_names(self) -> None:
        unused = [name for name in self.inputs.named if name not in self._input_names()]
        if unused:
            have = ", ".join(self._input_names()) or "none with a name"
            raise SeqshapeError((_usage(f"there is no input called {unused[0]}; the inputs are: {have}"),))
        if self.inputs.only is not None and len(self.graph.inputs) > 1:
            listed = ", ".join(self._input_names())
            message = f"the network has {len(self.graph.inputs)} inputs ({listed}): give each its shape by name"
            raise SeqshapeError((_usage(message, "write -i NAME=5,1 once for each"),))

    def _input_names(self) -> list[str]:
        """The names that inputs can be called by: assigned, or their ``name=``."""
        return [name for node in self.graph.inputs if (name := self._input_name(node)) is not None]

    def _input_name(self, node: Node) -> str | None:
        for name, named in self.graph.names.items():
            if named is node:
                return name
        return own_name(node.call)

    def _walk(self) -> tuple[Session, Model]:
        tensors = self._given()
        if None not in tensors.values():
            return self._attempt({node: tensor for node, tensor in tensors.items() if tensor is not None})
        return self._assume(tensors)

    def _given(self) -> dict[Node, Tensor | None]:
        """For each input what the source and the command line say together."""
        session: Session | None = None
        found: dict[Node, Tensor | None] = {}
        for node in self.graph.inputs:
            if self._says_nothing(node.call):
                found[node] = self.override.get(node) or self._settle(node, self._from_first_layer(node), None)
                continue
            session = session or new_session(declared=self.graph.declared)
            layer = session.bind(node.call)
            if layer is None:
                raise SeqshapeError(tuple(one._replace(source=self.graph.source) for one in session.diagnostics))
            own = self._stated(node, layer)
            settled = self.override.get(node) or self._settle(node, own or self._from_first_layer(node), layer)
            found[node] = settled
        return found

    def _says_nothing(self, call: Call) -> bool:
        """Whether the call of an input has no arguments: then it need not be bound to know what it says."""
        kind = None if call.arguments or call.class_name in self.graph.declared else find_layer(call.class_name)
        return kind is not None and "input" in kind.traits

    def _stated(self, node: Node, layer: Layer) -> Tensor | None:
        """What an Input says itself. Raises SeqshapeError if that is wrong."""
        try:
            with recording():  # what its sizes need is noted when it is walked
                out = layer().out
                tensor = out if isinstance(out, Tensor) else None
            if tensor is None and _is_shapeless(node.call, layer):
                raise Fault(
                    f"{layer.class_name} needs a shape", span=layer.place("shape"), code="E105", help="write Input(5,1)"
                )
            return tensor
        except Unknowable:  # a class that only a file knows
            return None
        except Fault as fault:
            found = fault.diagnostic(node.span, layer=layer.name)
            raise SeqshapeError((found._replace(source=self.graph.source),)) from None

    def _from_first_layer(self, node: Node) -> Tensor | None:
        """Keras 2's way to give the input: ``input_shape=`` of the first layer."""
        first = self._reader(node)
        if first is None or not first.call.arguments:
            return None
        arguments = {a.name: a.value for a in first.call.arguments if a.name}
        kind = find_layer(first.call.class_name)
        for name in ("input_shape", "batch_input_shape", "input_dim"):
            if name in arguments and not (kind is not None and kind.parameter(name)):
                try:
                    return _legacy_shape(name, arguments[name].plain(), arguments)
                except Fault as fault:
                    fault.message, fault.code = f"{name} {fault.message}", "E104"
                    found = fault.diagnostic(arguments[name].span)._replace(source=self.graph.source)
                    raise SeqshapeError((found,)) from None
        return None

    def _reader(self, node: Node) -> Node | None:
        """The first node that reads another one."""
        for other in self.graph.nodes:
            for ref in other.references():
                if ref.node is node:
                    return other
        return None

    def _settle(self, node: Node, own: Tensor | None, layer: Bound | None) -> Tensor | None:
        given = (
            self.inputs.only if self.inputs.only is not None else self.inputs.named.get(self._input_name(node) or "")
        )
        if given is not None and not are_numbers(given):
            for name in sorted(frozenset().union(*map(names, given))):
                self.origins[name] = self.inputs.origin
        if own is None:
            tensor = None if given is None else Tensor((self._batch(layer), *given), self._dtype(layer))
        else:
            tensor = own if given is None else own._replace(shape=self._agree(own.shape, given, node.span))
        if tensor is None or not self.inputs.values:
            return tensor
        return tensor._replace(shape=evaluate(tensor.shape, self.inputs.values))

    def _dtype(self, layer: Bound | None) -> str:
        return (layer.arguments.get("dtype") if layer is not None else None) or "float32"

    def _batch(self, layer: Bound | None) -> Dim:
        size = layer.arguments.get("batch_size") if layer is not None else None
        return UNKNOWN if size is None else size

    def _agree(self, own: Shape, given: tuple[Dim, ...], span: Span) -> Shape:
        """The source's shape with its names and Nones filled in from the command line."""
        if len(own) != len(given) + 1:
            raise SeqshapeError((self._contradiction(own, given, span),))
        merged: list[Dim] = [own[0]]
        for mine, theirs in zip(own[1:], given, strict=True):
            if (
                mine is not UNKNOWN
                and not names(mine)
                and theirs is not UNKNOWN
                and not names(theirs)
                and mine != theirs
            ):
                raise SeqshapeError((self._contradiction(own, given, span),))
            if names(mine) and isinstance(theirs, int):
                self.inputs.values.update(dict.fromkeys(names(mine), theirs) if str(mine) in names(mine) else {})
            merged.append(theirs if mine is UNKNOWN or names(mine) else mine)
        return tuple(merged)

    def _contradiction(self, own: Shape, given: tuple[Dim, ...], span: Span) -> Diagnostic:
        message = f"the shape given is {show(given)}, but the source says {show(own[1:])}"
        return _usage(message)._replace(labels=(Label(span),), source=self.graph.source)

    def _attempt(self, tensors: dict[Node, Tensor]) -> tuple[Session, Model]:
        taken = frozenset(_names_in_file(self.graph))
        settings = {"dtype": self.dtype, "version": self.version, "declared": self.graph.declared}
        session = new_session(sizes=self.inputs.sizes(), taken=taken, **settings)
        model = Model(self.graph, session)
        model.build_from(tensors)
        settle(model)
        if any(found.severity == "error" for found in session.diagnostics):
            count_unwalked(model)
        return session, model

    def _assume(self, tensors: dict[Node, Tensor | None]) -> tuple[Session, Model]:
        """No shape is given: named dims of the rank that the first layers need."""
        best: tuple[int, tuple[Session, Model], dict[Node, Tensor]] | None = None
        for rank, dims in ASSUMED.items():
            trial = {node: tensor or self._assumed(rank) for node, tensor in tensors.items()}
            session, model = self._attempt(trial)
            wrong = sum(found.severity == "error" for found in session.diagnostics)
            reached = sum(done.outputs is not None for done in model.done.values())
            score = reached if wrong else 10**9
            if best is None or score > best[0]:
                best = (score, (session, model), trial)
                self.assumed = dims
            if not wrong:
                break
        assert best is not None
        for node, tensor in tensors.items():
            if tensor is None:
                shape = best[2][node].shape
                self.assumptions.append(f"no input shape was given; {show(shape[1:])} is assumed, any sizes")
                self.origins.update({str(dim): "assumed" for dim in shape if names(dim)})
        return best[1]

    def _assumed(self, rank: int) -> Tensor:
        dims = tuple(symbol(name) for name in ASSUMED[rank])
        return Tensor((UNKNOWN, *evaluate(dims, self.inputs.values)), "float32")

    def small_sizes(self) -> dict[str, int]:
        """Small numbers for the named sizes of the inputs, large enough for all that must hold."""
        dims = [dim for tensor in self.model.inputs.values() for dim in tensor.shape]
        wanted = sorted(set().union(*map(names, dims))) if dims else []
        for scale in (1, 2, 4, 8, 16, 32, 64):
            chosen = {name: (8 if name == "T" else 4) * scale for name in wanted}
            if all(need.holds(chosen) for need in self.session.needs if need.names <= set(chosen)):
                return chosen
        return {}

    def summary(self, *, last: bool = False) -> Summary:
        """The Summary as far as it goes. ``last``: nothing else is asked of the network, which lets its walk go meanwhile."""
        diagnostics = tuple(self.diagnostics)
        inputs, outputs = self._input_ports(), self._output_ports()
        listed = Rows(self.model, last=last)
        rows = tuple(listed.rows())
        used = sorted(_names_of(inputs, rows))
        needs = merge_needs(self.session.needs) if used else ()
        symbols = {
            name: Symbol(self.origins.get(name, "spec"), tuple(need.text for need in needs if name in need.names))
            for name in used
        }
        return Summary(
            self.model.name,
            self.model.class_name,
            inputs,
            outputs,
            rows,
            listed.totals(rows),
            symbols,
            (*self.assumptions, *self._declared(rows)) if self.graph.declared else tuple(self.assumptions),
            diagnostics,
            source=self.graph.place,
        )

    def _declared(self, rows: Sequence[Row]) -> Iterator[str]:
        """What is said of rows that are as the user declares them."""
        used = {row.class_name for row in rows}
        for name, layer in self.graph.declared.items():
            if name in used:
                yield f"declared: {layer.declaration.text}"

    def _input_ports(self) -> tuple[Port, ...]:
        found: list[Port] = []
        for node in self.graph.inputs:
            layer = self.session.binder.bound.get(node.call)
            tensor = self.model.inputs.get(node)
            shape, dtype = (self._free(tensor), tensor.dtype) if tensor else (None, None)
            found.append(Port(shape, dtype or "float32", layer.name if layer is not None else None))
        return tuple(found)

    def _output_ports(self) -> tuple[Port, ...]:
        """The outputs, each; one alone if nothing is known of any."""
        flows = self.model.results()
        return tuple(
            [
                Port(None) if flow is None else Port(self._free(flow.tensor), flow.tensor.dtype or "float32")
                for flow in (flows if any(flows) else (None,))
            ]
        )

    def _free(self, tensor: Tensor) -> Shape:
        """The shape, with what the backend calls an unknown size unknown again."""
        loose = self.graph.loose
        return tensor.shape if loose is None else tuple([free(dim, loose) for dim in tensor.shape])


def again(network: Network, inputs: dict[Node, Tensor]) -> Network:
    """The same network walked from other inputs."""
    settings = {"dtype": network.dtype, "version": network.version}
    return Network(network.graph, network.inputs.copy(), override=inputs, **settings)


def _usage(message: str, help: str | None = None) -> Diagnostic:
    return Diagnostic("E301", "error", message, (), help)


def _is_shapeless(call: Call, layer: Layer) -> bool:
    """Whether an Input says that it has no shape, or stands in a file without one: nothing is left open there."""
    written = bool({"shape", "batch_shape"} & layer.given.keys())
    return written or (call.module is not None and bool(call.arguments))


def _legacy_shape(name: str, data: object, arguments: Mapping[str, Any]) -> Tensor | None:
    """The input that the first layer tells of; ``None`` where its argument is None. Raises Fault if it is no shape."""
    if data is None:
        return None
    if name == "input_dim":
        length = [arguments["input_length"].data] if "input_length" in arguments else []
        return Tensor((UNKNOWN, *_checked_dims((*length, data))), "float32")
    dims = _checked_dims(tuple(data) if isinstance(data, (tuple, list)) else (data,))
    return Tensor(dims if name == "batch_input_shape" else (UNKNOWN, *dims), "float32")


def _checked_dims(items: tuple[object, ...]) -> tuple[Dim, ...]:
    named = (symbol(item) if isinstance(item, str) and item.isidentifier() else item for item in items)
    dims: tuple[Dim, ...] = KINDS["Dims"].check(tuple(named))
    return dims


def _names_in_file(graph: Graph) -> Iterator[str]:
    """The names that a file gives to layers, those of nested models included."""
    for call in graph.calls:
        name = own_name(call) if call.module is not None else None
        if name is not None:
            yield name
        if call.seldom is not None and call.body is not None:
            yield from _names_in_file(call.body)


def _names_of(inputs: Iterable[Port], rows: Iterable[Row]) -> set[str]:
    """The named sizes in inputs, in rows and in the rows of models in them."""
    found: set[str] = set()
    waiting = [rows]
    shapes = [port.shape for port in inputs]
    while waiting:
        for row in waiting.pop():
            shapes += row.output_shapes
            for size in (row.params, row.macs):
                if type(size) is not int and isinstance(size, Poly):
                    found |= names(size)
            if row.layers:
                waiting.append(row.layers)
        for shape in shapes:
            for dim in shape or ():
                if type(dim) is not int and isinstance(dim, Poly):
                    found |= names(dim)
        shapes.clear()
    return found
