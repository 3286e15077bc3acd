"""A whole source: read it, find its models, and give each as a Graph with what is to be said of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from seqshape.diagnostics import Diagnostic, Label, SeqshapeError, Source
from seqshape.graph import Call, Graph
from seqshape.readers.keras_source.around import Around, made_for
from seqshape.readers.keras_source.arrays import of_shape
from seqshape.readers.keras_source.calls import parameters, required, takes_anything
from seqshape.readers.keras_source.interpreter import Reading
from seqshape.readers.keras_source.machine import Signal, Spent
from seqshape.readers.keras_source.models import graph_of
from seqshape.readers.keras_source.numbering import unsure
from seqshape.readers.keras_source.records import Record
from seqshape.readers.keras_source.scope import Frame, Module, Site
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    Class,
    Function,
    Keywords,
    Missing,
    Model,
    Native,
    Value,
    Work,
)
from seqshape.records import NamedTuple

RANKS = (1, 2, 3, 4)  # numbers of axes that are tried for data of which nothing tells it
MOST_READINGS = 12
STEPS_A_NODE = 200  # of the machine, which take as long as a node that is walked
MOST_LISTED = 12


class Built(NamedTuple):
    """A model of a program: its graph, and where it is made."""

    graph: Graph
    line: int
    name: str | None
    function: str | None
    record: Record
    cell: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """What the model is called in a list: ``model@31``."""
        return f"{self.name or self.function or self.graph.class_name}@{self.line}"

    def is_part(self) -> bool:
        """Whether the model is only a part of another one: a backbone of Keras, or one that no variable holds."""
        return self.record.used and (self.record.is_library or not self.record.names)

    def choice(self, others: Sequence[Built]) -> str:
        """What picks the model among others: its name, with the line if another has the same."""
        name = self.name or self.function or ""
        alone = sum((other.name or other.function) == name for other in others) == 1
        if alone and name:
            return name
        names = (*sorted(self.record.names - {name}), name)
        outer = [f"{each}@{line}" for line in reversed(self.record.path) for each in names]
        numbered = [f"{name}@{self.line}", *outer]
        return next((each for each in numbered if len(_meant(each, others)) == 1), numbered[0])


def _meant(wanted: str, built: Sequence[Built]) -> list[Built]:
    """The models that a name in the program means: those that were first given to it, or else all that bear it."""
    found = [each for each in built if each.record.answers(wanted)]
    return [each for each in found if each.name == wanted.partition("@")[0]] or found


def listing(built: Sequence[Built], source: Source) -> str:
    """What the first models are called; where that is the same for several, what picks each; a notebook's with cells."""
    first = built[:MOST_LISTED]
    shown = [each.label for each in first]
    picked = [each.choice(built) if shown.count(each.label) > 1 else each.label for each in first]
    if source.cells:
        picked = [f"{label} ({source.place(each.line)})" for label, each in zip(picked, first, strict=True)]
    return ", ".join(picked)


class Program:
    """A source that has been read."""

    def __init__(self, run: Reading, module: Module, source: Source) -> None:
        self.run = run
        self.module = module
        self.source = source
        self.built: list[Built] = []

    def chosen(self, wanted: str | None) -> list[Built]:
        """The models that are to be shown. Raises SeqshapeError if there is none."""
        if not self.built:
            raise SeqshapeError(tuple(self._nothing()))
        if not wanted:
            return self._noted([each for each in self.built if not each.is_part()] or self.built)
        return self._noted(self._named(wanted), is_picked=True)

    def _named(self, wanted: str) -> list[Built]:
        """The models that a name means: what the program calls them, or else Keras. Raises SeqshapeError if none."""
        found = _meant(wanted, self.built)
        found = found or [each for each in self.built if each.graph.name == wanted]
        if not found:
            listed = listing(self.built, self.source)
            message = f"there is no model called {wanted} here"
            raise SeqshapeError(
                (Diagnostic("E143", "error", message, (), f"the models are {listed}", source=self.source),)
            )
        return found

    def _noted(self, shown: list[Built], *, is_picked: bool = False) -> list[Built]:
        """What is to be said of the program stands with the first model shown that it is in, else with the first.

        What is only in models that are not shown is not said, nor of a model that is picked what loops make no layer of
        any: what one changes that the model needs is said where it needs it.
        """
        places = Around([each.graph for each in self.built])
        order = {each.graph: number for number, each in enumerate(shown)}
        for note in self.run.notes:
            holders = places.holders(note.labels[0].span) if note.labels else set()
            first = min((order[each] for each in holders if each in order), default=None if holders else 0)
            if first is not None and (holders or not is_picked or note.code != "W141"):
                shown[first].graph.notes.append(note)
        return shown

    def _nothing(self) -> list[Diagnostic]:
        """Why there is no model."""
        faults = [found._replace(source=found.source or self.source) for found, _, _ in self.run.engine.faults]
        from seqshape.readers.keras_source.nothing import help_for

        help = help_for(self.module.scope.names, self.run.called, self.source.text, self.source.name or "FILE")
        message = "this program builds no model that can be read" if not faults else "this program builds no model"
        notes = [note._replace(source=note.source or self.source) for note in self.run.notes]
        return [*faults, *notes, Diagnostic("E141", "error", message, (), help, source=self.source)]


