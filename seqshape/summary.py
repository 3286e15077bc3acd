"""What came out: frozen data, lossless to and from JSON, the only thing that renderers and comparisons see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seqshape.diagnostics import Diagnostic
from seqshape.dims import Dim, Size, Unknown, product
from seqshape.records import Record

Shape = tuple[Dim, ...]
MACS_CONVENTION = "1 MAC = one multiply-add of a matrix product or convolution; FLOPs = 2 x MACs"


class Weight(Record):
    """A weight of a layer: ``path`` is relative to the layer (``lstm_cell/kernel``).

    ``trainable`` is ``None`` where nothing tells it: a file of weights does not.
    """

    path: str
    shape: Shape
    dtype: str = "float32"
    trainable: bool | None = True


def item_bits(dtype: str) -> int:
    """Bits of one number as Keras counts them: 32 for ``float32``, 1 for ``bool``; 0 for what has no fixed size."""
    digits = "".join(filter(str.isdecimal, dtype.partition("_")[0]))
    return 1 if dtype == "bool" else int(digits or 0)


def memory(weights: Iterable[Weight]) -> Size:
    """The whole bytes that weights take at their dtypes, as Keras counts them: 8 of ``bool`` are one byte."""
    bits: Size = 0
    for weight in weights:
        size = product(weight.shape)
        bits = bits if isinstance(size, Unknown) else bits + item_bits(weight.dtype) * size
    return bits // 8


class Port(Record):
    """An input or an output of a model; ``shape`` is ``None`` where nothing can be known."""

    shape: Shape | None
    dtype: str = "float32"
    name: str | None = None


class CallRecord(Record):
    """One call of a layer: shapes in, where they come from (layer name, call, output), shapes out."""

    inputs: tuple[Shape | None, ...]
    sources: tuple[tuple[str, int, int], ...]
    outputs: tuple[Shape | None, ...]


class Row(Record):
    """One line of a summary. ``output_shapes`` has all outputs of the last call; ``params`` and ``macs`` are ``None``
    where they cannot be known. ``macs`` counts one sample (batch 1) and all calls of the layer. ``trainable`` is
    ``None`` for an operation of keras.ops, which has nothing of the kind. ``conventions``: the parameters as other
    frameworks count them, where that was asked for."""

    name: str
    class_name: str
    output_shapes: tuple[Shape | None, ...]
    params: Size | None = 0
    trainable_params: Size | None = 0
    non_trainable_params: Size | None = 0
    trainable: bool | None = True
    macs: Size | None = 0
    weights: tuple[Weight, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    layers: tuple[Row, ...] = ()
    faulty: bool = False
    conventions: Mapping[str, Size | None] = {}


class Totals(Record):
    """Sums over the layers, each layer once; ``at_least`` says that a layer's count is not known and left out.
    ``bytes`` is the memory of the weights at their dtypes.
    ``unplaced``: the source holds weights that belong to no layer, so that every total is at least what it says.
    The trainable and the other parameters are UNKNOWN where the source does not say which are trained."""

    params: Size
    trainable_params: Dim
    non_trainable_params: Dim
    bytes: Size
    macs: Size
    at_least: bool = False
    unplaced: bool = False


class Symbol(Record):
    """A named size: where its name came from, and what must hold for it (``T >= 3``)."""

    source: str
    needs: tuple[str, ...] = ()


class Convention(Record):
    """The totals as one framework counts them, and the reasons why they are not Keras's."""

    params: Size
    trainable_params: Dim
    non_trainable_params: Dim
    bytes: Size
    reasons: tuple[str, ...] = ()


class Target(Record):
    """Labels held against the output of that number: their ``shape``, the batch first, and whether the output ``fits``.

    ``fits`` is ``None`` where that depends on a size without a number; ``note`` says why in a sentence.
    """

    shape: Shape
    output: int
    fits: bool | None
    note: str


class Summary(Record):
    """A network as Keras would summarize it, with what seqshape adds. See DESIGN for the JSON that it makes."""

    name: str
    class_name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    layers: tuple[Row, ...]
    totals: Totals
    symbols: dict[str, Symbol]
    assumptions: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    param_convention: str = "keras"
    targets: tuple[Target, ...] = ()
    conventions: Mapping[str, Convention] = {}

    def lacks(self, total: str) -> bool:
        """Whether a layer's count is not known and left out of a total: ``macs``, or any of parameters and bytes."""
        if not self.totals.at_least:
            return False
        return self.totals.unplaced or bool(self.missing(total)) or not (self.missing("params") or self.missing("macs"))

    def missing(self, total: str) -> list[Row]:
        """The layers whose count is not known, of multiply-adds (``macs``) or of parameters."""
        return [row for row in self.layers if (row.macs if total == "macs" else row.params) is None]

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that DESIGN shows, as plain dicts, lists, strings and numbers; nothing is lost in it."""
        from seqshape.renderers.json import to_dict

        return to_dict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Summary:
        """The summary that :meth:`to_dict` gave ``data`` for. Raises SeqshapeError, which is a ValueError
        too, if ``data`` is no such object."""
        from seqshape.renderers.json import from_dict

        return from_dict(data)

    def __str__(self) -> str:
        """The table that ``summarize`` prints, as wide as it takes."""
        from seqshape.renderers import Options
        from seqshape.renderers.table import render

        return render(self, Options())

    def __repr__(self) -> str:
        return f"<Summary of {self.name!r}: {len(self.layers)} layers, {self.totals.params} parameters>"

    def _repr_html_(self) -> str:
        """An HTML table, for notebooks."""
        from seqshape.renderers import Options
        from seqshape.renderers.html import render

        return render(self, Options())
