"""Sound: spectrograms."""

from __future__ import annotations

from seqshape.diagnostics import Fault, fails, is_running, remark
from seqshape.dims import UNKNOWN, Dim, Inconclusive, Poly, Unknown, product, require, value_of
from seqshape.dims import Size as AnySize
from seqshape.kinds import Anything, Count, DataFormat, Flag, LaterNumber, PoolPadding, Size, Text
from seqshape.layers.preprocessing import _chosen, _is_int
from seqshape.layers.windows import grid, seen, slide, windows
from seqshape.reach import Reach, join, see
from seqshape.registry import layer
from seqshape.tensor import Effect, Tensor, show


@layer()
def MelSpectrogram(
    inputs: Tensor,
    fft_length: LaterNumber = 2048,
    sequence_stride: Size = 512,
    sequence_length: LaterNumber | None = None,
    sampling_rate: LaterNumber = 16000,
    num_mel_bins: Count | None = 128,
    max_freq: LaterNumber | None = None,
    power_to_db: Flag = True,
) -> Effect:
    """Sound (batch, samples) to (batch, ``num_mel_bins``, frames): how strong each pitch is over time.

    There is a frame every ``sequence_stride`` samples. In decibels what is ``top_db`` below the loudest is cut off, so
    that every frame depends on all.
    """
    frame = _frame(fft_length, sequence_length, 0 if max_freq else sampling_rate)
    bands: Dim = UNKNOWN if num_mel_bins is None else num_mel_bins
    _warn_of_sound(inputs, frame, bands)
    if not inputs.rank:
        raise Fault("needs samples, but gets a single number ()", code="E201")
    if inputs.rank < 2:
        return Effect(Tensor((bands, (inputs.shape[0] + sequence_stride + 1) // sequence_stride)))
    if is_running() and inputs.rank > 2:  # it goes along the last axis, though Keras says axis 1
        frames = (inputs.shape[-1] + sequence_stride + 1) // sequence_stride
        return Effect(Tensor((*inputs.shape[:-1], bands, frames)))
    frames = (inputs.shape[1] + sequence_stride + 1) // sequence_stride
    if frames is UNKNOWN:
        remark(
            "of sound of unknown length gives an unknown number of frames: no layer that needs their number can follow"
        )
    reach = mirrored(inputs.shape[1], frame // 2, 1)
    reach = reach if inputs.rank == 2 else reach.reduce(*range(2, inputs.rank))
    reach = reach.window(1, frame, sequence_stride, 1, 0, frames)
    reach = (reach.mix(1) if power_to_db else reach).insert(1, bands)
    return Effect(Tensor((inputs.shape[0], bands, frames)), macs=frames * (frame // 2 + 1) * bands, reach=reach)


def _frame(fft_length: LaterNumber, length: LaterNumber, rate: LaterNumber) -> AnySize:
    """The samples of a frame. Keras compares the lengths and halves the rate, whatever they are. Raises Fault."""
    length = length or fft_length
    try:
        fits = fft_length >= length
        rate / 2
    except TypeError:
        given = f"fft_length {fft_length!r}, sequence_length {length!r} and a sampling_rate of {rate!r}"
        raise Fault(f"cannot work with {given}", arg="fft_length") from None
    require(fits, f"needs fft_length of at least {length}, but gets {fft_length}", arg="sequence_length")
    return fft_length if isinstance(fft_length, (int, Poly)) else 0


def mirrored(length: Dim, border: Size, axis: int) -> Reach:
    """A signal with its mirror image at both ends, ``border`` long, as it is before a centred Fourier transform."""
    if not isinstance(length, int) or not isinstance(border, int) or border >= length:
        return see().mix(axis) if axis else see()
    if not border:
        return see()
    ends = [see().slice(axis, start, border).flip(axis) for start in (1, length - 1 - border)]
    return join(axis, [ends[0], see(), ends[1]])


def _warn_of_sound(inputs: Tensor, fft_length: Anything, num_mel_bins: Anything) -> None:
    if inputs.rank != 2:
        remark(f"takes sound as (batch, samples): of {show(inputs.shape)} Keras says a shape that does not come out")
    elif isinstance(inputs.shape[1], int) and isinstance(fft_length, int) and inputs.shape[1] < fft_length:
        message = f"reads {fft_length} samples for a frame, but gets {inputs.shape[1]}: the rest is padding"
        remark(message, arg="fft_length")
    for name, value in (("fft_length", fft_length), ("num_mel_bins", num_mel_bins)):
        if _is_int(value) and value < 1:
            fails(f"has {name} {value}", arg=name)


# The windows of scipy.signal.get_window that need no parameter.
_WINDOWS = (
    "bart barthann bartlett bkh black blackharr blackman blackmanharris blk bman bmn bohman box boxcar brt brthan bth"
    " cosine exponential flat flattop flt halfcosine ham hamm hamming han hann lanczos nut nutl nuttall ones par parz"
    " parzen poisson rect rectangular sinc taylor taylorwin tri triang triangle tuk tukey"
)


@layer()
def STFTSpectrogram(
    inputs: Tensor,
    mode: Text = "log",
    frame_length: Size = 256,
    frame_step: Count | None = None,
    fft_length: Count | None = None,
    window: Anything = "hann",
    scaling: Text | None = "density",
    padding: PoolPadding = "valid",
    expand_dims: Flag = False,
    data_format: DataFormat | None = None,
) -> Effect:
    """Sound (batch, samples, channels) to (batch, frames, frequencies·channels), by two trainable convolutions.

    The kernels start as the real and the imaginary part of the Fourier transform; ``mode`` "real" and "imag" have one
    of them. ``expand_dims`` keeps the channels apart.
    """
    _chosen(mode, "mode", "log", "magnitude", "psd", "real", "imag", "angle", "stft")
    _check_frames(frame_length, frame_step, fft_length, window, scaling)
    over = grid(inputs, 1, data_format)
    if isinstance(over.channels, Unknown):
        raise Fault(f"needs a known number of channels, but gets {show(inputs.shape)}", code="E204")
    step = frame_length // 2 if frame_step is None else frame_step
    require(step >= 1, "needs a frame_step, half of its frame_length 1 being none", arg="frame_length")
    moved = windows(1, "frame_length", frame_length, step, padding)
    sizes = slide(over, moved, "frame_length")
    frequencies = (_power_of_two(frame_length) if fft_length is None else fft_length) // 2 + 1
    kernel = (frame_length, 1, frequencies)
    kernels = [name for name, other in (("real_kernel", "imag"), ("imag_kernel", "real")) if mode != other]
    out, reach = frequencies * 2 if mode == "stft" else frequencies, seen(see().mix(over.channel_axis), over, moved)
    macs = product(sizes) * product(kernel) * over.channels * len(kernels)
    if not expand_dims:
        return Effect(Tensor(over.shape(sizes, out * over.channels)), dict.fromkeys(kernels, kernel), macs, reach)
    last = data_format == "channels_first"
    shape = (over.batch, over.channels, *sizes, out) if last else (over.batch, *sizes, out, over.channels)
    return Effect(Tensor(shape), dict.fromkeys(kernels, kernel), macs, reach.insert(3 if last else 2, out))


def _check_frames(
    frame_length: Size, frame_step: Count | None, fft_length: Count | None, window: Anything, scaling: Text | None
) -> None:
    if frame_step is not None:
        message = f"needs a frame_step from 1 to frame_length {frame_length}, but gets {frame_step}"
        require(frame_step >= 1, message, arg="frame_step")
        require(frame_length >= frame_step, message, arg="frame_step")
    if fft_length is not None:
        message = f"needs an fft_length of at least frame_length {frame_length}, but gets {fft_length}"
        require(fft_length >= frame_length, message, arg="fft_length")
        if isinstance(fft_length, int) and fft_length & -fft_length != fft_length:
            remark(f"is slower with fft_length {fft_length}, which is no power of two", arg="fft_length")
    if scaling is not None:
        _chosen(scaling, "scaling", "density", "spectrum")
    if isinstance(window, str) and window not in _WINDOWS.split():
        raise Fault(f"has no window called {window!r}", arg="window", help='such as "hann" or "hamming"')


def _power_of_two(size: Anything) -> int:
    """The least power of two that is not below a size."""
    number = value_of(size)
    if not isinstance(number, int):
        raise Inconclusive(f"the power of two that follows {size} depends on it")
    return 1 << (number - 1).bit_length()
