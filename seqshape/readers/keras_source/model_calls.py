"""Models that are called or fed, with tensors or with data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.models import call_of
from seqshape.readers.keras_source.rooms import above
from seqshape.readers.keras_source.sequential import build_for
from seqshape.readers.keras_source.tensors import apply_call, first_tensor, holds_array, shape_of
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    Batches,
    Keywords,
    Missing,
    MissingShape,
    Model,
    Result,
    Value,
    is_missing,
)

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter
    from seqshape.readers.keras_source.scope import Site


def apply_model(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Value:
    """Call a model with tensors, or with data."""
    given = args[:1] or [value for name, value in kwargs.items() if name in ("inputs", "x")][:1]
    tensor = first_tensor(given)
    if tensor is None:
        return _applied_to_data(run, model, given, site)
    if model.record is not None:
        model.record.used = True
    if any(map(is_missing, given)):
        return run.lost(tensor, "one of its inputs is not known", site.span)
    inputs = given[0]
    builds = model.is_sequential and model.input_layer is None
    if isinstance(inputs, SymbolicTensor) and inputs.tensor is not None and model.is_sequential:
        build_for(run, model, tuple(inputs.tensor.shape), inputs.tensor.dtype or "float32", site)
    made = call_of(run, model)
    with run.engine.unnumbered():
        model.bound = run.engine.bind(made)
    if model.doubts:
        return run.lost(tensor, f"{model.name} may have been changed in a way that is not known", site.span)
    with run.engine.building(model.bound if builds else None):
        return apply_call(run, model, given, {}, site.span)


def _applied_to_data(run: Interpreter, model: Model, given: list[Value], site: Site) -> Value:
    """What a model gives for data; a Sequential that does not know its input is built for it."""
    data = given[0] if given else None
    if isinstance(data, Array) and model.is_sequential and run.shapes is None:
        build_for(run, model, data.shape, data.dtype, site)
    return data_out(run, model, given, site)


def data_out(run: Interpreter, model: Model, args: Args, site: Site) -> Value:
    """What a model gives for data."""
    if not holds_array(args) or (model.graph is None and model.input_layer is None):
        return run.unknown(site)
    return _outputs_as_data(model.outputs, site.span)


def _outputs_as_data(outputs: Value, span: Span) -> Value:
    if isinstance(outputs, SymbolicTensor):
        shape = shape_of(outputs, span)
        return Array(shape) if isinstance(shape, tuple) else Missing("what a model gives", span)
    if isinstance(outputs, (list, tuple)):
        return [_outputs_as_data(each, span) for each in outputs]
    return Missing("what a model gives", span)


def inputs_of_data(value: Value) -> Value:
    """The inputs in what ``fit`` gets: arrays, or the first part of an element of a dataset."""
    if isinstance(value, Batches):
        element = value.element
        return element[0] if isinstance(element, (tuple, list)) and element else element
    return value


def feed(run: Interpreter, model: Model, data: Value, site: Site) -> Result:
    """``fit`` and the like: a model that did not know its input is built for the data."""
    data = inputs_of_data(data)
    if model.is_own:
        return above("inside", "feed_custom")(run, model, data, site)
    if isinstance(data, (list, tuple)) and len(data) == 1:
        data = data[0]
    if isinstance(data, Array) and model.is_sequential and data.shape:
        if run.shapes is None:
            build_for(run, model, (None, *data.shape[1:]), data.dtype, site)
    elif isinstance(data, Missing) and model.is_sequential and run.shapes is None:
        _feed_missing(run, model, data, site)
    return None


def _feed_missing(run: Interpreter, model: Model, data: Missing, site: Site) -> None:
    """Data of which nothing tells the shape: its sizes get the data's name."""
    if model.input_layer is not None or not data.name.isidentifier():
        return
    rank = run.rank_of(data.name)
    build_for(run, model, (None, *MissingShape(data, 1).of_rank(rank)), "float32", site)
