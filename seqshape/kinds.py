"""Kinds of arguments: the annotations of layer rules. A kind checks a value, makes it uniform, knows its flag words.

A rule's annotation is the kind's name (``units: Size``). For a type checker the name is the Python type that the rule
gets; at run time the registry looks the name up in ``KINDS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from seqshape.diagnostics import Fault, nearest, remark, suggest
from seqshape.dims import UNKNOWN, Dim, Poly, require
from seqshape.dims import Size as AnySize
from seqshape.records import NamedTuple
from seqshape.tensor import Tensor

# What a rule gets for each kind of argument.
Size: TypeAlias = AnySize  # a positive integer or a named size
StrictSize: TypeAlias = AnySize  # the same, and True is none
Count: TypeAlias = AnySize  # an integer of at least 0
Integer: TypeAlias = int  # any integer
Number: TypeAlias = float  # an int or a float
Numeral: TypeAlias = float  # the same, or text that Python reads as one
LaterNumber: TypeAlias = Any  # the same, but Keras looks at it only when the layer runs, so that it takes anything
LaterInteger: TypeAlias = object  # any integer, but Keras looks at it only when it runs
LoraRank: TypeAlias = AnySize  # a positive integer, or whatever Python takes for no
Flag: TypeAlias = bool
Text: TypeAlias = str
Activation: TypeAlias = object  # the name of an activation; settable by a bare word
Function: TypeAlias = object  # an activation that has to be named
ConvPadding: TypeAlias = str
CausalPadding: TypeAlias = str
PoolPadding: TypeAlias = str
ValidPadding: TypeAlias = str
DataFormat: TypeAlias = str
DataFormatOr: TypeAlias = str  # the same, or whatever Python takes for no
MergeMode: TypeAlias = "str | None"
Sizes: TypeAlias = "AnySize | tuple[AnySize, ...]"  # a positive integer or a tuple of them
Counts: TypeAlias = Sizes  # the same with zeros
CountTuple: TypeAlias = tuple[AnySize, ...]  # a tuple of them, which Keras does not take for a list
Margins: TypeAlias = "AnySize | tuple[Sizes, ...]"  # a number for all sides, or for each axis a number or a pair
SignedMargins: TypeAlias = Margins  # the same; the number for all sides may be negative
Axes: TypeAlias = "int | tuple[int, ...]"  # an integer or a tuple of integers
Dims: TypeAlias = tuple[Dim, ...]  # a shape: a tuple of sizes, -1 and None
NewShape: TypeAlias = "tuple[Dim, ...] | Tensor"  # a Target, or one integer for a single dim, as keras.ops takes it
Target: TypeAlias = tuple[Dim, ...]  # the same, where Keras reads whatever is no integer as None
Layer: TypeAlias = Any  # a bound layer
Layers: TypeAlias = Any  # a bound layer or a tuple of them
Cell: TypeAlias = Any  # a bound layer; a list of them gets a StackedRNNCells around it
Slant: TypeAlias = object  # a factor that Keras writes as a pair (-f, f), which it does not take
Share: TypeAlias = object  # a number from 0 to 1, or two between which it is drawn
Change: TypeAlias = object  # the same from -1 to 1
ChangeOr: TypeAlias = object  # the same, or whatever Python takes for no
Rate: TypeAlias = float  # a number from 0 to 1
ValueRange: TypeAlias = tuple[float, float]  # two numbers
Held: TypeAlias = object  # any value, or a tensor that an operation holds without being wired to it
Anything: TypeAlias = Any

ACTIVATIONS = frozenset(
    (
        "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear"
        " log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign"
        " sparse_plus sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold"
    ).split()
)


class Kind(NamedTuple):
    """``check`` takes a plain value and gives what the rule gets, or raises Fault; ``words`` are its flags.

    ``around``: the trait of the layer that Keras makes of a list of layers. ``restored``: from what a file has to what
    the constructor takes, where Keras writes something else. ``like``: the kind whose sensible values are the same.
    ``runs``: the types of the values with which it can run, where Keras takes others too. ``tensors``: the constructor
    of an operation also takes it as a tensor. ``asks``: what the layer asks of the value, by its name, when it is
    called, or raises Fault. ``sample``: a usual value, as a spec writes it.
    """

    check: Callable[[Any], Any]
    words: frozenset[str] = frozenset()
    describe: str = ""
    around: str | None = None
    restored: Callable[[object], object] | None = None
    like: str = ""
    runs: tuple[type, ...] = ()
    tensors: bool = False
    asks: Callable[[object, str], None] | None = None
    sample: str = ""


def _is_int(value: object) -> bool:
    return isinstance(value, (int, Poly)) and not isinstance(value, bool)


def _unbool(value: object) -> object:
    """Python counts True as 1 and False as 0, and so does Keras where a number is meant."""
    if not isinstance(value, bool):
        return value
    remark(f"reads {value} as {int(value)}, where a number is meant")
    return int(value)


def _strict_size(value: object) -> object:
    if isinstance(value, bool):
        raise Fault(f"has to be a positive integer, not {value}")
    return _size(value)


def _size(value: Any) -> Any:
    value = _unbool(value)
    if isinstance(value, Poly) or (_is_int(value) and value >= 1):
        return value
    raise Fault(f"has to be a positive integer, not {value!r}")


def _count(value: Any) -> object:
    value = _unbool(value)
    if isinstance(value, Poly) or (_is_int(value) and value >= 0):
        return value
    raise Fault(f"has to be an integer of at least 0, not {value!r}")


def _integer(value: object) -> object:
    value = _unbool(value)
    if _is_int(value):
        return value
    raise Fault(f"has to be an integer, not {value!r}")


def _number(value: object) -> object:
    value = _unbool(value)
    if _is_int(value) or isinstance(value, float):
        return value
    raise Fault(f"has to be a number, not {value!r}")


def _numeral(value: object) -> object:
    if not isinstance(value, str):
        return _number(value)
    try:
        found = float(value)
    except ValueError:
        return _number(value)
    remark(f"reads {value!r} as {found:g}, where a number is meant")
    return found


def _later_number(value: object) -> object:
    if _is_int(value) or isinstance(value, (bool, float)):
        return _number(value)
    remark(f"gets {value!r} where a number is meant: Keras takes it, but the layer cannot run with it")
    return value


def _later_integer(value: object) -> object:
    if _is_int(value) or isinstance(value, bool):
        return _integer(value)
    remark(f"gets {value!r} where an integer is meant: Keras takes it, but it cannot run with it")
    return value


def _lora_rank(value: object) -> object:
    if value or value == 0:
        return _count(value)
    remark(f"reads {value!r} as 0, where a number is meant")
    return 0


def _data_format_or(value: object) -> object:
    if value:
        return _data_format(value)
    remark(f"reads {value!r} as channels_last")
    return "channels_last"


def _flag(value: object) -> object:
    """Keras takes any truthy value where a bool is meant; so does seqshape, with a warning."""
    if not isinstance(value, bool):
        remark(f"reads {value!r} as {bool(value)}, where True or False is meant")
    return bool(value)


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    raise Fault(f"has to be a string, not {value!r}")


def _activation(value: object) -> object:
    if value is None:
        return "linear"
    if isinstance(value, dict) and value.get("class_name") == "function":
        return _activation(value.get("config"))
    if isinstance(value, (int, float, tuple, list)) or value == {}:
        raise Fault(f"has to be the name of an activation, such as relu, not {value!r}")
    if not isinstance(value, str) or value in ACTIVATIONS:
        return value  # a layer or a registered function of a file: its name is not checked
    message, known = f"has to be an activation, but there is none called {value!r}", sorted(ACTIVATIONS)
    raise Fault(message, help=suggest(value, known), instead=nearest(value, known))


def one_of(*words: str, none: object = None, folded: bool = False) -> Callable[[object], object]:
    """A check for one of some strings; ``none`` stands for ``None``; ``folded``: in any case, as Keras takes it there."""

    def check(value: Any) -> Any:
        if value is None and none is not None:
            return none
        key = value.lower() if folded and isinstance(value, str) else value
        if isinstance(key, str) and key in words:
            if key != value:
                remark(f"reads {value!r} as {key!r}; not every layer and version of Keras does")
            return key
        listed = ", ".join(f'"{word}"' for word in words)
        near = nearest(value, words) if isinstance(value, str) else None
        help = suggest(value, list(words)) if near is not None else None
        raise Fault(f"has to be one of {listed}, not {value!r}", help=help, instead=near)

    return check


def _tuple(check: Callable[[object], object]) -> Callable[[object], object]:
    def checked(value: object) -> object:
        return tuple(check(item) for item in value) if isinstance(value, (tuple, list)) else check(value)

    return checked


def _dims(value: object) -> tuple[object, ...]:
    if not isinstance(value, (tuple, list)):
        raise Fault(f"has to be a shape, not {value!r}", help=f"write ({value},)")
    return tuple(UNKNOWN if item is None else _dim(item) for item in value)


def _dim(value: Any) -> Any:
    if _is_int(value) and (isinstance(value, Poly) or value >= 0):
        return value
    raise Fault(f"has to be made of sizes, names and None, not {value!r}")


def _target(value: object) -> tuple[object, ...]:
    if isinstance(value, Tensor):
        return value
    if value is None or isinstance(value, (bool, int, float)):
        raise Fault(f"has to be a shape, not {value!r}")
    items = tuple(value) if isinstance(value, (tuple, list, str, dict)) else (value,)
    strange = [item for item in items if not (item is None or isinstance(item, Tensor) or _is_int(item))]
    if strange:
        remark(f"reads {strange[0]!r} in a shape as None, an unknown dim; a dim is an integer")
    return tuple(item if _is_int(item) else UNKNOWN for item in items)


def _new_shape(value: object) -> tuple[object, ...]:
    alone = isinstance(value, int) and not isinstance(value, bool)
    return _target((value,) if alone else value)


def _count_tuple(value: object) -> tuple[object, ...]:
    if not isinstance(value, tuple):
        raise Fault(f"has to be a tuple of integers of at least 0, not {value!r}", help="write (2, 2)")
    return tuple(map(_count, value))


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _one_side(value: Any) -> object:
    pair = isinstance(value, (tuple, list)) and len(value) == 2 and isinstance(value[1], (int, float))
    return value[1] if pair and value[0] == -value[1] else value


def _all_around(value: object) -> object:
    """One negative number for all sides, which Keras writes as pairs and does not take so."""
    pairs = value if isinstance(value, (tuple, list)) else ()
    flat = [one for pair in pairs if isinstance(pair, (tuple, list)) for one in pair]
    is_one = bool(flat) and all(isinstance(one, int) and one == flat[0] for one in flat)
    return flat[0] if is_one and flat[0] < 0 else value


def _margins(bare: Callable[[object], object]) -> Callable[[object], object]:
    """``bare`` checks the number for all sides; in a tuple Keras always wants counts."""

    def check(value: object) -> Any:
        return tuple(map(_tuple(_count), value)) if isinstance(value, (tuple, list)) else bare(value)

    return check


def _merge_mode(value: object) -> object:
    return None if value is None else one_of("sum", "mul", "concat", "ave")(value)


def _same(value: object) -> object:
    return value


def _layer(value: Any) -> object:
    if getattr(getattr(value, "type", None), "operation", False):
        raise Fault(f"has to be a layer; {value.class_name} is an operation", help="use it in the chain itself")
    if callable(value) and "input" not in getattr(getattr(value, "type", None), "traits", ()):
        return value
    raise Fault(f"has to be a layer, not {value!r}", help="write a layer call, such as Dense(1)")


def _layers(value: object) -> object:
    return tuple(map(_layer, value)) if isinstance(value, (tuple, list)) else _layer(value)


# --- bounds: what a layer asks of its arguments ----------------------------------------------------------------------


def _is_within(value: object, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and not (value < low or value > high)  # Keras lets a nan pass


def between(low: float, high: float, *, falsy: bool = False) -> Callable[[object, str], None]:
    """A number between two bounds, or two of which one may lie beyond each; with ``falsy`` also whatever is no."""

    def ask(value: object, name: str) -> None:
        if falsy and not value:
            return
        if isinstance(value, (tuple, list)):
            numbers = len(value) == 2 and all(isinstance(one, (int, float)) for one in value)
            fits = numbers and not (value[0] > high or value[1] < low)
        else:
            fits = _is_within(value, low, high)
        if not fits:
            raise Fault(f"needs a {name} from {low} to {high}, or two numbers, not {value!r}", arg=name)

    return ask


def both_between(low: float, high: float, *, open_below: bool = False) -> Callable[[object, str], None]:
    """A number between two bounds, or two such numbers."""

    def ask(value: object, name: str) -> None:
        pair = value if isinstance(value, (tuple, list)) else (value, value)
        if len(pair) != 2 or not all(_is_within(one, low, high) for one in pair) or (open_below and low in pair):
            above = "above" if open_below else "from"
            raise Fault(f"needs a {name} {above} {low} to {high}, or two of them, not {value!r}", arg=name)

    return ask


def one_number_between(low: float, high: float) -> Callable[[object, str], None]:
    """One number between two bounds."""

    def ask(value: Any, name: str) -> None:
        require(low <= value <= high, f"needs a {name} from {low} to {high}, not {value}", arg=name)

    return ask


def among(*words: str) -> Callable[[object, str], None]:
    """One of some words, as Keras spells them."""

    def ask(value: object, name: str) -> None:
        if value not in words:
            raise Fault(f"needs one of {', '.join(words)} as {name}, not {value!r}", arg=name)

    return ask


def ask_two(value: object, name: str) -> None:
    """Two numbers, as a range of values has. Raises Fault."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Fault(f"needs two numbers as {name}, not {value!r}", arg=name)