class Asked(NamedTuple):
    """What is asked of a program besides its text: where it stands, what is set, which model is wanted, how it is called."""

    name: str | None = None
    path: Path | None = None
    settings: Mapping[str, Value] | None = None
    shapes: object = None
    wanted: str | None = None
    call: str | None = None
    cells: tuple[tuple[int, int], ...] = ()


def read_program(text: str, asked: Asked) -> Program:
    """Read a program. Where data has a number of axes that nothing tells, the first that fits is taken."""
    ranks: dict[str, int] = {}
    best: tuple[int, Program] | None = None
    steps = 0
    for _ in range(MOST_READINGS):
        program = _read_once(text, asked, ranks)
        steps += program.run.machine.taken
        wrong = len(program.run.engine.faults)
        if best is None or wrong < best[0]:
            best = (wrong, program)
        following = _next_ranks(program.run.guessed, ranks) if wrong else None
        if following is None:
            break
        ranks = following
    assert best is not None
    for number, built in enumerate(best[1].built):
        built.graph.language = "python"
        built.graph.effort = steps // STEPS_A_NODE
        built.graph.reread = partial(_again, number, len(best[1].built), asked)
    return best[1]


def _again(number: int, models: int, asked: Asked, text: str) -> Graph:
    """The model of a number in a changed program. Raises SeqshapeError if that builds other models."""
    program = read_program(text, asked)
    if len(program.built) != models:
        raise SeqshapeError((Diagnostic("E143", "error", "the changed program builds other models"),))
    return program.built[number].graph


def _next_ranks(guessed: dict[str, int], ranks: dict[str, int]) -> dict[str, int] | None:
    """The next numbers of axes to try: of all data together, then nothing."""
    if not guessed:
        return None
    here = max(guessed.values())
    return dict.fromkeys(guessed, here + 1) if here < RANKS[-1] else None


def _read_once(text: str, asked: Asked, ranks: dict[str, int]) -> Program:
    run = Reading(_values(asked.settings), ranks, asked.shapes)
    bounds = asked.path.parent if asked.path is not None else None
    module = run.new_module(text, asked.path, bounds, "__main__")
    module.source = Source(text, asked.name, asked.cells)
    whole = run.run_main(module)
    program = Program(run, module, module.source)
    if not run.records and asked.path is None:
        _take_ends(run, module)
    if asked.call is not None:
        _call_as_told(program, asked.wanted, asked.call)
    elif whole or not run.records:
        _call_unused(program, asked.wanted)
    program.built = list(_built(program))
    return program


def _take_ends(run: Reading, module: Module) -> None:
    """A piece of code with tensors and no model: the model is from its Inputs to what nothing reads."""
    from seqshape.readers.keras_source.functional import fill_functional
    from seqshape.readers.keras_source.tensors import values_of

    done = run.world.model.done
    read = {ref.node for node in done for ref in node.references()}
    inputs = [node for node in done if node in run.world.model.ports]
    ends = [node for node in done if node not in read and node not in inputs]
    if not inputs or not ends or any(done[node].outputs is None for node in ends):
        return
    span = ends[-1].span
    node = ast.Name(
        "model", ast.Load(), lineno=module.line(span), col_offset=0, end_lineno=module.line(span), end_col_offset=0
    )
    made = Model(Call("Functional", (), span), "keras.Model", span)
    outputs = [values_of(run, done[end].outputs) for end in ends]
    given = [values_of(run, done[node].outputs) for node in inputs]
    fill_functional(
        run, made, [given, outputs if len(outputs) > 1 else outputs[0]], {}, Site(Frame(module.scope, module), node)
    )


def _values(settings: Mapping[str, Value] | None) -> dict[str, Value]:
    """What ``--set`` says, as values: numbers, and Python written as text."""
    found: dict[str, Value] = {}
    for name, given in (settings or {}).items():
        found[name] = evaluated(given) if isinstance(given, str) else given
    return found


def evaluated(text: str) -> Value:
    """A value that is written as Python on the command line; a word is a text."""
    from seqshape.syntax_tree import parse_expression

    run = Reading()
    module = run.new_module(text, None, None, "setting")
    frame = run.module_frame(module)
    from seqshape.readers.keras_source.values import External

    module.scope.names.update({"np": External("numpy"), "numpy": External("numpy"), "array": ARRAY})
    try:
        node = parse_expression(text)
        value = run.machine.run(_evaluation(run, node, frame))
    except (SyntaxError, ValueError, RecursionError, MemoryError, Signal, Spent):
        return text
    return text if isinstance(value, (Missing, Function)) else value


