"""Every argument of every layer with values of another kind: what Keras refuses of them, seqshape refuses, and no more.

``python -m tests.fuzz.arguments --seed 1`` tries all of them, about 20,000, in a minute or two; other seeds put them
into other layers. Exit status 1 if anything disagrees.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from seqshape.registry import COMMON, layers
from tests.fuzz.choices import Choices, RandomChoices
from tests.fuzz.models import needed, random_input, shape_of, takes_list, tensor_of
from tests.fuzz.prediction import Refused, outcome
from tests.fuzz.values import Unsupported, catalogue, random_layer
from tests.oracle.recipe import Apply, Input, Layer, Recipe, Var, python

STRANGE: tuple[Any, ...] = (
    *(0, -1, 1, 10**4, True, False, None),
    *(2.5, -0.5, 1e9, float("inf")),
    *("", "3", "sane"),
    *((), (2,), (1, 2), (1, 2, 3, 4, 5), [2], [], {}),
)
# What every layer has, though its own signature does not say so; names and inputs are checked elsewhere.
SHARED = ("trainable", "dtype", "autocast", "activity_regularizer")
TRIES = 8
# Where the spec language takes what Keras does not, and nonsense that Keras lets pass (docs/differences.md).
KNOWN: dict[tuple[str, str], tuple[Any, ...]] = {
    ("Reshape", "target_shape"): STRANGE,
    ("Permute", "dims"): STRANGE,
    ("Conv1DTranspose", "padding"): STRANGE,
    ("Dropout", "noise_shape"): ({},),
    ("MultiHeadAttention", "attention_axes"): ("", {}),
    ("Normalization", "axis"): ("", {}),
    ("MelSpectrogram", "sequence_stride"): (2.5, -0.5, 1e9, float("inf")),
    ("STFTSpectrogram", "frame_step"): (2.5,),
}


class Case(NamedTuple):
    """A layer with one argument changed, in a model of its own."""

    name: str
    argument: str
    value: Any
    recipe: Recipe


def arguments_of(name: str) -> list[str]:
    """The arguments of a layer, those that every layer has included."""
    own = [parameter.name for parameter in layers()[name].parameters if parameter.name not in COMMON]
    return [*own, *SHARED]


def cases(seed: str, names: list[str] | None = None, every: int = 1) -> Iterator[Case]:
    """Each class, argument and value once (or one in ``every``), where a layer can be made that takes its input."""
    triples = (
        (name, argument, value)
        for name in names or sorted(catalogue())
        for argument in arguments_of(name)
        for value in STRANGE
        if value not in KNOWN.get((name, argument), ())
    )
    for number, (name, argument, value) in enumerate(islice(triples, 0, None, every)):
        made = _fitting(RandomChoices(f"{seed}-{name}-{argument}-{number}"), name)
        if made is not None:
            start, layer = made
            yield Case(name, argument, value, _model(name, start, _changed(layer, argument, value)))


def _fitting(choices: Choices, name: str) -> tuple[Input, Layer] | None:
    """A layer and an input that it takes."""
    for _ in range(TRIES):
        start = random_input(choices, "x", name)
        tensor = tensor_of(start)
        operand: Any = [tensor, tensor] if takes_list(name) else (tensor,) * len(needed(name))
        operand = operand[0] if isinstance(operand, tuple) and len(operand) == 1 else operand
        try:
            layer = random_layer(choices, name, shape_of(tensor))
            outcome(layer, operand, {})
        except (Unsupported, Refused):
            continue
        return start, layer
    return None


def _changed(layer: Layer, argument: str, value: Any) -> Layer:
    order = [parameter.name for parameter in layers()[layer.class_name].parameters]
    given = dict(zip(order, layer.args, strict=False))
    keywords = {name: item for name, item in {**given, **layer.kwargs}.items() if name != argument}
    return Layer(layer.class_name, (), {**keywords, argument: value})


def _model(name: str, start: Input, layer: Layer) -> Recipe:
    if not takes_list(name) and len(needed(name)) == 1:
        return Recipe("Sequential", (start, layer))
    operand: Any = [Var("x"), Var("x")] if takes_list(name) else (Var("x"),) * len(needed(name))
    return Recipe("Functional", (start, Apply(("y",), layer, operand)), Var("y"))


def main() -> int:
    """Try them; the exit status."""
    from tests.fuzz.check import verdict

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.arguments", description=__doc__)
    parser.add_argument("--seed", default="0", help="another seed puts the values into other layers")
    parser.add_argument("names", nargs="*", help="these classes only")
    given = parser.parse_args()
    tried = found = 0
    for case in cases(given.seed, given.names or None):
        tried += 1
        judged = verdict(case.recipe)
        if judged.disagreements:
            found += 1
            written = python(case.recipe).splitlines()[-1]
            print(
                f"{case.name}.{case.argument}={case.value!r}: {judged.disagreements[0][:200]}\n    {written}",
                flush=True,
            )
    print(f"{tried} tried, {found} disagreements")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
