"""The interpreter: one program, read from its syntax and never executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from seqshape.diagnostics import Diagnostic, Label, Source, Span
from seqshape.graph import Call, Node
from seqshape.readers.keras_source import calls, expressions, statements
from seqshape.readers.keras_source.branches import pass_over
from seqshape.readers.keras_source.builtins import BUILTINS
from seqshape.readers.keras_source.changes import open_up
from seqshape.readers.keras_source.checks import same_size
from seqshape.readers.keras_source.effects import effects
from seqshape.readers.keras_source.engine import Engine, SymbolicTensor, Trace
from seqshape.readers.keras_source.eras import is_old, is_today
from seqshape.readers.keras_source.items import unpack
from seqshape.readers.keras_source.layers import is_layer
from seqshape.readers.keras_source.machine import Machine, Raised, Returned, Spent
from seqshape.readers.keras_source.notebook import by_cell
from seqshape.readers.keras_source.records import ANY, Gap, Record
from seqshape.readers.keras_source.running import Syntax
from seqshape.readers.keras_source.scope import ABSENT, Frame, Module, Scope, Site
from seqshape.readers.keras_source.sequential import fill_sequential
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    Class,
    Definition,
    External,
    Function,
    Instance,
    Keywords,
    Layer,
    Missing,
    Model,
    Result,
    Value,
    Work,
    is_missing,
)

DEEPEST = 150  # nested blocks of syntax that are parsed
NO_SPAN = Span()
# What people call libraries in a piece of code that does not import them.
USUAL = {
    "keras": "keras",
    "tf": "tensorflow",
    "np": "numpy",
    "layers": "keras.layers",
    "models": "keras.models",
    "ops": "keras.ops",
    "K": "keras.backend",
    "Model": "keras.Model",
    "Sequential": "keras.Sequential",
}


UNSURE = ("W140", "W141", "W147", "W148")  # what says that something is not known


class Reading:
    """One source on its way to the models that it builds.

    ``settings`` are values for what nothing tells, by name; ``ranks`` the numbers of axes of arrays of which nothing
    tells it; ``shapes`` what ``-i`` says of an input.
    """

    def __init__(
        self,
        settings: Mapping[str, Value] | None = None,
        ranks: Mapping[str, int] | None = None,
        shapes: object = None,
    ) -> None:
        self.settings = dict(settings or {})
        self.used: set[str] = set()  # settings that were asked for
        self.ranks = dict(ranks or {})
        self.guessed: dict[str, int] = {}  # ranks that were needed, and taken
        self.shapes = shapes
        self.machine = Machine()
        self.engine = Engine()
        self.world = Trace(self.engine)
        self.trace = self.world
        self.modules: dict[Path, Module] = {}
        self.records: list[tuple[Record, Model]] = []
        self.notes: dict[Diagnostic, None] = {}  # each once, in order
        self.called: set[Function | Class] = set()  # functions and classes that the program calls itself
        self.attempts = 0
        self.put: dict[str, Value] = {}  # what the program has put into a library, by its path there
        self.loops: list[Span] = []
        self.changed: list[
            tuple[Value | Scope, Value]
        ] = []  # in such loops: a container and a key, an object and a name
        self.unordered: set[Span] = set()
        self.loop_of: dict[object, tuple[Span, ...]] = {}
        self.open_branches: list[tuple[str, Span]] = []
        self.libraries: set[str] = set()
        self.data_format = "channels_last"
        self.floatx = "float32"
        self.main: Module | None = None
        self.assigned: frozenset[str] = frozenset()  # names that the program gives a meaning
        self.is_old = False  # written for Keras 1
        self.is_today = False  # written for Keras 3
        self.layer_of: dict[Call, Layer] = {}
        self.made = 0  # layers and calls of layers
        self.doubted: dict[Call, tuple[str, Span]] = {}  # layers that may be others, why, and where
        self.gaps: list[Gap] = []  # what was not followed and may make layers
        self.gaps_before: dict[Call | Node, int] = {}  # how many there were when a layer got its name
        self.open_names: dict[str, int] = {}  # names of layers that nothing tells, and how often they were given
        self.losses = 0  # how often something was said not to be known
        self.names_of_missing: dict[str, Missing] = {}

    # --- files --------------------------------------------------------------------------------------------------------

    def new_module(self, text: str, path: Path | None, bounds: Path | None, name: str) -> Module:
        """A module of a text."""
        shown = str(path) if path is not None else None
        module = Module(Source(text, shown), path, bounds, name)
        module.scope.names["__name__"] = name
        return module

    def parsed(self, module: Module, *, quiet: bool = False) -> ast.Module | None:
        """The syntax of a module; ``None`` if it has none and that is of no matter."""
        from seqshape.readers.keras_source.syntax import parse

        return parse(module, quiet=quiet)

    def module_frame(self, module: Module) -> Frame:
        """The frame of a module's own statements."""
        return Frame(module.scope, module)

    def run_main(self, module: Module) -> bool:
        """Run a module as the program. Gives whether it came to its end."""
        self.main = module
        tree = self.parsed(module)
        assert tree is not None
        self.is_today = is_today(tree)
        self.is_old = not self.is_today and is_old(tree)
        self.assigned = frozenset(effects(tree.body).names)
        if module.path is None:
            self._begin_models(tree, module)
        module.scope.names["__file__"] = module.source.name or "model.py"
        frame = self.module_frame(module)
        if self._is_notebook():
            return not [cell for cell in by_cell(tree.body, module.source.text) if not self._run_cell(cell, frame)]
        return self.attempt(self.block(tree.body, frame))

    def _is_notebook(self) -> bool:
        return self.main is not None and (self.main.source.name or "").endswith(".ipynb")

    def _run_cell(self, cell: Sequence[ast.stmt], frame: Frame) -> bool:
        """Run a cell of a notebook. Where it ends in an exception, what the rest would change is not known."""
        for index, statement in enumerate(cell):
            if not self.attempt(self.block([statement], frame)):
                self.attempt(self._lose(cell[index:], frame, "a cell that ends in an exception"))
                return False
        return True

    def _lose(self, rest: Sequence[ast.stmt], frame: Frame, why: str) -> Work:
        """What statements would change that are not reached is not known."""
        span = frame.span(rest[0])
        pass_over(self, rest, frame, span, why)
        yield None

    def _begin_models(self, tree: ast.Module, module: Module) -> None:
        """In a piece of code ``model.add(…)`` may stand alone: the model is an empty Sequential."""
        for statement in tree.body:
            call = statement.value if isinstance(statement, ast.Expr) else None
            function = call.func if isinstance(call, ast.Call) else None
            if isinstance(function, ast.Attribute) and function.attr == "add" and isinstance(function.value, ast.Name):
                name = function.value.id
                if name not in self.assigned and name not in module.scope.names:
                    made = Model(
                        Call("Sequential", (), module.span(function)), "keras.Sequential", module.span(function)
                    )
                    site = Site(self.module_frame(module), function)
                    module.scope.names[name] = fill_sequential(self, made, [], {}, site)
                    self.named(name, made, self.module_frame(module), function)

    def attempt(self, work: Work) -> bool:
        """Do a piece of work. Gives whether it came to its end; what stopped it is noted."""
        try:
            self.machine.run(work)
        except Spent:
            self.note("W142", "this program takes too many steps to be read to its end", NO_SPAN)
            return False
        except Raised as raised:
            if raised.kind not in ("SystemExit", "KeyboardInterrupt"):
                said = f"{raised.kind}: {raised.message}" if raised.message else raised.kind or "an exception"
                part = "cell" if ((self.main and self.main.source.name) or "").endswith(".ipynb") else "program"
                self.note("W143", f"the {part} ends here with {said}", raised.span)
            return False
        except Returned:
            return False
        return True

    # --- running ------------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt], frame: Frame) -> Work:
        """Do statements one after the other."""
        for place, statement in enumerate(body):
            handler = statements.HANDLERS.get(type(statement))
            if handler is not None:
                try:
                    yield handler(self, statement, frame)
                except Returned as returned:
                    if not returned.is_sure:
                        pass_over(self, body[place + 1 :], frame, returned.span, "what may not be reached")
                    raise
                except Raised as raised:
                    if raised.span == NO_SPAN:
                        raised.span = frame.span(statement)
                    if not raised.is_ours or self.attempts:
                        raise
                    self._give_up(statement, raised, frame)

    def _give_up(self, statement: ast.stmt, raised: Raised, frame: Frame) -> None:
        """A statement that cannot be followed: what it changes is not known, and the program goes on."""
        changed = pass_over(self, [statement], frame, raised.span, "a statement that cannot be followed")
        if changed.returns:
            raise Returned(Missing(f"what {frame.function or 'it'} returns", raised.span), raised.span, is_sure=False)

    def evaluate(self, node: ast.expr, frame: Frame) -> Result:
        """The value of an expression, or the work that gives it."""
        handler = expressions.HANDLERS.get(type(node))
        if handler is None:
            return Missing(self.written(node, frame), frame.span(node))
        return handler(self, node, frame) if not self.settings else self._settled(handler, node, frame)

    def _settled(self, handler: Syntax, node: ast.expr, frame: Frame) -> Work:
        value = yield handler(self, node, frame)
        if isinstance(value, Missing) and value.name in self.settings:
            self.used.add(value.name)
            return self.settings[value.name]
        return value

    def assign(self, target: ast.expr, value: Value, frame: Frame) -> Result:
        """Give a value to a name, an attribute, an item, or the parts of it to several."""
        if isinstance(target, ast.Name):
            home = frame.scope.home(target.id)
            if self.loops and home is not frame.scope:
                self.changed.append((home, target.id))
            home.names[target.id] = self.named(target.id, value, frame, target)
            return None
        if isinstance(target, (ast.Tuple, ast.List)):
            return self._assign_parts(target, value, frame)
        if isinstance(target, ast.Attribute):
            return self._assign_attribute(target, value, frame)
        if isinstance(target, ast.Subscript):
            return self._assign_item(target, value, frame)
        return self.assign(target.value, value, frame) if isinstance(target, ast.Starred) else None

    def _assign_parts(self, target: ast.Tuple | ast.List, value: Value, frame: Frame) -> Work:
        number = len(target.elts)
        star = next((index for index, each in enumerate(target.elts) if isinstance(each, ast.Starred)), None)
        parts = unpack(self, value, number, star, frame.span(target))
        for each, part in zip(target.elts, parts, strict=False):
            yield self.assign(each, part, frame)

    def _assign_attribute(self, target: ast.Attribute, value: Value, frame: Frame) -> Work:
        from seqshape.readers.keras_source.attributes import set_attribute

        owner = yield self.evaluate(target.value, frame)
        yield set_attribute(self, owner, target.attr, value, frame, target)

    def _assign_item(self, target: ast.Subscript, value: Value, frame: Frame) -> Work:
        owner = yield self.evaluate(target.value, frame)
        index = yield self.evaluate(target.slice, frame)
        into_dict = isinstance(owner, dict) and not is_missing(index) and not isinstance(index, (list, dict, slice))
        if into_dict or (isinstance(owner, list) and isinstance(index, (int, slice))):
            owner[index] = value
            self.note_change(owner, index)
        elif isinstance(owner, Array) or (isinstance(owner, (dict, list)) and is_missing(index)):
            open_up(owner, frame.span(target))
        elif isinstance(owner, Instance) and owner.cls.find("__setitem__") is not None:
            yield self.call_method(owner, "__setitem__", [index, value], {}, frame, target)

    def note_change(self, owner: Value, key: Value = None) -> None:
        """Remember what is changed in a loop of which nothing tells how often it turns."""
        if self.loops:
            self.changed.append((owner, key))

    def named(self, name: str, value: Value, frame: Frame, node: ast.AST) -> Value:
        """The value that a name gets: what nothing tells is called by the first name that it gets, or is set by it."""
        if isinstance(value, Model) and value.record is not None:
            value.record.name_it(name)
        if name in self.settings and (isinstance(value, (Missing, Array)) or self._is_setting(value, frame)):
            self.used.add(name)
            return self.settings[name]
        if isinstance(value, Missing) and "(" in value.name:
            known = self.names_of_missing.get(name)
            if known is None or (known.span == value.span and same_size(known.size, value.size)):
                found = Missing(name, value.span, value.size)
                self.names_of_missing[name] = found
                return found
        if isinstance(value, Array):
            return value.forget(name)
        return value

    def _is_setting(self, value: Value, frame: Frame) -> bool:
        """Whether a value is a constant of the program itself, which ``--set`` may give another one."""
        is_own = frame.function is None and frame.module is self.main and not frame.scope.is_class
        return is_own and isinstance(value, (bool, int, float, str))

    def function(self, node: Definition, frame: Frame) -> Work:
        """A function object, its defaults evaluated."""
        arguments = node.args
        defaults: dict[str, Value] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        for each, default in zip(
            positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True
        ):
            defaults[each.arg] = yield self.evaluate(default, frame)
        for each, said in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if said is not None:
                defaults[each.arg] = yield self.evaluate(said, frame)
        scope = frame.scope
        while scope.is_class and scope.outer is not None:
            scope = scope.outer
        made = Function(node, scope, defaults, frame.module)
        made.is_generator = not isinstance(node, ast.Lambda) and calls.yields(node)
        return made

    def call(self, function: Value, args: Args, kwargs: Keywords, frame: Frame, node: ast.AST) -> Result:
        """Call something with values."""
        return calls.call(self, function, args, kwargs, Site(frame, node))

    def call_method(self, owner: Value, name: str, args: Args, kwargs: Keywords, frame: Frame, node: ast.AST) -> Work:
        """Call a method of an object of a class of the source."""
        from seqshape.readers.keras_source.attributes import attribute

        method = yield attribute(self, owner, name, frame, node)
        return (yield self.call(method, args, kwargs, frame, node))

    # --- what is not known --------------------------------------------------------------------------------------------

    def missing(self, name: str, span: Span) -> Value:
        """Something that nothing tells, or what ``--set`` says of it."""
        from seqshape.readers.keras_source.naming import shortened

        name = shortened(name)
        if name in self.settings:
            self.used.add(name)
            return self.settings[name]
        return Missing(name, span)

    def unknown(self, site: Site) -> Value:
        """What a call gives where nothing tells it."""
        return self.missing(self.written(site.node, site.frame), site.span)

    def unknown_here(self, node: ast.AST, frame: Frame) -> Value:
        """What a piece of syntax means where nothing tells it."""
        return self.missing(self.written(node, frame), frame.span(node))

    def written(self, node: ast.AST, frame: Frame) -> str:
        """A piece of syntax as text, short."""
        from seqshape.readers.keras_source.naming import shortened
        from seqshape.readers.keras_source.syntax import unparsed

        return shortened(unparsed(node))

    def outside(self, name: str, frame: Frame, span: Span) -> Value:
        """What a name means that the program does not give itself."""
        if name in BUILTINS:
            return BUILTINS[name]
        for path in frame.module.stars:
            found = self._starred(path, name)
            if found is not None:
                return found
        if name not in self.settings and name not in self.assigned:
            usual = USUAL.get(name) or (f"keras.layers.{name}" if is_layer(name) else None)
            if usual is not None:
                return External(usual)
        return self.missing(name, span)

    def is_undefined(self, name: str, frame: Frame) -> bool:
        """Whether a whole program never says what a name is, as a cell does that leaves something to the reader."""
        is_whole = frame.module is self.main and frame.module.path is not None and not frame.module.stars
        return is_whole and name not in self.assigned and frame.scope.find(name) is ABSENT

    def _starred(self, path: str, name: str) -> External | None:
        """What ``from … import *`` has brought."""
        from seqshape.readers.keras_source.library import exists
        from seqshape.readers.keras_source.names import canonical

        full = canonical(f"{path}.{name}")
        return External(full) if exists(full) else None

    def rank_of(self, array: str) -> int:
        """The number of axes after the first that an array is taken to have of which nothing tells it."""
        rank = self.ranks.get(array, 1)
        self.guessed[array] = rank
        return rank

    def undecided(self, name: str, span: Span, frame: Frame) -> None:
        """Say that neither way of a branch is taken."""
        help = f"--set '{name}=True' or --set '{name}=False' decides"
        self.note(
            "W140", f"nothing tells whether {name} holds, so neither way of this branch is taken", span, help, frame
        )

    def say_loop(self, span: Span, message: str, frame: Frame) -> None:
        """Say that a loop was not followed to its end."""
        self.note("W141", message, span, None, frame)

    @contextmanager
    def open_loop(self, span: Span) -> Iterator[None]:
        """What is made inside is made an unknown number of times."""
        self.loops.append(span)
        try:
            yield
        finally:
            self.loops.pop()

    def remember(self, made: Call | Node) -> None:
        """Note in which loops something is made of which nothing tells how often they turn."""
        self.made += 1
        self.machine.earn()
        if self.gaps:
            self.gaps_before[made] = len(self.gaps)
        if self.loops:
            self.loop_of[made] = tuple(self.loops)

    def doubt(self, value: Value, why: str, span: Span, scope: Scope, name: str) -> None:
        """Something may have been changed in a way that is not known."""
        if isinstance(value, Model):
            value.doubts.append((why, span))
        elif isinstance(value, Layer):
            self.doubted[value.call] = (why, span)
        elif isinstance(value, (list, dict, set)):
            scope.names[name] = self.missing(name, span)

    # --- findings -----------------------------------------------------------------------------------------------------

    def note(self, code: str, message: str, span: Span, help: str | None = None, frame: Frame | None = None) -> None:
        """Say something of the program, once."""
        module = frame.module if frame is not None else self.main
        labels = (Label(span),) if span != NO_SPAN else ()
        found = Diagnostic(code, "warning", message, labels, help, source=module.source if module else None)
        self.losses += code in UNSURE
        self.notes.setdefault(found)

    def note_library(self, name: str) -> None:
        """Remember a library that is imported."""
        self.libraries.add(name)

    def mark_faults(self) -> int:
        """How many faults there are so far."""
        return len(self.engine.faults)

    def forget_faults(self, number: int) -> None:
        """The program has caught what was refused since."""
        del self.engine.faults[number:]

    def refused(self, before: int, span: Span) -> None:
        """Raise what Keras would have raised, if the program may catch it. Raises Raised."""
        if self.attempts and len(self.engine.faults) > before:
            raise Raised(None, "ValueError", self.engine.faults[-1][0].message, span)

    # --- tensors ------------------------------------------------------------------------------------------------------

    def operation(self, name: str, operands: list[Value], kwargs: Keywords, span: Span) -> Value:
        """An operation of keras.ops on values of which one is a tensor."""
        from seqshape.readers.keras_source.tensors import operation

        return operation(self, name, operands, kwargs, span)

    def say_lost(self, why: str, span: Span) -> None:
        """Say where what is known of a tensor ended."""
        self.note("W147", f"what comes out here is not known: {why}", span)
        if not self.trace.quiet:  # in the call of a layer Keras numbers nothing
            self.lose_count("what is not known here", span)

    def lose_count(self, what: str, span: Span) -> None:
        """Something that may make layers of any class was not followed."""
        self.gaps.append(Gap(what, span, self.main.source if self.main else None, ANY))

    def lost(self, tensor: Value, why: str, span: Span) -> SymbolicTensor:
        """A tensor of which nothing is known, made of another."""
        from seqshape.readers.keras_source.tensors import lost

        return lost(self, tensor, why, span)

    def outputs_of(self, tensor: SymbolicTensor, number: int, span: Span) -> list[Value]:
        """The parts of a tensor that is unpacked."""
        from seqshape.readers.keras_source.tensors import parts

        return parts(self, tensor, number, span)
