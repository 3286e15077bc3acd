"""What Keras 1 and 2 called otherwise, in the words of Keras 3: tables, and the few functions that apply them.

A program is taken to be of Keras 1 if it uses words that later ones do not have.
"""

from __future__ import annotations

import ast

from seqshape.readers.keras_source.engine import layer_type
from seqshape.readers.keras_source.values import Given, Value

# Words of Keras 1 that no later version takes.
OLD_WORDS = frozenset(
    (
        "nb_filter nb_row nb_col nb_epoch border_mode subsample output_dim W_regularizer b_regularizer W_constraint"
        " b_constraint init inner_activation inner_init dim_ordering filter_length pool_length subsample_length"
        " nb_val_samples samples_per_epoch atrous_rate forget_bias_init dropout_W dropout_U show_accuracy class_mode"
        " batch_norm_mode concat_axis dot_axes W_initializer activity_l2"
    ).split()
)
CLASSES = {
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Deconv2D": "Conv2DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "SyncBatchNormalization": "BatchNormalization",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "SeparableConvolution2D": "SeparableConv2D",
}
# Positions of arguments in Keras 1.
POSITIONS: dict[str, tuple[str, ...]] = {
    "Convolution1D": ("nb_filter", "filter_length", "init", "activation", "weights", "border_mode", "subsample_length"),
    "Convolution2D": ("nb_filter", "nb_row", "nb_col", "init", "activation", "weights", "border_mode", "subsample"),
    "Convolution3D": ("nb_filter", "kernel_dim1", "kernel_dim2", "kernel_dim3", "init", "activation", "weights"),
    "SeparableConvolution2D": ("nb_filter", "nb_row", "nb_col", "init", "activation", "weights", "border_mode"),
    "AtrousConvolution2D": ("nb_filter", "nb_row", "nb_col", "init", "activation", "weights", "border_mode"),
    "Deconvolution2D": ("nb_filter", "nb_row", "nb_col", "output_shape", "init", "activation", "weights"),
    "Dense": ("output_dim", "init", "activation", "weights"),
    "Embedding": ("input_dim", "output_dim", "init", "input_length"),
    "LSTM": ("output_dim", "init", "inner_init", "forget_bias_init", "activation", "inner_activation"),
    "GRU": ("output_dim", "init", "inner_init", "activation", "inner_activation"),
    "SimpleRNN": ("output_dim", "init", "inner_init", "activation"),
    "BatchNormalization": ("epsilon", "mode", "axis", "momentum"),
    "MaxPooling1D": ("pool_length", "stride", "border_mode"),
    "MaxPooling2D": ("pool_size", "strides", "border_mode", "dim_ordering"),
    "TimeDistributedDense": ("output_dim", "init", "activation", "weights"),
}
POSITIONS |= {
    new: POSITIONS[old]
    for new, old in (("Conv1D", "Convolution1D"), ("Conv2D", "Convolution2D"), ("Conv3D", "Convolution3D"))
}
POSITIONS |= {f"AveragePooling{n}D": POSITIONS[f"MaxPooling{n}D"] for n in (1, 2)}
PARTS = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2"))
# Names of arguments; ``None``: without a meaning for a summary.
ARGUMENTS: dict[str, str | None] = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "stride": "strides",
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "init": None,
    "inner_init": None,
    "forget_bias_init": None,
    "inner_activation": "recurrent_activation",
    "W_regularizer": None,
    "U_regularizer": None,
    "b_regularizer": None,
    "W_constraint": None,
    "U_constraint": None,
    "b_constraint": None,
    "W_learning_rate_multiplier": None,
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "dim_ordering": "data_format",
    "p": "rate",
    "pool_length": "pool_size",
    "length": "size",
    "consume_less": None,
    "mode": None,
    "beta_init": None,
    "gamma_init": None,
    "gamma_regularizer": None,
    "beta_regularizer": None,
    "dropout": None,
    "output_shape": None,
}
# Those of ARGUMENTS that mean what they say only in these classes.
ONLY = {
    "p": ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "AlphaDropout"),
    "length": ("UpSampling1D",),
    "mode": ("BatchNormalization",),
    "dropout": ("Embedding",),
    "output_shape": ("Deconvolution2D", "Deconv2D"),
    "stride": ("MaxPooling1D", "AveragePooling1D"),
}
# What is said of a class of Keras 1 that counts or computes otherwise today.
SAID = {
    "GRU": "a GRU of Keras 1 has one bias for each gate: reset_after=False",
    "Deconvolution2D": "a Deconvolution2D of Keras 1 is told its output_shape; Conv2DTranspose works it out by itself",
}
SAID["Deconv2D"] = SAID["Deconvolution2D"]
# What was filled in before Keras 3, which wants it told.
DEFAULTS: dict[str, dict[str, int]] = {f"AveragePooling{n}D": {"pool_size": 2} for n in (1, 2, 3)}
ORDERINGS = {"th": "channels_first", "tf": "channels_last"}
# What Keras 2 took and Keras 3 does not, without a meaning for a summary.
LEFT = frozenset(
    {"implementation", "time_major", "weights", "batch_input_shape", "ragged", "experimental_autocast", "_keras_shape"}
)