def _ask_rate(value: Any, name: str) -> None:
    """A share between 0 and 1; with 1 nothing is left of the input, which gets a remark."""
    message = f"needs {name} to be between 0 and 1, but gets {value}"
    require(value >= 0, message, arg=name)
    require(value <= 1, message, arg=name)
    if value == 1 and name != "stddev":
        remark(f"has {name} {value}, so nothing of its input is left while it trains", arg=name)


_PADDINGS = frozenset({"valid", "same"})
_CAUSAL = ("valid", "same", "causal")
_FILLS = ("reflect", "wrap", "constant", "nearest")
_FORMATS = ("channels_last", "channels_first")
_data_format = one_of(*_FORMATS, none="channels_last", folded=True)

KINDS: dict[str, Kind] = {
    "Size": Kind(_size, describe="a positive integer", sample="32"),
    "StrictSize": Kind(_strict_size, describe="a positive integer", like="Size", sample="32"),
    "Count": Kind(_count, describe="an integer of at least 0", sample="8"),
    "Integer": Kind(_integer, describe="an integer"),
    "Number": Kind(_number, describe="a number"),
    "Numeral": Kind(_numeral, describe="a number", like="Number"),
    "LaterNumber": Kind(_later_number, describe="a number", like="Number", runs=(int, float, Poly)),
    "LaterInteger": Kind(_later_integer, describe="an integer", like="Integer", runs=(int, Poly)),
    "LoraRank": Kind(_lora_rank, describe="a positive integer", like="Count"),
    "Flag": Kind(_flag, describe="True or False"),
    "Text": Kind(_text, describe="a string"),
    "Activation": Kind(_activation, ACTIVATIONS, "an activation"),
    "Function": Kind(_activation, describe="an activation"),
    "ConvPadding": Kind(one_of("valid", "same", folded=True), _PADDINGS, "valid or same"),
    "CausalPadding": Kind(one_of(*_CAUSAL, folded=True), frozenset(_CAUSAL), "valid, same or causal"),
    "PoolPadding": Kind(one_of("valid", "same"), _PADDINGS, "valid or same"),
    "DataFormat": Kind(_data_format, frozenset(_FORMATS), "channels_last or channels_first"),
    "DataFormatOr": Kind(_data_format_or, frozenset(_FORMATS), "channels_last or channels_first", like="DataFormat"),
    "FullPadding": Kind(one_of("valid", "same", "full"), _PADDINGS | {"full"}, "valid, same or full"),
    "ValidPadding": Kind(one_of("valid", folded=True), frozenset({"valid"}), "valid"),
    "MergeMode": Kind(_merge_mode, frozenset({"sum", "mul", "concat", "ave"}), "sum, mul, concat, ave or None"),
    "Sizes": Kind(_tuple(_size), describe="a positive integer or a tuple of them", sample="3"),
    "Counts": Kind(_tuple(_count), describe="an integer of at least 0 or a tuple of them"),
    "CountTuple": Kind(_count_tuple, describe="a tuple of integers of at least 0", restored=_as_tuple),
    "Margins": Kind(_margins(_count), describe="a number for all sides, or one or two for each axis"),
    "SignedMargins": Kind(
        _margins(_integer), describe="a number for all sides, or one or two for each axis", restored=_all_around
    ),
    "Axes": Kind(_tuple(_integer), describe="an integer or a tuple of them"),
    "Dims": Kind(_dims, describe="a shape"),
    "NewShape": Kind(_new_shape, describe="a shape", tensors=True, like="Target"),
    "Target": Kind(_target, describe="a shape", tensors=True),
    "Layer": Kind(_layer, describe="a layer"),
    "Layers": Kind(_layers, describe="a layer or a list of layers"),
    "Cell": Kind(_layer, describe="a cell or a list of cells", around="stack"),
    "Share": Kind(_same, describe="a number from 0 to 1, or two", like="Anything", asks=between(0, 1)),
    "Change": Kind(_same, describe="a number from -1 to 1, or two", like="Anything", asks=between(-1, 1)),
    "ChangeOr": Kind(_same, describe="a number from -1 to 1, or two", like="Anything", asks=between(-1, 1, falsy=True)),
    "Bits": Kind(_same, describe="a number from 1 to 8, or two", like="Anything", asks=between(1, 8)),
    "Shares": Kind(_same, describe="one or two numbers from 0 to 1", like="Anything", asks=both_between(0, 1)),
    "Changes": Kind(_same, describe="one or two numbers from -1 to 1", like="Anything", asks=both_between(-1, 1)),
    "Zoom": Kind(
        _same,
        describe="one or two numbers above -1, up to 1",
        like="Anything",
        asks=both_between(-1, 1, open_below=True),
    ),
    "Slant": Kind(_same, describe="a number from 0 to 1, or two", restored=_one_side, asks=both_between(0, 1)),
    "Fraction": Kind(_number, describe="a number from 0 to 1", like="Number", asks=one_number_between(0, 1)),
    "Rate": Kind(_number, describe="a number from 0 to 1", like="Number", asks=_ask_rate, sample="0.5"),
    "ValueRange": Kind(_same, describe="two numbers", like="Anything", asks=ask_two),
    "Interpolation": Kind(_text, describe="nearest or bilinear", like="Text", asks=among("nearest", "bilinear")),
    "FillMode": Kind(_text, describe=", ".join(_FILLS), like="Text", asks=among(*_FILLS)),
    "ElasticFill": Kind(_text, describe=", ".join((*_FILLS, "mirror")), like="Text", asks=among(*_FILLS, "mirror")),
    "Held": Kind(_same, describe="a value or a tensor", like="Anything", tensors=True),
    "Anything": Kind(_same, describe="any value"),
}


