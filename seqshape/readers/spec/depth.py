"""How deep the arguments of a spec are nested. Loaded for a spec that is deep at all."""

from __future__ import annotations

from seqshape.readers.spec.syntax import (
    DEEPEST,
    Arithmetic,
    Chain,
    Choice,
    Invocation,
    Listing,
    Mapping,
    Syntax,
    Unary,
    too_deep,
)


def require_shallow_values(node: Syntax) -> None:
    """Raises Fault where an argument list, or arithmetic, is nested deeper than those that read it can go."""
    waiting: list[tuple[Syntax, int, bool]] = [(node, 0, False)]
    while waiting:
        found, depth, is_value = waiting.pop()
        if depth > DEEPEST:
            raise too_deep(found.span, DEEPEST)
        if isinstance(found, Invocation):
            waiting += ((argument.value, depth + 1, True) for argument in found.arguments)
        elif isinstance(found, Chain) and not is_value:
            waiting += ((step, 0, False) for step in found.steps)
        else:
            counts = depth > 0 or not isinstance(found, Listing)
            waiting += ((part, depth + counts, is_value) for part in _parts(found))


def _parts(node: Syntax) -> tuple[Syntax, ...]:
    """What an expression is made of."""
    if isinstance(node, Chain):
        return node.steps
    if isinstance(node, Listing):
        return node.items
    if isinstance(node, Arithmetic):
        return node.operands
    if isinstance(node, Mapping):
        return tuple(item for _, item in node.items)
    if isinstance(node, Unary):
        return (node.operand,)
    return node.options if isinstance(node, Choice) else ()
