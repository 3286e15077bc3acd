"""The elements of VGSL: what each looks like, and the calls of layers that it means."""

from __future__ import annotations

import re
from collections.abc import Callable

from seqshape.diagnostics import Fault, Span
from seqshape.dims import symbol
from seqshape.graph import Argument, Call, Value
from seqshape.records import NamedTuple

CLASSES = "classes"  # the size that a training says and the spec does not

_ACTIVATIONS = {"s": "sigmoid", "t": "tanh", "r": "relu", "lr": "leaky_relu", "m": "softmax", "c": "softmax"}

Match = re.Match[str]


class Element(NamedTuple):
    """What an element looks like, what a person is told of it, and the calls of layers that it means."""

    pattern: re.Pattern[str]
    form: str
    layer: Callable[[Match, str], Call]
    program: Callable[[Match], str] = lambda match: ""


def argument(match: Match, group: str, name: str, data: object | None = None) -> Argument:
    """An argument from what a group has matched: its number, unless ``data`` is what it means."""
    span = Span(*match.span(group))
    return Argument(name, Value(_number(match[group]) if data is None else data, span), span)


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def pair(match: Match, groups: tuple[str, str], name: str) -> list[Argument]:
    """Two numbers as one argument; none if they are not said."""
    if match[groups[0]] is None:
        return []
    items = tuple(Value(int(match[group]), Span(*match.span(group))) for group in groups)
    span = items[0].span.to(items[1].span)
    return [Argument(name, Value(items, span), span)]


def _call(match: Match, class_name: str, *arguments: Argument) -> Call:
    return Call(class_name, arguments, Span(*match.span()))


def activation(match: Match) -> list[Argument]:
    """The function behind an element, as the argument of its layer; none if it is none of Keras's."""
    word = _ACTIVATIONS.get(match["function"])
    return [argument(match, "function", "activation", word)] if word else []


