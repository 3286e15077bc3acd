"""What rules require of sizes: refused where it fails, taken note of where named sizes decide."""

from __future__ import annotations

from collections.abc import Iterable

from seqshape.ambient import Channel, Listening
from seqshape.diagnostics import Fault
from seqshape.sizes.poly import Condition, Dim, Need, both, can_hold, divides, equals, known, terms_of
from seqshape.sizes.terms import CONSTANT, Inconclusive, depends_on, sum_of, variable_of

NEEDS: Channel[Need] = Channel("needs")


def recording() -> Listening[Need]:
    """Collects what is required of named sizes inside the block, in the list that it gives; the innermost hears."""
    return NEEDS.listening()


def _record(need: Need) -> None:
    if not NEEDS.say(need):
        raise Inconclusive(f"whether {need.text} {depends_on(both(need.left, need.right))}")


def require(
    condition: bool | Condition, message: str, *, arg: str | None = None, help: str | None = None, code: str = "E203"
) -> None:
    """Insist that ``condition`` holds: a Fault if it does not, a :class:`Need` if named sizes decide.

    What Keras's ``None`` decides passes. Without a :func:`recording` an open condition raises Inconclusive.
    """
    verdict: bool | Need = True
    if not isinstance(condition, Condition):
        verdict = condition
    elif not condition.unknown:
        need = condition.need(message)
        verdict = need if can_hold(need) else False
    _settle(verdict, message, arg, help, code)


def _settle(verdict: bool | Need, message: str, arg: str | None, help: str | None, code: str) -> None:
    if isinstance(verdict, Need):
        _record(verdict)
    elif not verdict:
        raise Fault(message, arg=arg, help=help, code=code)


def require_equal(
    left: Dim, right: Dim, message: str, *, arg: str | None = None, help: str | None = None, code: str = "E203"
) -> None:
    """Insist that two dims are equal: a Fault if they never are, a :class:`Need` if named sizes decide."""
    sides = known(left, right)
    if sides is not None:
        _settle(equals(*sides, message), message, arg, help, code)


def require_divides(
    divisor: Dim, size: Dim, message: str, *, arg: str | None = None, help: str | None = None, code: str = "E203"
) -> None:
    """Insist that ``divisor`` divides ``size``: a Fault if it never does, a :class:`Need` if named sizes decide."""
    sides = known(divisor, size)
    if sides is not None:
        _settle(divides(*sides, message), message, arg, help, code)


def merge_needs(needs: Iterable[Need]) -> list[Need]:
    """The needs without those that another one implies, each in its first place."""
    kept: list[Need] = []
    for need in needs:
        if not any(_implies(other, need) for other in kept):
            kept = [other for other in kept if not _implies(need, other)]
            kept.append(need)
    return kept


def _implies(strong: Need, weak: Need) -> bool:
    if strong.text == weak.text:
        return True
    if "|" in (strong.relation, weak.relation):
        return strong.relation == weak.relation and _implies_divisibility(strong, weak)
    first = sum_of(terms_of(strong.left), terms_of(strong.right), -1)
    second = sum_of(terms_of(weak.left), terms_of(weak.right), -1)
    if variable_of(first) != variable_of(second) or strong.relation not in ("=", weak.relation):
        return False
    surplus = second.get(CONSTANT, 0) - first.get(CONSTANT, 0)
    return surplus >= 0 if weak.relation == ">=" else surplus <= 0 if weak.relation == "<=" else surplus == 0


def _implies_divisibility(strong: Need, weak: Need) -> bool:
    if not isinstance(strong.left, int) or not isinstance(weak.left, int):
        return False
    return strong.left % weak.left == 0 and terms_of(strong.right) == terms_of(weak.right)
