"""The programs of ``tests/data/source`` in the real Keras: what each of their models is.

``python -m tests.oracle.programs`` runs them all and writes ``tests/data/source.jsonl.xz``: a line for each program with
its models by the names of their variables. A file of programs is a family of constructs, each under a line ``# === what``.

A program is run as it stands, but for what costs time and changes no shape: data sets are zeros of the shapes that Keras
loads, and ``fit`` does no more than to build a model that is not built.
"""

from __future__ import annotations

import contextlib
import io
import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "source"
STORED = FOLDER.parent / "source.jsonl.xz"
HEAD = "# === "


def programs() -> dict[str, str]:
    """The programs by ``family: what``."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.py")):
        for part in path.read_text(encoding="utf-8").split(HEAD)[1:]:
            title, _, text = part.partition("\n")
            found[f"{path.stem}: {title}"] = text
    return found


def stored() -> dict[str, dict[str, Any]]:
    """What Keras made of the programs when it was asked last: the text, and the models by name."""
    lines = lzma.decompress(STORED.read_bytes()).decode().splitlines()
    return {record["id"]: record for record in map(json.loads, lines)}


def models_of(text: str) -> dict[str, dict[str, Any]]:
    """The models that a program leaves in its variables, as the real Keras describes them."""
    from tests.oracle import keras_oracle

    keras = keras_oracle.keras
    with keras_oracle.session(), _quick(keras), contextlib.redirect_stdout(io.StringIO()):
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(text, "program", "exec"), names)
        made = {name: value for name, value in names.items() if isinstance(value, keras.Model)}
        return {name: described(model) for name, model in made.items() if model.built}


def described(model: Any) -> dict[str, Any]:
    """The record of a model; of one of a class of the program the rows that ``summary()`` prints."""
    from tests.oracle import keras_oracle

    try:
        return keras_oracle.describe(model)
    except ValueError:
        rows = [_row(layer) for layer in model.layers]
        trainable = sum(weight.value.size for weight in model.trainable_weights)
        return {
            "name": model.name,
            "class": type(model).__name__,
            "layers": rows,
            "total_params": model.count_params(),
            "trainable_params": int(trainable),
            "non_trainable_params": model.count_params() - int(trainable),
        }


def _row(layer: Any) -> dict[str, Any]:
    from tests.oracle.keras_oracle import _size, _weight

    trainable = sum(map(_size, layer.trainable_weights))
    return {
        "name": layer.name,
        "class": type(layer).__name__,
        "output_shape": _printed_shape(layer),
        "params": layer.count_params(),
        "trainable_params": trainable,
        "non_trainable_params": layer.count_params() - trainable,
        "weights": [_weight(weight) for weight in layer.weights],
    }


def _printed_shape(layer: Any) -> list[Any] | None:
    """The output shape as ``summary()`` prints it, as lists; ``None`` for a question mark."""
    from keras.src.utils.summary_utils import format_layer_shape

    text = re.sub(r"\[/?(color\(\d+\))?\]", "", format_layer_shape(layer))  # numbers are coloured
    if "?" in text:
        return None
    found = eval(text)
    if isinstance(found, tuple) and all(item is None or isinstance(item, int) for item in found):
        return [list(found)]
    return [list(item) for item in (found.values() if isinstance(found, dict) else found)]


@contextlib.contextmanager
def _quick(keras: Any) -> Iterator[None]:
    """No downloads and no training: data sets are zeros, and ``fit`` builds."""
    import numpy as np
    import pytest

    def images(*shape: int, labels: tuple[int, ...] = ()) -> Any:
        def load_data(*args: Any, **options: Any) -> Any:
            train, test = (
                np.broadcast_to(np.uint8(0), (number, *shape)) for number in (60000 - 10000 * bool(labels), 10000)
            )
            return tuple((data, np.zeros((len(data), *labels), "uint8")) for data in (train, test))

        return load_data

    def words(*args: Any, **options: Any) -> Any:
        texts = np.array([[1, 2, 3]] * 25000, dtype=object)
        return ((texts, np.zeros(25000)), (texts, np.zeros(25000)))

    def houses(*args: Any, **options: Any) -> Any:
        return (np.zeros((404, 13)), np.zeros(404)), (np.zeros((102, 13)), np.zeros(102))

    def fit(model: Any, x: Any = None, *args: Any, **options: Any) -> None:
        if not model.built:
            model.build((None, *x.shape[1:]))

    sets = keras.datasets
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets.mnist, "load_data", images(28, 28))
        patch.setattr(sets.fashion_mnist, "load_data", images(28, 28))
        patch.setattr(sets.cifar10, "load_data", images(32, 32, 3, labels=(1,)))
        patch.setattr(sets.cifar100, "load_data", images(32, 32, 3, labels=(1,)))
        patch.setattr(sets.imdb, "load_data", words)
        patch.setattr(sets.boston_housing, "load_data", houses)
        patch.setattr(keras.Model, "fit", fit)
        try:
            yield
        finally:
            keras.config.set_dtype_policy("float32")
            keras.config.set_floatx("float32")
            keras.config.set_image_data_format("channels_last")


def main() -> None:
    """Run all programs and write what came out."""
    lines = []
    for name, text in programs().items():
        try:
            models = models_of(text)
        except Exception as refusal:
            raise SystemExit(f"{name}: {type(refusal).__name__}: {refusal}") from refusal
        lines.append(json.dumps({"id": name, "text": text, "models": models}, separators=(",", ":")) + "\n")
    STORED.write_bytes(lzma.compress("".join(lines).encode()))
    print(f"{len(lines)} programs")


if __name__ == "__main__":
    main()
