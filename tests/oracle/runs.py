"""Whether a model of the real Keras runs, on samples of the shapes that its inputs say: JAX traces it, nothing is computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracle.keras_oracle import jax, keras, session

BATCH, OPEN = 3, 11  # samples, and the size of what is unknown: sizes that no other axis has by chance


def failure(config: str) -> str | None:
    """What a model says when it runs; ``None`` if it runs. ``config`` is Keras's JSON."""
    with session():
        model = keras.models.model_from_json(config)
        samples = [_sample(tensor) for tensor in model.inputs]
        try:
            jax.eval_shape(lambda *given: model(list(given) if len(given) > 1 else given[0]), *samples)
        except Exception as problem:  # whatever it is, it does not run
            return f"{type(problem).__name__}: {problem}"
    return None


def _sample(tensor: Any) -> Any:
    sizes = [(OPEN if place else BATCH) if size is None else size for place, size in enumerate(tensor.shape)]
    return np.zeros(sizes, dtype=jax.numpy.dtype(tensor.dtype))
