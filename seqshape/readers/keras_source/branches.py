"""What of a program is not followed: a branch that nothing decides, and what may not be reached behind it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.changes import forget_calls
from seqshape.readers.keras_source.effects import Effects, effects
from seqshape.readers.keras_source.machine import Given, Returned, Unsure
from seqshape.readers.keras_source.numbering import skip
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import Instance, Missing, Rest, Work

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter


def undecided(run: Interpreter, bodies: Sequence[ast.stmt], name: str, frame: Frame, test: ast.expr) -> Work:
    """Branches of which nothing tells which is taken. Raises Returned or Unsure where one leaves what is around."""
    span = frame.span(test)
    changed = pass_over(run, bodies, frame, span, f"the branch on {name}")
    if changed.any():
        run.undecided(name, span, frame)
    if changed.yields:
        yield Given(Rest("more items", span))
    if changed.returns:
        raise Returned(Missing(f"what {frame.function or 'it'} returns", span), span, is_sure=False)
    if changed.leaves_turn() and not frame.open_turns:
        raise Unsure(span)


def pass_over(run: Interpreter, nodes: Sequence[ast.stmt], frame: Frame, span: Span, why: str) -> Effects:
    """What statements may change of which nothing tells whether they are done is not known any more."""
    changed = effects(nodes)
    forget_calls(run, nodes, frame, span)  # while the names still mean what they did
    forget(run, changed, frame, span, why)
    skip(run, nodes, frame, span, why)
    return changed


def forget(run: Interpreter, changed: Effects, frame: Frame, span: Span, why: str) -> None:
    """What has been changed in a way that is not known is not known any more."""
    for name in sorted(changed.names):
        frame.scope.home(name).names[name] = run.missing(name, span)
    for name in sorted(changed.touched - changed.names):
        run.doubt(frame.scope.find(name), why, span, frame.scope.home(name), name)
    for attribute in sorted(changed.attributes):
        if isinstance(frame.first, Instance):
            frame.first.attributes[attribute] = run.missing(f"self.{attribute}", span)