def _by_name(names: dict[str, str]) -> dict[str, str]:
    return {name: kind for kind, listed in names.items() for name in listed.split()}


# The kinds of arguments that change neither shapes nor counts, so that no rule has them; signatures.py has the rest.
UNREAD = _by_name(
    {
        "Activation": "activation",
        "Function": "recurrent_activation",
        "DataFormat | None": "data_format",
        "Text": "encoding",
        "LaterNumber | None": "lora_alpha",
        "Flag": "all_ops invert normalize optional periodic unit_forget_bias zero_output_for_mask",
        "LaterNumber": "alpha bins clip_limit mag_exp min_freq min_power ref_power renorm_momentum top_db",
        "Anything": "arguments epsilon fill_value init input_length logit_soft_cap reverse_dtype sparse tile_grid_size"
        " value_range weights window",
    }
)
# The same of operations; operation_signatures.py has the rest.
OPERATIONS_UNREAD = _by_name(
    {
        "Flag": "antialias approximate assume_unique endpoint equal_nan from_logits has_aux increasing invert lower"
        " merge_repeated reverse rms_scaling sorted sparse synchronized upper",
        "Number": "alpha atol b base default_value dx fill_value filter_sigma k1 k2 max_val nan negative_slope rtol"
        " threshold",
        "Number | None": "epsilon initial neginf posinf rcond tol",
        "Text": "fill_mode interpolation method side",
        "Text | None": "dtype",
        "Integer": "axis decimals k kth mask_index offset",
        "Integer | None": "maximum_iterations",
        "Size": "beam_width filter_size sequence_length",
        "Size | None": "length",
        "Sizes": "dilation stride",
        "Count": "minlength order",
        "Counts": "padding",
        "Axes": "spatial_dims",
        "Held": "sigma window x x_max x_min",
        "Anything": "body body_fun cond flash_attention function ragged range seed unroll",
        "DataFormat | None": "data_format",
    }
)


def spread(value: object, rank: int, name: str) -> tuple[Any, ...]:
    """A number for every axis: ``3`` → ``(3, 3)``; a tuple has to have ``rank`` items, else Fault on the argument ``name``."""
    if not isinstance(value, (tuple, list)):
        return (value,) * rank
    if len(value) != rank:
        noun = "number" if rank == 1 else "numbers"
        raise Fault(f"needs {rank} {noun} in {name}, but gets {tuple(value)!r}", arg=name)
    return tuple(value)


def known(dim: Dim) -> bool:
    """Whether a dim is a number or a named size, not Keras's ``None``."""
    return dim is not UNKNOWN
