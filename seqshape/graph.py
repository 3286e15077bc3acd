"""The meeting point of the readers: unbound layer calls and the edges between them, each with its span.

Nothing here knows a layer by name. A reader builds a :class:`Graph`; ``bind`` and ``infer`` give it a meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from sys import intern
from typing import Any, TypeAlias, Union

from seqshape.diagnostics import Diagnostic, Source, Span
from seqshape.dims import Dim
from seqshape.records import NamedTuple
from seqshape.structure import EMPTY, Seldom, leaves

# Arguments of Keras's ``call``, whatever the layer: they stand by keyword, and a list of tensors never means them.
CALL_KEYWORDS = frozenset({"initial_state", "mask", "training", "use_causal_mask", "return_attention_scores"})


class Value(NamedTuple):
    """A value of an argument with its place.

    ``data`` is ``int | float | str | bool | None | Poly``, a :class:`Word`, a :class:`Call`, or a ``tuple``, ``list``
    or ``dict`` whose items are again :class:`Value` objects.
    """

    data: object
    span: Span

    def plain(self) -> Any:
        """The value without the places of what is in it."""
        data = self.data
        if type(data) is tuple or type(data) is list:
            return type(data)([item.plain() if isinstance(item, Value) else item for item in data])
        return data


class Word(NamedTuple):
    """A bare word in the argument list of a spec: a flag of the layer if it has one, else what ``assigned`` says."""

    text: str
    assigned: Value | None = None


class Unsaid(NamedTuple):
    """``?``: a size that is fixed but not said; it gets the name of its parameter unless it has one."""

    name: str | None = None


class Open(NamedTuple):
    """A value that nothing in a source tells: ``name`` is what it is called there, ``size`` what it is as a size.

    ``size`` is ``None`` for what can be none.
    """

    name: str
    size: object = None


class Place(NamedTuple):
    """Where a program makes a model: the file, the line of the call, the variable that it is given to, the function around.

    ``cell`` is that of a notebook, and then ``line`` is the one in the cell's code.
    """

    path: str | None
    line: int
    name: str | None = None
    function: str | None = None
    cell: int | None = None


class Argument(NamedTuple):
    """One argument of a call; ``name`` is ``None`` for a positional one or a flag. ``span`` covers name and value."""

    name: str | None
    value: Value
    span: Span


class Stored(NamedTuple):
    """A weight as a file holds it: its path there, its shape and dtype."""

    path: str
    shape: tuple[int, ...]
    dtype: str


UNNAMED = "unknown"  # the class of a call of something that a source does not tell
NO_NAMES: frozenset[str] = frozenset()
# The layers that the caller declares, by name: each graph that is made meanwhile has them. They are LayerTypes, which
# come later.
DECLARED: ContextVar[Mapping[str, Any]] = ContextVar("declared", default=EMPTY)


class Call:
    """The construction of one layer; its identity is the layer's: several nodes with one call share its weights.

    ``class_name`` is as written (an alias, any case, ``relu``, ``ops.add``). ``bare``: written without parentheses.
    ``body``: the graph of a nested model; then ``class_name`` is ``Sequential`` or ``Functional``. ``module`` is the
    module that a Keras config names. ``build_shape`` is what a file records of the shape a layer was built for;
    ``stored`` asks the file for the weights that it holds of the layer (:class:`Stored` each; ``None``: it does not
    say).
    ``early``: a file of a Keras before 3 has it, where a name may hold a ``/``.
    ``shown`` is the class to show where the file's is another one than the rule's. ``fed`` is how many tensors a spec
    feeds it, ``held`` the arguments of an
    operation that a spec gives as tensors although Keras's constructor takes them. ``named`` is the name that the
    layer has in a program that numbers more layers than these.
    """

    __slots__ = (
        "_name_place",
        "arguments",
        "bare",
        "build_shape",
        "class_name",
        "module",
        "named",
        "seldom",
        "span",
        "stored",
    )
    body = Seldom["Graph | None"](None)
    early = Seldom(False)
    fed = Seldom(1)
    held = Seldom(NO_NAMES)
    shown = Seldom[str | None](None)

    def __init__(
        self,
        class_name: str,
        arguments: tuple[Argument, ...] = (),
        span: Span = Span(),
        *,
        name_span: Span | None = None,
        bare: bool = False,
        body: Graph | None = None,
        module: str | None = None,
        build_shape: object = None,
    ) -> None:
        self.class_name = intern(class_name) if type(class_name) is str else class_name  # most are of few classes
        self.arguments = arguments
        self.span = span
        self._name_place = None if name_span is None or name_span is span else span.cut(name_span)
        self.bare = bare
        self.module = module
        self.build_shape = build_shape
        self.stored: Callable[[], tuple[Stored, ...] | None] | None = None
        self.named: str | None = None
        self.seldom: dict[str, Any] | None = None if body is None else {"body": body}

    def __repr__(self) -> str:
        return f"{self.class_name}(…)"

    @property
    def name_span(self) -> Span:
        """Where the name of the class stands."""
        return self.span if self._name_place is None else self.span.piece(self._name_place)

    def literal(self, name: str) -> Any:
        """The plain value of an argument that stands by keyword; ``None`` if it is not said."""
        for argument in self.arguments:
            if argument.name == name:
                return argument.value.plain()
        return None

    def nested(self) -> Iterator[Call]:
        """The calls among this call's arguments (a wrapped layer, cells), in the order of the text."""
        for argument in self.arguments:
            yield from _calls_in(argument.value)


