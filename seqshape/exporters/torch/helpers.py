"""Texts that the writer needs: the parts of parts.py, and names that a module's attributes must not have."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

# What nn.Module has itself; an attribute of such a name would break it.
RESERVED = frozenset(
    (
        "T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches"
        " eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu"
        " load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters"
        " register_backward_hook register_buffer register_forward_hook register_forward_pre_hook"
        " register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook"
        " register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook"
        " register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to"
        " to_empty train training type xpu zero_grad self"
    ).split()
)


@cache
def _parts() -> dict[str, str]:
    """The text of each part by its name."""
    import ast

    from seqshape.syntax_tree import parse

    source = (Path(__file__).parent / "parts.py").read_text(encoding="utf-8")
    lines = source.splitlines()
    found: dict[str, str] = {}
    for node in parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return found


def part_names() -> list[str]:
    """The names of all parts."""
    return [*_parts(), "Tensor", "Function", "Callable", "Sequence"]


def part_text(name: str) -> str:
    """The source of a part."""
    return _parts()[name]


def dependencies(names: Iterable[str]) -> list[str]:
    """Parts, and those that they use, in the order of the file."""
    import re

    known = _parts()
    waiting, wanted = list(names), set()
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [
                other for other in known if other != name and re.search(rf"\b{other}\(|\({other}\)", known[name])
            ]
    return [name for name in known if name in wanted]


def is_atom(text: str) -> bool:
    """Whether an expression needs no parentheses before a dot, an operator or a subscript."""
    import ast

    from seqshape.syntax_tree import parse_expression

    node = parse_expression(text)
    return isinstance(node, (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Tuple, ast.Constant))
