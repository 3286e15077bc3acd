"""What commands share: options and sources."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from seqshape.cli.printing import WIDEST, say
from seqshape.cli.words import Choice, Kind, Misuse, Whole, option
from seqshape.diagnostics import SeqshapeError, Source
from seqshape.graph import read_already
from seqshape.readers.kinds import KINDS, in_place
from seqshape.readers.opened import START
from seqshape.shapes import parse_shape, split_input

if TYPE_CHECKING:
    from typing import TypedDict

    from seqshape.dims import Dim
    from seqshape.network import Network
    from seqshape.summary import Summary

    class LoadWords(TypedDict, total=False):
        """The words of :func:`load_options`, those that are said."""

        batch: int
        optimizer: str
        dtype: str

    class MemoryWords(TypedDict):
        """The words of :func:`memory_options`, and ``--memory``."""

        memory: bool
        batch: int | None
        optimizer: str | None
        dtype: str | None
        budget: str | None


# What a command gets of ``-i`` and ``--target``, of ``--set``, and of a ``--set`` that takes ranges; what ``-i`` means.
Inputs: TypeAlias = "Sequence[tuple[str | None, tuple[Dim, ...]]]"
Settings: TypeAlias = "Sequence[tuple[str, int | str]]"
Ranges: TypeAlias = "Sequence[tuple[str, Sequence[int]]]"
Given: TypeAlias = "tuple[Dim, ...] | dict[str, tuple[Dim, ...]] | None"
Targets: TypeAlias = "list[tuple[Dim, ...]] | dict[str, tuple[Dim, ...]]"

MOST_DIGITS = 18  # of a size, so that it has no more than 64 bits
Item = TypeVar("Item")
Function = TypeVar("Function", bound=Callable[..., object])


class SpecType(Kind):
    """A source: a spec or a file. Completes layer names inside a spec, and the models of a program."""

    name = "source"
    is_source = True

    def complete(self, incomplete: str) -> tuple[list[str], bool]:
        """Layer names for the last word of a spec, files, and behind ``FILE::`` the names of its models."""
        path, colons, begun = incomplete.partition("::")
        if colons:
            return [f"{path}::{name}" for name in _models(path) if name.startswith(begun)], False
        from seqshape.registry import spellings

        stem = incomplete.rstrip("_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.")
        word = incomplete[len(stem) :].lower()
        found = [stem + name for name in spellings() if name.lower().startswith(word)]
        return found, not stem


def _models(path: str) -> list[str]:
    """The names of the models that a program builds; none if it cannot be read."""
    from seqshape.answers import models

    try:
        places = [graph.place for graph in map(read_already, models(path)) if graph is not None]
    except SeqshapeError:
        return []
    return list(dict.fromkeys(name for place in places if place for name in (place.name, place.function) if name))


class CodeType(Kind):
    """Codes, one after the other with commas between; completes the last one."""

    name = "codes"

    def complete(self, incomplete: str) -> tuple[list[str], bool]:
        """The codes that the last word may become."""
        before, comma, begun = incomplete.rpartition(",")
        given = before.upper().split(",")
        return [f"{before}{comma}{code}" for code in _codes(begun) if code not in given], False


def _codes(begun: str) -> list[str]:
    from seqshape.codes import CODES

    return [code for code in CODES if code.startswith(begun.upper())]


class Shapes(Kind):
    """A shape without the batch; ``named``: or NAME=shape."""

    name = "shape"

    def __init__(self, *, named: bool = True) -> None:
        self.parse = split_input if named else parse_shape

    def read(self, word: str) -> object:
        """The dims, after the name (or None) if there may be one."""
        try:
            return self.parse(word)
        except SeqshapeError as error:
            found = error.diagnostics[0]
            raise ValueError(f"{found.message}{f'; {found.help}' if found.help else ''} [{found.code}]") from None


class Setting(Kind):
    """``--set``: NAME=NUMBER."""

    name = "name=number"

    def read(self, word: str) -> object:
        """The name and the number."""
        name, number = _parted(word)
        if not name or not number:
            raise ValueError(f"{word!r} has to be a name and a number of at least 1, such as T=500")
        if not number.isascii() or not number.isdigit() or not number.strip("0"):
            return name, number  # for a program in Python
        if len(number) > MOST_DIGITS:
            raise ValueError(f"the number of {name} has more than {MOST_DIGITS} digits")
        return name, int(number)


class Numbers(Kind):
    """``--set`` where several networks can be meant: NAME=8..512."""

    name = "name=numbers"

    def read(self, word: str) -> object:
        """The name and its numbers."""
        from seqshape.analysis.axes import parse_numbers

        name, _, numbers = word.partition("=")
        if not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"{word!r} has to be a name and numbers, such as units=8..512")
        return name, parse_numbers(numbers)


def _parted(setting: str) -> tuple[str, str]:
    """The name and the value around the first ``=`` that is none of ``==``, ``<=``, ``>=``, ``!=``."""
    import re

    found = re.match(r"^(.*?[^=<>!])=(?!=)(.*)$", setting, re.DOTALL)
    return (found.group(1).strip(), found.group(2).strip()) if found else ("", "")


def input_options(function: Function) -> Function:
    """``-i``, ``--set`` and ``--from``."""
    return _input_options(
        function, Setting(), "NAME=N", "a number for a named size: T=100; in a program, a value for what it leaves open"
    )


def range_options(function: Function) -> Function:
    """``-i``, ``--from``, and a ``--set`` that takes ranges."""
    help = "a number for a named size, or several: T=100, units=8..512, units=8..512..8, units={16,32}"
    return _input_options(function, Numbers(), "NAME=N..M", help)


def _input_options(function: Function, setting: Setting | Numbers, metavar: str, help: str) -> Function:
    for declare in (
        option(
            "--from",
            "kind",
            type=Choice(tuple(KINDS)),
            help="how SOURCE is read, where its name or its content misleads",
        ),
        option("--set", "settings", type=setting, multiple=True, metavar=metavar, help=help),
        option(
            "-i",
            "--input",
            "inputs",
            type=Shapes(),
            multiple=True,
            metavar="SHAPE",
            help="input shape without the batch: 5,1 or T,F or NAME=12,71",
        ),
    ):
        function = declare(function)
    return function


def width_option(function: Function) -> Function:
    """``--width``."""
    help = "characters in a line; those of the terminal if not given, any number in a pipe"
    return option("--width", type=Whole(20, WIDEST), metavar="N", help=help)(function)


def color_option(function: Function) -> Function:
    """``--color``."""
    help = "colour; only on a terminal if not given"
    return option("--color", type=Choice(("auto", "always", "never")), default="auto", help=help)(function)


def memory_options(function: Function) -> Function:
    """``--batch``, ``--optimizer``, ``--dtype`` and ``--budget``: of what memory is estimated."""
    for declare in (
        option("--budget", metavar="N", help="the memory there is, such as 8GB: find the largest batch that fits"),
        option(
            "--dtype",
            metavar="POLICY",
            help="dtype policy of the layers that name none: mixed_float16 and others; int8, int4: quantized",
        ),
        option(
            "--optimizer",
            metavar="NAME",
            help="optimizer of the training; adam if not given; adamw, sgd, sgd-momentum, adafactor and others",
        ),
        option("--batch", type=Whole(1), metavar="N", help="samples at once; 32 if not given"),
    ):
        function = declare(function)
    return function


def load_options(function: Function) -> Function:
    """``--batch``, ``--optimizer`` and ``--dtype``: of what the memory is that a limit or a column speaks of."""
    for declare in (
        option(
            "--dtype",
            metavar="POLICY",
            help="dtype policy of the layers that name none: mixed_float16 and others; int8, int4: quantized",
        ),
        option(
            "--optimizer",
            metavar="NAME",
            help="memory of a step of training with this optimizer; without one, of a run",
        ),
        option("--batch", type=Whole(1), metavar="N", help="memory for so many samples at once; 32 if not given"),
    ):
        function = declare(function)
    return function


def asked_load(batch: int | None, optimizer: str | None, dtype: str | None) -> LoadWords:
    """The words of :func:`load_options` as the library takes them."""
    said: LoadWords = {} if batch is None else {"batch": batch}
    if optimizer is not None:
        said["optimizer"] = optimizer
    if dtype is not None:
        said["dtype"] = dtype
    return said


BATCH, OPTIMIZER = 32, "adam"  # Keras's own batch, and the usual optimizer


def wanted_memory(options: Mapping[str, object]) -> tuple[int, str, int | None] | None:
    """Batch, optimizer and budget, where memory is asked for: by ``--memory``, or a word that only an estimate reads.

    Raises Misuse for a batch, an optimizer or a budget that is none.
    """
    batch, optimizer, budget = options["batch"], options["optimizer"], options["budget"]
    if not options["memory"] and batch is optimizer is budget is None:
        return None
    from seqshape import door

    try:
        name, limit = door.optimizer(optimizer or OPTIMIZER), door.amount("budget", budget)
        return door.batch(BATCH if batch is None else batch), name, limit
    except SeqshapeError as error:
        raise Misuse(error.diagnostics[0].message) from None


def given_inputs(inputs: Inputs) -> Given:
    """What ``-i`` says: one shape, shapes by name, or nothing. Raises Misuse where both are mixed."""
    named = {name: shape for name, shape in inputs if name is not None}
    alone = [shape for name, shape in inputs if name is None]
    if len(alone) > 1 or (alone and named):
        raise Misuse("several inputs need names: -i src=12,71 -i tgt=9,93")
    if len(named) < len(inputs) - len(alone):
        raise Misuse("an input is given twice")
    return named or (alone[0] if alone else None)


def given_targets(targets: Inputs) -> Targets:
    """What ``--target`` says: shapes in order, or by name. Raises Misuse where both are mixed."""
    named = {name: shape for name, shape in targets if name is not None}
    if named and len(named) < len(targets):
        raise Misuse("--target of several outputs: all with names, each once, or all without")
    return named or [shape for _, shape in targets]


def source_text(argument: str) -> str | Source:
    """A source as given; ``-`` is the text that standard input holds."""
    if argument != "-":
        return argument
    if sys.stdin.isatty():
        raise Misuse("- reads the spec from standard input, which is a terminal here")
    from seqshape.readers.json_text import LIMIT

    data = sys.stdin.buffer.read(LIMIT + 1)
    if in_place(data[:START]):
        raise Misuse("standard input is a file of a model: give its path instead of -")
    if len(data) > LIMIT:
        raise Misuse(f"standard input has more than {LIMIT >> 20} MiB of text")
    try:
        return Source(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Misuse("standard input is no text in UTF-8") from None


def values(settings: Sequence[tuple[str, Item]]) -> Mapping[str, Item]:
    """What ``--set`` says. Raises Misuse if a name is given twice."""
    if len({name for name, _ in settings}) < len(settings):
        raise Misuse("--set gives a name twice")
    return dict(settings)


def analysed(
    source: str,
    inputs: Inputs,
    settings: Settings,
    kind: str | None,
    *,
    sizes: bool = False,
    dtype: str | None = None,
    told: Callable[[Sequence[str]], object] | None = None,
) -> Network:
    """The walked network of a command's words. ``sizes``: sizes that nothing fixes get small numbers, and ``told`` is told.

    Raises SeqshapeError if the source cannot be read.
    """
    from seqshape.answers import analyse, numbered

    given, text, numbers = given_inputs(inputs), source_text(source), values(settings)

    def made(chosen: Mapping[str, int]) -> Network:
        return analyse(text, given, values={**numbers, **chosen}, kind=kind, dtype=dtype or "float32")

    network = made({})
    if not sizes:
        return network
    network, notes = numbered(network, made)
    (told or say_notes)(notes)
    return network


def say_notes(notes: Sequence[str]) -> None:
    """What was taken for granted, on standard error."""
    for note in notes:
        say(f"note: {note}", err=True)


def is_blank(summary: Summary) -> bool:
    """Whether nothing is known of any layer: such a table says nothing."""
    faulty = any(found.severity == "error" for found in summary.diagnostics)
    return faulty and all(row.params is None and not any(row.output_shapes) for row in summary.layers)


def chosen_columns(text: str | None) -> tuple[str, ...]:
    """What --columns says. Raises Misuse for a column that there is not."""
    if text is None:
        return ()
    from seqshape.renderers.cells import COLUMNS

    names = tuple(name.strip() for name in text.split(","))
    wrong = [name for name in names if name not in COLUMNS]
    if wrong or len({*names}) < len(names):
        told = f"there is no column {wrong[0]!r:.40}" if wrong else "--columns names one twice"
        raise Misuse(f"{told}: they are {', '.join(COLUMNS)}, beside name and shape")
    return names


def title_of(source: str, one: object) -> str:
    """What a model of a program is called: ``train.py:31 model``."""
    graph = read_already(one)
    assert graph is not None
    assert graph.place is not None
    place = graph.place
    name = place.name or place.function or graph.shown or graph.class_name
    where = f"{place.line}" if place.cell is None else f"cell {place.cell}, line {place.line}"
    path = "standard input" if source == "-" else place.path or "the code"
    return f"{path}:{where} {name}"
