"""The library: one call from a source to a Summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqshape.diagnostics import SeqshapeError
from seqshape.dims import Dim
from seqshape.network import Inputs, Network
from seqshape.readers import read
from seqshape.shapes import parse_shape
from seqshape.summary import Summary

InputShape = str | Sequence[Dim | str | None] | Mapping[str, "str | Sequence[Dim | str | None]"]


def analyse(
    source: Any,
    input_shape: InputShape | None = None,
    *,
    values: Mapping[str, int] | None = None,
    kind: str | None = None,
    dtype: str = "float32",
    keras: str = "3",
    origin: str = "input_shape",
) -> Network:
    """The walked network of a source; its faults are in ``diagnostics``.

    ``input_shape`` is without the batch: ``(5, 1)``, ``"5,1"``, names for sizes that are not said, or a dict of shapes
    by input name. ``values`` fills in named sizes. ``keras`` is the version that names and counts: ``3``, ``tf2`` or
    ``2``. Raises SeqshapeError if the source cannot be read.
    """
    shapes = _shapes(input_shape)
    names = tuple(shapes) if isinstance(shapes, Mapping) else ()
    graph = read(source, kind, inputs=names)
    return Network(graph, Inputs(shapes, values, origin=origin), dtype=dtype, version=keras)


def _shapes(given: InputShape | None) -> Any:
    if isinstance(given, Mapping):
        return {name: _shape(shape) for name, shape in given.items()}
    return None if given is None else _shape(given)


def _shape(given: Any) -> Any:
    return parse_shape(given) if isinstance(given, str) else tuple(given)


def summarize(
    source: Any,
    input_shape: InputShape | None = None,
    *,
    target: InputShape | None = None,
    convention: str = "keras",
    **options: Any,
) -> Summary:
    """The summary of a network: a spec, a path, a loaded config or a live Keras model.

    ``target`` is the shape of the labels without the batch, of several outputs a dict by the names of their layers.
    ``convention`` counts parameters as ``keras``, ``torch`` or ``onnx`` does, or as ``all`` side by side.
    ``options`` are those of :func:`analyse`. Raises SeqshapeError, with the diagnostics and the summary as far as it
    goes, if the network is faulty or its output does not fit the labels.
    """
    network = analyse(source, input_shape, **options)
    summary = network.summary()
    if target is not None:
        from seqshape.analysis.target import hold

        labels = _shapes(target)
        summary = hold(summary, network, labels if isinstance(labels, Mapping) else [labels])
    if convention != "keras":
        from seqshape.analysis.conventions import count_as

        summary = count_as(summary, convention)
    wrong = tuple(found for found in summary.diagnostics if found.severity == "error")
    if wrong:
        raise SeqshapeError(summary.diagnostics, summary)
    return summary


def summarize_all(sources: Sequence[Any], input_shape: InputShape | None = None, **options: Any) -> list[Summary]:
    """The summaries of several sources, in order. Raises SeqshapeError at the first faulty one."""
    return [summarize(source, input_shape, **options) for source in sources]
