"""Every argument of every layer and operation with values of every kind, and sizes of every form, through every command.

What comes out is an answer or a diagnostic, in bounded time, never another exception.
``python -m tests.fuzz.edges --seed 1 --every 40`` tries one line in forty; exit status 1 if a command breaks.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from types import FrameType

from seqshape.registry import layers, operations
from tests.fuzz.choices import RandomChoices
from tests.fuzz.commands import COMMANDS, broken
from tests.fuzz.models import needed, random_input, shape_of, takes_list, tensor_of
from tests.fuzz.values import Unsupported, random_layer
from tests.oracle.recipe import Layer
from tests.oracle.spec_writer import value as written

HUGE = ("99999999999", "2**31", "2**62", "2**63 - 1", "2**64", "10**30", "-99999999999", "-2**63")
STRANGE = (
    *("0", "-1", "1", "7", "2.5", "-0.5", "1e9", "1e300", "True", "None", *HUGE),
    *("''", "'3'", "same", "'sane'", "relu", "T"),
    *("()", "(2,)", "(1, 2)", "((1, 2), (3, 4))", "((),)", "[2]", "[]", "(None,)", "(2.0, same)", "(-1, 0)"),
    *("(1, 2, 3, 4, 5)", "(2**62, 2**62)", "(99999999999, 1)", "[[1], [2, [3]]]", "{}", "{'a': 1}", "{'a': Dense(2)}"),
    *("?", "(?, ?)", "[?]", "2*d", "(d, 2)", "d - 5", "d*d - d", "d//2", "(d//2, None)"),
    *("Dense", "Dense(2)", "LSTMCell(3)", "[LSTMCell(3), GRUCell(4)]", "LSTM(3)", "(Dense(2),)", "Dropout(0.5)"),
    *("ops.relu()", "ops.power()", "ops.relu", "net", "inner", "[Dense(2), net]", "Bi(LSTM(3))", "RNN(LSTMCell(3))"),
    *("Sequential([Dense(2), Flatten()])", "Input(3)", "x", "[x]", "(x, 2)", "{'a': x}", "keras.initializers.Zeros()"),
)
SIZES = (
    "T - 5",
    "T*U",
    "T//2",
    "2*T - 3*U",
    "T - U",
    "5 - T",
    "T*T - T",
    "(T - 3)//4",
    "T%3",
    "-T",
    "T**9",
    "0*T",
    "T",
)
SECONDS = 5  # of one command line, some hundred times what it should take


class Slow(BaseException):
    """A command line has taken longer than SECONDS."""


@contextmanager
def hurried(seconds: int = SECONDS) -> Iterator[None]:
    """Raises Slow in the block after ``seconds``."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Slow(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def names() -> list[str]:
    """All layers, and all operations as a spec writes them."""
    return [*layers(), *(f"ops.{name}" for name in operations())]


def arguments_of(name: str) -> list[str]:
    """The arguments of a layer that have a kind."""
    kind = operations()[name[4:]] if name.startswith("ops.") else layers()[name]
    return [parameter.name for parameter in kind.parameters if parameter.kind is not None]


def made(seed: str, name: str) -> tuple[Layer, str]:
    """A layer with arguments, and the statement of an input that may suit it."""
    choices = RandomChoices(f"{seed}-{name}")
    try:
        start = random_input(choices, "x", name)
        layer = random_layer(choices, name, shape_of(tensor_of(start)))
    except (Unsupported, KeyError):
        return Layer(name), "x = Input(4, 8, 3)"
    dims = ", ".join("None" if dim is None else str(dim) for dim in start.shape)
    return layer, f"x = Input({dims}{',' if dims else 'shape=()'})" if dims else "x = Input(shape=())"


def call(layer: Layer, name: str, argument: str, text: str) -> str:
    """A call of a layer with the text of a value put in for one argument."""
    kind = operations()[name[4:]] if name.startswith("ops.") else layers()[name]
    order = [parameter.name for parameter in kind.parameters]
    given = {**dict(zip(order, layer.args, strict=False)), **layer.kwargs}
    kept = [f"{key}={written(item)}" for key, item in given.items() if key != argument]
    return f"{name}({', '.join([*kept, f'{argument}={text}'])})"


def fed(name: str) -> str:
    """What goes into a layer."""
    try:
        count = 2 if takes_list(name) else len(needed(name))
    except KeyError:
        count = 1
    return "x" if count < 2 else f"({', '.join(['x'] * count)})"


def specs(seed: str) -> Iterator[str]:
    """Each argument of each layer with each strange value, once."""
    for name in names():
        layer, start = made(seed, name)
        for argument in arguments_of(name):
            for text in STRANGE:
                used = "; ".join(
                    statement
                    for word, statement in (
                        ("net", "net = Dense(2) > Dense(3)"),
                        ("inner", "inner = Dense"),
                        ("d", "d = ?"),
                    )
                    if word in text.replace("(", " ").replace("*", " ").replace(",", " ").replace("/", " ").split()
                )
                yield f"{used + '; ' if used else ''}{start}; {fed(name)} > {call(layer, name, argument, text)}"


def sized(seed: str) -> Iterator[str]:
    """Each layer behind an input with formulas for its sizes."""
    for name in names():
        layer, start = made(seed, name)
        rank = start.count(",") + 1 if "()" not in start else 0
        for place in range(rank):
            for form in SIZES:
                dims = ["3"] * rank
                dims[place] = form
                for shape in (dims, [form] * rank):
                    yield f"x = Input({', '.join(shape)}); {fed(name)} > {written(layer)}"


def command_lines(seed: str, every: int, start: int = 0) -> Iterator[list[str]]:
    """One spec in ``every`` with ``summarize``, and with one other command in turn."""
    others = [line for line in (*COMMANDS, ("compare",)) if line != ("summarize",)]
    for texts in (specs, sized):
        for number, text in enumerate(islice(texts(seed), start, None, every)):
            other = others[number % len(others)]
            again = [text] if other == ("compare",) else []
            yield ["summarize", text]
            yield [other[0], text, *again, *other[1:]]


def problem(line: list[str], seconds: int = SECONDS) -> str | None:
    """How a command line breaks; ``None`` if it does not."""
    try:
        with hurried(seconds):
            return broken(line)
    except Slow as slow:
        return str(slow)


def main() -> int:
    """Try them; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.edges", description=__doc__)
    parser.add_argument("--seed", default="0", help="another seed gives other layers")
    parser.add_argument("--every", type=int, default=40, help="one line in so many")
    parser.add_argument("--start", type=int, default=0, help="the first of them")
    given = parser.parse_args()
    seen: dict[str, int] = {}
    tried = 0
    for line in command_lines(given.seed, given.every, given.start):
        tried += 1
        found = problem(line)
        if found is not None:
            seen[found] = seen.get(found, 0) + 1
            if seen[found] <= 2:
                print(f"{found}\n    seqshape {shlex.join(line)}", flush=True)
    print(f"{tried} command lines, {sum(seen.values())} broken in {len(seen)} ways")
    return 1 if seen else 0


if __name__ == "__main__":
    sys.exit(main())
