"""The matrix of timesteps: in a terminal, as data, and as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqshape.dims import to_json
from seqshape.tensor import show

if TYPE_CHECKING:
    from seqshape.analysis.timesteps import Reached

Matrix = tuple[tuple[int, ...], ...]
TALLEST = 40  # lines that a matrix may take before it is drawn smaller
BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def render(reached: Reached, width: int | None = None, *, ascii: bool = False) -> str:
    """The network in a line, the matrix, and what each layer does to steps."""
    lines = [f"{show(reached.input_shape)} → {show(reached.output_shape)}", ""]
    lines.extend(draw(reached.matrix, width or 100, ascii=ascii))
    lines.append("")
    lines.extend(_facts(reached))
    if reached.layers:
        lines.append("")
        names = max(len(f"{layer.name} ({layer.class_name})") for layer in reached.layers)
        lines.extend(f"{f'{layer.name} ({layer.class_name})':{names}}  {layer.label}" for layer in reached.layers)
    return "\n".join(lines)


def _facts(reached: Reached) -> Iterator[str]:
    steps = len(reached.matrix[0])
    yield f"receptive field {reached.field} of {steps} steps"
    if len(reached.matrix) > 1:
        yield f"stride {reached.stride}" if reached.stride is not None else "no even stride"
    if len(reached.matrix) == 1:
        yield "one output for the whole sequence"
    elif reached.causal:
        yield "causal: no output step sees a later input step"
    else:
        yield f"not causal: looks up to {reached.ahead} steps ahead"


def draw(matrix: Matrix, width: int, *, ascii: bool = False) -> list[str]:
    """Rows are output steps, columns input steps.

    What does not fit is drawn smaller: a mark if any step in it is seen.
    """
    columns = len(matrix[0])
    label = len(str(len(matrix) - 1))
    room = max(width - label - 3, 10)
    if len(matrix) <= TALLEST and columns <= room:
        return _plain(matrix, label, 2 if columns * 2 <= room and columns <= 30 else 1, ascii)
    return _small(matrix, label, room, ascii)


def _plain(matrix: Matrix, label: int, wide: int, ascii: bool) -> list[str]:
    full, empty, bar = ("#", ".", "|") if ascii else ("█", "·", "│")
    head = f"{'':{label}}  input step 0 to {len(matrix[0]) - 1}"
    rows = [
        f"{index:>{label}} {bar}" + "".join((full if cell else empty) * wide for cell in row)
        for index, row in enumerate(matrix)
    ]
    return [head, *rows]


def _small(matrix: Matrix, label: int, room: int, ascii: bool) -> list[str]:
    across, down = (1, 1) if ascii else (2, 4)
    width, height = min(len(matrix[0]), room * across), min(len(matrix), TALLEST * down)
    dots = _shrink(matrix, height, width)
    lines = [f"{'':{label}}   input step 0 to {len(matrix[0]) - 1}; each mark stands for several steps"]
    for top in range(0, height, down):
        first = top * len(matrix) // height
        cells = (_cell(dots, top, left, across, down) for left in range(0, width, across))
        lines.append(f"{first:>{label}} {'|' if ascii else '│'}" + "".join(cells))
    return lines


def _shrink(matrix: Matrix, height: int, width: int) -> list[list[bool]]:
    """One dot for a block of steps: set if anything in the block is seen."""
    import numpy as np

    seen = np.asarray(matrix, dtype=bool)
    rows = np.logical_or.reduceat(seen, [index * len(matrix) // height for index in range(height)], axis=0)
    both = np.logical_or.reduceat(rows, [index * seen.shape[1] // width for index in range(width)], axis=1)
    dots: list[list[bool]] = both.tolist()
    return dots


def _cell(dots: list[list[bool]], top: int, left: int, across: int, down: int) -> str:
    if across == 1:
        return "#" if dots[top][left] else "."
    code = 0x2800
    for row in range(down):
        for column in range(across):
            if top + row < len(dots) and left + column < len(dots[0]) and dots[top + row][left + column]:
                code |= BRAILLE[row][column]
    return chr(code)


def to_dict(reached: Reached) -> dict[str, Any]:
    """The matrix as data: one list of 0 and 1 for each output step, over the input steps."""
    return {
        "schema": "seqshape.timesteps/1",
        "input": {"name": reached.input_name, "shape": [to_json(dim) for dim in reached.input_shape]},
        "output": {"shape": [to_json(dim) for dim in reached.output_shape]},
        "matrix": [list(row) for row in reached.matrix],
        "receptive_field": reached.field,
        "stride": reached.stride,
        "look_ahead": reached.ahead,
        "causal": reached.causal,
        "layers": [{"name": one.name, "class": one.class_name, "label": one.label} for one in reached.layers],
    }


def picture(reached: Reached, form: str) -> bytes:
    """The matrix as an SVG or PNG file. Raises ImportError without matplotlib."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = len(reached.matrix), len(reached.matrix[0])
    scale = 6 / max(rows, columns)
    figure = Figure(figsize=(max(columns * scale, 2) + 1.2, max(rows * scale, 1.2) + 1.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.imshow(reached.matrix, cmap="Blues", vmin=0, vmax=1.4, aspect="equal", interpolation="nearest")
    axes.set_xlabel("input step")
    axes.set_ylabel("output step")
    axes.set_title(f"{show(reached.input_shape)} → {show(reached.output_shape)}", fontsize=10)
    if max(rows, columns) <= 30:
        axes.set_xticks([x - 0.5 for x in range(1, columns)], minor=True)
        axes.set_yticks([y - 0.5 for y in range(1, rows)], minor=True)
        axes.grid(which="minor", color="white", linewidth=1)
        axes.tick_params(which="minor", length=0)
    stream = io.BytesIO()
    figure.savefig(stream, format=form, dpi=150)
    return stream.getvalue()
