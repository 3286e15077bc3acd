"""Operations of keras.ops.math: Fourier transforms, frames, distances."""

from __future__ import annotations

from seqshape.diagnostics import Fault
from seqshape.dims import Dim, Unknown, require, require_equal
from seqshape.kinds import Flag, Size
from seqshape.layers.operations.dtypes import result_type
from seqshape.layers.operations.operands import (
    blur,
    broadcast,
    dtype_of,
    gives,
    gives_all,
    require_identical,
    tensors,
    union,
)
from seqshape.layers.sound import mirrored
from seqshape.reach import Reach, see
from seqshape.registry import alike, operation
from seqshape.tensor import Effect, Shape, Tensor, Tensors, show


def _complex(x: Tensors, axes: str) -> tuple[Tensor, Tensor]:
    """A pair of tensors, the real and the imaginary part. Raises Fault if it is none or their shapes differ."""
    parts = tensors(x)
    if len(parts) != 2:
        raise Fault(f"needs two inputs, the real and the imaginary part, but gets {len(parts)}", code="E202")
    real, imaginary = parts
    real.axes(axes)
    if real.rank != imaginary.rank:
        raise Fault(f"needs parts of one shape, but gets {show(real.shape)} and {show(imaginary.shape)}", code="E203")
    for left, right in zip(real.shape, imaginary.shape, strict=True):
        require_identical(
            left, right, f"needs parts of one shape, but gets {show(real.shape)} and {show(imaginary.shape)}"
        )
    return real, imaginary


def _transformed(x: Tensors, number: int) -> Effect:
    """A Fourier transform over the last axes, which have to be known."""
    real, imaginary = _complex(x, " ".join(["...", *("rows", "columns")[-number:]]))
    if any(isinstance(dim, Unknown) for dim in real.shape[-number:]):
        raise Fault(f"needs known lengths, but gets {show(real.shape)}", code="E203")
    seen = _both().mix(*range(-number, 0))
    return gives_all([real, imaginary], [seen, seen])


def _both() -> Reach:
    return union([see(0), see(1)])


@operation()
def FFT(x: Tensors) -> Effect:
    """The Fourier transform over the last axis of a pair (real part, imaginary part)."""
    return _transformed(x, 1)


@alike(
    {
        "FFT2": "The Fourier transform over the last two axes of a pair (real part, imaginary part).",
        "IFFT2": "The inverse Fourier transform over the last two axes of a pair (real part, imaginary part).",
    }
)
def _transformed_matrix(x: Tensors) -> Effect:
    return _transformed(x, 2)


@operation()
def RFFT(x: Tensor, fft_length: Size | None = None) -> Effect:
    """The Fourier transform of real numbers: half of the frequencies and one, as a pair of real and imaginary part."""
    *_, length = x.axes("... values")
    out = Tensor((*x.shape[:-1], (length if fft_length is None else fft_length) // 2 + 1), dtype_of(x))
    return gives_all([out, out], [see().mix(-1)] * 2)


@operation()
def IRFFT(x: Tensors, fft_length: Size | None = None) -> Effect:
    """The real numbers whose Fourier transform a pair (real part, imaginary part) is."""
    real, _ = _complex(x, "... values")
    length = 2 * (real.shape[-1] - 1) if fft_length is None else fft_length
    return gives((*real.shape[:-1], length), dtype_of(real), _both().mix(-1))


@operation()
def STFT(x: Tensor, sequence_stride: Size, fft_length: Size, center: Flag = True) -> Effect:
    """The Fourier transform of overlapping frames: (…, frames, frequencies), as a pair of real and imaginary part."""
    *_, length = x.axes("... values")
    padded = fft_length // 2 * 2 if center else 0
    shape = (*x.shape[:-1], 1 + (length + padded - fft_length) // sequence_stride, fft_length // 2 + 1)
    out = Tensor(shape, dtype_of(x))
    frames = mirrored(length, padded // 2, x.rank - 1).window(-1, fft_length, sequence_stride, 1, 0, shape[-2])
    return gives_all([out, out], [frames.insert(x.rank, shape[-1])] * 2)


@operation()
def ISTFT(
    x: Tensors, sequence_stride: Size, fft_length: Size, length: Size | None = None, center: Flag = True
) -> Effect:
    """The signal that overlapping frames add up to, from a pair (real part, imaginary part)."""
    real, _ = _complex(x, "... frames frequencies")
    size: Dim = (real.shape[-2] - 1) * sequence_stride + fft_length
    if length is not None:
        size = length
    elif center:
        size = size - fft_length // 2 * 2
    shape = (*real.shape[:-2], size)
    frames = _both().reduce(real.rank - 1)
    before = fft_length // 2 if center else 0
    return gives(shape, dtype_of(real), frames.spread(-1, fft_length, sequence_stride, 1, before, size))


@operation()
def ExtractSequences(x: Tensor, sequence_length: Size, sequence_stride: Size) -> Effect:
    """Overlapping frames of the last axis: (…, frames, ``sequence_length``)."""
    *_, length = x.axes("... values")
    frames = 1 + (length - sequence_length) // sequence_stride
    require(frames >= 0, f"needs at least {sequence_length} values, but gets {length}", arg="sequence_length")
    seen = see().window(-1, sequence_length, sequence_stride, 1, 0, frames).insert(x.rank, sequence_length)
    return gives((*x.shape[:-1], frames, sequence_length), dtype_of(x), seen)


@operation("cdist")
def CDist(x: Tensor, y: Tensor) -> Effect:
    """The distance of every row of the first input from every row of the second."""
    _require_rows(x, y)
    shape: Shape = (*broadcast(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-2])
    second = see(1).reduce(y.rank - 1)
    columns = second.insert(y.rank - 2, x.shape[-2]) if y.rank > 2 else second
    dtype = result_type(dtype_of(x), dtype_of(y), "float")
    return gives(shape, dtype, union([see(0).mix(-1), columns]))


def _require_rows(x: Tensor, y: Tensor) -> None:
    *_, width = x.axes("... rows features")
    *_, other = y.axes("... rows features")
    require_equal(width, other, f"needs rows of one length, but gets {width} and {other}")


def _over_matrix(x: Tensor) -> Reach:
    """A number for each matrix. Keras does not ask for one."""
    return see().reduce(*range(max(x.rank - 2, 0), x.rank)) if x.rank else see()


@operation()
def Logdet(x: Tensor) -> Effect:
    """The logarithm of the determinant of each matrix."""
    return gives(x.shape[:-2], dtype_of(x), _over_matrix(x))


@operation()
def Slogdet(x: Tensor) -> Effect:
    """The sign of the determinant, of which Keras says that it is one number, and the logarithm of its size."""
    outputs = [Tensor((), dtype_of(x)), Tensor(x.shape[:-2], dtype_of(x))]
    return gives_all(outputs, [blur(see(), x.shape, ()), _over_matrix(x)])