def _evaluation(run: Reading, node: ast.expr, frame: Frame) -> Work:
    return (yield run.evaluate(node, frame))


def _array(run: Reading, args: Args, kwargs: Keywords, site: Site) -> Value:
    """``array(4000, 14)``: data of that shape."""
    return of_shape(tuple(args)) or Missing("array", site.span)


ARRAY = Native("array", _array)


def _call_as_told(program: Program, wanted: str | None, call: str) -> None:
    """``--call``: a function or class with arguments. Raises SeqshapeError if there is none or they are no Python."""
    from seqshape.syntax_tree import parse_expression

    run, module = program.run, program.module
    name = (wanted or "").partition("@")[0]
    functions = {key: value for key, value in module.scope.names.items() if isinstance(value, (Function, Class))}
    if not name and len(functions) == 1:
        name = next(iter(functions))
    if name not in functions:
        listed = ", ".join(functions) or "none"
        message = f"--call needs a function or a class: FILE::NAME; there are {listed}"
        raise SeqshapeError((Diagnostic("E301", "error", message),))
    try:
        node = parse_expression(f"{name}({call})")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SeqshapeError((Diagnostic("E301", "error", f"--call {call!r} is no list of arguments"),)) from None
    wrong = _misfit(functions[name], node) if isinstance(node, ast.Call) else None
    if wrong is not None:
        raise SeqshapeError((Diagnostic("E301", "error", f"--call: {name} {wrong}"),))
    inner = run.new_module(f"{name}({call})", None, None, "call")
    frame = Frame(module.scope, inner)
    before = len(run.records)
    run.attempt(_made(run, _evaluation(run, node, frame), name))
    run.records = run.records[before:]


def _misfit(value: Function | Class, node: ast.Call) -> str | None:
    """What is wrong with the names of the arguments of a call; ``None`` if nothing, or a star hides it."""
    function = value.find("__init__") if isinstance(value, Class) else value
    given = [keyword.arg for keyword in node.keywords]
    if not isinstance(function, Function) or None in given or any(isinstance(each, ast.Starred) for each in node.args):
        return None
    own = int(isinstance(value, Class))  # self
    takes = parameters(function)[own:]
    unknown = [name for name in given if name not in takes]
    if unknown and not takes_anything(function):
        return f"has no argument {unknown[0]}; it takes {', '.join(takes) or 'none'}"
    missing = [name for name in required(function)[own:] if name not in (*takes[: len(node.args)], *given)]
    return f"needs {', '.join(missing)} too" if missing else None


def _made(run: Reading, work: Work, name: str) -> Work:
    value = yield work
    if isinstance(value, Model) and value.record is not None:
        value.record.names.add(name)
    return value


def _call_unused(program: Program, wanted: str | None) -> None:
    """Call the functions and classes that the program does not call itself, and that need no arguments."""
    run, module = program.run, program.module
    if any(record.answers(wanted) if wanted else True for record, _ in run.records):
        return
    for name, value in list(module.scope.names.items()):
        if wanted and name != wanted.partition("@")[0]:
            continue
        if isinstance(value, (Function, Class)) and value not in run.called and _needs_nothing(value, module):
            run.attempt(_made(run, _call(run, value, Frame(module.scope, module), value.node), name))


def _needs_nothing(value: Function | Class, module: Module) -> bool:
    """Whether a function of this file, or a model of a class of the source, can be made without arguments."""
    if isinstance(value, Function):
        return value.module is module and not required(value)
    init = value.find("__init__")
    return value.library() in ("keras.Model", "keras.Sequential") and not (
        isinstance(init, Function) and len(required(init)) > 1
    )


def _call(run: Reading, value: Value, frame: Frame, node: ast.AST) -> Work:
    return (yield run.call(value, [], {}, frame, node))


def _built(program: Program) -> list[Built]:
    """The models of the program as graphs."""
    run = program.run
    found: list[Built] = []
    seen: set[object] = set()
    for record, model in run.records:
        graph = _graph(run, model)
        if graph is None:
            _say_left_out(run, record, model)
            continue
        key = (record.path, _signature(graph))
        if key in seen:
            continue
        seen.add(key)
        graph.source = record.source
        graph.heard = frozenset(run.used)
        graph.notes = [*graph.notes, *_doubts(run, record, model, graph), *_refusals(run, record, graph)]
        graph.notes.extend(unsure(run, model.call, graph))
        found.append(Built(graph, record.line, record.name, record.function, record))
    return found


