"""Layers that bring numbers to a common scale."""

from __future__ import annotations

from collections.abc import Mapping

from seqshape.diagnostics import Fault, fails, is_built, remark, situation
from seqshape.dims import UNKNOWN, Dim, Inconclusive, require, require_divides
from seqshape.kinds import Anything, Axes, Flag, Integer, LaterNumber, Layer, Number, Numeral, known
from seqshape.layers.core import differ, is_single
from seqshape.policies import narrowed
from seqshape.reach import NOTHING, Reach, see
from seqshape.registry import layer
from seqshape.structure import listed
from seqshape.tensor import DROP, KEEP, Effect, Frozen, Shape, Tensor, WeightShape, flatten, show, under


def _scaled(shape: Shape, scale: bool, center: bool) -> dict[str, WeightShape]:
    """``gamma``, which multiplies, and ``beta``, which is added, where the layer has them."""
    return {name: shape for name, wanted in (("gamma", scale), ("beta", center)) if wanted}


def _check_epsilon(epsilon: LaterNumber) -> None:
    if isinstance(epsilon, (int, float)) and epsilon < 0:
        remark(f"has epsilon {epsilon}: it may take the root of a negative number", arg="epsilon")


def _over(inputs: Tensor, axis: Axes) -> list[int]:
    """The axes that a layer normalizes over, in the order of its weights: Keras sorts the numbers as they are given.

    Raises Fault for an axis that the input does not have; says so where the choice surprises.
    """
    axes = sorted(listed(axis))
    places = [inputs.place(one) for one in axes]
    if len(set(places)) < len(places):
        fails(f"has the axis {axis} twice", arg="axis")
    elif not places:
        remark("normalizes over no axis, so it has one scale and one offset for all", arg="axis")
    elif len(places) > 1:
        remark(f"normalizes over the axes {places} at once: every place along them sees all others", arg="axis")
    return places


@layer("BN", pinned=("rank", "axis"), traits="statistics keeps_places")
def BatchNormalization(
    inputs: Tensor,
    axis: Numeral = -1,
    momentum: Numeral = 0.99,
    epsilon: Numeral = 1e-3,
    center: Flag = True,
    scale: Flag = True,
    *,
    renorm: Flag = False,
    renorm_clipping: Anything = None,
    synchronized: Flag = False,
    mask: Tensor | None = None,
) -> Effect:
    """Shifts and scales each channel (place along ``axis``) to mean 0 and variance 1 over the batch and all other axes.

    Four weights a channel: the learnt ``gamma`` and ``beta``, and the moving mean and variance, which training updates
    but does not learn, and which serve when it runs: half of the parameters are not trainable. ``renorm`` keeps three
    more statistics (Ioffe, 2017).
    """
    _check_statistics(axis, momentum, epsilon, renorm_clipping if renorm else None)
    if synchronized:
        raise Fault("can be synchronized with the TensorFlow backend only", arg="synchronized")
    channels = (inputs.shape[inputs.place(int(axis))],)
    statistics = ("moving_mean", "moving_variance", *(RENORM if renorm else ()))
    weights = _scaled(channels, scale, center) | {name: Frozen(channels) for name in statistics}
    return Effect(Tensor(inputs.shape), weights, mask=KEEP)


MOST_CHANNELS = 4096  # beyond it, no message lists the divisors
RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")


def _check_statistics(axis: float, momentum: float, epsilon: float, clipping: object) -> None:
    """The arguments of BatchNormalization that shapes do not depend on."""
    if not isinstance(axis, int):
        remark(f"reads axis {axis} as {int(axis)}", arg="axis")
    if not 0 <= momentum <= 1:
        remark(f"has momentum {momentum}, outside 0 to 1: the moving statistics run away", arg="momentum")
    _check_epsilon(epsilon)
    if isinstance(clipping, dict):
        _check_clipping(clipping)
    elif clipping:
        raise Fault(f"needs a dict of rmax, rmin and dmax, but gets {clipping!r}", arg="renorm_clipping")


def _check_clipping(clipping: dict[str, float]) -> None:
    strange = [name for name in clipping if name not in ("rmax", "rmin", "dmax")]
    if strange:
        raise Fault(f"clips rmax, rmin and dmax, but not {strange[0]!r}", arg="renorm_clipping")
    lowest, highest = clipping.get("rmin"), clipping.get("rmax")
    if lowest is not None and highest is not None and highest < lowest:
        raise Fault(f"needs rmax to be at least rmin, but gets {highest} and {lowest}", arg="renorm_clipping")
    if (shift := clipping.get("dmax")) is not None and shift < 0:
        raise Fault(f"needs dmax to be at least 0, but gets {shift}", arg="renorm_clipping")


