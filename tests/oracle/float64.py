"""Real Keras in float64 against the forward functions, in a process of its own: ``python -m tests.oracle.float64 < cases``.

Each line in is a case, ``spec @ input``; each line out is a JSON object: ``case``, ``difference`` (the largest of all
outputs, relative to the largest number in them), or ``error``. JAX computes in float64 only if a process asks for it
before anything else, so that other tests are not disturbed.
"""

from __future__ import annotations

import os

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import json
import sys
import warnings
from typing import Any

import keras
import numpy as np

from seqshape.analysis.forward import random_inputs, random_weights, run
from seqshape.analysis.forward import weight_shapes as shapes_of
from seqshape.exporters.keras_json import write
from tests.oracle.keras_oracle import zeros
from tests.test_forward import analysed


def difference(case: str) -> float:
    """The largest difference of a case, with two sets of random weights and inputs."""
    network = analysed(case)
    keras.utils.clear_session(free_memory=False)
    with zeros():
        model = keras.models.model_from_json(write(network).replace('"float32"', '"float64"'))
    worst = 0.0
    for seed in range(2):
        weights, inputs = random_weights(network, seed), random_inputs(network, seed)
        fill(model, shapes_of(network), weights)
        mine = run(network, inputs, weights)
        real = keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0], training=False))
        worst = max([worst, *(gap(one, np.asarray(two)) for one, two in zip(mine, real, strict=True))])
    return worst


def fill(model: Any, shapes: dict[str, tuple[int, ...]], weights: dict[str, Any]) -> None:
    """Copy weights over, each layer's in its own order."""
    real = [weight for layer in model.layers for weight in layer.weights if "seed_generator" not in weight.path]
    if [tuple(weight.shape) for weight in real] != list(shapes.values()):
        raise ValueError(f"{[weight.path for weight in real]} are not {list(shapes)}")
    for weight, path in zip(real, shapes, strict=True):
        weight.assign(weights[path])


def gap(mine: Any, real: Any) -> float:
    """The largest difference relative to the largest number. Raises ValueError for other shapes."""
    if mine.shape != real.shape or real.dtype != np.float64:
        raise ValueError(f"{mine.shape} against {real.shape}, {real.dtype}")
    return float(np.max(abs(mine - real)) / max(1.0, np.max(abs(real))))


def main() -> None:
    """Read cases, write results."""
    keras.config.set_floatx("float64")
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
