"""What a piece of a program could change, told from its syntax alone: for a branch that nothing decides."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

# Methods that change nothing that a summary shows.
HARMLESS = frozenset(
    (
        "compile fit fit_generator evaluate evaluate_generator predict predict_classes predict_generator summary save"
        " save_weights load_weights train_on_batch test_on_batch get_weights set_weights to_json to_yaml write flush"
        " close format join split strip lower upper startswith endswith items keys values get copy mean sum max min"
        " count index print info debug warning error shape plot show savefig legend figure title subplot imshow xlabel"
        " ylabel axis hist read readlines readline decode encode exists mkdir makedirs add_argument parse_args"
        " add_scalar history count_params get_config astype reshape tolist argmax seed set_seed"
    ).split()
)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
# What makes a program go on elsewhere, and what says so.
MOVES: dict[type[ast.AST], str] = {
    ast.Return: "returns",
    ast.Yield: "yields",
    ast.YieldFrom: "yields",
    ast.Break: "breaks",
    ast.Continue: "continues",
}
EXITS = frozenset({"exit", "quit", "_exit", "abort"})


class Effects:
    """Names that are assigned, names of things that are changed, attributes of ``self`` that are, and ways out."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.touched: set[str] = set()
        self.attributes: set[str] = set()
        self.returns = False
        self.breaks = False  # out of a loop around, as the others do
        self.continues = False
        self.yields = False

    def leaves_turn(self) -> bool:
        """Whether a turn of a loop around may end here."""
        return self.breaks or self.continues

    def any(self) -> bool:
        """Whether anything is changed at all."""
        moves = self.returns or self.yields or self.leaves_turn()
        return bool(self.names or self.touched or self.attributes or moves)


Marks = tuple[ast.AST, ...]


def marks(nodes: Iterable[ast.AST]) -> Marks:
    """What in some syntax calls, changes or combines something: all that may matter where it is not followed."""
    return _marks(tuple(nodes))


@lru_cache(512)  # a branch that nothing decides may stand in a loop
def _marks(nodes: Marks) -> Marks:
    return tuple(each for node in nodes for each in ast.walk(node) if _is_mark(each))


def _is_mark(node: ast.AST) -> bool:
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return isinstance(node.ctx, ast.Store)
    return isinstance(node, (ast.Call, ast.BinOp, ast.Global))


def effects(body: Sequence[ast.stmt]) -> Effects:
    """What some statements could change. Functions and classes inside are only named. Not to be changed."""
    return _effects(tuple(body))


@lru_cache(512)
def _effects(body: tuple[ast.stmt, ...]) -> Effects:
    found = Effects()
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        _note(node, found)
        if not isinstance(node, DEFINITIONS):
            waiting.extend(ast.iter_child_nodes(node))
    if found.leaves_turn():
        ends = set(_ends(body))
        found.breaks, found.continues = ast.Break in ends, ast.Continue in ends
    return found


def _ends(body: Iterable[ast.AST]) -> Iterator[type[ast.AST]]:
    """The kinds of statements that end a turn of a loop around some syntax, and of none inside it."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield type(node)
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            waiting.extend(node.orelse)
        elif not isinstance(node, DEFINITIONS):
            waiting.extend(ast.iter_child_nodes(node))


def _note(node: ast.AST, found: Effects) -> None:
    if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        found.names.add(node.id)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        found.names.add(node.name)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        found.names.update((alias.asname or alias.name).partition(".")[0] for alias in node.names if alias.name != "*")
    elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
        _touch(node, found)
    elif isinstance(node, ast.Call):
        _note_call(node, found)
    elif type(node) in MOVES:
        setattr(found, MOVES[type(node)], True)


def _note_call(node: ast.Call, found: Effects) -> None:
    if isinstance(node.func, ast.Attribute):
        if node.func.attr not in HARMLESS:
            _touch(node.func, found)
        return
    for argument in node.args:  # a function may change what it is given
        if isinstance(argument, ast.Name) and isinstance(node.func, ast.Name) and node.func.id != "print":
            found.touched.add(argument.id)


def _touch(node: ast.Attribute | ast.Subscript, found: Effects) -> None:
    here: ast.AST = node
    parts: list[str] = []
    while isinstance(here, (ast.Attribute, ast.Subscript)):
        if isinstance(here, ast.Attribute):
            parts.append(here.attr)
        here = here.value
    if isinstance(here, ast.Name):
        if here.id == "self" and parts:
            found.attributes.add(parts[-1])
        else:
            found.touched.add(here.id)


def leaves(body: list[ast.stmt]) -> bool:
    """Whether a body always ends the program or raises: what goes on has not gone this way."""
    last = body[-1] if body else None
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        function = last.value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in EXITS
    return False