@layer("LN", casts=False, traits="keeps_places")
def LayerNormalization(
    inputs: Tensor,
    axis: Axes = -1,
    epsilon: LaterNumber = 1e-3,
    center: Flag = True,
    scale: Flag = True,
    *,
    rms_scaling: Flag = False,
) -> Effect:
    """Shifts and scales each sample to mean 0 and variance 1 along ``axis``, each step by itself (Ba et al., 2016).

    ``gamma`` and ``beta`` have the sizes of the axes, which have to be known. ``rms_scaling`` is a leftover: it divides
    by the variance and has no ``beta``.
    """
    _check_epsilon(epsilon)
    if rms_scaling:
        remark("divides by the variance, not by its root", arg="rms_scaling", help="RMSNormalization does it right")
    places = _over(inputs, axis)
    sizes = tuple(inputs.shape[place] for place in places)
    weights = _scaled(sizes, scale or rms_scaling, center and not rms_scaling)
    reach = NOTHING if is_single(sizes) and not rms_scaling else see().mix(*filter(None, places))
    return Effect(Tensor(inputs.shape), weights, reach=reach, mask=KEEP)


@layer()
def RMSNormalization(x: Tensor, axis: Axes = -1, epsilon: LaterNumber = 1e-6) -> Effect:
    """Divides by the root of the mean square along ``axis`` and multiplies by the learnt ``scale``; shifts nothing."""
    _check_epsilon(epsilon)
    places = _over(x, axis)
    if places and sorted(set(places)) != list(range(min(places), x.rank)):
        fails(f"scales along the axes {places}, which are not the last", arg="axis")
    weights: dict[str, WeightShape] = {"scale": tuple(x.shape[place] for place in places)}
    return Effect(Tensor(x.shape), weights, reach=see().mix(*filter(None, places)), mask=DROP)


@layer()
def UnitNormalization(inputs: Tensor, axis: Axes = -1) -> Effect:
    """Divides by the Euclidean length along ``axis``, so that it becomes 1. No weights."""
    places = _over(inputs, axis)
    if 0 in places:
        remark("normalizes over the batch: the samples of one batch see each other", arg="axis")
    elif any(inputs.shape[place] is UNKNOWN for place in places):
        remark(f"normalizes over an axis of unknown size: {show(inputs.shape)}", arg="axis")
    return Effect(Tensor(inputs.shape), reach=see().mix(*filter(None, places)), mask=KEEP)


@layer("GN", pinned=("rank", "axis"), casts=False)
def GroupNormalization(
    inputs: Tensor,
    groups: Integer = 32,
    axis: Integer = -1,
    epsilon: LaterNumber = 1e-3,
    center: Flag = True,
    scale: Flag = True,
) -> Effect:
    """Splits the channels into ``groups`` and brings each, over all places of a sample, to mean 0 and variance 1.

    ``groups`` has to divide the channels; -1 is as many groups as channels (instance normalization). Wu & He, 2018.
    """
    _check_epsilon(epsilon)
    place = inputs.place(axis)
    channels = inputs.shape[place]
    if channels is UNKNOWN and is_built():
        return Effect(Tensor(inputs.shape), mask=KEEP)
    if channels is UNKNOWN:
        raise Fault(f"needs known channels, but axis {axis} of {show(inputs.shape)} is None", arg="axis", code="E204")
    number = channels if groups == -1 else groups
    if channels == 0 and number > 0:  # which any number divides
        raise Fault(f"has no channels to put into {groups} groups", arg="groups")
    require(number >= 1, f"needs groups to be positive, or -1, but gets {groups}", arg="groups")
    fits = f"needs groups that divide its {channels} channels, but gets {groups}"
    require_divides(number, channels, fits, arg="groups", help=_fitting(channels))
    reach = _within_groups(inputs, place, number)
    return Effect(Tensor(inputs.shape), _scaled((channels,), scale, center), reach=reach, mask=KEEP)


def _fitting(channels: Dim) -> str | None:
    """The numbers of groups that a number of channels can be split into."""
    if not isinstance(channels, int) or channels > MOST_CHANNELS:
        return None
    return f"it can be {', '.join(str(n) for n in range(1, channels + 1) if channels % n == 0)}, or -1"


def _within_groups(inputs: Tensor, place: int, groups: Dim) -> Reach:
    """Every place of a sample sees all those whose channel is in the same group."""
    try:
        size = inputs.shape[place] // groups
    except Inconclusive:  # the group size has no formula; then all channels count as one group
        return see().mix(*range(1, inputs.rank))
    others = [axis for axis in range(1, inputs.rank) if axis != place]
    if is_single([size, *(inputs.shape[axis] for axis in others)]):
        return NOTHING
    return see().mix(*others).pieces(place, groups).repeat(place, size)


