"""The matrix of timesteps: in a terminal, as data, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from seqshape.dims import to_json
from seqshape.renderers.text import fitted, pad, printable, to_ascii
from seqshape.renderers.text import width as measured
from seqshape.rows import Rows, blocks
from seqshape.tensor import show

if TYPE_CHECKING:
    from seqshape.analysis.timesteps import Reached
    from seqshape.renderers.sheet import Part
    from seqshape.rows import Matrix

TALLEST = 40  # lines that a matrix may take before it is drawn smaller
WIDEST = 40  # columns for the names of layers; what a longer one says follows it
WIDE = 30  # columns up to which a step is drawn as two characters, so that cells are about square
STRIDES = {None: "not even", 0: "none, every output step sees the same steps", -1: "-1, the steps come out in reverse"}
QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"  # which quarters of a character are full: top left 1, top right 2, bottom left 4, right 8


def render(reached: Reached, width: int | None = None, *, ascii: bool = False) -> str:
    """The network in a line, the matrix, and what each layer does to steps."""
    lines = fitted([_shapes(reached), ""], width)
    if reached.rows is not None:
        drawing = draw(reached.rows, width or 100, ascii=ascii)  # all lines but the first and the last are drawn to fit
        lines.extend(
            [*fitted(drawing[:1], width), *drawing[1:-1], *fitted(drawing[-1:] if drawing[1:] else [], width), ""]
        )
    text = "\n".join([*lines, *fitted(_said(reached), width)])
    return to_ascii(text) if ascii else text


def sheet(reached: Reached, width: int | None = None) -> list[Part]:
    """The same for a picture or a page: the matrix is drawn, as large as there is room for."""
    from seqshape.renderers.sheet import DOTS, Cells, Text, texts

    parts: list[Part] = [Text(_shapes(reached), "head"), Text("")]
    if reached.rows is not None and all(reached.rows.shape):
        rows, columns = reached.rows.shape
        larger = max(rows, columns, DOTS)
        size = max(rows * DOTS // larger, 1), max(columns * DOTS // larger, 1)
        each = (
            f"; a dot: up to {-(-columns // size[1])} × {-(-rows // size[0])} steps"
            if max(rows, columns) > DOTS
            else ""
        )
        legend = f"input step (blue: the output step sees it{each})"
        parts += [Cells(reached.rows.shrunk(*size), (rows, columns), "output", legend), Text("")]
    return [*parts, *texts(fitted(_said(reached), width))]


def title(reached: Reached) -> str:
    """What a picture or a page of it is called."""
    return f"timesteps: {_shapes(reached)}"


def _said(reached: Reached) -> Iterator[str]:
    """What stands below the matrix: its facts, then what each layer does to steps."""
    yield from facts(reached)
    if reached.layers:
        yield ""
        yield from _layers(reached)


def _layers(reached: Reached) -> Iterator[str]:
    names = [printable(f"{layer.name} ({layer.class_name})") for layer in reached.layers]
    longest = min(max(map(measured, names)), WIDEST)
    for name, layer in zip(names, reached.layers, strict=True):
        yield f"{pad(name, longest)}  {printable(layer.label)}"


def facts(reached: Reached) -> Iterator[str]:
    """What the matrix says, in sentences."""
    if reached.rows is None or reached.ahead is None:
        behind = f": nobody can tell what {', '.join(map(printable, reached.unknown))} sees" if reached.unknown else ""
        yield f"which steps the output sees is not known{behind}"
        return
    yield f"receptive field: {reached.field} of {reached.rows.shape[1]} steps"
    if len(reached.rows) == 1:
        yield "one output step for the whole sequence"
        return
    yield f"stride: {STRIDES.get(reached.stride, reached.stride)}"
    if reached.causal:
        yield "causal: no output step sees a later input step"
    else:
        yield f"not causal: looks up to {_number(reached.ahead, 'step')} ahead"


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# --- in a terminal ---------------------------------------------------------------------------------------------------


def draw(matrix: Matrix, width: int, *, ascii: bool = False) -> list[str]:
    """Rows are output steps, columns input steps.

    What does not fit is drawn smaller: a mark if any step in it is seen.
    """
    seen = Rows.of(matrix)
    rows, columns = seen.shape
    if not rows or not columns:
        return ["no step is there to see, or to be seen"]
    label = len(f"output {rows - 1}")
    room = max(width - label - 3, 4)
    if rows <= TALLEST and columns <= room:
        return _plain(seen, label, 2 if columns * 2 <= room and columns <= WIDE else 1, ascii)
    return _small(seen, label, room, ascii)


def _plain(seen: Rows, label: int, wide: int, ascii: bool) -> list[str]:
    full, empty, bar = ("#", ".", "|") if ascii else ("█", "·", "│")
    legend = f"input step 0 to {seen.shape[1] - 1}   ({full} the output step sees it, {empty} it does not)"
    cells = str.maketrans({"1": full * wide, "0": empty * wide})
    rows = (f"{_label(index, label)} {bar}{text.translate(cells)}" for index, text in enumerate(seen.texts()))
    return [f"{'':{label}}  {legend}", *rows]


def _label(index: int, width: int) -> str:
    return f"output {index:>{width - 7}}" if index == 0 else f"{index:>{width}}"


def _small(matrix: Rows, label: int, room: int, ascii: bool) -> list[str]:
    """Characters of up to four dots, each dot for a block of steps, no wider than twice as wide as high."""
    rows, columns = matrix.shape
    down = 1 if ascii or rows <= TALLEST else 2
    high = min(-(-rows // down), TALLEST)
    room = min(room - 1, max(2 * high * columns // rows, room // 3))
    across = 1 if ascii or columns <= room else 2
    height, width = min(rows, high * down), min(columns, room * across)
    dots = matrix.shrunk(height, width)
    bar, seen = ("|", "#") if ascii else ("│", "█")
    lines = [f"{'':{label}}  input step 0 to {columns - 1}   ({seen} the output step sees it)"]
    for top in range(0, height, down):
        cells = "".join(_cell(dots, top, left, down, across, ascii) for left in range(0, width, across))
        lines.append(f"{_label(top * rows // height, label)} {bar}{cells}{bar}")
    each = f"{-(-columns // width)} input {'x' if ascii else '×'} {-(-rows // height)} output steps"
    return [*lines, f"{'':{label}}  a dot: up to {each}; set if one is seen"]


def _cell(dots: list[list[bool]], top: int, left: int, down: int, across: int, ascii: bool) -> str:
    """The character for a block of dots; one that has a single row or column fills the whole of it."""
    corners = [(top + y * (down - 1), left + x * (across - 1)) for y in (0, 1) for x in (0, 1)]
    full = [row < len(dots) and column < len(dots[0]) and dots[row][column] for row, column in corners]
    if ascii:
        return "#" if full[0] else "."
    return QUARTERS[sum(1 << place for place, is_full in enumerate(full) if is_full)]


# --- as data, as a picture -------------------------------------------------------------------------------------------


def to_dict(reached: Reached) -> dict[str, object]:
    """The matrix as data: one list of 0 and 1 for each output step, over the input steps."""
    return {
        "schema": "seqshape.timesteps/1",
        "input": {"name": reached.input_name, "shape": [to_json(dim) for dim in reached.input_shape]},
        "output": {"shape": None if reached.output_shape is None else [to_json(dim) for dim in reached.output_shape]},
        "matrix": None if reached.rows is None else reached.rows.tolist(),
        "receptive_field": reached.field,
        "stride": reached.stride,
        "look_ahead": reached.ahead,
        "causal": reached.causal,
        "layers": [{"name": one.name, "class": one.class_name, "label": one.label} for one in reached.layers],
    }


def json_pieces(reached: Reached, more: Mapping[str, object] = {}) -> Iterator[str]:
    """The text of :func:`to_dict` as JSON, a row of the matrix at a time: that of many steps would fill the memory.

    ``more``: keys that follow.
    """
    from seqshape.renderers.data import text as written

    if reached.rows is None:
        yield written({**to_dict(reached), **more})
        return
    # Inside a string of JSON no quote stands by itself, so that the mark is found where it was put.
    before, mark, after = written({**to_dict(reached._replace(rows=None)), **more}).partition('"matrix": ')
    yield f"{before}{mark}["
    for number, text in enumerate(reached.rows.texts()):
        yield f"{', ' if number else ''}[{', '.join(text)}]"
    yield f"]{after.removeprefix('null')}"


GRIDDED = 60  # steps up to which a picture shows each as a cell of its own
DOTS = 900  # to a side of a picture: it has no more
DARKEST = 1.4  # of a colour scale on which a step that is seen is 1
LETTERS = 12  # letters of a title that an inch has room for
UNDATED: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
SLIMMEST = 8  # how many times longer than high a picture may be before cells are stretched


def picture(reached: Reached, form: str) -> bytes:
    """The matrix as an SVG, PNG or PDF file, the same on every day.

    Raises ImportError without matplotlib, ValueError where the matrix is not known.
    """
    import io

    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    if reached.rows is None:
        raise ValueError("there is nothing to draw: the matrix is not known")
    rows, columns = reached.rows.shape
    longest = max(rows, columns)
    size = [max(6 * number / longest, 6 / SLIMMEST) for number in (columns, rows)]
    figure = Figure(figsize=(max(size[0], 4.5) + 0.8, size[1] + 1.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    is_slim = longest > SLIMMEST * min(rows, columns)
    _paint(axes, reached.rows, "auto" if is_slim else "equal")
    axes.set_xlabel("input step (blue: the output step sees it)")
    axes.set_ylabel("output step")
    axes.set_title(_title(reached, figure.get_figwidth()), fontsize=9, parse_math=False)
    for axis, number in ((axes.xaxis, columns), (axes.yaxis, rows)):
        axis.set_major_locator(MaxNLocator(min(number, 10), integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    stream = io.BytesIO()
    with rc_context({"svg.hashsalt": "seqshape"}):
        figure.savefig(stream, format=form, dpi=150, metadata=UNDATED.get(form))
    return stream.getvalue()


def _title(reached: Reached, width: float) -> str:
    """The shapes, and below them the facts, each in lines that a picture ``width`` inches wide has room for."""
    from textwrap import fill

    room = int(width * LETTERS)
    return "\n".join(fill(line, room) for line in (_shapes(reached), *facts(reached)))


def _shapes(reached: Reached) -> str:
    return f"{show(reached.input_shape)} → {show(reached.output_shape)}"


def _paint(axes: Any, matrix: Rows, aspect: str) -> None:
    """Cells with lines between them; of many steps an image."""
    import numpy as np

    rows, columns = matrix.shape
    if max(rows, columns) > GRIDDED:
        from matplotlib import colormaps

        # Colours of a byte a channel: drawn from numbers, the image would be held four times in eight bytes each.
        colored = colormaps["Blues"](_shares(matrix) / DARKEST, bytes=True)
        place = (-0.5, columns - 0.5, rows - 0.5, -0.5)
        axes.imshow(colored, aspect=aspect, interpolation="antialiased", extent=place)
        return
    edges = [np.arange(number + 1) - 0.5 for number in (columns, rows)]
    cells = {"cmap": "Blues", "vmin": 0, "vmax": DARKEST, "edgecolors": "white", "linewidth": 0.6}
    axes.pcolormesh(*edges, np.asarray(matrix), **cells)
    axes.set_aspect(aspect)
    axes.invert_yaxis()


def _shares(matrix: Rows) -> Any:
    """The matrix with no more than ``DOTS`` to a side; a dot of several steps says how many of them are seen."""
    import numpy as np

    rows, columns = matrix.shape
    if max(rows, columns) <= DOTS:
        return np.asarray(matrix, dtype=np.float32)
    lefts = [left for left, _ in blocks(columns, min(columns, DOTS))]
    widths = np.diff([*lefts, columns])
    lines, texts = [], matrix.texts()
    for top, bottom in blocks(rows, min(rows, DOTS)):
        steps = sum(np.frombuffer(next(texts).encode(), dtype=np.uint8) - float(ord("0")) for _ in range(top, bottom))
        lines.append(np.add.reduceat(steps, lefts) / widths / (bottom - top))
    return np.array(lines, dtype=np.float32)
