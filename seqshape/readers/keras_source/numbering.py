"""Which numbers in automatic names are sure.

Keras numbers every layer that a program makes, by class. Where a part of the program was not followed that may make
layers, what comes behind it may bear other numbers than here; its shapes and counts are not touched by that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from seqshape.declaration import snake_case
from seqshape.diagnostics import Diagnostic, Label, Span
from seqshape.graph import UNNAMED, Call, Graph
from seqshape.readers.keras_source.effects import marks
from seqshape.readers.keras_source.engine import SymbolicTensor, layer_type, of_name
from seqshape.readers.keras_source.layers import is_layer
from seqshape.readers.keras_source.names import canonical, is_keras
from seqshape.readers.keras_source.records import ANY, Gap
from seqshape.readers.keras_source.scope import ABSENT, Frame, Scope
from seqshape.readers.keras_source.values import Class, External, Function, Instance, Layer, Model, Result

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter

DEEPEST = 12  # functions that call each other, looked through for layers
BUILDING = frozenset({"build", "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"})
MAKERS = ("keras.ops.", "keras.backend.", "keras.activations.", "tensorflow.")  # on tensors they make an operation


def skip(run: Interpreter, nodes: Iterable[ast.AST], frame: Frame, span: Span, what: str) -> None:
    """Note a piece of the program that was not followed, if it may make layers."""
    stems = frozenset(_Makers(run, frame.scope).of(nodes))
    if stems:
        run.gaps.append(Gap(what, span, frame.module.source, ANY if "*" in stems else stems))


def unsure(run: Interpreter, model: Call, graph: Graph) -> Iterator[Diagnostic]:
    """What is to be said of the automatic numbers in a graph: at most one warning, at the first gap that may shift one."""
    names: dict[int, list[str]] = {}
    for call in (*graph.calls, model):
        if call.named is None or of_name(call) is not None or call.class_name == UNNAMED:
            continue
        stem = call.named.rstrip("0123456789").removesuffix("_")
        for index, gap in enumerate(run.gaps[: run.gaps_before.get(call, 0)]):
            if gap.stems & {stem, "*"}:
                names.setdefault(index, []).append(call.named)
                break
    if names:
        first = min(names)
        gap = run.gaps[first]
        found = [name for each in sorted(names) for name in names[each]]
        listed = ", ".join(found[:4]) + (", …" if len(found) > 4 else "")
        message = f"{gap.what} may make layers too: the numbers in automatic names behind it are not sure ({listed})"
        yield Diagnostic("W149", "warning", message, (Label(gap.span),), source=gap.source)


class _Makers:
    """Looks through syntax for what makes layers, with the meaning that its names have now."""

    def __init__(self, run: Interpreter, scope: Scope) -> None:
        self.run = run
        self.scope = scope
        self.seen: set[Function | Class] = set()

    def of(self, nodes: Iterable[ast.AST], depth: int = 0) -> Iterator[str]:
        """The stems of the names that may be numbered; ``*`` for any."""
        found = marks(nodes)
        self.run.machine.spend(len(found))
        for each in found:
            if isinstance(each, ast.Call):
                yield from self._called(each, depth)
            elif isinstance(each, ast.BinOp) and self._is_tensor(each.left, each.right):
                yield "*"

    def _called(self, node: ast.Call, depth: int) -> Iterator[str]:
        value = self._value(node.func)
        if self._builds(node.func):
            yield "*"
        if isinstance(value, External):
            yield from self._of_library(canonical(value.path), node)
        elif isinstance(value, Class) and value.library() is not None:
            yield from ("*",) if is_keras(value.library() or "") else ()
        elif isinstance(value, (Function, Class)) and value not in self.seen and depth < DEEPEST:
            self.seen.add(value)
            yield from self.of(value.node.body if isinstance(value.node.body, list) else [value.node.body], depth + 1)

    def _builds(self, node: ast.expr) -> bool:
        """Whether a call may build a Sequential that does not know its input yet: it makes an input layer then."""
        owner = self._value(node.value) if isinstance(node, ast.Attribute) else self._value(node)
        is_called = isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and node.attr in BUILDING)
        return is_called and isinstance(owner, Model) and owner.path == "keras.Sequential" and owner.input_layer is None

    def _of_library(self, path: str, node: ast.Call) -> Iterator[str]:
        last = path.rpartition(".")[2]
        if path.startswith("keras.layers."):
            kind = layer_type(last)
            yield kind.auto_name if kind is not None else "*" if last[:1].islower() else snake_case(last)
        elif path in ("keras.Sequential", "keras.Model", "keras.Functional"):
            yield from ("sequential", "functional")
        elif path.startswith(("keras.applications.", "keras.models.")) or (
            path.startswith(MAKERS) and self._is_tensor(*node.args)
        ):
            yield "*"

    def _is_tensor(self, *nodes: ast.expr) -> bool:
        return any(isinstance(self._value(node), SymbolicTensor) for node in nodes)

    def _value(self, node: ast.expr) -> Result:
        """What a name, or a name behind dots, means; ``None`` if that is not known."""
        if isinstance(node, ast.Name):
            found = self.scope.find(node.id)
            return External(f"keras.layers.{node.id}") if found is ABSENT and is_layer(node.id) else found
        if not isinstance(node, ast.Attribute):
            return None
        owner = self._value(node.value)
        if isinstance(owner, External):
            return External(f"{owner.path}.{node.attr}")
        if isinstance(owner, (Instance, Layer)):
            cls = owner.cls if isinstance(owner, Instance) else owner.instance.cls if owner.instance else None
            return cls.find(node.attr) if cls is not None else None
        return External(f"keras.layers.{node.attr}") if owner is ABSENT and is_layer(node.attr) else None