@layer(traits="partly_trained")
def Normalization(inputs: Tensor, axis: Axes | None = -1, mean: Anything = None, variance: Anything = None) -> Effect:
    """Shifts and scales by a mean and a variance of each place along ``axis``, measured with ``adapt`` or given.

    Measured ones are weights that are not trained, with a counter: 2·features + 1 numbers. Given ones are none. With
    ``axis=None`` there is one mean for all.
    """
    axes = () if axis is None else listed(axis)
    if is_built():  # then Keras does not look at the axes again
        axes = tuple(one for one in axes if -inputs.rank <= one < inputs.rank)
    kept = sorted(inputs.place(one) for one in axes)
    if len(set(kept)) < len(kept) and mean is None:
        raise Fault(f"has the axis {axis} twice", arg="axis")
    if any(not known(inputs.shape[place]) for place in kept) and not is_built():
        raise Fault(f"needs known sizes along axis {axis}, but gets {show(inputs.shape)}", arg="axis", code="E204")
    if inputs.rank < 2:
        remark(f"has one mean for everything, since a sample of {show(inputs.shape)} is a single number")
    sizes = tuple(inputs.shape[place] for place in kept)
    _check_given(mean, variance, sizes)
    weights: dict[str, WeightShape] = {"mean": Frozen(sizes), "variance": Frozen(sizes), "count": Frozen((), "int32")}
    return Effect(Tensor(inputs.shape), weights if mean is None else {}, mask=KEEP)


def _check_given(mean: object, variance: object, sizes: Shape) -> None:
    """A mean and a variance that are given stretch to the sizes kept; both or none; else a Fault."""
    if (mean is None) != (variance is None):
        raise Fault("needs both mean and variance, or none of them", arg="variance" if mean is None else "mean")
    for name, value in (("mean", mean), ("variance", variance)):
        if isinstance(value, (str, dict)):
            raise Fault(f"needs numbers as {name}, but gets {value!r}", arg=name)
    shape, other = _extent(mean), _extent(variance)
    if shape is None or other is None:
        return
    if shape != other:
        raise Fault(f"needs mean and variance of one shape, but gets {show(shape)} and {show(other)}", arg="mean")
    pairs = zip(reversed(shape), reversed(sizes), strict=False)
    if len(shape) > len(sizes) or any(one != 1 and differ(one, size) for one, size in pairs):
        raise Fault(f"needs a mean of the shape {show(sizes)}, but gets one of {show(shape)}", arg="mean")


def _extent(value: object) -> tuple[int, ...] | None:
    """The shape of a number or of nested lists of them; ``None`` for anything else (an array of a source)."""
    if isinstance(value, (int, float)):
        return ()
    if not isinstance(value, (tuple, list)):
        return None
    if not value:
        return (0,)
    inside = _extent(value[0])
    return None if inside is None else (len(value), *inside)


@layer(pinned=("last",), traits="partly_trained")
def SpectralNormalization(inputs: Tensor, layer: Layer, power_iterations: Number = 1) -> Effect:
    """Holds the largest singular value of a layer's kernel near 1 (Miyato et al., 2018); the layer does what it did.

    One weight is added that is not trained: ``vector_u`` of the power iteration, as long as the kernel's last axis.
    """
    positive = f"needs power_iterations of at least 1, but gets {power_iterations}"
    require(power_iterations >= 1, positive, arg="power_iterations")
    if "states" in getattr(getattr(layer, "type", None), "required", ()):
        raise Fault(f"needs a layer of one input, but {layer.class_name} is a cell", arg="layer")
    with situation("asked"):
        inner: Effect = layer(inputs)
    path = _kernel_of(layer, inner.weights)
    kernel = inner.weights[path]
    assert isinstance(kernel, Frozen)  # what a bound layer gives
    columns = kernel.shape[-1]
    if any(differ(columns, out.shape[-1]) for out in flatten(inner.out)):
        remark(f"takes the kernel {show(kernel.shape)} for a matrix of {columns} columns", arg="layer")
    summed = _dtype_of_sum(layer)
    first = {} if summed else under(layer.name, {path: kernel})
    first["vector_u"] = Frozen((1, columns), summed or kernel.dtype)
    out = Tensor(inner.out.shape) if isinstance(inner.out, Tensor) else inner.out  # in the dtype of this layer
    return inner._replace(out=out, weights=first | under(layer.name, inner.weights), mask=DROP)


def _dtype_of_sum(layer: Layer) -> str | None:
    """The dtype of a kernel with LoRA, which is a sum and no variable of its own; ``None`` of any other."""
    inner = layer.arguments.get("layer") if layer.class_name == "SpectralNormalization" else None
    if inner is not None:
        return _dtype_of_sum(inner)
    return narrowed(layer.compute_dtype) if layer.arguments.get("lora_rank") else None


def _kernel_of(layer: Layer, weights: Mapping[str, WeightShape]) -> str:
    """The path of the matrix that the layer calls its kernel. Raises Fault if it has none of its own."""
    own = [path for path in ("kernel", "embeddings") if path in weights]
    if layer.class_name == "SpectralNormalization":
        own = [path for path in weights if path.endswith(("/kernel", "/embeddings"))]
    if not own:
        raise Fault(f"needs a layer with a kernel, but {layer.class_name} has none of its own", arg="layer")
    return own[0]