def is_old(tree: ast.AST) -> bool:
    """Whether a program is written for Keras 1."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in OLD_WORDS and node.arg not in ("init", "output_dim"):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "keras.layers.core":
            names = {alias.name for alias in node.names}
            if names & {"TimeDistributedDense", "Merge", "MaxoutDense", "Highway"}:
                return True
    return False


TODAY = frozenset({"Input", "Sequential", "Model", "ops", "layers"})


def is_today(tree: ast.Module) -> bool:
    """Whether a program is written for Keras 3, as far as that shows: ``import keras`` and ``keras.Sequential``."""
    plain = any(
        isinstance(node, ast.Import) and any(alias.name == "keras" and not alias.asname for alias in node.names)
        for node in tree.body
    )
    return plain and any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "keras"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in TODAY
    )


def is_over_steps(class_name: str, old: bool) -> bool:
    """Whether ``input_dim`` of a layer was the width of one step: in Keras 1 also that of a convolution."""
    kind = layer_type(class_name)
    return kind is not None and ("initial_state" in kind.call_arguments or (old and kind.rank == 1))


def translated(class_name: str, given: Given, old: bool) -> tuple[str, Given]:
    """A class and its arguments (name, value, place) in the words of Keras 3."""
    words = {name for name, _, _ in given if name is not None}
    if old or words & OLD_WORDS:
        given = _positioned(class_name, given, old, words)
    renamed = [each for each in (_renamed(class_name, *one) for one in given) if each is not None]
    return _class_of(class_name, renamed), _gathered(class_name, renamed)


def _class_of(class_name: str, given: Given) -> str:
    """The class that a class of Keras 1 is today; a convolution with full padding is none of today's."""
    now = CLASSES.get(class_name, class_name)
    full = now in ("Conv1D", "Conv2D", "Conv3D") and any(one[:2] == ("padding", "full") for one in given)
    return f"FullConvolution{now[-2:]}" if full else now


def _positioned(class_name: str, given: Given, old: bool, words: set[str]) -> Given:
    """Positions of Keras 1, where it has them otherwise than Keras 3."""
    names = POSITIONS.get(class_name, ())
    alone = names[1] if len(names) > 2 and names[1:3] in PARTS and names[2] not in words else None
    alone = alone if sum(name is None for name, _, _ in given) == 2 else None  # one size for all axes: Keras 2's way
    found = []
    for place, (name, value, node) in enumerate(given):
        known = names[place] if name is None and place < len(names) else name
        if known is not None and (known == alone or (known == "nb_row" and isinstance(value, (tuple, list)))):
            known = "kernel_size"
        found.append((known, value, node))
    return found


def _renamed(
    class_name: str, name: str | None, value: Value, node: ast.AST
) -> tuple[str | None, Value, ast.AST] | None:
    if _has(class_name, name):
        return (name, value, node)
    if name == "output_dim":
        return ("units", value, node)
    if name not in ARGUMENTS or class_name not in ONLY.get(name or "", (class_name,)):
        return (name, value, node)
    new = ARGUMENTS[name]
    if new is None:
        return None
    if new == "data_format" and isinstance(value, str):
        value = ORDERINGS.get(value, None if value == "default" else value)
    return (new, value, node)


def _has(class_name: str, name: str | None) -> bool:
    """Whether today's class has an argument of that name."""
    kind = layer_type(CLASSES.get(class_name, class_name))
    return kind is not None and name is not None and kind.parameter(name) is not None


def _gathered(class_name: str, given: Given) -> Given:
    """Sizes of a kernel that stand one by one are one argument."""
    parts = ("nb_row", "nb_col") if "2D" in class_name else ("kernel_dim1", "kernel_dim2", "kernel_dim3")
    values = {name: (value, node) for name, value, node in given if name in parts}
    if len(values) < len(parts):
        return given
    size = tuple(values[part][0] for part in parts)
    found: Given = []
    for name, value, node in given:
        if name == parts[0]:
            found.append(("kernel_size", size, node))
        elif name not in parts:
            found.append((name, value, node))
    return found
