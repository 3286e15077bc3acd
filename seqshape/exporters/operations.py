"""Where Keras keeps the classes of keras.ops: a config names the module, and so does code that gives one a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.graph import Operand, Value

if TYPE_CHECKING:
    from seqshape.declaration import LayerType

# Every other class stands in keras.src.ops.numpy.
_MODULES = {
    "nn": "AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm BinaryCrossentropy CTCDecode CTCLoss"
    " CategoricalCrossentropy Celu Conv ConvTranspose DepthToSpace DepthwiseConv DotProductAttention Elu Fold Gelu Glu"
    " HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool Moments MultiHot"
    " Normalize OneHot PSNR Polar RMSNorm Relu Relu6 Selu SeparableConv Sigmoid Silu SoftShrink Softmax Softplus"
    " Softsign SpaceToDepth SparseCategoricalCrossentropy SparsePlus SparseSigmoid Sparsemax Squareplus TanhShrink"
    " Threshold Unfold",
    "image": "AffineTransform CropImages ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates PadImages"
    " PerspectiveTransform RGBToGrayscale RGBToHSV Resize SSIM ScaleAndTranslate SobelEdges",
    "core": "AssociativeScan Cast Cond ConvertToTensor ForiLoop Map SaturateCast Scan Scatter ScatterUpdate Slice"
    " SliceUpdate StopGradient Switch Unstack VectorizedMap WhileLoop",
    "math": "CDist Erf Erfc Erfinv ExtractSequences FFT FFT2 IFFT2 IRFFT ISTFT InTopK Logdet Logsumexp RFFT Rsqrt STFT"
    " SegmentMax SegmentMin SegmentProd SegmentSum TopK ViewAsComplex ViewAsReal",
    "linalg": "Cholesky CholeskyInverse Det Eig Eigh Inv JVP Lstsq LuFactor MatrixRank Norm Pinv Qr SVD Solve"
    " SolveTriangular",
    "einops": "Rearrange",
}
_BY_CLASS = {name: module for module, names in _MODULES.items() for name in names.split()}


def left_out(kind: LayerType, args: list[Operand], kwargs: dict[str, Operand], span: Span) -> dict[str, Operand]:
    """The operands of an operation that are left out and that the call of its class has to name: ``scale=None``."""
    if kind.variadic or kind.open:
        return {}
    missing = [name for name in kind.inputs[len(args) :] if name not in kwargs]
    return {name: Value(None, span) for name in missing if kind.annotations[name].endswith("| None")}


def module_of(class_name: str) -> str:
    """The module of an operation's class, such as ``keras.src.ops.numpy`` of ``Add``."""
    return f"keras.src.ops.{_BY_CLASS.get(class_name, 'numpy')}"
