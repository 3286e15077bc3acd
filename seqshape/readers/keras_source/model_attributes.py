"""What a program asks of a model, and does with it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.readers.keras_source.functional import symbolic_tensors
from seqshape.readers.keras_source.model_calls import data_out, feed
from seqshape.readers.keras_source.models import inner_layers
from seqshape.readers.keras_source.scope import ABSENT, Frame
from seqshape.readers.keras_source.sequential import add, build_for
from seqshape.readers.keras_source.tensors import shape_of
from seqshape.readers.keras_source.values import Args, Array, Keywords, MissingShape, Model, Native, Result, Value, Work

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Bound, Interpreter
    from seqshape.readers.keras_source.scope import Site


def model_attribute(run: Interpreter, model: Model, name: str, frame: Frame, node: ast.AST) -> Result:
    """An attribute of a model; ABSENT if it has none of its own."""
    span = frame.span(node)
    if name in ("inputs", "outputs", "input", "output"):
        return _ports(model, name, run, span)
    if name in ("input_shape", "output_shape"):
        ports = _ports(model, name.removesuffix("_shape"), run, span)
        return [shape_of(each, span) for each in ports] if isinstance(ports, list) else shape_of(ports, span)
    if name in ("layers", "_layers"):
        if model.doubts:
            return run.missing(f"{model.name}.layers", span)
        return [*inner_layers(run, model)]
    if name == "built":
        return model.graph is not None or model.input_layer is not None or model.is_built
    method = METHODS.get(name)
    return Native(name, method, model) if method is not None else ABSENT


def _ports(model: Model, name: str, run: Interpreter, span: Span) -> Value:
    ports = model.inputs if name.startswith("input") else model.outputs
    if ports is None or model.doubts:
        return run.missing(f"{model.name}.{name}", span)
    if name.endswith("s"):
        return [*symbolic_tensors(ports)] if not isinstance(ports, dict) else ports
    if isinstance(ports, (list, tuple)) and len(ports) == 1:
        return ports[0]
    return ports


def _add(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> None:
    layer = args[0] if args else kwargs.get("layer")
    add(run, model, layer, site)


def _pop(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Value:
    if not model.layers:
        return None
    gone = model.layers.pop()
    flow = model.inputs
    for layer in model.layers:
        flow = layer.calls[-1][1] if layer.calls else flow
    model.walked, model.flow, model.outputs = len(model.layers), flow, flow
    return gone


def _get_layer(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Value:
    name, index = args[0] if args else kwargs.get("name"), args[1] if len(args) > 1 else kwargs.get("index")
    if isinstance(name, int) and index is None:
        name, index = None, name
    layers = inner_layers(run, model)
    if isinstance(index, int) and -len(layers) <= index < len(layers):
        return layers[index]
    found = next((layer for layer in layers if layer.name == name), None)
    return found if found is not None else run.unknown(site)


def _fed(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Result:
    from seqshape.readers.keras_source.machine import is_work

    found = feed(run, model, args[0] if args else kwargs.get("x"), site)
    return _after(run, found, site) if is_work(found) else run.unknown(site)


def _after(run: Interpreter, work: Work, site: Site) -> Work:
    yield work
    return run.unknown(site)


def _predicted(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Result:
    data = args[0] if args else kwargs.get("x")
    found = feed(run, model, data, site)
    from seqshape.readers.keras_source.machine import is_work

    if is_work(found):
        return _after(run, found, site)
    return data_out(run, model, [data], site)


def _build(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Result:
    shape = args[0] if args else kwargs.get("input_shape")
    if isinstance(shape, (tuple, list)) and (not shape or not isinstance(shape[0], (tuple, list, dict))):
        if model.is_sequential:
            build_for(run, model, tuple(shape), "float32", site)
            return None
        return feed(run, model, Array((None, *shape[1:])), site)
    if isinstance(shape, MissingShape) and model.is_sequential and run.shapes is None:
        build_for(
            run, model, (None, *MissingShape(shape.array, 1).of_rank(run.rank_of(shape.array.name))), "float32", site
        )
    return None


def _nothing(run: Interpreter, model: Model, args: Args, kwargs: Keywords, site: Site) -> Value:
    return None


METHODS: dict[str, Bound] = {
    "add": _add,
    "pop": _pop,
    "get_layer": _get_layer,
    "build": _build,
    "predict": _predicted,
    "predict_on_batch": _predicted,
    **dict.fromkeys(("fit", "evaluate", "train_on_batch", "test_on_batch", "fit_generator", "export_"), _fed),
    **dict.fromkeys(("compile", "summary", "save", "save_weights", "load_weights", "export", "reset_states"), _nothing),
}
