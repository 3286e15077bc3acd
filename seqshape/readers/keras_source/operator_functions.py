"""The module ``operator``: operators as functions."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING

from seqshape.readers.keras_source.expressions import apply_binary
from seqshape.readers.keras_source.items import tensor_item
from seqshape.readers.keras_source.machine import on_behalf
from seqshape.readers.keras_source.operators import COMPARISONS, OPERATIONS, compare, is_tensor
from seqshape.readers.keras_source.values import Args, Keywords, Result, is_missing

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site

ARITHMETIC: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "truediv": ast.Div,
    "floordiv": ast.FloorDiv,
    "mod": ast.Mod,
    "pow": ast.Pow,
    "matmul": ast.MatMult,
    "and_": ast.BitAnd,
    "or_": ast.BitOr,
    "xor": ast.BitXor,
    "lshift": ast.LShift,
    "rshift": ast.RShift,
}
COMPARING: dict[str, type[ast.cmpop]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "lt": ast.Lt,
    "le": ast.LtE,
    "gt": ast.Gt,
    "ge": ast.GtE,
}
ALONE = {"neg": "negative", "invert": "logical_not", "inv": "logical_not", "abs": "absolute"}


def call(run: Interpreter, path: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A function of ``operator`` on values of the program."""
    name = path.rpartition(".")[2].strip("_") if path.endswith("__") else path.rpartition(".")[2]
    if name in ARITHMETIC and len(args) == 2:
        return apply_binary(run, ARITHMETIC[name], args[0], args[1], site.frame, site.node)
    if name in COMPARING and len(args) == 2:
        return _compared(run, name, args, site)
    if name in ALONE and len(args) == 1 and is_tensor(args[0]):
        return run.operation(ALONE[name], args, {}, site.span)
    if name == "getitem" and len(args) == 2:
        return _item(run, args, site)
    return run.unknown(site)


def _compared(run: Interpreter, name: str, args: Args, site: Site) -> Result:
    sign, function = COMPARISONS[COMPARING[name]]
    if not any(map(is_tensor, args)):
        return compare(sign, function, args[0], args[1], site.span)
    if sign == "==" and not run.trace.quiet:
        return args[0] is args[1]
    return run.operation(OPERATIONS[sign], args, {}, site.span)


def _item(run: Interpreter, args: Args, site: Site) -> Result:
    owner, index = args
    if is_tensor(owner):
        return tensor_item(run, owner, index, site.span)
    if isinstance(owner, (list, tuple, dict)) and not is_missing(index):
        return on_behalf(operator.getitem, owner, index)
    return run.unknown(site)
