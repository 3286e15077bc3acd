"""Calls of the functions of keras.ops, one or more of each: what is neither elementwise nor a plain reduction.

They are cases by themselves, and the seeds that the fuzzer changes at random.
"""

from __future__ import annotations

from typing import Any

from seqshape.registry import operations
from tests.oracle.operations import DTYPES, T, t

# Shapes for two operands.
PAIRS = [
    ((None, 3, 4), (4,)),
    ((None, 1, 4), (None, 5, 1)),
    ((2, 3), (None, 3)),
    ((1, 3), (None, 3)),
    ((None, None), (None, 3)),
    ((3, 4), (3,)),
    ((), (None, 2)),
    ((None, 3), (None, 4)),
    ((5, 1), (1, 6)),
    ((None, 2, 3), (None, 3, 5)),
    ((3,), (3,)),
]

REDUCTIONS = [
    name
    for name, kind in operations().items()
    if kind.inputs == ("x",) and {"axis", "keepdims"} <= {parameter.name for parameter in kind.parameters}
]

IMAGE, VOLUME, SERIES = t(None, 8, 9, 3), t(None, 8, 9, 7, 2), t(None, 20, 4)
# What is neither elementwise nor a plain reduction, written as a call of the function in keras.ops with keywords.
CASES: list[tuple[str, dict[str, Any]]] = [
    ("adaptive_average_pool", {"inputs": t(None, 3, 8, 8), "output_size": (2, 2), "data_format": "channels_first"}),
    ("adaptive_max_pool", {"inputs": IMAGE, "output_size": (2, 2)}),
    ("adaptive_max_pool", {"inputs": SERIES, "output_size": (2,)}),
    ("affine_transform", {"images": IMAGE, "transform": t(None, 8)}),
    ("affine_transform", {"images": IMAGE, "transform": t(1, 1, 8)}),
    ("allclose", {"x1": t(None, 3), "x2": t(None, 3)}),
    ("append", {"x1": t(2, 3), "x2": t(2, 4), "axis": 1}),
    ("append", {"x1": t(2, 3), "x2": t(2, 4)}),
    ("append", {"x1": t(None, 3), "x2": t(2, 4)}),
    ("append", {"x1": t(2, 3), "x2": t(3, 4), "axis": 1}),
    ("argpartition", {"x": t(None, 5), "kth": 2}),
    ("argpartition", {"x": t(None, 5), "kth": 2, "axis": None}),
    *[("argsort", {"x": t(None, 5), "axis": axis}) for axis in (-1, 0, None, 2)],
    ("array", {"x": t(2), "dtype": "int8"}),
    ("array_split", {"x": t(None, 7), "indices_or_sections": 3, "axis": 1}),
    ("array_split", {"x": t(None, 7), "indices_or_sections": 3}),
    ("average", {"x": t(None, 3, 4, dtype="int32"), "axis": 1}),
    ("average", {"x": t(None, 3, 4), "axis": 1, "weights": t(3)}),
    ("average", {"x": t(None, 3, 4), "axis": 1, "weights": t(4)}),
    ("average", {"x": t(2, 3), "weights": t(2, 3)}),
    ("average", {"x": t(2, 3)}),
    ("average_pool", {"inputs": SERIES, "pool_size": 2}),
    ("average_pool", {"inputs": IMAGE, "pool_size": (3, 2), "strides": 1, "padding": "SAME"}),
    (
        "batch_normalization",
        {"x": t(None, 4), "mean": t(4), "variance": t(4), "axis": -1, "offset": t(4), "scale": t(4)},
    ),
    ("batch_normalization", {"x": t(None, 4), "mean": t(3), "variance": t(4), "axis": -1}),
    ("binary_crossentropy", {"target": t(None, 3), "output": t(None, 3)}),
    ("binary_crossentropy", {"target": t(2, 3), "output": t(None, 3)}),
    ("bincount", {"x": t(None, 3, dtype="int32")}),
    ("broadcast_to", {"x": t(1, 3), "shape": (2, 3)}),
    ("broadcast_to", {"x": t(2, 3), "shape": (2, 4)}),
    *[("cast", {"x": t(None, 3), "dtype": dtype}) for dtype in ("int32", "bool", "float16")],
    ("categorical_crossentropy", {"target": t(None, 5, 3), "output": t(None, 5, 3)}),
    ("celu", {"x": t(None, 3), "alpha": 2.0}),
    ("cholesky", {"x": t(None, 3, 3)}),
    ("cholesky", {"x": t(None, 3, 4), "upper": True}),
    ("cholesky_inverse", {"x": t(3, 3)}),
    *[("clip", {"x": T((None, 3), dtype), "x_min": 0, "x_max": 1}) for dtype in DTYPES],
    ("concatenate", {"xs": [t(None, 3), t(None, 4, dtype="int32")], "axis": -1}),
    ("concatenate", {"xs": [t(None, None, 3), t(None, 4, 3)], "axis": 2}),
    ("concatenate", {"xs": [t(None, None, 3), t(None, 4, 3)], "axis": 1}),
    ("concatenate", {"xs": [t(2, 3), t(5, 3)]}),
    ("concatenate", {"xs": [t(None, 3), t(None, 4, 1)], "axis": -1}),
    ("concatenate", {"xs": [t(None, 3), t(None, 4)], "axis": 0}),
    ("conv", {"inputs": IMAGE, "kernel": t(3, 3, 3, 16)}),
    ("conv", {"inputs": IMAGE, "kernel": t(3, 3, 1, 16)}),
    ("conv", {"inputs": IMAGE, "kernel": t(3, 2, 3, 16), "strides": 2, "padding": "same"}),
    ("conv", {"inputs": SERIES, "kernel": t(3, 4, 5), "padding": "causal", "dilation_rate": 2}),
    ("conv", {"inputs": t(None, 3, 8, 9), "kernel": t(3, 3, 3, 16), "data_format": "channels_first"}),
    ("conv", {"inputs": IMAGE, "kernel": t(9, 3, 3, 16)}),
    ("conv", {"inputs": t(None, None, 4), "kernel": t(3, 4, 5)}),
    ("conv_transpose", {"inputs": IMAGE, "kernel": t(3, 3, 16, 3), "strides": 2}),
    (
        "conv_transpose",
        {"inputs": IMAGE, "kernel": t(3, 3, 16, 3), "strides": 2, "padding": "same", "output_padding": 1},
    ),
    ("conv_transpose", {"inputs": SERIES, "kernel": t(4, 7, 4), "strides": 3, "dilation_rate": 1}),
    ("convert_to_tensor", {"x": t(2), "dtype": "float16"}),
    *[("correlate", {"x1": t(7), "x2": t(3, dtype="int32"), "mode": mode}) for mode in ("valid", "same", "full", "x")],
    ("correlate", {"x1": t(7, 1), "x2": t(3)}),
    ("count_nonzero", {"x": t(None, 3, 4), "axis": 1}),
    ("count_nonzero", {"x": t(None, 3, 4), "axis": (0, 1)}),
    ("crop_images", {"images": IMAGE, "top_cropping": 1, "bottom_cropping": 2, "left_cropping": 0, "target_width": 5}),
    ("crop_images", {"images": IMAGE, "top_cropping": 5, "target_height": 5, "left_cropping": 0, "target_width": 5}),
    ("crop_images", {"images": IMAGE, "top_cropping": 5}),
    *[("cross", {"x1": t(None, one), "x2": t(None, two)}) for one, two in ((3, 3), (2, 3), (2, 2), (4, 3))],
    ("cross", {"x1": t(None, 3, 5), "x2": t(None, 3, 5), "axis": 1}),
    ("ctc_decode", {"inputs": t(None, 10, 5), "sequence_lengths": t(None, dtype="int32")}),
    ("ctc_decode", {"inputs": t(2, 10, 5), "sequence_lengths": t(2), "strategy": "beam_search", "top_paths": 3}),
    ("ctc_loss", {"target": t(2, 4), "output": t(2, 10, 5), "target_length": t(2), "output_length": t(2)}),
    *[(name, {"x": T((None, 3), dtype), "axis": 1}) for name in ("cumsum", "cumprod") for dtype in DTYPES],
    ("cumsum", {"x": t(None, 3)}),
    ("cumsum", {"x": t(2, 3), "dtype": "bool"}),
    ("cumprod", {"x": t(2, 3), "axis": 5}),
    ("nancumsum", {"x": t(2, 3), "axis": 1}),
    ("nancumprod", {"x": t(2, 3)}),
    ("depth_to_space", {"x": t(None, 4, 5, 12), "block_size": 2}),
    ("depth_to_space", {"x": t(None, 4, 5, 6), "block_size": 2}),
    ("depth_to_space", {"x": t(None, 12, 4, 5), "block_size": 2, "data_format": "channels_first"}),
    ("depthwise_conv", {"inputs": IMAGE, "kernel": t(3, 3, 3, 2), "strides": 2}),
    *[("diag", {"x": x, "k": k}) for x in (t(3), t(None), t(3, 5), t(None, 3), t(2, 3, 4)) for k in (0, 1, -2, 4)],
    *[("diagflat", {"x": x, "k": 1}) for x in (t(), t(3), t(2, 3), t(None, 3))],
    *[("diagonal", {"x": t(4, 3, 5), "offset": k, "axis1": 0, "axis2": -1}) for k in (0, 1, -1, 6)],
    ("diagonal", {"x": t(None, 3, 3), "axis1": 1, "axis2": 2}),
    ("diagonal", {"x": t(None, 3, 3), "axis1": 1, "axis2": 1}),
    ("diff", {"a": t(None, 5), "n": 2}),
    ("diff", {"a": t(None, 5), "n": 9}),
    ("diff", {"a": t(None, 5), "axis": 0}),
    ("digitize", {"x": t(None, 5), "bins": t(4)}),
    ("digitize", {"x": t(None, 5), "bins": t(4, 1)}),
    ("dot_product_attention", {"query": t(None, 5, 2, 4), "key": t(None, 7, 2, 4), "value": t(None, 7, 2, 4)}),
    (
        "dot_product_attention",
        {"query": t(None, 5, 2, 4), "key": t(None, 7, 2, 4), "value": t(None, 7, 2, 4), "is_causal": True},
    ),
    *[("dsplit", {"x": t(None, 3, 6), "indices_or_sections": at}) for at in (2, (1, 2), 4)],
    ("dsplit", {"x": t(None, 3), "indices_or_sections": 2}),
    ("dstack", {"xs": [t(2, 3), t(2, 3)]}),
    ("dstack", {"xs": [t(3), t(3)]}),
    ("dstack", {"xs": [t(2, 3, 4), t(2, 3, 5)]}),
    ("dstack", {"xs": [t(), t()]}),
    ("eig", {"x": t(None, 3, 3)}),
    ("eigh", {"x": t(2, 3)}),
    ("einsum", {"operands": [t(None, 3, 4), t(4, 5)], "subscripts": "bij,jk->bik"}),
    ("einsum", {"operands": [t(None, 3, 4), t(None, 4, 5)], "subscripts": "...ij,...jk->...ik"}),
    ("einsum", {"operands": [t(None, 3, 4), t(None, 4, 5, dtype="int32")], "subscripts": "bij,bjk"}),
    ("einsum", {"operands": [t(2, 3, dtype="int8"), t(3, 4, dtype="int8")], "subscripts": "ij,jk"}),
    ("einsum", {"operands": [t(None, 3, 4)], "subscripts": "bij->bji"}),
    ("einsum", {"operands": [t(None, 3, 4)], "subscripts": "bij->b"}),
    ("einsum", {"operands": [t(None, 3, 4), t(4)], "subscripts": "bij->b"}),
    ("einsum", {"operands": [t(None, 3)], "subscripts": "bij->b"}),
    ("einsum", {"operands": [t(None, 3, 4), t(5, 6)], "subscripts": "bij,jk->bik"}),
    ("einsum", {"operands": [t(None, 3), t(None, 4)], "subscripts": "bi,bi->b"}),
    ("einsum", {"operands": [t(None, 3), t(2, 4)], "subscripts": "bi,bi->bi"}),
    ("elastic_transform", {"images": IMAGE}),
    ("elu", {"x": t(None, 3, dtype="int32")}),
    *[
        (name, {"x": t(None, 3), "dtype": dtype})
        for name in ("empty_like", "ones_like", "zeros_like")
        for dtype in (None, "bool")
    ],
    *[("expand_dims", {"x": t(None, 3), "axis": axis}) for axis in (0, 1, -1, 2, (1, 3), (0, -1), 3, -4)],
    ("extract_patches", {"images": IMAGE, "size": 2}),
    ("extract_patches", {"images": t(8, 9, 3), "size": (2, 3), "strides": 1, "padding": "same"}),
    ("extract_patches", {"images": VOLUME, "size": (2, 2, 2)}),
    ("extract_sequences", {"x": t(None, 10), "sequence_length": 3, "sequence_stride": 2}),
    ("extract_sequences", {"x": t(None, None), "sequence_length": 3, "sequence_stride": 2}),
    ("fft", {"x": [t(None, 8), t(None, 8)]}),
    ("fft", {"x": [t(None, None), t(None, None)]}),
    ("fft2", {"x": [t(None, 8, 4), t(None, 8, 4)]}),
    ("fft2", {"x": [t(None, 8, 4), t(None, 8, 5)]}),
    ("ifft2", {"x": [t(None, 8, 4), t(None, 8, 4)]}),
    *[("flip", {"x": t(None, 3), "axis": axis}) for axis in (None, 1, (0, 1), 2)],
    ("fold", {"x": t(None, 12, 16), "output_size": 8, "kernel_size": 2}),
    ("fold", {"x": t(None, 13, 16), "output_size": 8, "kernel_size": 2}),
    ("full", {"shape": (2, 3), "fill_value": t()}),
    ("full_like", {"x": t(None, 3), "fill_value": 2}),
    ("full_like", {"x": t(None, 3), "fill_value": 2, "dtype": "int32"}),
    ("gaussian_blur", {"images": IMAGE}),
    ("gaussian_blur", {"images": t(8, 9)}),
    ("gelu", {"x": t(None, 3), "approximate": False}),
    *[
        (name, {"start": t(None, 3), "stop": t(3), "num": 5, "axis": -1})
        for name in ("linspace", "logspace", "geomspace")
    ],
    ("linspace", {"start": t(2, dtype="int32"), "stop": 5.0}),
    ("linspace", {"start": 1, "stop": t(2), "dtype": "float16"}),
    *[
        ("get_item", {"x": t(None, 5, 4), "key": key})
        for key in (
            0,
            -1,
            (slice(None), -1),
            (slice(None), slice(1, -1)),
            (slice(None), slice(None, None, -1)),
            (..., 0),
            (0, ...),
            (slice(None), None),
            (None, ..., None),
            (slice(2, 3), slice(4, 1, -2)),
            (slice(None), 5),
            (slice(None), -6),
            (0, 0, 0, 0),
            (..., ...),
            slice(0, 2),
            (slice(None), slice(9, 12)),
            (slice(None), slice(None, 3), slice(1, None, 2)),
        )
    ],
    ("glu", {"x": t(None, 6)}),
    ("glu", {"x": t(None, 5)}),
    ("glu", {"x": t(None, 6, 3), "axis": 1}),
    ("hard_shrink", {"x": t(None, 3)}),
    ("histogram", {"x": t(5, dtype="int32"), "bins": 4}),
    ("hsplit", {"x": t(None, 6), "indices_or_sections": (2, 4)}),
    ("hsplit", {"x": t(6), "indices_or_sections": 3}),
    ("hstack", {"xs": [t(None, 3), t(None, 4)]}),
    ("hstack", {"xs": [t(3), t(4)]}),
    ("hsv_to_rgb", {"images": IMAGE}),
    ("in_top_k", {"targets": t(None, dtype="int32"), "predictions": t(None, 5), "k": 2}),
    ("inv", {"x": t(None, 3, 3)}),
    ("irfft", {"x": [t(None, 5), t(None, 5)]}),
    ("irfft", {"x": [t(None, 5), t(None, 5)], "fft_length": 7}),
    ("isclose", {"x1": t(None, 3), "x2": 1.0, "equal_nan": True}),
    ("isin", {"x1": t(None, 3), "x2": t(7)}),
    ("istft", {"x": [t(None, 6, 9), t(None, 6, 9)], "sequence_length": 16, "sequence_stride": 8, "fft_length": 16}),
    (
        "istft",
        {"x": [t(6, 9), t(6, 9)], "sequence_length": 16, "sequence_stride": 8, "fft_length": 16, "center": False},
    ),
    ("istft", {"x": [t(6, 9), t(6, 9)], "sequence_length": 16, "sequence_stride": 8, "fft_length": 16, "length": 50}),
    ("layer_normalization", {"x": t(None, 3, 4)}),
    ("layer_normalization", {"x": t(None, 3, 4), "gamma": t(4), "beta": t(4), "axis": -1}),
    ("leaky_relu", {"x": t(None, 3)}),
    *[("log_softmax", {"x": t(None, 3), "axis": axis}) for axis in (-1, 0, None, 2, (0, 1))],
    ("lstsq", {"a": t(5, 3), "b": t(5, 2)}),
    ("lstsq", {"a": t(5, 3), "b": t(4)}),
    ("lu_factor", {"x": t(2, 3, 4)}),
    ("map_coordinates", {"inputs": t(4, 5), "coordinates": t(2, 7, 8), "order": 1}),
    ("map_coordinates", {"inputs": t(4, 5), "coordinates": t(3, 7), "order": 1}),
    ("matrix_rank", {"x": t(None, 3, 4)}),
    ("max", {"x": t(None, 3), "axis": 1, "initial": 0.0}),
    ("min", {"x": t(None, 3), "axis": 1, "initial": 0.0}),
    ("max_pool", {"inputs": IMAGE, "pool_size": (2, 2)}),
    ("max_pool", {"inputs": IMAGE, "pool_size": 9}),
    ("max_pool", {"inputs": t(None, None, 4), "pool_size": 3, "strides": 2, "padding": "same"}),
    *[("meshgrid", {"x": [t(2), t(3, 2), t(4, dtype="int32")], "indexing": way}) for way in ("xy", "ij", "x")],
    ("moments", {"x": t(None, 3, 4), "axes": (0, 1), "keepdims": True}),
    ("moments", {"x": t(None, 3, 4), "axes": [2]}),
    ("moveaxis", {"x": t(2, 3, 4, 5), "source": 1, "destination": -1}),
    ("moveaxis", {"x": t(2, 3, 4, 5), "source": (0, 1), "destination": (2, 0)}),
    ("moveaxis", {"x": t(2, 3, 4, 5), "source": (0, 1), "destination": 2}),
    ("multi_hot", {"inputs": t(None, 3, dtype="int32"), "num_classes": 5}),
    ("multi_hot", {"inputs": t(3, dtype="int32"), "num_classes": 5}),
    ("nan_to_num", {"x": t(None, 3)}),
    *[
        (name, {"x": T((None, 3), dtype), "q": 0.5, "axis": 1})
        for name in ("quantile", "percentile", "nanquantile", "nanpercentile")
        for dtype in DTYPES
    ],
    *[
        (name, {"x": t(None, 3), "q": q, "axis": 1, "keepdims": True})
        for name in ("quantile", "percentile", "nanquantile", "nanpercentile")
        for q in ([0.5], [0.2, 0.5], t(4), t())
    ],
    *[
        ("norm", {"x": t(None, 3, 4), "ord": order, "axis": axis})
        for order, axis in ((None, 1), (2, (1, 2)), ("fro", (1, 2)), ("fro", 1), (3, (1, 2)), (None, None), ("x", 1))
    ],
    *[("normalize", {"x": T((None, 3), dtype), "axis": 1}) for dtype in DTYPES],
    *[("one_hot", {"x": t(None, 3, dtype="int32"), "num_classes": 5, "axis": axis}) for axis in (-1, 0, 1, 2, -2)],
    ("one_hot", {"x": t(None, dtype="int32"), "num_classes": 5, "dtype": "bool"}),
    *[
        ("pad", {"x": t(None, 3), "pad_width": width})
        for width in (1, (1, 2), ((0, 0), (1, 2)), ((1, 1), (1, 1), (1, 1)), ((3, 4),))
    ],
    ("pad", {"x": t(None, 3), "pad_width": ((0, 0), (1, 2)), "mode": "reflect"}),
    ("pad_images", {"images": IMAGE, "top_padding": 1, "bottom_padding": 2, "left_padding": 0, "target_width": 12}),
    (
        "pad_images",
        {"images": t(None, None, None, 3), "top_padding": 1, "target_height": 9, "left_padding": 0, "target_width": 12},
    ),
    ("pad_images", {"images": IMAGE, "top_padding": 1, "target_height": 5, "left_padding": 0, "target_width": 12}),
    ("pad_images", {"images": IMAGE}),
    ("perspective_transform", {"images": IMAGE, "start_points": t(None, 4, 2), "end_points": t(None, 4, 2)}),
    ("perspective_transform", {"images": IMAGE, "start_points": t(None, 3, 2), "end_points": t(None, 3, 2)}),
    ("pinv", {"x": t(None, 3, 4)}),
    *[("prod", {"x": T((None, 3), dtype), "axis": 1}) for dtype in DTYPES],
    ("prod", {"x": t(None, 3), "axis": 1, "dtype": "int8"}),
    ("psnr", {"x1": t(None, 3), "x2": t(None, 3), "max_val": 1.0}),
    ("psnr", {"x1": t(None, 3), "x2": t(None, 3, 3), "max_val": 1.0}),
    *[("qr", {"x": t(2, 3, 4), "mode": mode}) for mode in ("reduced", "complete", "x")],
    ("qr", {"x": t(None, None, 4)}),
    ("rearrange", {"tensor": t(2, 3, 4), "pattern": "b h w -> b (h w)"}),
    ("rearrange", {"tensor": t(2, 12), "pattern": "b (h w) -> w b h", "h": 3}),
    ("rearrange", {"tensor": t(None, 12), "pattern": "b (h w) -> w b h", "h": 3}),
    ("repeat", {"x": t(None, 3), "repeats": 2, "axis": 1}),
    ("repeat", {"x": t(None, 3), "repeats": [1, 2, 3], "axis": 1}),
    ("repeat", {"x": t(None, 3), "repeats": [1, 2], "axis": 1}),
    ("repeat", {"x": t(None, 3), "repeats": 2, "axis": 0}),
    ("repeat", {"x": t(2, 3), "repeats": 2}),
    *[
        ("reshape", {"x": t(None, 3, 4), "newshape": shape})
        for shape in ((-1, 12), (-1, 4), (None, 12), (2, 7), (-1, -1), -1)
    ],
    *[
        ("reshape", {"x": t(2, 3, 4), "newshape": shape})
        for shape in ((-1, 12), (2, 12), (2, 11), (-1, 5), (-1,), (0, -1))
    ],
    ("resize", {"images": IMAGE, "size": (4, 5)}),
    ("resize", {"images": t(3, 8, 9, dtype="uint8"), "size": (4, 5), "data_format": "channels_first"}),
    ("resize", {"images": t(8, 9), "size": (4, 5)}),
    ("resize", {"images": IMAGE, "size": (4, 5), "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}),
    ("rfft", {"x": t(None, 8)}),
    ("rfft", {"x": t(None, 8), "fft_length": 5}),
    *[("rgb_to_grayscale", {"images": images}) for images in (IMAGE, t(8, 9, 1), t(None, 8, 9, 2), t(3, 3))],
    ("rgb_to_grayscale", {"images": t(None, 3, 8, 9), "data_format": "channels_first"}),
    *[("rgb_to_hsv", {"images": images}) for images in (IMAGE, t(8, 9, 1), t(8, 9, 3, dtype="uint8"))],
    ("rms_normalization", {"x": t(None, 4), "scale": t(4)}),
    ("roll", {"x": t(None, 4), "shift": 1, "axis": 1}),
    ("roll", {"x": t(None, 4), "shift": 1}),
    ("roll", {"x": t(None, 4), "shift": 1, "axis": 2}),
    ("rot90", {"array": t(2, 3, 4)}),
    ("rot90", {"array": t(2, 3, 4), "k": 2, "axes": (1, 2)}),
    ("rot90", {"array": t(2)}),
    ("rot90", {"array": t(2, 3), "axes": (1, 1)}),
    ("round", {"x": t(None, 3), "decimals": 1}),
    ("saturate_cast", {"x": t(None, 3), "dtype": "uint8"}),
    (
        "scale_and_translate",
        {
            "images": IMAGE,
            "output_shape": (2, 4, 5, 3),
            "scale": t(2),
            "translation": t(2),
            "spatial_dims": (1, 2),
            "method": "linear",
        },
    ),
    ("scatter", {"indices": t(4, 1, dtype="int32"), "values": t(4, 3), "shape": (9, 3)}),
    ("scatter_update", {"inputs": t(None, 3), "indices": t(1, 2), "updates": t(1), "reduction": "add"}),
    ("searchsorted", {"sorted_sequence": t(4), "values": t(None, 3)}),
    ("searchsorted", {"sorted_sequence": t(None), "values": t(None, 3)}),
    ("searchsorted", {"sorted_sequence": t(4, 1), "values": t(None, 3)}),
    *[
        (name, {"data": t(6, 3), "segment_ids": t(6, dtype="int32"), "num_segments": 4})
        for name in ("segment_sum", "segment_max", "segment_min", "segment_prod")
    ],
    ("segment_sum", {"data": t(None, 3), "segment_ids": t(6, dtype="int32")}),
    ("segment_sum", {"data": t(5, 3), "segment_ids": t(6, dtype="int32")}),
    ("segment_sum", {"data": t(6, 3), "segment_ids": t(6, 1, dtype="int32")}),
    ("select", {"condlist": [t(None, 3, dtype="bool")], "choicelist": [t(None, 3)], "default": 0}),
    ("separable_conv", {"inputs": IMAGE, "depthwise_kernel": t(3, 3, 3, 2), "pointwise_kernel": t(1, 1, 6, 5)}),
    ("slice", {"inputs": t(4, 5), "start_indices": (1, 2), "shape": (2, -1)}),
    ("slice", {"inputs": t(4, 5), "start_indices": t(2, dtype="int32"), "shape": (2, -1)}),
    ("slice", {"inputs": t(4, 5), "start_indices": (1, 2), "shape": (2,)}),
    ("slice_update", {"inputs": t(4, 5), "start_indices": (1, 2), "updates": t(2, 2)}),
    ("sobel_edges", {"images": IMAGE}),
    ("sobel_edges", {"images": t(8, 9, 3)}),
    ("soft_shrink", {"x": t(None, 3)}),
    *[("softmax", {"x": t(None, 3), "axis": axis}) for axis in (-1, 0, None, 2, (0, 1))],
    ("solve_triangular", {"a": t(None, 3, 3), "b": t(None, 3)}),
    ("solve_triangular", {"a": t(None, 3, 3), "b": t(None, 4, 2), "lower": True}),
    *[("sort", {"x": t(None, 5), "axis": axis}) for axis in (-1, 0, None, 2)],
    ("space_to_depth", {"x": t(None, 4, 6, 3), "block_size": 2}),
    ("space_to_depth", {"x": t(None, 4, 5, 3), "block_size": 2}),
    ("space_to_depth", {"x": t(None, 4, 6, 3), "block_size": 1}),
    ("sparse_categorical_crossentropy", {"target": t(None, 5), "output": t(None, 5, 3)}),
    ("sparse_categorical_crossentropy", {"target": t(None, 5, 1), "output": t(None, 5, 3)}),
    ("sparse_categorical_crossentropy", {"target": t(None, 4), "output": t(None, 5, 3)}),
    ("sparsemax", {"x": t(None, 3)}),
    *[
        ("split", {"x": t(None, 6), "indices_or_sections": at, "axis": axis})
        for at, axis in ((3, 1), (4, 1), ((1, 2), -1), (2, 0), ((1,), 0))
    ],
    ("squareplus", {"x": t(None, 3)}),
    *[("squeeze", {"x": t(None, 1, 3, 1), "axis": axis}) for axis in (None, 1, (1, -1), 2, 0, 4)],
    ("ssim", {"image1": IMAGE, "image2": IMAGE}),
    ("ssim", {"image1": t(8, 9, 3), "image2": t(8, 9, 3)}),
    ("stack", {"x": [t(None, 3), t(None, 3, dtype="int32")], "axis": 1}),
    ("stack", {"x": [t(None, 3), t(None, 3)], "axis": -1}),
    ("stack", {"x": [t(None, 3), t(None, 4)]}),
    ("stft", {"x": t(None, 64), "sequence_length": 16, "sequence_stride": 8, "fft_length": 16}),
    ("stft", {"x": t(None, 64), "sequence_length": 12, "sequence_stride": 8, "fft_length": 16, "center": False}),
    ("stft", {"x": t(None, None), "sequence_length": 12, "sequence_stride": 8, "fft_length": 16}),
    ("svd", {"x": t(2, 3, 4)}),
    ("svd", {"x": t(2, 3, 4), "full_matrices": False}),
    ("svd", {"x": t(2, 3, 4), "compute_uv": False}),
    ("swapaxes", {"x": t(2, 3, 4), "axis1": 1, "axis2": -1}),
    ("swapaxes", {"x": t(2, 3, 4), "axis1": 1, "axis2": 3}),
    *[
        ("take", {"x": t(None, 5, 4), "indices": at, "axis": axis})
        for at in (0, [0, 2], [[0, 1], [1, 2]], t(7, dtype="int32"), t(None, 2, dtype="int32"))
        for axis in (1, -1, None)
    ],
    ("take_along_axis", {"x": t(None, 5), "indices": t(None, 2, dtype="int32"), "axis": 1}),
    ("take_along_axis", {"x": t(2, 5), "indices": t(7, dtype="int32")}),
    ("take_along_axis", {"x": t(2, 5), "indices": t(7, dtype="int32"), "axis": 1}),
    *[
        ("tensordot", {"x1": t(None, 3, 4), "x2": t(3, 4, 5), "axes": axes})
        for axes in (2, 0, ((1, 2), (0, 1)), ((1,), (1,)))
    ],
    ("threshold", {"x": t(None, 3), "threshold": 0.1, "default_value": 0}),
    *[("tile", {"x": t(None, 3), "repeats": repeats}) for repeats in (2, (1, 2), (2, 1, 3), [4])],
    ("top_k", {"x": t(None, 5), "k": 2}),
    *[("trace", {"x": T((None, 3, 3), dtype), "axis1": 1, "axis2": 2}) for dtype in DTYPES],
    ("trace", {"x": t(None, 3, 3), "axis1": 1, "axis2": 1}),
    *[
        ("transpose", {"x": t(2, 3, 4), "axes": axes})
        for axes in (None, (0, 2, 1), (2, 0, 1), (0, 1), (0, 1, 1), (0, 1, 3))
    ],
    ("trapezoid", {"y": t(None, 5, dtype="int32")}),
    ("trapezoid", {"y": t(None, 5, 2), "dx": 0.5, "axis": 1}),
    ("tril", {"x": t(None, 3, 3), "k": 1}),
    ("triu", {"x": t(None, 3, 3), "k": 1}),
    ("unfold", {"x": t(None, 3, 8, 9), "kernel_size": (2, 3), "stride": 2, "padding": 1}),
    *[
        ("unique", {"x": t(2, 3), **flags})
        for flags in (
            {},
            {"return_index": True},
            {"return_inverse": True, "return_counts": True},
            {"axis": 1, "size": 2, "return_inverse": True},
        )
    ],
    ("unravel_index", {"indices": t(None, 3, dtype="int32"), "shape": (4, 5)}),
    *[
        ("unstack", {"x": t(None, 3, 4), "axis": axis, "num": num})
        for axis, num in ((1, None), (0, None), (0, 2), (-1, None))
    ],
    ("vander", {"x": t(4), "N": 3}),
    ("vander", {"x": t(4)}),
    *[("view", {"x": t(None, 3), "dtype": dtype}) for dtype in ("int8", "int32", "float16", "float64", None)],
    *[("vsplit", {"x": t(4, 3), "indices_or_sections": at}) for at in (2, 3, (1,))],
    ("vsplit", {"x": t(4), "indices_or_sections": 2}),
    ("vstack", {"xs": [t(2, 3), t(5, 3)]}),
    ("vstack", {"xs": [t(None, 3), t(5, 3)]}),
    ("where", {"condition": t(None, 3, dtype="bool"), "x1": t(None, 3), "x2": 0}),
    ("where", {"condition": t(None, 3, dtype="bool"), "x1": t(None, 3, dtype="int32"), "x2": t(3)}),
    ("where", {"condition": t(None, 3, dtype="bool")}),
]
