"""Budgets and expectations held against a summary: what CI asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seqshape.analysis.growth import LARGEST, largest
from seqshape.diagnostics import Diagnostic
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Size, Unknown, evaluate, names
from seqshape.estimate import Load
from seqshape.records import NamedTuple
from seqshape.summary import Port, Row, Summary, memory
from seqshape.tensor import show

Shape = tuple[Dim, ...]
# What can have a limit: the name in Totals, and what it is called.
LIMITS = {
    "params": "parameters",
    "trainable_params": "trainable parameters",
    "macs": "multiply-adds",
    "bytes": "bytes of weights",
    "memory": "bytes of memory",
}
MEMORY = "memory"
GROWING = ("params", "trainable_params", "macs", "bytes")  # what a baseline has
MOST_LAYERS = 3  # that a broken limit names
MOST_DIGITS = 30  # of an amount
SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30}


class Baseline(NamedTuple):
    """The totals of an earlier time, by name; ``growth``: how many hundredths of them may have come to it."""

    totals: Mapping[str, Size | None]
    growth: float = 0.0


class Expectations(NamedTuple):
    """Limits by the name of the total, and the shapes, without the batch, of all inputs and outputs.

    ``load``: of what the memory is. ``targets``: the shapes of labels, in order or by the name of an output. ``before``: the
    totals that the network had once, and by how much of them it may have grown.
    """

    limits: dict[str, int]
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[Shape, ...] = ()
    load: Load = Load()
    targets: Sequence[Shape] | Mapping[str, Shape] | None = None
    before: Baseline | None = None


def parse_amount(text: str) -> int:
    """``1M`` → 1,000,000; ``64Ki`` → 65,536; ``2_500_000``. Raises ValueError for anything else."""
    digits = text.strip().lower().replace("_", "").replace(",", "")
    stem = digits.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = digits[len(stem) :]
    unit = unit[:-1] if unit.endswith("ib") or (len(unit) == 2 and unit.endswith("b")) else unit
    whole, _, part = stem.partition(".")
    if unit not in SUFFIXES or not (whole + part).isdecimal() or not stem.isascii() or len(stem) > MOST_DIGITS:
        raise ValueError(f"{text!r} is no amount: write 1000000, 1M or 64Ki")
    return round(float(stem) * SUFFIXES[unit]) if part else int(whole) * SUFFIXES[unit]


def check(summary: Summary, expected: Expectations, peaks: Sequence[Size] | None = None) -> list[Diagnostic]:
    """One finding for each limit that is broken or cannot be decided; an empty list if all hold.

    ``peaks``: the formulas of which the largest is the memory, where that has a limit.
    """
    return [
        *_limits(summary, expected),
        *(_memory(peaks, expected.limits[MEMORY]) if MEMORY in expected.limits else ()),
        *(_grown(summary, expected.before) if expected.before is not None else ()),
        *_shapes("input", summary.inputs, expected.inputs),
        *_shapes("output", summary.outputs, expected.outputs),
    ]


def _limits(summary: Summary, expected: Expectations) -> Iterator[Diagnostic]:
    for name, limit in expected.limits.items():
        if name == MEMORY:
            continue
        amount, noun = getattr(summary.totals, name), LIMITS[name]
        if name == "trainable_params" and amount is UNKNOWN:
            yield from _not_told(summary, limit)
            continue
        try:
            broken = amount is not UNKNOWN and bool(amount > limit)
        except Inconclusive:
            yield _for_some(amount, noun, limit)
            continue
        if broken:
            least = "at least " if summary.lacks(name) else ""
            message = f"{least}{_number(amount)} {noun}, and the limit is {limit:,}"
            yield _of_layers(summary, name, _broken("E501", message))
        elif amount is UNKNOWN or summary.lacks(name):
            lacking = f"the number of {noun} is not known in full"
            unknown = [row.name for row in summary.missing(name)]
            yield (
                _open(f"{lacking}: what {', '.join(unknown)} has nobody can tell", None) if unknown else _open(lacking)
            )


def _of_layers(summary: Summary, name: str, found: Diagnostic) -> Diagnostic:
    """The finding with the layers that have most of it: their amounts and shares."""
    amounts = [(_amount(row, name), row.name) for row in summary.layers]
    known = sorted(((amount, layer) for amount, layer in amounts if isinstance(amount, int)), key=lambda one: -one[0])
    total = sum(amount for amount, _ in known)
    shown = [(amount, layer) for amount, layer in known[:MOST_LAYERS] if 20 * amount >= total > 0]
    if not shown:
        return found
    listed = "; ".join(f"{layer} {amount:,}, {round(100 * amount / total)} %" for amount, layer in shown)
    return found._replace(message=f"{found.message}: {listed}", layer=shown[0][1])


def _amount(row: Row, name: str) -> object:
    return memory(row.weights) if name == "bytes" else getattr(row, name)


def _grown(summary: Summary, before: Baseline) -> Iterator[Diagnostic]:
    """What has grown by more than it may since the baseline."""
    for name in GROWING:
        old, new = before.totals.get(name), getattr(summary.totals, name)
        if not isinstance(old, int) or isinstance(old, bool):
            continue
        if not isinstance(new, int) or summary.lacks(name):
            yield _open(f"the {LIMITS[name]} were {old:,} in the baseline, and are {_number(new)} now")
        elif new > old and 100 * (new - old) > before.growth * old:
            share = f"{100 * (new - old) / old:.1f} %" if old else "from nothing"
            message = f"{LIMITS[name]} have grown from {old:,} to {new:,} ({share}), and {before.growth:g} % may be"
            yield _of_layers(summary, name, _broken("E501", message))


def _memory(peaks: Sequence[Size] | None, limit: int) -> Iterator[Diagnostic]:
    """The memory is the largest of some formulas: all of them have to keep to the limit."""
    if peaks is None:
        yield _open("the memory is not known: of a layer nobody can tell what it holds", None)
        return
    numbers = [size for size in peaks if isinstance(size, int)]
    if numbers and max(numbers) > limit:
        yield _broken("E501", f"{max(numbers):,} {LIMITS[MEMORY]}, and the limit is {limit:,} (an estimate)")
    elif len(numbers) < len(peaks):
        yield _memory_for_some(peaks, limit)


def _memory_for_some(peaks: Sequence[Size], limit: int) -> Diagnostic:
    """The memory depends on sizes without a number: for which of them the limit holds, where there is one."""
    free = sorted(frozenset().union(*map(names, peaks)))
    found = [largest(size, free[0], limit) for size in peaks if not isinstance(size, int)] if len(free) == 1 else []
    most = min((one or 0 for one in found), default=0)
    if not 0 < most < LARGEST:
        return _open(f"whether the memory is at most {limit:,} bytes depends on sizes without a number")
    there = max(size for size in (evaluate(peak, {free[0]: most}) for peak in peaks) if isinstance(size, int))
    message = f"{LIMITS[MEMORY]}: at most {limit:,} for {free[0]} <= {most:,}, there {there:,} (an estimate)"
    return _open(message, f"give the size a number with -i or --set: --set {free[0]}={most}")


def _for_some(amount: Dim, noun: str, limit: int) -> Diagnostic:
    """The count depends on sizes without a number: for which of them the limit holds, where there is one."""
    free = sorted(names(amount))
    most = largest(amount, free[0], limit) if len(free) == 1 and not isinstance(amount, Unknown) else None
    if most is None or not 0 < most < LARGEST:
        return _open(f"{amount} {noun}: whether that is at most {limit:,} depends on sizes without a number")
    there = evaluate(amount, {free[0]: most})
    message = f"{amount} {noun}: at most {limit:,} for {free[0]} <= {most:,}, there {there:,}"
    return _open(message, f"give the size a number with -i or --set: --set {free[0]}={most}")


def _not_told(summary: Summary, limit: int) -> Iterator[Diagnostic]:
    """The source does not say which parameters are trained: at most all of them are."""
    known = summary.totals.params
    if summary.missing("params") or not isinstance(known, int) or known > limit:
        message = f"whether at most {limit:,} parameters are trainable is not known: the file does not say which are"
        yield Diagnostic("E503", "error", message, help="limit all parameters: --max-params")


def _number(amount: Dim) -> str:
    return f"{amount:,}" if isinstance(amount, int) else str(amount)


def _shapes(what: str, ports: Sequence[Port], wanted: tuple[Shape, ...]) -> Iterator[Diagnostic]:
    if not wanted:
        return
    if len(ports) != len(wanted):
        yield _broken("E502", f"the model has {len(ports)} {what}s, and {len(wanted)} are expected")
        return
    for port, shape in zip(ports, wanted, strict=True):
        found = None if port.shape is None else port.shape[1:]
        if found is None or list(map(str, found)) != list(map(str, shape)):
            shown = "is not known" if found is None else f"is {show(found)}"
            yield _broken("E502", f"the {what} {shown}, and {show(shape)} is expected")


def _broken(code: str, message: str) -> Diagnostic:
    return Diagnostic(code, "error", message)


def _open(message: str, help: str | None = "give the sizes numbers with -i or --set") -> Diagnostic:
    return Diagnostic("E503", "error", message, help=help)


def parse_growth(text: str) -> float:
    """``5%`` or ``5`` → 5 hundredths. Raises ValueError for anything else."""
    digits = text.strip().removesuffix("%").strip()
    whole, _, part = digits.partition(".")
    if not (whole + part).isdecimal() or not digits.isascii() or len(digits) > MOST_DIGITS:
        raise ValueError(f"{text!r} is no growth: write 5%")
    return float(digits)
