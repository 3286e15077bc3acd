"""The real Keras as an oracle: a model's summary as plain data, in the form that the facts have.

A record is ``name``, ``class``, ``inputs``, ``outputs`` (shapes), ``input_dtypes``, ``output_dtypes``, ``layers`` and
the totals; a layer is ``name``, ``class``, ``output_shape`` (all outputs of its last call), ``params``,
``trainable_params``, ``non_trainable_params``, ``weights`` (path, shape, dtype, trainable), ``calls`` (inputs, from,
outputs) and ``nested``.

JAX compiles an initializer for each shape, which costs a second a model; :func:`zeros` fills variables with zeros
instead. Shapes, names and checks stay Keras's own.
"""

from __future__ import annotations

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import keras
import numpy as np
from keras.src.backend import Variable

CACHE_MODELS = 200  # JAX keeps what it traced; its caches are emptied after so many models
_built = 0


def fresh() -> None:
    """Forget all earlier models, so that automatic names begin anew."""
    global _built
    _built += 1
    keras.utils.clear_session(free_memory=_built % CACHE_MODELS == 0)
    if _built % CACHE_MODELS == 0:
        jax.clear_caches()


def _zeros(variable: Any, initializer: Any) -> None:
    """One zero seen through the whole shape: no memory, nothing to compile."""
    zero = np.zeros((), dtype=jax.numpy.dtype(variable._dtype))
    variable._initialize(np.broadcast_to(zero, variable._shape))


@contextmanager
def zeros() -> Iterator[None]:
    """Inside, new variables hold zeros, whatever their initializer is."""
    original = Variable._initialize_with_initializer
    Variable._initialize_with_initializer = _zeros
    try:
        yield
    finally:
        Variable._initialize_with_initializer = original


@contextmanager
def session(*, real: bool = False) -> Iterator[None]:
    """A place to build one model in: earlier ones forgotten, warnings off, variables zero unless ``real``."""
    fresh()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if real:
            yield
        else:
            with zeros():
                yield


def describe(model: Any) -> dict[str, Any]:
    """The record of a built model. Raises ValueError if Keras has not built it."""
    functional = _functional(model)
    if functional is None:
        raise ValueError(f"{model.name} is not built: Keras knows no shapes")
    trainable = sum(map(_size, model.trainable_weights))
    return {
        "name": model.name,
        "class": type(model).__name__,
        "inputs": [list(tensor.shape) for tensor in functional.inputs],
        "outputs": [list(tensor.shape) for tensor in functional.outputs],
        "input_dtypes": [str(tensor.dtype) for tensor in functional.inputs],
        "output_dtypes": [str(tensor.dtype) for tensor in functional.outputs],
        "layers": [_layer(layer, functional) for layer in _rows(model)],
        "total_params": model.count_params(),
        "trainable_params": trainable,
        "non_trainable_params": model.count_params() - trainable,
    }


def _functional(model: Any) -> Any:
    return model if isinstance(model, keras.Model) and hasattr(model, "_nodes") else getattr(model, "_functional", None)


def _rows(model: Any) -> list[Any]:
    """What ``summary()`` lists: operations of a Functional, layers of a Sequential."""
    return list(model.layers if isinstance(model, keras.Sequential) else model._operations)


def _size(weight: Any) -> int:
    return int(np.prod(weight.shape, dtype=object)) if weight.shape else 1


def _layer(layer: Any, functional: Any) -> dict[str, Any]:
    nodes = [node for node in layer._inbound_nodes if node in _node_set(functional)]
    weights = list(layer.weights) if isinstance(layer, keras.layers.Layer) else []  # an operation may mean else by it
    trained = {id(weight) for weight in getattr(layer, "trainable_weights", ())}
    params = sum(map(_size, weights))
    trainable = sum(_size(weight) for weight in weights if id(weight) in trained)
    record: dict[str, Any] = {
        "name": layer.name,
        "class": type(layer).__name__,
        "calls": [_call(node, functional) for node in nodes],
        "output_shape": [list(tensor.shape) for tensor in nodes[-1].output_tensors] if nodes else None,
        "params": params,
        "trainable_params": trainable,
        "non_trainable_params": params - trainable,
        "weights": [_weight(weight) for weight in weights],
    }
    if isinstance(layer, keras.Model) and _functional(layer) is not None:
        record["nested"] = describe(layer)
    return record


def _node_set(functional: Any) -> set[Any]:
    return {node for nodes in functional._nodes_by_depth.values() for node in nodes}


def _call(node: Any, functional: Any) -> dict[str, Any]:
    return {
        "inputs": [list(tensor.shape) for tensor in node.input_tensors],
        "from": [_source(tensor, functional) for tensor in node.input_tensors],
        "outputs": [list(tensor.shape) for tensor in node.output_tensors],
    }


def _source(tensor: Any, functional: Any) -> list[Any]:
    """The layer that a tensor comes from, which of its calls in this model, and which output."""
    history = tensor._keras_history
    inside = [node for node in history.operation._inbound_nodes if node in _node_set(functional)]
    call = inside.index(history.operation._inbound_nodes[history.node_index])
    return [history.operation.name, call, history.tensor_index]


def _weight(weight: Any) -> dict[str, Any]:
    """``trainable`` is the variable's own flag: a frozen wrapper's inner weights keep theirs, only its counts are 0."""
    return {
        "path": weight.path,
        "shape": list(weight.shape),
        "dtype": str(weight.dtype),
        "trainable": bool(weight.trainable),
    }