def _calls_in(value: Value) -> Iterator[Call]:
    data = value.data
    if isinstance(data, Call):
        yield data
    elif isinstance(data, Word) and data.assigned is not None:
        yield from _calls_in(data.assigned)
    elif isinstance(data, (tuple, list)):
        for item in data:
            if isinstance(item, Value):
                yield from _calls_in(item)
    elif isinstance(data, dict):
        for item in data.values():
            if isinstance(item, Value):
                yield from _calls_in(item)


class Node:
    """One application of a layer to tensors. ``args`` and ``kwargs`` are the call's operands in Keras's terms.

    ``recorded`` is what a file says of the outputs, by index: shape and dtype. It is used only where no rule can know
    them. ``held`` are tensors that the constructor of an operation gets: they are not wired to it.
    """

    __slots__ = ("args", "call", "seldom", "span")
    held = Seldom[dict[str, "Operand"]](EMPTY)
    kwargs = Seldom[dict[str, "Operand"]](EMPTY)
    recorded = Seldom[dict[int, tuple[tuple[Dim | None, ...], str | None]]](EMPTY)
    untold = Seldom(False)  # the layer does another thing here than its body says, and nothing tells what

    def __init__(
        self,
        call: Call,
        args: tuple[Operand, ...] = (),
        kwargs: dict[str, Operand] | None = None,
        span: Span | None = None,
    ) -> None:
        self.call = call
        self.args = args
        self.span = span or call.span
        self.seldom: dict[str, Any] | None = {"kwargs": kwargs} if kwargs else None

    def references(self) -> Sequence[Ref]:
        """Every tensor that this node reads, in order."""
        args = self.args
        if self.seldom is None and len(args) < 2:  # by far the most nodes
            if not args:
                return ()
            only = args[0]
            if type(only) is Ref:
                return args  # type: ignore[return-value]
            if type(only) is list and set(map(type, only)) == {Ref}:
                return only
        return references((args, self.kwargs))


class Ref(NamedTuple):
    """A tensor: the flat ``output`` number of ``node``; ``None`` stands for all that the node gives, in its own structure."""

    node: Node
    output: int | None = None


# A tensor, a structure of them, or a literal call argument (``training=True``, an index of ``ops.take``).
# What is inside a structure is again an Operand; a recursive type would cost the type checker minutes.
Operand: TypeAlias = Union[Ref, Value, "list[Any]", "tuple[Any, ...]", "dict[str, Any]"]


def references(operand: Operand) -> Sequence[Ref]:
    """The tensors in a structure of operands, in Keras's order: a dict by its sorted keys."""
    if type(operand) is Ref:
        return (operand,)
    return [leaf for leaf in leaves(operand) if type(leaf) is Ref]


def read_already(source: object) -> Graph | None:
    """The graph of a source that is a model of a program; ``None`` of any other."""
    found = getattr(source, "graph", None)
    return found if isinstance(found, Graph) else None


