"""Real Keras in float64 against the forward functions, in a process of its own: ``python -m tests.oracle.float64 < cases``.

Each line in is a case, ``spec @ input``; each line out is a JSON object: ``case``, ``difference`` (the largest of all
outputs, relative to the largest number in them), or ``error``. JAX computes in float64 only if a process asks for it
before anything else, so that other tests are not disturbed.
"""

from __future__ import annotations

import os

os.environ["JAX_ENABLE_X64"] = "1"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import json
import sys
import warnings
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import dtypes

from seqshape.analysis.forward import random_inputs, random_weights, run, weight_shapes
from seqshape.bind.layer import Layer
from seqshape.dims import UNKNOWN
from seqshape.walk.flow import Flow
from seqshape.walk.model import Model
from seqshape.walk.replay import needed
from tests.oracle.keras_oracle import zeros
from tests.oracle.recipe import PUBLIC
from tests.test_forward import analysed


def difference(case: str) -> float:
    """The largest difference of a case, with two sets of random weights and inputs."""
    network = analysed(case)
    keras.utils.clear_session(free_memory=False)
    with zeros():
        builder = Builder()
        model = builder.model(network.model)
    worst = 0.0
    for seed in range(2):
        weights, inputs = random_weights(network, seed), random_inputs(network, seed)
        builder.fill(network.model, weight_shapes(network), weights)
        mine = run(network, inputs, weights)
        real = keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0], training=False))
        worst = max([worst, *(gap(one, np.asarray(two)) for one, two in zip(mine, real, strict=True))])
    return worst


class Builder:
    """Builds the live Keras model of a walked one."""

    def __init__(self) -> None:
        self.made: dict[Any, Any] = {}

    def model(self, model: Model) -> Any:
        """The model, its layers kept in ``made``."""
        tensors: dict[Any, list[Any]] = {}
        nodes = {done.node for done in needed(model)}
        for node, done in model.done.items():
            if node in model.inputs:
                shape = tuple(None if dim is UNKNOWN else dim for dim in model.inputs[node].shape)
                tensors[node] = [keras.Input(batch_shape=shape)]
            elif node in nodes:
                args = [self.operand(item, tensors) for item in done.args]
                keywords = {name: self.operand(item, tensors) for name, item in done.kwargs.items() if name != "mask"}
                tensors[node] = keras.tree.flatten(self.layer(done.layer)(*args, **keywords))
        starts = [tensors[node][0] for node in model.graph.inputs]
        ends = self.operand(model.outputs, tensors)
        return keras.Model(starts if len(starts) > 1 else starts[0], ends)

    def operand(self, operand: Any, tensors: dict[Any, list[Any]]) -> Any:
        """The live tensors of an operand."""
        if isinstance(operand, Flow):
            return tensors[operand.ref.node][operand.ref.output or 0]
        return [self.operand(item, tensors) for item in operand] if isinstance(operand, list) else operand

    def layer(self, layer: Any) -> Any:
        """The live layer, once."""
        if layer not in self.made:
            self.made[layer] = self.model(layer) if isinstance(layer, Model) else self.construct(layer)
        return self.made[layer]

    def construct(self, layer: Layer) -> Any:
        """A live layer with the arguments that the source states."""
        made = getattr(keras.layers, PUBLIC.get(layer.class_name, layer.class_name))
        return made(**{name: self.plain(value) for name, value in layer.given.items()})

    def plain(self, value: Any) -> Any:
        """An argument as Keras takes it."""
        if isinstance(value, Layer):
            return self.construct(value)
        if isinstance(value, (tuple, list)):
            return type(value)(map(self.plain, value))
        return None if value is UNKNOWN else value

    def fill(self, model: Model, shapes: dict[str, tuple[int, ...]], weights: dict[str, Any]) -> None:
        """Copy weights over, each layer's in its own order."""
        layers = [self.made[layer] for layer in model.layers() if layer in self.made]
        real = [weight for layer in layers for weight in layer.weights]
        if [tuple(weight.shape) for weight in real] != list(shapes.values()):
            raise ValueError(f"{[(weight.path, weight.shape) for weight in real]} are not {shapes}")
        for weight, path in zip(real, shapes, strict=True):
            weight.assign(weights[path])


def gap(mine: Any, real: Any) -> float:
    """The largest difference relative to the largest number. Raises ValueError for other shapes."""
    if mine.shape != real.shape:
        raise ValueError(f"{mine.shape} against {real.shape}")
    return float(np.max(abs(mine - real)) / max(1.0, np.max(abs(real))))


def main() -> None:
    """Read cases, write results."""
    keras.config.set_floatx("float64")
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = (
        "float64"  # else Keras computes tanh and roots in float32, whatever floatx is
    )
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        case = line.strip()
        try:
            found: dict[str, Any] = {"case": case, "difference": difference(case)}
        except Exception as problem:
            found = {"case": case, "error": f"{type(problem).__name__}: {problem}"[:300]}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