def _say_left_out(run: Reading, record: Record, model: Model) -> None:
    """Say of a model of which no layer is known that it is not among those that are shown."""
    for why, span in model.doubts[:1]:
        said = f"a model that is made here is not shown, as no layer of it is known: {why}"
        run.notes.setdefault(
            Diagnostic("W148", "warning", said, (Label(record.span), Label(span)), source=record.source)
        )


def _graph(run: Reading, model: Model) -> Graph | None:
    """The graph of a model; of one of a class of the source what its ``call`` does; ``None`` for an empty one."""
    if model.kind is not None:
        if model.is_sequential and model.input_layer is None and _holds_open_layer(model):
            _build_now(run, model)
        return graph_of(run, model) if model.graph is not None or model.layers else None
    if model.instance is None:
        return None
    if model.call.body is None:
        _trace_now(run, model)
    return model.call.body


def _trace_now(run: Reading, model: Model) -> None:
    """A model of a class of the source that has never been called: its input is ``-i``, or named sizes."""
    from seqshape.readers.keras_source.inside import traced

    own = model.instance.cls.find("call") if model.instance is not None else None
    site = _site_of(run, model)
    if site is not None and isinstance(own, Function) and parameters(own)[1:2]:
        run.attempt(traced(run, model, [Array((None, *_told_shape(run, model)))], {}, site))


def _holds_open_layer(model: Model) -> bool:
    """Whether a Sequential has a layer of a class of the source in it that has never been called."""
    for layer in model.layers:
        if isinstance(layer, Model) and layer.is_sequential:
            if _holds_open_layer(layer):
                return True
        elif layer.instance is not None and not layer.is_plain and layer.call.body is None:
            return True
    return False


def _build_now(run: Reading, model: Model) -> None:
    """A Sequential that has never been called, and whose layers only a call can tell of."""
    site = _site_of(run, model)
    if site is not None:
        run.attempt(_built_for(run, model, (None, *_told_shape(run, model)), site))


def _built_for(run: Reading, model: Model, shape: tuple[Value, ...], site: Site) -> Work:
    from seqshape.readers.keras_source.sequential import build_for

    build_for(run, model, shape, "float32", site)
    yield None


def _told_shape(run: Reading, model: Model) -> tuple[Value, ...]:
    """The shape of the input of a model that the program gives none: ``-i``, or named sizes."""
    if isinstance(run.shapes, tuple):
        return run.shapes
    assert model.record is not None
    rank = run.rank_of(f"the input of {model.record.name or model.shown}")
    return tuple(Missing(name, model.span) for name in _letters(rank))


def _site_of(run: Reading, model: Model) -> Site | None:
    """A place in the program for what is done with a model after its end."""
    if run.main is None or model.record is None:
        return None
    line = model.record.line
    node = ast.Name("model", ast.Load(), lineno=line, col_offset=0, end_lineno=line, end_col_offset=0)
    return Site(Frame(run.main.scope, run.main), node)


def _letters(rank: int) -> tuple[str, ...]:
    return {1: ("F",), 2: ("T", "F"), 3: ("H", "W", "C")}.get(rank, ("T", "H", "W", "C"))


def _signature(graph: Graph) -> object:
    """What tells models apart that one line makes."""
    return tuple((call.class_name, tuple(str(each.value.data) for each in call.arguments)) for call in graph.calls)


def _refusals(run: Reading, record: Record, graph: Graph) -> list[Diagnostic]:
    """What Keras refuses before it would make the model, and what is no part of it: the program does not get so far."""
    found: list[Diagnostic] = []
    faults = run.engine.faults[: record.faults]
    places = Around([graph] if faults else [])
    for diagnostic, _, _ in faults:
        place = diagnostic.labels[0].span if diagnostic.labels else record.span
        if diagnostic in run.engine.own or not places.holders(place):
            found.append(diagnostic._replace(source=diagnostic.source or record.source))
    return found


def _doubts(run: Reading, record: Record, model: Model, graph: Graph) -> list[Diagnostic]:
    """What may be otherwise in a model than it is read."""
    found = []
    for why, span in dict.fromkeys((*model.doubts, *model.handed)):
        message = f"this model may be another one: {why}"
        found.append(Diagnostic("W148", "warning", message, (Label(span),), source=record.source))
    inside = made_for(graph) if run.doubted else ()
    for why, span in dict.fromkeys(run.doubted[each] for each in inside if each in run.doubted):
        message = f"a layer of this model may be another one: {why}"
        found.append(Diagnostic("W148", "warning", message, (Label(span),), source=record.source))
    spans = {span for each in made_for(graph) for span in run.loop_of.get(each, ()) if span not in record.loops}
    for span in sorted(spans, key=lambda span: span.start):
        what = "in which order this set gives its items" if span in run.unordered else "how often this loop turns"
        message = f"this model may be another one: nothing tells {what}, which makes some of its layers"
        found.append(Diagnostic("W148", "warning", message, (Label(span),), source=record.source))
    return found
