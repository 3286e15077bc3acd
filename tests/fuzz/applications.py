"""Random calls of keras.applications: a program that builds one model, read without Keras, against the model of real Keras.

``python -m tests.fuzz.applications --calls 500 --seed 1 [NAME…]``: every row, name and count, or a refusal on both sides.
Published weights are not loaded: what they change of the layers and what is refused with them is compared all the same.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from benchmarks.applications import from_zero
from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.readers.keras_source.architectures.known import KNOWN
from seqshape.readers.keras_source.face import Text
from tests.fuzz.choices import Choices, RandomChoices
from tests.oracle.compare import differences

SHAPES = (
    *("(64, 64, 3)", "(96, 96, 3)", "(75, 81, 3)", "(70, 71, 3)", "(74, 75, 3)", "(32, 32, 3)", "(31, 64, 3)"),
    *("(128, 128, 3)", "(160, 160, 3)", "(224, 224, 3)", "[224, 224, 3]", "(299, 299, 3)", "(331, 331, 3)"),
    *("(80, 80, 1)", "(80, 91, 4)", "(None, None, 3)", "(96, None, 3)", "(None, 96, 1)", "(96, 96)", "(0, 96, 3)"),
)
TENSORS = (
    *(
        "keras.Input((96, 96, 3))",
        "keras.Input((77, 90, 3))",
        "keras.Input((None, None, 3))",
        "keras.Input((90, 90, 1))",
    ),
    *("keras.layers.Rescaling(2.0)(keras.Input((96, 99, 3)))", "keras.layers.Conv2D(3, 1)(keras.Input((90, 90, 1)))"),
    "keras.layers.Add()([keras.Input((96, 96, 3)), keras.Input((96, 96, 3))])",
)
# What is tried for each word, as Python; the first is as good as saying nothing.
VALUES: dict[str, tuple[str, ...]] = {
    "include_top": ("True", "False", "False"),
    "weights": ("None", "None", "None", "'imagenet'"),
    "input_shape": ("None", *SHAPES),
    "input_tensor": ("None", "None", "None", *TENSORS),
    "pooling": ("None", "'avg'", "'max'"),
    "classes": ("1000", "7", "1"),
    "classifier_activation": ("'softmax'", "None", "'relu'", "'linear'"),
    "name": ("'mine'", "None", "'efficientnetv2-s'", "'efficientnetv2-b1'"),
    "include_preprocessing": ("True", "False"),
    "alpha": ("1.0", "0.5", "0.35", "0.75", "1.4", "0.33", "1"),
    "depth_multiplier": ("1", "2"),
    "dropout": ("0.001", "0.5"),
    "dropout_rate": ("0.2", "0", "0.5"),
    "minimalistic": ("False", "True"),
    "width": ("3",),
}


def words(name: str) -> tuple[str, ...]:
    """The parameters of a function of keras.applications, as real Keras has them."""
    from tests.oracle.keras_oracle import keras

    return tuple(inspect.signature(getattr(keras.applications, name)).parameters)


def call(choices: Choices, name: str) -> str:
    """A call of one of them, as Python."""
    given = {"weights": choices.pick(VALUES["weights"])}
    for word in (*words(name), "width"):
        if word != "weights" and choices.pick(range(5)) < (2 if word != "width" else 0) + (word == "input_shape"):
            given[word] = choices.pick(VALUES[word])
    return f"keras.applications.{name}({', '.join(f'{word}={value}' for word, value in given.items())})"


def mine(source: str) -> Any:
    """What the program is read as; the message where it is refused."""
    try:
        found = list(Text(f"import keras\nmodel = {source}\n", None).models())
        summary = analyse(found[-1]).summary()
    except SeqshapeError as error:
        return error.diagnostics[0].message
    wrong = [each.message for each in summary.diagnostics if each.severity == "error"]
    return wrong[0] if wrong else summary


@contextmanager
def without_weights() -> Iterator[None]:
    """Real Keras fetches and loads no weights inside."""
    from keras.src.models.model import Model
    from keras.src.utils import file_utils

    with patch.object(file_utils, "get_file", lambda *args, **words: ""), patch.object(Model, "load_weights"):
        yield


def theirs(source: str) -> dict[str, Any] | str:
    """What real Keras says of the model; the message where it refuses it."""
    from tests.oracle.keras_oracle import describe, keras, session

    with session(), without_weights():
        try:
            model = eval(source, {"keras": keras})
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return from_zero(describe(model))


def disagreement(source: str) -> str | None:
    """What differs in one call; ``None`` where nothing does."""
    found, expected = mine(source), theirs(source)
    if isinstance(expected, str):
        return None if isinstance(found, str) else f"Keras refuses it: {expected:.200}"
    if isinstance(found, str):
        return f"Keras builds it: {found}"
    wrong = differences(found, expected)
    return f"{len(wrong)} differences, the first: {wrong[0]:.300}" if wrong else None


def main() -> int:
    """The command; 1 if anything disagrees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=sorted(KNOWN))
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    wrong = built = 0
    for number in range(options.calls):
        choices = RandomChoices(f"{options.seed}-{number}")
        source = call(choices, options.names[number % len(options.names)])
        said = disagreement(source)
        wrong += said is not None
        built += not isinstance(mine(source), str)
        if said is not None:
            print(f"{source}\n    {said}", flush=True)
    print(f"{options.calls} calls, {built} of them build a model; {wrong} disagree")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