class Graph:
    """A model as read; nothing changes it any more once its reader is done.

    ``class_name`` is ``Sequential`` or ``Functional``. ``calls`` holds every layer in the order of its construction,
    also those that reach no output (they take a number all the same), wrapped layers not included. ``nodes`` is in an
    order in which each node comes after those that it reads; one that reaches no output is there too, since what it
    does can fail and take numbers. ``inputs`` are the nodes of the model's InputLayers;
    ``outputs`` is the structure that the model returns. ``masked``: implicit mask operations are still to be added
    (a config has them as nodes already). ``names`` are the names that the source gives its inputs; ``unpacked`` says
    how many outputs a statement takes of a node. ``structure`` is the one in which the source says that the model takes
    its inputs (see :meth:`taken`). ``notes`` are findings of the reader that are no error.
    ``lost`` names weights that the file holds and no layer has.
    ``trainable`` is what a Functional says of itself; it then trains nothing. ``language`` is that of the source, where
    changes of its text can be tried; ``written`` the text of a config, in which spans are pointers.

    A model or layer of a class of the user's has ``shown``, the class to show, and ``rows``, the layers inside as Keras
    lists them, used or not. ``loose``: its ``call`` was read with one size for every unknown one, so that what depends
    on that size is unknown outside. ``followed``: nothing of its ``call`` is unknown, so that a layer that
    it does not reach is never built. ``unmasked``: its ``call`` takes no mask. ``added`` are the names, in order, of
    the mask operations that are still to be added, where the reader has numbered them. ``place`` is where a program makes
    the model, ``heard`` the names of values that were given for it and that it uses, ``reread`` makes the same model of a
    changed text, and ``effort`` is what reading it took, in walked nodes.
    ``declared`` are the layers by name that the user declares, beside those of the catalogue.
    """

    __slots__ = (
        "added",
        "calls",
        "class_name",
        "declared",
        "effort",
        "followed",
        "heard",
        "inputs",
        "language",
        "loose",
        "lost",
        "masked",
        "name",
        "names",
        "nodes",
        "notes",
        "outputs",
        "place",
        "reread",
        "rows",
        "shown",
        "source",
        "span",
        "structure",
        "trainable",
        "unmasked",
        "unpacked",
        "written",
    )

    def __init__(
        self,
        class_name: str,
        name: str | None = None,
        *,
        source: Source | None = None,
        language: str = "",
        span: Span = Span(),
        masked: bool = True,
    ) -> None:
        self.class_name = class_name
        self.name = name
        self.calls: list[Call] = []
        self.nodes: list[Node] = []
        self.inputs: list[Node] = []
        self.structure: Operand = []
        self.outputs: Operand = []
        self.masked = masked
        self.names: dict[str, Node] = {}
        self.unpacked: list[tuple[Node, int, Span]] = []
        self.notes: list[Diagnostic] = []
        self.trainable = True
        self.lost: list[str] = []
        self.shown: str | None = None
        self.rows: list[Call] | None = None
        self.loose: str | None = None
        self.followed = False
        self.unmasked = False
        self.added: Sequence[str] = ()
        self.place: Place | None = None
        self.heard: frozenset[str] = frozenset()
        self.declared: Mapping[str, Any] = DECLARED.get()
        self.reread: Callable[[str], Graph] | None = None
        self.effort = 0
        self.source = source
        self.language = language
        self.written = ""
        self.span = span

    def taken(self) -> Operand:
        """The inputs in the structure in which the model takes them; one input is taken as it is."""
        if [ref.node for ref in references(self.structure)] == self.inputs and self.inputs:
            return self.structure
        tensors: list[Operand] = [Ref(node, 0) for node in self.inputs]
        return tensors[0] if len(tensors) == 1 else tensors


Reads = Callable[[Node], Iterable[Ref]]


def keras_order(outputs: Operand, inputs: list[Node], reads: Reads = Node.references) -> tuple[list[Node], list[Call]]:
    """The nodes that the outputs need, sources first, and the layers in the order of Keras's ``Functional.layers``.

    Keras sorts layers by depth, the longest way to an output, and where that is equal by the order in which a
    depth-first walk from the outputs meets them first; an unused input has depth 0 and comes before its equals.
    ``reads`` gives the tensors that a node reads.
    """
    nodes, met = _walk_back(outputs, reads)
    depth_of_node: dict[Node, int] = {}
    depth_of_call: dict[Call, int] = {}
    for node in reversed(nodes):
        depth = max(depth_of_node.get(node, 0), depth_of_call.get(node.call, 0))
        depth_of_node[node] = depth_of_call[node.call] = depth
        for ref in reads(node):
            if depth >= depth_of_node.get(ref.node, 0):
                depth_of_node[ref.node] = depth + 1
    for node in inputs:
        if node.call not in depth_of_call:
            depth_of_call[node.call], met[node.call] = 0, -1
            nodes.append(node)
    calls = sorted(depth_of_call, key=met.__getitem__)
    calls.sort(key=depth_of_call.__getitem__, reverse=True)  # where depths are equal, the order stays
    return nodes, calls


def chain_order(graph: Graph) -> tuple[list[Node], list[Call]] | None:
    """What :func:`keras_order` gives for a chain in which each node has a layer of its own; ``None`` for any other graph."""
    nodes, before = graph.nodes, None
    for node in nodes:
        args = node.args
        if before is not None and not (len(args) == 1 and type(args[0]) is Ref and args[0].node is before):
            return None
        if (node.seldom is not None and node.kwargs) or (before is None and args):
            return None
        before = node
    if type(graph.outputs) is not Ref or graph.outputs.node is not before or graph.inputs != nodes[:1]:
        return None
    calls = [node.call for node in nodes]
    return (list(nodes), calls) if len({*calls}) == len(nodes) else None


def _walk_back(outputs: Operand, reads: Reads) -> tuple[list[Node], dict[Call, int]]:
    """Depth first from the outputs, without recursion: the nodes in post-order, and when each call was met first."""
    finished: dict[Node, None] = {}
    met: dict[Call, int] = {}
    for output in references(outputs):
        stack: list[tuple[Node, Iterator[Ref]]] = []
        if output.node not in finished:
            met.setdefault(output.node.call, len(met))
            stack.append((output.node, iter(reads(output.node))))
        while stack:
            node, parents = stack[-1]
            for ref in parents:
                if ref.node not in finished:
                    met.setdefault(ref.node.call, len(met))
                    stack.append((ref.node, iter(reads(ref.node))))
                    break
            else:
                finished[node] = None
                stack.pop()
    return list(finished), met
