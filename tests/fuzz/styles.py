"""The same Keras program as others would write it: sizes under names, keywords in dicts, layers under other names, steps in
functions, methods, loops and branches. Keras makes the same model of each."""

from __future__ import annotations

import ast
from collections.abc import Callable
from random import Random
from typing import Any

HEAD = "import keras\nfrom keras import layers\n"
IMPORTS = (HEAD, HEAD, "import keras\nfrom keras.layers import *\n", "import keras, keras.layers as L\n")
PREFIXES = ("layers.", "layers.", "", "L.")


def styled(program: str, seed: str) -> str:
    """Another program that builds the same model; always the same one for a seed."""
    random = Random(seed)
    tree = ast.parse(program.removeprefix(HEAD))
    body = _Written(random).changed(tree.body)
    for wrap in random.sample(WRAPPERS, random.randint(0, 2)):
        body = wrap(body, random)
    text = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    number = random.randrange(len(IMPORTS))
    if number > 1:
        text = text.replace("layers.", PREFIXES[number])
    return f"{IMPORTS[number]}{text}\n"


class _Written(ast.NodeTransformer):
    """Expressions in other words: numbers by arithmetic and under names, keywords by ``**``, lists by comprehensions."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.before: list[ast.stmt] = []
        self.names = 0

    def changed(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements, each behind what it needs."""
        found: list[ast.stmt] = []
        for statement in body:
            self.before = []
            new = self.visit(statement)
            found += [*self.before, *self._statement(new)]
        return found

    def _statement(self, statement: ast.stmt) -> list[ast.stmt]:
        """A statement as it is, or in a branch, a loop of one turn, an attempt."""
        style = self.random.randrange(12)
        text = ast.unparse(statement).replace("\n", "\n    ")
        if style == 0:
            return ast.parse(f"if len('ab') == 2:\n    {text}\nelse:\n    model = None").body
        if style == 1:
            return ast.parse(f"for _ in range(1):\n    {text}").body
        if style == 2:
            return ast.parse(f"try:\n    {text}\nexcept ImportError:\n    pass").body
        return [statement]

    def _named(self, value: ast.expr) -> ast.expr:
        self.names += 1
        name = f"size_{self.names}"
        self.before.append(ast.Assign([ast.Name(name, ast.Store())], value, lineno=1))
        return ast.Name(name, ast.Load())

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A number under a name or worked out, a text put together."""
        value, style = node.value, self.random.randrange(10)
        if isinstance(value, str) and value.isidentifier() and "_" in value and style < 4:
            first, _, last = value.rpartition("_")
            form = f"f\"{{'{first}'}}_{last}\"" if style < 2 else f"'_'.join(['{first}', '{last}'])"
            return ast.parse(form, mode="eval").body
        if type(value) is not int or value < 1 or style > 4:
            return node
        if style == 0:
            return self._named(node)
        forms = (
            f"{value - 1} + 1",
            f"{value * 2} // 2",
            f"len({'x' * min(value, 40)!r})" if value <= 40 else f"int({value}.0)",
        )
        return ast.parse(self.random.choice(forms), mode="eval").body

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Keywords in a dict, or the call behind a function."""
        self.generic_visit(node)
        if node.keywords and all(each.arg for each in node.keywords) and self.random.random() < 0.2:
            pairs = ", ".join(f"{each.arg!r}: {ast.unparse(each.value)}" for each in node.keywords)
            node.keywords = [ast.keyword(None, ast.parse(f"{{{pairs}}}", mode="eval").body)]
        if self.random.random() < 0.05:
            return ast.parse(f"(lambda: {ast.unparse(node)})()", mode="eval").body
        return node

    def visit_List(self, node: ast.List) -> ast.expr:
        """A list by a comprehension, a sum, a star."""
        self.generic_visit(node)
        text = ast.unparse(node)
        if self.random.random() > 0.25 or not node.elts:
            return node
        forms = (f"[each for each in {text}]", f"[*{text}]", f"list({text})", f"[] + {text}")
        return ast.parse(self.random.choice(forms), mode="eval").body


Wrapper = Callable[[list[ast.stmt], Random], list[ast.stmt]]


def _inside(head: str, tail: str) -> Wrapper:
    def wrap(body: list[ast.stmt], random: Random) -> list[ast.stmt]:
        indent = " " * (8 if head.count("\n") > 0 else 4)
        text = "\n".join(ast.unparse(ast.fix_missing_locations(statement)) for statement in body)
        lines = "\n".join(indent + line for line in text.split("\n"))
        return ast.parse(f"{head}\n{lines}\n{indent}return model\n{tail}").body

    return wrap


WRAPPERS: tuple[Any, ...] = (
    _inside("def build(depth=1, *, name=None):", "model = build()"),
    _inside("def make(**options):", "model = make(deep=True)"),
    _inside("class Builder:\n    def build(self):", "model = Builder().build()"),
    _inside("class Maker:\n    @staticmethod\n    def make(n=3):", "model = Maker.make()"),
)
