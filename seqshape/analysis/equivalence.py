"""Whether two networks are the same function: equal shapes and counts, and equal outputs for equal weights.

Both are run with the same random weights, in float64. Equal outputs in every run are no proof in the strict sense, but
two different networks of these layers agree on random numbers to nine digits only by a miracle, where the numbers come to
all that the layers tell apart: see :mod:`seqshape.analysis.runs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isnan

from seqshape.analysis.again import SCALES, open_sizes, sized
from seqshape.analysis.compare import Comparison, compare
from seqshape.analysis.forward import require_few, weight_shapes
from seqshape.analysis.rewriting import are_one
from seqshape.bind.layer import Layer, with_inner
from seqshape.diagnostics import SeqshapeError
from seqshape.dims import Size as AnySize
from seqshape.network import Network, again
from seqshape.records import NamedTuple
from seqshape.registry import has
from seqshape.summary import Port
from seqshape.tensor import show
from seqshape.walk.flow import flat
from seqshape.walk.model import Model

MOST_MACS = 2_000_000_000  # of one sample, in one run of one network
MOST_NUMBERS = 100_000_000  # of one tensor, of one sample
SAME = "the same network: equal weights give equal outputs, up to rounding"
Shape = tuple[int, ...]


class Verdict(NamedTuple):
    """``equivalent``: true, false, or ``None`` where it could not be found out; ``reason`` says why in a sentence.

    ``difference`` is the largest difference of the outputs: 0 where the one is the other in other words, ``None`` where
    they were not run.
    """

    equivalent: bool | None
    reason: str
    difference: float | None = None


def compare_networks(left: Network, right: Network, *, one_source: Callable[[], bool] = lambda: False) -> Comparison:
    """The comparison of two networks, with the verdict whether they are the same function.

    ``one_source`` finds out, where it has to be known, whether both sources say the same, so that they are the same even
    where they cannot be run.
    """
    found = compare(left.summary(), right.summary())
    verdict = equivalence(left, right)
    if verdict.equivalent is None and found.same and one_source():
        verdict = Verdict(True, "the same network: both sources are the same")
    return found._replace(equivalent=verdict.equivalent, reason=verdict.reason, difference=verdict.difference)


def equivalence(left: Network, right: Network) -> Verdict:
    """Whether two networks without faults are the same function for equal weights."""
    left, right = _alike(left, right)
    one, two = left.summary(), right.summary()
    unlike = _unlike_ports(one.inputs, two.inputs, "takes") or _unlike_ports(one.outputs, two.outputs, "gives")
    if unlike:
        return Verdict(False, f"different networks: {unlike}")
    if any(row.params is None for row in (*one.layers, *two.layers)):
        return Verdict(None, "not compared further: not every layer is known, so the parameters cannot be counted")
    if None in (*(port.shape for port in one.outputs), *(port.shape for port in two.outputs)):
        return Verdict(None, "not compared further: the shape of an output is not known")
    if str(one.totals.params) != str(two.totals.params):
        steps = _steps(left, right)
        counts = f"the first has {_count(one.totals.params)} parameters, the second {_count(two.totals.params)}"
        return Verdict(False, f"different networks: {counts}{f'; {steps}' if steps else ''}")
    try:
        found = _run_both(*_with_numbers(left, right))
    except SeqshapeError as error:
        found = Verdict(None, f"not proven: {error.diagnostics[0].message} [{error.diagnostics[0].code}]")
    if found.equivalent is None and _written_alike(left, right):
        return Verdict(True, "the same network: layer by layer both are written alike")
    return found


def _written_alike(left: Network, right: Network) -> bool:
    """Whether both come out as the same spec; then nothing has to be run."""
    from seqshape.exporters.spec import write

    try:
        return write(left) == write(right)
    except SeqshapeError:
        return False


def _alike(left: Network, right: Network) -> tuple[Network, Network]:
    """Where no input was given, both networks on the inputs that one of them assumes, if the other takes them."""
    tensors = [list(network.model.inputs.values()) for network in (left, right)]
    if tensors[0] == tensors[1] or len(tensors[0]) != len(tensors[1]):
        return left, right
    for one, two, flip in ((left, right, False), (right, left, True)):
        if two.assumptions:
            pairs = zip(two.model.inputs, one.model.inputs.values(), strict=True)
            found = again(two, dict(pairs))
            if not any(fault.severity == "error" for fault in found.diagnostics):
                return (found, one) if flip else (one, found)
    return left, right


def _count(size: AnySize) -> str:
    return f"{size:,}" if isinstance(size, int) else str(size)


def _unlike_ports(left: tuple[Port, ...], right: tuple[Port, ...], verb: str) -> str | None:
    """What two networks take or give, if it is not of one shape."""
    first, second = ([show(port.shape) for port in ports] for ports in (left, right))
    if first == second or None in (port.shape for port in (*left, *right)):
        return None
    return f"the first {verb} {', '.join(first) or 'nothing'}, the second {', '.join(second) or 'nothing'}"


# --- sizes ------------------------------------------------------------------------------------------------------------


def _with_numbers(left: Network, right: Network) -> tuple[Network, Network]:
    """Both networks with small numbers for sizes that have none. Raises SeqshapeError if no numbers suit both."""
    if not any(True for network in (left, right) for _ in open_sizes(network)):
        return left, right
    for scale in SCALES:
        one, two = sized(left, scale), sized(right, scale)
        faults = [found for network in (one, two) for found in network.diagnostics if found.severity == "error"]
        if not faults:
            return one, two
    raise SeqshapeError((faults[0],))


# --- runs -------------------------------------------------------------------------------------------------------------


def _run_both(left: Network, right: Network) -> Verdict:
    """Run both with the same weights and inputs, where it has to be. Raises SeqshapeError where one cannot be run."""
    shapes = weight_shapes(left), weight_shapes(right)
    order = matched(list(shapes[0].values()), list(shapes[1].values()))
    if order is None:
        return Verdict(False, f"different networks: as many parameters, but {_unlike_weights(*shapes)}")
    if are_one(left, right, order):
        return Verdict(True, f"{SAME}{_in_training(left, right)}{_in_dtypes(left, right)}", 0.0)
    from seqshape.analysis.runs import Pairing, largest_tensor

    require_few(shapes[0])
    pairing = Pairing(left, right, order)
    if pairing.macs > MOST_MACS:
        return Verdict(None, f"not proven: one run makes {pairing.macs:,} multiply-adds, too many to be done here")
    numbers = max(largest_tensor(left), largest_tensor(right))
    if numbers > MOST_NUMBERS:
        return Verdict(None, f"not proven: a tensor holds {numbers:,} numbers of one sample, too many to be drawn here")
    found = pairing.outcome()
    if isnan(found.difference):
        return Verdict(None, "not proven: with random weights the outputs are no finite numbers")
    if found.differs:
        steps = _steps(left, right)
        reason = (
            f"equal weights give outputs that differ by up to {found.difference:.2g}{f'; {steps}' if steps else ''}"
        )
        return Verdict(False, f"different networks: as many parameters, but {reason}", found.difference)
    if not found.is_masked:
        return Verdict(None, "not proven: no step was masked in the runs, and masked steps may come out otherwise")
    if found.unseen:
        return Verdict(None, f"not proven: no run has shown what difference {found.unseen[0]} makes")
    return Verdict(True, f"{SAME}{_in_training(left, right)}{_in_dtypes(left, right)}", found.difference)


def _in_training(left: Network, right: Network) -> str:
    """What only one of the two does, and only while it is trained: dropout and noise."""
    first, second = (sorted(_noise(network.model)) for network in (left, right))
    if first == second:
        return ""
    return f"; in training they differ: {', '.join(sorted(set(first) ^ set(second) or {*first, *second}))}"


def _in_dtypes(left: Network, right: Network) -> str:
    """That both were run in float64, where they themselves compute in different dtypes."""
    first, second = (sorted({str(layer.dtype) for layer in _layers(network.model)}) for network in (left, right))
    if first == second:
        return ""
    return f"; run in float64: in {', '.join(first)} they round otherwise than in {', '.join(second)}"


def _layers(model: Model) -> Iterator[Layer]:
    for layer in model.layers():
        if isinstance(layer, Model):
            yield from _layers(layer)
        elif isinstance(layer, Layer):
            yield layer


def _noise(model: Model) -> Iterator[str]:
    """The layers that act in training only, and the rates of dropout inside others, as they would be written."""
    for layer in model.layers():
        for each in with_inner(layer):
            if isinstance(each, Model):
                yield from _noise(each)
            elif has(each, "acts_in_training"):
                yield each.class_name
            else:
                rates = {name: each.arguments.get(name) for name in ("dropout", "recurrent_dropout")}
                yield from (f"{name}={rate} of {each.class_name}" for name, rate in rates.items() if rate)


def matched(left: list[Shape], right: list[Shape]) -> list[int] | None:
    """For each weight of the second network, which one of the first stands for it: in order, else shape by shape.

    Dims of 1 do not count: the kernel of ``Conv1D(8,1)`` is that of ``Dense(8)``. ``None`` if they do not pair up.
    """
    first, second = ([tuple(dim for dim in shape if dim != 1) for shape in shapes] for shapes in (left, right))
    if first == second:
        return list(range(len(first)))
    if sorted(first) != sorted(second):
        return None
    places: dict[Shape, list[int]] = {}
    for index, shape in enumerate(first):
        places.setdefault(shape, []).append(index)
    return [places[shape].pop(0) for shape in second]


def _unlike_weights(left: dict[str, Shape], right: dict[str, Shape]) -> str:
    listed = [sorted(shapes.values()) for shapes in (left, right)]
    first, second = ([shape for shape in mine if shape not in theirs] for mine, theirs in (listed, listed[::-1]))
    if first and second:
        return f"the first has a weight of the shape {show(first[0])}, the second one of {show(second[0])}"
    return f"the first keeps them in {len(left)} weights, the second in {len(right)}"


# --- steps ------------------------------------------------------------------------------------------------------------

_SEEN = {
    "all": "every step sees every step",
    "each step alone": "each step sees only itself",
    "past": "each step sees itself and all earlier steps",
    "future": "each step sees itself and all later steps",
    "future, in reversed order": "the steps come out from the last to the first, and each sees all later ones",
    "moved steps": "each step sees one step",
}


def _steps(left: Network, right: Network) -> str | None:
    """How the two differ in what steps see of each other; ``None`` where they do not, or there are no steps."""
    from seqshape.analysis.measures import classify
    from seqshape.analysis.timesteps import timesteps

    if any(len(flow.tensor.shape) < 3 for flow in flat(left.model.outputs)[:1]):
        return None
    try:
        matrices = [timesteps(network).rows for network in _with_numbers(left, right)]
    except SeqshapeError:
        return None
    if any(rows is None for rows in matrices):
        return None
    first, second = (classify(rows) for rows in matrices)
    if first == second:
        return None
    return f"in the first {_sentence(first)}, in the second {_sentence(second)}"


def _sentence(label: str) -> str:
    return _SEEN.get(label, f"each step sees a {label}" if label.startswith("window") else label)
