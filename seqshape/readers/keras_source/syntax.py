"""From text to Python's syntax tree, whatever the text: notebooks' magics and Python 2's print are no reason to give up."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from seqshape import syntax_tree
from seqshape.diagnostics import Diagnostic, Label, SeqshapeError, Span
from seqshape.readers.keras_source.scope import Module

LARGEST = 4 << 20  # characters of a source
MAGIC = re.compile(r"^(\s*)(?:%|!|\?).*$|^(\s*)[\w.]+\?\??\s*$")
PRINT = re.compile(r"^(\s*)print\s+(?![=(.,\[])(.+)$|^(\s*)print\s*$")


def parse(module: Module, *, quiet: bool = False) -> ast.Module | None:
    """The tree of a module. Raises SeqshapeError where the text is no Python, unless ``quiet``."""
    text = module.source.text
    try:
        return _tree(text)
    except SyntaxError as problem:
        for mended in (_without_magics(text), without_prints(text)):
            if mended is not None:
                try:
                    return _tree(mended)
                except (SyntaxError, ValueError, RecursionError, MemoryError):
                    continue
        found = _syntax_fault(module, problem)
    except (ValueError, RecursionError, MemoryError) as problem:
        message = "this Python is nested too deep to be read" if not isinstance(problem, ValueError) else str(problem)
        found = Diagnostic("E140", "error", message, (), source=module.source)
    if quiet:
        return None
    raise SeqshapeError((found,))


def _tree(text: str) -> ast.Module:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return syntax_tree.parse(text)


def _syntax_fault(module: Module, problem: SyntaxError) -> Diagnostic:
    line = min(max(problem.lineno or 1, 1), len(module.starts))
    start = module.starts[line - 1] + max((problem.offset or 1) - 1, 0)
    start = min(start, len(module.source.text))
    span = Span(start, min(start + 1, len(module.source.text)))
    message = f"this is no Python: {problem.msg}"
    return Diagnostic("E140", "error", message, (Label(span),), source=module.source)


def _without_magics(text: str) -> str | None:
    """The text with lines that only a notebook understands turned into ``pass`` lines of the same length."""
    lines = text.split("\n")
    changed = [_passed(line) if MAGIC.match(line) else line for line in lines]
    return "\n".join(changed) if changed != lines else None


def _passed(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass"


def without_prints(text: str) -> str:
    """The text with Python 2's ``print`` statements turned into ``pass`` lines, and its ``except`` and backticks mended."""
    lines = (_without_magics(text) or text).split("\n")
    changed = []
    for line in lines:
        found = PRINT.match(line)
        if found:
            changed.append(_passed(line))
        else:
            changed.append(re.sub(r"^(\s*except\s+[\w.()]+(?:\s*,\s*[\w.]+\))?)\s*,\s*(\w+)\s*:", r"\1 as \2:", line))
    return "\n".join(changed)


@lru_cache(4096)  # the same piece is told of in every turn of a loop
def unparsed(node: ast.AST) -> str:
    """A piece of syntax as short text; of what is large only its beginning."""
    if sum(1 for _, _ in zip(ast.walk(node), range(60), strict=False)) >= 60:
        return f"a {type(node).__name__.lower()}"
    try:
        return " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return f"a {type(node).__name__.lower()}"