def convolution(match: Match, program: str) -> Call:
    """``C``: Keras's convolution with an odd window; one of its own where kraken pads otherwise."""
    kernel = pair(match, ("rows", "columns"), "kernel_size")
    strides, rates = pair(match, ("down", "right"), "strides"), pair(match, ("dy", "dx"), "dilation_rate")
    given = [argument(match, "units", "filters"), *kernel, *strides, *rates, *activation(match)]
    odd = all(int(match[group]) % 2 for group in ("rows", "columns"))
    if match["transposed"] or strides or (program == "kraken" and not odd):
        flag = [argument(match, "transposed", "transposed", True)] if match["transposed"] else []
        return _call(match, "VGSLConv2D", *given, *flag)
    span = kernel[0].span
    wide = tuple(Value(int(match[group]) // 2 * 2 + 1, span) for group in ("rows", "columns"))
    same = Argument("padding", Value("same", span), span)
    given[1] = Argument("kernel_size", Value(wide, span), span)
    return _call(match, "Conv2D", *given, same)


def _pooling(match: Match, program: str) -> Call:
    pool = pair(match, ("rows", "columns"), "pool_size")
    return _call(match, "MaxPooling2D", *pool, *pair(match, ("down", "right"), "strides"))


def lstm(match: Match, program: str) -> Call:
    """``L`` and ``G``: kraken builds both with torch's LSTM. Raises Fault on peepholes."""
    given = [
        argument(match, "units", "units"),
        argument(match, "axis", "axis", match["axis"]),
        argument(match, "direction", "direction", match["direction"]),
    ]
    if match["summarize"]:
        given.append(argument(match, "summarize", "summarize", True))
    if match["early"] == "o":
        message = "is an LSTM with peepholes, as in ocropy, which is not read"
        raise Fault(message, span=Span(*match.span()), code="E150", help="leave out the o to count torch's LSTM")
    if program == "kraken":
        span = Span(*match.span("units"))
        given.append(Argument("biases", Value(0 if match["early"] else 2, span), span))
    if match["early"]:
        given.append(argument(match, "early", "ones", True))
    return _call(match, "VGSLLSTM", *given)


def softmax_lstm(match: Match, program: str) -> Call:
    """``LS`` and ``LE``: the number of classes is a named size."""
    span = Span(*match.span())
    given = [argument(match, "units", "units"), Argument("classes", Value(symbol(CLASSES), span), span)]
    if match["kind"] == "E":
        given.append(argument(match, "kind", "encoded", True))
    return _call(match, "VGSLSoftmaxLSTM", *given)


def full(match: Match, program: str) -> Call:
    """``F``: every place joined to every unit."""
    return _call(match, "VGSLFullyConnected", argument(match, "units", "units"), *activation(match))


def _output(match: Match, program: str) -> Call:
    kinds = {"0": "VGSLFullyConnected", "1": "VGSLOutput", "2": "Dense"}
    given = [argument(match, "units", "units")]
    word = "sigmoid" if match["function"] == "l" else "softmax"
    given.append(argument(match, "function", "activation", word))
    if program == "kraken":
        if match["dims"] == "0" or match["more"]:
            what = f"O0 and an output with the flag a are not read: {match[0]}"
            raise Fault(what, span=Span(*match.span()), code="E150", help="an output of a column is O1c111")
        return _call(match, "Dense", *given)
    return _call(match, kinds[match["dims"]], *given)


def _rescale(match: Match, program: str) -> Call:
    return _call(match, "VGSLRescale", argument(match, "rows", "rows"), argument(match, "columns", "columns"))


def _reshape(match: Match, program: str) -> Call:
    names = ("axis", "first", "second", "high", "low")
    return _call(match, "VGSLReshape", *(argument(match, name, name) for name in names))


def _dropout(match: Match, program: str) -> Call:
    rate = argument(match, "rate", "rate", None if match["rate"] else 0.5)
    return _call(match, "SpatialDropout2D" if match["dims"] == "2" else "Dropout", rate)


def _groups(match: Match, program: str) -> Call:
    return _call(match, "GroupNormalization", argument(match, "groups", "groups"))


def _addition(match: Match, program: str) -> Call:
    return _call(match, "VGSLAddition", argument(match, "axis", "axis"), argument(match, "size", "size"))


def _kraken(*groups: str) -> Callable[[Match], str]:
    """``kraken`` of what has one of these groups, or a name in braces, which Tesseract does not read."""

    def asked(match: Match) -> str:
        return "kraken" if not groups or match["name"] or any(match[group] for group in groups) else ""

    return asked


def _tesseract(match: Match) -> str:
    return "Tesseract"


_NAME = r"(?:\{(?P<name>\w+)\})?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("NAME", _NAME))


ELEMENTS = (
    Element(
        _pattern(
            r"C(?P<transposed>T)?(?P<function>lr|[strlmpn])NAME(?P<rows>\d+),(?P<columns>\d+),(?P<units>\d+)"
            r"(?:,(?P<down>\d+),(?P<right>\d+))?(?:,(?P<dy>\d+),(?P<dx>\d+))?"
        ),
        "C, a function (s t r l m), rows, columns and depth: Ct3,3,16",
        convolution,
        lambda match: "kraken" if match["function"] == "lr" else _kraken("transposed", "down")(match),
    ),
    Element(
        _pattern(r"MpNAME(?P<rows>\d+),(?P<columns>\d+)(?:,(?P<down>\d+),(?P<right>\d+))?"),
        "Mp, rows and columns: Mp3,3",
        _pooling,
        _kraken("down"),
    ),
    Element(
        _pattern(
            r"(?P<kind>[LG])(?P<direction>[frb])(?P<axis>[xy])(?P<summarize>s)?(?P<early>[co])?NAME(?P<units>\d+)"
        ),
        "L, a direction (f r b), an axis (x y), s to keep the last step only, and units: Lfys48",
        lstm,
        lambda match: "kraken" if match["kind"] == "G" else _kraken("early")(match),
    ),
    Element(
        _pattern(r"L2[xy]{2}(?P<units>\d+)"),
        "L2xy and units: L2xy8",
        lambda match, program: _call(match, "VGSLLSTM2D", argument(match, "units", "units")),
        _tesseract,
    ),
    Element(_pattern(r"L(?P<kind>[SE])(?P<units>\d+)"), "LS or LE and units: LS48", softmax_lstm, _tesseract),
    Element(
        _pattern(r"F(?P<function>[strlmpn])(?P<units>\d+)"),
        "F, a function (s t r l m) and units: Ft20",
        full,
        _tesseract,
    ),
    Element(
        _pattern(r"ONAME(?P<dims>[012])(?P<function>[lsc])(?P<more>a)?(?P<units>\d+)"),
        "O, axes (0 1 2), a function (l s c) and classes: O1c111",
        _output,
        _kraken("more"),
    ),
    Element(
        _pattern(r"S(?P<rows>\d+),(?P<columns>\d+)"),
        "S, rows and columns: S2,2",
        _rescale,
        _tesseract,
    ),
    Element(
        _pattern(r"SNAME(?P<axis>\d+)\((?P<first>\d+)x(?P<second>\d+)\)(?P<high>\d+),(?P<low>\d+)"),
        "S, an axis, its two parts and where they go: S1(1x0)1,3",
        _reshape,
        _kraken(),
    ),
    Element(
        _pattern(r"DoNAME(?P<rate>\d+(?:\.\d*)?|\.\d+)?(?:,(?P<dims>\d+))?"),
        "Do, a rate and axes: Do0.1,2",
        _dropout,
        _kraken(),
    ),
    Element(_pattern(r"GnNAME(?P<groups>\d+)"), "Gn and groups: Gn8", _groups, _kraken()),
    Element(_pattern(r"ANAME(?P<axis>\d+),(?P<size>\d+)"), "A, an axis and a size: A3,64", _addition, _kraken()),
    Element(_pattern(r"INAME"), "I", lambda match, program: _call(match, "Identity"), _kraken()),
)


def depth_map(match: Match) -> Call:
    """A map of the depth alone."""
    return _call(match, "Dense", argument(match, "units", "units"), *activation(match))
