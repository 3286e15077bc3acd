"""Whether a text is Python or a spec: told by what it is, not by where it stands."""

from __future__ import annotations

import re

# A statement of Python that no spec has.
STATEMENT = re.compile(
    r"^\s*(?:import\s+[\w.]+|from\s+[\w.]+\s+import\b|def\s+\w+\s*\(|class\s+\w+\s*[(:]|@\w"
    r"|if\s+.*:\s*(?:#.*)?$|for\s+\w.*:\s*$|with\s+.*:\s*$|try\s*:)",
    re.MULTILINE,
)
# Words that only a program has: methods, and what makes a model. A layer that is called at once is a slip in a spec too.
SIGNS = re.compile(
    r"(?<!ops)\.add\(|\w\.(?:summary|compile|fit|build)\(|\bkeras\.(?:Model|Sequential|Input)\b|\b(?:Model|Functional)\s*\("
    r"|=\s*(?:\w+\.)*Sequential\s*\("
)
CALLED = re.compile(r"\)\s*\(\s*\w")
JSON = re.compile(r'\s*\{\s*"')
CONTEXT = re.compile(r"\bshape\s*=|\blayers\.\w|\bkeras\.")


def is_python(text: str) -> bool:
    """Whether a text is Python that builds models, and no spec or config: what begins as an object of JSON is none."""
    if JSON.match(text):
        return False
    if STATEMENT.search(text):
        return True
    if not SIGNS.search(text) and not (CALLED.search(text) and CONTEXT.search(text)):
        return False
    return _parses(text)


def _parses(text: str) -> bool:
    import textwrap

    from seqshape.syntax_tree import parse

    try:
        body = parse(textwrap.dedent(text)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not any(_is_chain(getattr(statement, "value", None)) for statement in body)


def _is_chain(value: object) -> bool:
    """Whether an expression is one that a spec writes: ``x > LSTM(5)``, which Python would compare."""
    import ast

    return isinstance(value, ast.Compare) and any(isinstance(sign, ast.Gt) for sign in value.ops)
