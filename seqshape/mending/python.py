"""Mends of Keras source code, written as Python: a keyword in a call, a line before it, a call around a tensor."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

from seqshape.bind.layer import Layer
from seqshape.diagnostics import Diagnostic, SeqshapeError, Span
from seqshape.graph import Call, Graph, Node
from seqshape.mending.languages import Bare, New, Patches
from seqshape.mending.patch import Patch, apply, without_argument
from seqshape.network import Network
from seqshape.registry import find_layer
from seqshape.syntax_tree import parse

INDENT = " \t"
SHAPES = ("Target", "Dims")  # kinds of a first argument that is a shape


class Tree:
    """A program's syntax, found by places in its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.parents: dict[ast.AST, ast.AST] = {}
        self.calls: dict[Span, ast.Call] = {}
        self.names: set[str] = set()
        self.bound: set[str] = set()
        self.aliases: dict[str, ast.alias] = {}  # what is imported of a module of layers, under its own name
        try:
            tree = parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in ast.walk(tree):
            self.parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))
            if isinstance(node, ast.Call):
                self.calls[self.span(node)] = node
            elif isinstance(node, ast.Name):
                (self.bound if isinstance(node.ctx, ast.Store) else self.names).add(node.id)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self.bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
                if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2] == "layers":
                    self.aliases |= {alias.name: alias for alias in node.names if alias.asname is None}

    def place(self, line: int, column: int) -> int:
        """The character at a line (from 1) and a column of it in UTF-8 bytes."""
        start = self.starts[line - 1]
        stop = self.starts[line] if line < len(self.starts) else len(self.text)
        return start + len(self.text[start:stop].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))

    def span(self, node: ast.AST) -> Span:
        """The place of a piece of syntax."""
        start = self.place(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        return Span(start, self.place(node.end_lineno, node.end_col_offset))  # type: ignore[attr-defined]

    def written(self, node: ast.AST) -> str:
        """The text of a piece of syntax."""
        span = self.span(node)
        return self.text[span.start : span.stop]


@lru_cache(maxsize=8)
def tree_of(text: str) -> Tree:
    """The syntax of a text."""
    return Tree(text)


class Python:
    """Keras source code: layers as the program calls them, arguments by keyword."""

    arrow = ", then "

    def __init__(self, network: Network) -> None:
        self.graph = network.graph
        self.text = network.graph.source.text if network.graph.source is not None else ""
        self.tree = tree_of(self.text)
        self.prefix = self._prefix()

    def _prefix(self) -> str:
        """What stands before the name of a layer in this program: ``layers.``, ``tf.keras.layers.``, or nothing."""
        for call in self.graph.calls:
            function = self._function(call)
            if function is not None and function.rpartition(".")[2] == call.class_name != "Input":
                return function.removesuffix(call.class_name)
        return ""

    def _function(self, call: Call) -> str | None:
        """How a program names what it calls here."""
        node = self.tree.calls.get(call.span)
        return self.tree.written(node.func) if node is not None else None

    def read(self, text: str) -> Graph:
        """The same model of a changed program. Raises SeqshapeError, also where a name comes in that nothing has."""
        tree, reread = tree_of(text), self.graph.reread
        new = tree.names - self.tree.names - tree.bound
        if reread is None or new or not tree.calls:
            said = f"nothing is called {sorted(new)[0]}" if new else "this is no program"
            raise SeqshapeError((Diagnostic("E140", "error", said),))
        graph: Graph = reread(text)
        return graph

    # --- as it is written -------------------------------------------------------------------------------------------

    def call(self, call: Call) -> str:
        """The text of the call."""
        return self.text[call.span.start : call.span.stop]

    def layers(self, news: Sequence[New]) -> str:
        """``layers.TimeDistributed(layers.Flatten()), then layers.Dense(1)``."""
        return self.arrow.join(map(self._new, news))

    def _new(self, new: New) -> str:
        prefix = "keras." if new.name == "Input" and self.prefix.endswith("layers.") else self.prefix
        if new.name == "Input":
            return f"{prefix}Input({_value(tuple(new.values), self)})"
        kind = find_layer(new.name)
        values = new.values
        if kind is not None and values and kind.positional[:1] and kind.positional[0].family in SHAPES:
            values = (tuple(values),)  # a spec may leave the brackets out
        keywords = [f"{name}={_value(value, self)}" for name, value in new.keywords]
        return f"{prefix}{new.name}({', '.join([*(_value(value, self) for value in values), *keywords])})"

    def said(self, call: Call, patches: Patches) -> str:
        """The text of the call after the patches in it."""
        span = call.span
        inside = tuple(
            Patch(Span(patch.span.start - span.start, patch.span.stop - span.start), patch.text)
            for patch in patches
            if span.start <= patch.span.start and patch.span.stop <= span.stop
        )
        return apply(self.call(call), inside) or self.call(call)

    # --- arguments ---------------------------------------------------------------------------------------------------

    def setting(self, layer: Layer, name: str, value: object) -> Patches:
        """``return_sequences=True`` put into the call, or in the place of what stands there."""
        node = self.tree.calls.get(layer.call.span)
        if node is None:
            return ()
        written = f"{name}={_value(value, self)}"
        place = layer.places.get(name)
        if place is not None:
            old = self.text[place.start : place.stop]
            inside = layer.call.span.start < place.start and place.stop < layer.call.span.stop
            named = old.startswith((f"{name}=", f"{name} ="))
            return (Patch(place, written if named else _value(value, self)),) if inside else ()
        given = [*node.args, *node.keywords]
        if given:
            end = max(self.tree.span(each).stop for each in given)
            return (Patch(Span(end, end), f", {written}"),)
        end = layer.call.span.stop - 1
        return (Patch(Span(end, end), written),)

    def but_last(self, layer: Layer, name: str, value: object) -> Patches:
        """What a loop makes is made the same way each time."""
        return ()

    def without(self, layer: Layer, name: str) -> Patches:
        """The keyword and its comma."""
        place = layer.places.get(name)
        return () if place is None or place == layer.call.span else self.dropped(place)

    def dropped(self, place: Span) -> Patches:
        """What stands at a place among the arguments of a call, with its comma."""
        return (Patch(without_argument(self.text, place), ""),)

    # --- layers ------------------------------------------------------------------------------------------------------

    def before(self, node: Node, news: Sequence[New]) -> Patches:
        """An item before it in a list, an ``add`` before its own, or calls around the tensor that it gets."""
        return self._beside(node, news, behind=False)

    def behind(self, node: Node, news: Sequence[New]) -> Patches:
        """The same behind it."""
        return self._beside(node, news, behind=True)

    def _beside(self, node: Node, news: Sequence[New], *, behind: bool) -> Patches:
        written = [self._new(new) for new in news]
        applied = self.tree.calls.get(node.span) if node.span != node.call.span else None
        if applied is not None:
            if not applied.args:
                return ()
            span = self.tree.span(applied if behind else applied.args[0])
            opening = "".join(f"{each}(" for each in reversed(written))
            patches: Patches = (
                Patch(Span(span.start, span.start), opening),
                Patch(Span(span.stop, span.stop), ")" * len(written)),
            )
        else:
            patches = self._in_line(node.call, written, behind)
        return (*patches, *self._imported(news)) if patches else ()

    def _in_line(self, call: Call, written: list[str], behind: bool) -> Patches:
        """Layers beside one in a list, or ``add`` statements beside its own."""
        made = self.tree.calls.get(call.span)
        parent = self.tree.parents.get(made) if made is not None else None
        if made is None or parent is None:
            return ()
        if isinstance(parent, (ast.List, ast.Tuple)):
            return self._lines(call.span, written, behind, ", ", ",\n")
        statement = self._statement(parent)
        if statement is None or not isinstance(parent, ast.Call):
            return ()
        function = self.tree.written(parent.func)
        return self._lines(self.tree.span(statement), [f"{function}({each})" for each in written], behind, "; ", "\n")

    def _lines(self, span: Span, written: list[str], behind: bool, on_line: str, on_lines: str) -> Patches:
        """Texts beside another one: on its line, or each on a line of its own as that is."""
        indent = self._indent(span.start)
        gap = on_line if indent is None else f"{on_lines}{indent}"
        if behind:
            return (Patch(Span(span.stop, span.stop), "".join(gap + each for each in written)),)
        return (Patch(Span(span.start, span.start), "".join(each + gap for each in written)),)

    def _statement(self, node: ast.AST) -> ast.Expr | None:
        """The statement ``model.add(…)`` that a call is."""
        parent = self.tree.parents.get(node)
        return parent if isinstance(node, ast.Call) and isinstance(parent, ast.Expr) else None

    def _indent(self, start: int) -> str | None:
        """What stands before a place on its line, if it is only white space and there are lines at all."""
        first = self.text.rfind("\n", 0, start) + 1
        before = self.text[first:start]
        return before if not before.strip(INDENT) and "\n" in self.text.strip() else None

    def _imported(self, news: Sequence[New], instead: str = "") -> Iterator[Patch]:
        """Names of layers that the program imports one by one, where new ones come in, one for a name that is none."""
        if self.prefix:
            return
        wanted = [name for new in news for name in _names(new) if name not in self.tree.bound]
        aliases = self.tree.aliases
        wrong = aliases.get(instead) if find_layer(instead) is None else None
        if wrong is not None:
            yield Patch(self.tree.span(wrong), wanted.pop(0) if wanted else instead)
        if wanted and aliases and "*" not in aliases:
            end = self.tree.span(next(reversed(aliases.values()))).stop
            yield Patch(Span(end, end), "".join(f", {name}" for name in dict.fromkeys(wanted)))

    def instead(self, call: Call, news: Sequence[New]) -> Patches:
        """The text of the new layers, several only in a list."""
        made = self.tree.calls.get(call.span)
        in_list = made is not None and isinstance(self.tree.parents.get(made), (ast.List, ast.Tuple))
        if made is None or (len(news) > 1 and not in_list):
            return ()
        written = [self._new(new) for new in news]
        if len(news) == 1 and news[0].name == "Input":
            written = [f"{self._function(call)}({_value(tuple(news[0].values), self)})"]
        return (Patch(call.span, ", ".join(written)), *self._imported(news, self._function(call) or ""))

    def around(self, call: Call, wrapper: str) -> Patches:
        """``layers.TimeDistributed(…)``."""
        if call.span not in self.tree.calls:
            return ()
        start, stop = call.span.start, call.span.stop
        kind = find_layer(wrapper)
        name = kind.name if kind is not None else wrapper
        opening = Patch(Span(start, start), f"{self.prefix}{name}(")
        return (opening, Patch(Span(stop, stop), ")"), *self._imported([New(name)]))

    def left_out(self, call: Call) -> Patches:
        """The item of the list, the ``add``, or the call around the tensor."""
        made = self.tree.calls.get(call.span)
        parent = self.tree.parents.get(made) if made is not None else None
        if isinstance(parent, (ast.List, ast.Tuple)):
            return (Patch(self._item(call.span), ""),)
        if not isinstance(parent, ast.Call):
            return ()
        if parent.func is made and parent.args:
            return (Patch(self.tree.span(parent), self.tree.written(parent.args[0])),)
        statement = self._statement(parent)
        if statement is None:
            return ()
        span = self.tree.span(statement)
        rest = self.text[span.stop :]
        end = span.stop + len(rest) - len(rest.lstrip("; \t").removeprefix("\n").lstrip(INDENT))
        return (Patch(Span(span.start, end), ""),)

    def _item(self, span: Span) -> Span:
        """An item of a list with the comma and the white space behind it, or before it at the end."""
        after = self.text[span.stop :]
        if after.lstrip().startswith(","):
            rest = after.lstrip().removeprefix(",").lstrip()
            return Span(span.start, len(self.text) - len(rest))
        return without_argument(self.text, span)

    def twice(self, node: Node) -> Patches:
        """``attention(x, x)``."""
        applied = self.tree.calls.get(node.span) if node.span != node.call.span else None
        if applied is None or len(applied.args) != 1:
            return ()
        span = self.tree.span(applied.args[0])
        return (Patch(Span(span.stop, span.stop), f", {self.tree.written(applied.args[0])}"),)

    def written(self, span: Span, text: str) -> Patches:
        """The text itself; a layer under its own name, and none of a spec's other words."""
        if span.pointer is not None:
            return ()
        kind = find_layer(text) if text.isidentifier() else None
        text = kind.name if kind is not None else text
        old, new = self._word(span, text)
        is_layer = new.isidentifier() and old != new and find_layer(new) is not None
        return (Patch(span, text), *(self._imported([New(new)], old) if is_layer else ()))

    def _word(self, span: Span, text: str) -> tuple[str, str]:
        """The word around a place, before and after another text stands there; a part of a dotted name is none."""
        start, stop = span.start, span.stop
        while start and (self.text[start - 1].isalnum() or self.text[start - 1] in "_."):
            start -= 1
        while stop < len(self.text) and (self.text[stop].isalnum() or self.text[stop] == "_"):
            stop += 1
        return self.text[start:stop], self.text[start : span.start] + text + self.text[span.stop : stop]


def _names(new: New) -> Iterator[str]:
    """The classes that a new layer needs."""
    yield new.name
    for value in (*new.values, *(value for _, value in new.keywords)):
        if isinstance(value, New):
            yield from _names(value)


def _value(value: object, language: Python) -> str:
    if isinstance(value, New):
        return language._new(value)
    if isinstance(value, str):
        return str(value) if isinstance(value, Bare) else f'"{value}"'
    if isinstance(value, (tuple, list)):
        return f"({', '.join(_value(item, language) for item in value)}{',' if len(value) == 1 else ''})"
    return str(value)
