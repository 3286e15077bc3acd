"""Python text as a syntax tree, in any number of threads.

CPython counts the depth of the tree that it hands over in one place for all threads (3.11 stops with a SystemError when
two of them are at it), so they take turns.
"""

from __future__ import annotations

import ast
from threading import Lock

_TURN = Lock()


def parse(text: str) -> ast.Module:
    """The statements of a text. Raises what ``ast.parse`` raises: SyntaxError, ValueError, RecursionError, MemoryError."""
    with _TURN:
        return ast.parse(text)


def parse_expression(text: str) -> ast.expr:
    """One expression. Raises as :func:`parse` does."""
    with _TURN:
        return ast.parse(text, mode="eval").body
