"""What the public functions take, checked before anything is done with it: each check gives the value in one form.

An integer is whatever has ``__index__`` (those of numpy too) but a bool. Every check raises SeqshapeError alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex, TypeAlias, TypeGuard

from seqshape.diagnostics import Diagnostic, SeqshapeError, Source, suggest
from seqshape.dims import UNKNOWN, Dim, Poly, Unknown
from seqshape.graph import Graph, read_already
from seqshape.policies import QUANTIZED, is_policy
from seqshape.readers.kinds import KINDS
from seqshape.shapes import parse_dim, parse_shape
from seqshape.structure import Json

MOST_DIMS = 64  # of a shape: no array has more
LARGEST = 10**18  # a size has at most 18 digits, as on the command line
DEEPEST = 200  # levels of a loaded config
LONGEST_NAME = 200  # characters of the name of a value
LONGEST = 60  # characters of a value in a message
_PLAIN = frozenset({int})
CONVENTIONS = ("keras", "torch", "onnx", "all")


if TYPE_CHECKING:  # a Protocol takes as long to make as a module to load
    from pathlib import Path
    from typing import Protocol

    from seqshape.estimate import Load

    class HasGraph(Protocol):
        """A model of a program, read already."""

        @property
        def graph(self) -> Graph:
            """What was read."""

    class HasConfig(Protocol):
        """A live Keras model, or anything else that can say its config."""

        def to_json(self) -> str:
            """The config as JSON."""


Spec: TypeAlias = "str | os.PathLike[str] | Source | Mapping[str, object] | HasConfig | HasGraph"
Size: TypeAlias = "SupportsIndex | str | Dim | None"
ShapeLike: TypeAlias = "str | Sequence[Size]"
Shapes: TypeAlias = "ShapeLike | Mapping[str, ShapeLike]"
Shape: TypeAlias = tuple[Dim, ...]


def refuse(name: str, value: object, wanted: str, code: str = "E307") -> NoReturn:
    """Say of an argument that it is wrong, and what it takes. Raises SeqshapeError."""
    raise SeqshapeError((Diagnostic(code, "error", f"{name} is {shown(value)}", help=f"{name} takes {wanted}"),))


def shown(value: object) -> str:
    """A value for a message: never long, whatever its own repr does."""
    try:
        text = repr(value)
    except Exception:  # somebody else's repr
        text = ""
    named = f"a value of the type {type(value).__name__}"
    return text if 0 < len(text) <= LONGEST and text.isprintable() else named


def integer(name: str, value: object, least: int = 0, wanted: str | None = None) -> int:
    """A whole number from ``least`` up to 18 digits, as a plain int."""
    number = None
    if not isinstance(value, bool):
        try:
            number = index(value)  # type: ignore[arg-type]
        except Exception:  # somebody else's __index__
            number = None
    if number is None or not least <= number < LARGEST:
        refuse(name, value, wanted or f"a whole number from {least} up, of at most 18 digits")
    return int(number)


def word(name: str, value: object, choices: Sequence[str]) -> str:
    """One of a few words."""
    if isinstance(value, str) and value in choices:
        return str(value)
    near = suggest(value, list(choices)) if isinstance(value, str) and len(value) <= LONGEST else None
    refuse(name, value, f"one of {', '.join(choices)}{f'; {near}' if near else ''}")


def flag(name: str, value: object) -> bool:
    """True or False."""
    return value if isinstance(value, bool) else refuse(name, value, "True or False")


def text(name: str, value: object) -> str:
    """A text."""
    return str(value) if isinstance(value, str) else refuse(name, value, "a text")


def dtype(value: object) -> str:
    """The name of a dtype or of a dtype policy; ``int8`` and ``int4`` are what ``model.quantize`` makes of float32."""
    if isinstance(value, str) and value in QUANTIZED:
        return QUANTIZED[str(value)]
    return (
        str(value) if is_policy(value) else refuse("dtype", value, "the name of a dtype policy, such as mixed_float16")
    )


def batch(value: object) -> int:
    """How many samples are in a batch."""
    return integer("batch", value, 1)


def load(samples: object, name: object) -> Load:
    """Of what the memory is: how many samples, and the optimizer of a step of training; without one it is a run."""
    from seqshape.estimate import Load

    found = Load() if samples is None else Load(batch(samples))
    return found if name is None else found._replace(optimizer=optimizer(name))


def columns(given: object) -> tuple[str, ...]:
    """Columns of costs: names between commas, or a list."""
    from seqshape.summary import COSTS

    known = (*COSTS, "masks")
    listed = [name.strip() for name in given.split(",")] if isinstance(given, str) else given
    if not isinstance(listed, (list, tuple)):
        refuse("columns", given, f"names of {', '.join(known)}")
    return tuple(word("columns", name, known) for name in listed if name != "")


def optimizer(value: object) -> str:
    """The name of an optimizer of Keras, in lower case."""
    from seqshape.analysis.optimizers import OPTIMIZERS

    given = value.lower() if isinstance(value, str) else value
    return word("optimizer", given, tuple(OPTIMIZERS))


def kind(value: object) -> str | None:
    """What the source is; ``None`` for what its content says."""
    return None if value is None else word("kind", value, tuple(KINDS))


def shape(name: str, given: object) -> Shape:
    """A shape without the batch: a text such as ``5,1``, or a list or tuple of numbers, names and ``None``."""
    if type(given) is tuple and _is_plain(given):
        return given
    if isinstance(given, str):
        dims = parse_shape(str(given))
        if len(dims) <= MOST_DIMS:
            return dims
    if not isinstance(given, (str, bytes)):
        listed = given.tolist() if hasattr(given, "tolist") and not isinstance(given, Sequence) else given
        if (
            isinstance(listed, Sequence)
            and not isinstance(listed, (str, bytes, bytearray))
            and len(listed) <= MOST_DIMS
        ):
            return tuple(_dim(name, dim, listed) for dim in listed)
    wanted = f"a shape without the batch, such as (5, 1), of at most {MOST_DIMS} dims"
    refuse(name, given, wanted, "E302")


def _is_plain(given: tuple[Any, ...]) -> bool:
    """Whether a tuple is a shape of plain numbers, as most are."""
    is_short = 0 < len(given) <= MOST_DIMS and set(map(type, given)) == _PLAIN
    return is_short and min(given) >= 0 and max(given) < LARGEST


def _dim(name: str, dim: object, whole: object) -> Dim:
    if dim is None or dim is UNKNOWN:
        return UNKNOWN
    if isinstance(dim, (Poly, Unknown)):
        return dim
    if isinstance(dim, str):
        return parse_dim(str(dim).strip(), shown(whole))
    return integer(f"a dim of {name}", dim, 0, "a whole number of at most 18 digits, a name such as T, or None")


def shapes(name: str, given: object) -> Shape | dict[str, Shape] | None:
    """One shape, shapes by the names of inputs, or nothing."""
    if given is None:
        return None
    if type(given) is not tuple and isinstance(given, Mapping):
        return {text(f"a key of {name}", key): shape(f"{name}[{key!r}]", one) for key, one in given.items()}
    return shape(name, given)


def targets(given: object) -> list[Shape] | dict[str, Shape] | None:
    """The shapes of labels: one, a list of them in the order of the outputs, or by names."""
    if isinstance(given, (list, tuple)) and given and all(isinstance(one, (list, tuple)) for one in given):
        return [shape("target", one) for one in given]
    found = shapes("target", given)
    return [found] if isinstance(found, tuple) else found


def values(given: object) -> dict[str, int | str]:
    """Numbers for named sizes; for what a program leaves open also texts, which are read as Python."""
    if given is None or (type(given) is dict and not given):
        return {}
    if not isinstance(given, Mapping):
        refuse("values", given, "a dict of numbers by the names of sizes, such as {'T': 500}")
    for name in given:
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
            refuse("a key of values", name, "the name of a size, such as T")
    return {str(name): _value(name, number) for name, number in given.items()}


def _value(name: str, given: object) -> int | str:
    if isinstance(given, str):
        return given
    return integer(f"values[{name!r}]", given, 1)


def codes(name: str, given: object) -> tuple[str, ...]:
    """Codes of advice, or beginnings of them: ``"A101,A104"`` or a list."""
    if isinstance(given, tuple) and not given:
        return ()
    from seqshape.codes import ADVICE

    listed: Iterable[object] = given.split(",") if isinstance(given, str) else given  # type: ignore[assignment]
    if not isinstance(listed, (list, tuple, set, frozenset)):
        refuse(name, given, "codes of advice, such as A101")
    found = tuple(text(name, one).strip().upper() for one in listed)
    for code in filter(None, found):
        if not any(known.startswith(code) for known in ADVICE):
            message = f"there is no advice {shown(code)}"
            help = "seqshape explain CODE tells of one, such as A101"
            raise SeqshapeError((Diagnostic("E307", "error", message, help=help),))
    return tuple(filter(None, found))


def amount(name: str, value: object) -> int | None:
    """A limit: a whole number, or a text such as 1M."""
    from seqshape.analysis.check import parse_amount

    if isinstance(value, str):
        try:
            return parse_amount(value)
        except ValueError:
            refuse(name, value, "a number, or a text such as 1M or 64Ki")
    return None if value is None else integer(name, value)


def several_shapes(name: str, given: object) -> tuple[Shape, ...]:
    """The expected shapes of all inputs or outputs: one, or a list of them."""
    if given is None:
        return ()
    if isinstance(given, list) and given and all(isinstance(one, (list, tuple, str)) for one in given):
        return tuple(shape(name, one) for one in given)
    return (shape(name, given),)


def is_read(given: object) -> TypeGuard[HasGraph]:
    """Whether a source is a model of a program, read already."""
    return read_already(given) is not None


def source(given: object) -> Spec:
    """A spec, a path, a text with its name, a loaded config, or what can say its config."""
    if isinstance(given, (str, Source)):
        return given
    if isinstance(given, Mapping):
        return {_key(key): plain(value, 1) for key, value in given.items()}
    if isinstance(given, os.PathLike):
        return _path(given)
    if is_read(given):
        return given
    said = _asked(given)
    if isinstance(said, str):
        return _Config(said)
    refuse("source", given, "a spec, a path, a loaded config, or a Keras model")


class _Config:
    """The config that a model has said of itself."""

    def __init__(self, said: str) -> None:
        self.said = said

    def to_json(self) -> str:
        """The config as JSON."""
        return self.said


def _asked(given: object) -> object:
    """What an object says of itself; ``None`` if it says nothing. Raises SeqshapeError if it cannot be asked."""
    if isinstance(given, type):
        return None
    ask = getattr(given, "to_json", None)
    if not callable(ask):
        return None
    try:
        return ask()
    except Exception as problem:  # a model of somebody's own
        message = f"the model does not give its config: {type(problem).__name__}: {str(problem)[:LONGEST]}"
        raise SeqshapeError(
            (Diagnostic("E401", "error", message, help="build the model first, or save it"),)
        ) from problem


def _path(given: os.PathLike[str]) -> Path:
    from pathlib import Path

    try:
        path = os.fspath(given)
    except Exception:  # somebody else's __fspath__
        path = ""
    return Path(path) if isinstance(path, str) and path else refuse("source", given, "a path that is a text")


def plain(data: object, level: int = 0) -> Json:
    """A loaded config as JSON would hold it: dicts, lists, texts, numbers. Raises SeqshapeError for anything else."""
    if data is None or isinstance(data, (str, bool)):
        return data
    if isinstance(data, (int, float)) and type(data) in (int, float):
        return data
    if level > DEEPEST:
        message = f"the config is nested more than {DEEPEST} levels deep"
        raise SeqshapeError((Diagnostic("E401", "error", message),))
    if isinstance(data, Mapping):
        return {_key(key): plain(value, level + 1) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain(item, level + 1) for item in data]
    return _number(data)


def _key(key: object) -> str:
    return str(key) if isinstance(key, str) else _unplain(key)


def _number(data: object) -> int | float:
    """A number of numpy or the like as a plain one."""
    converters = (index, float) if not isinstance(data, type) else ()
    for convert in converters:
        try:
            return convert(data)  # type: ignore[arg-type]
        except Exception:  # no number, after all
            continue
    return _unplain(data)


def _unplain(data: object) -> NoReturn:
    message = f"the config holds {shown(data)}, which JSON has no word for"
    raise SeqshapeError((Diagnostic("E401", "error", message, help="give what get_config() or to_json() gives"),))


def ranges(given: object) -> dict[str, Sequence[int]]:
    """Numbers for names: one, a range, a list, or a text such as ``8..512``."""
    if given is None or (type(given) is dict and not given):
        return {}
    if not isinstance(given, Mapping):
        refuse("values", given, "a dict of numbers or ranges by names, such as {'T': 500, 'units': range(8, 513)}")
    return {text("a key of values", name): _numbers(f"values[{name!r}]", numbers) for name, numbers in given.items()}


def _numbers(name: str, given: object) -> Sequence[int]:
    if isinstance(given, str):
        from seqshape.analysis.axes import parse_numbers

        try:
            return parse_numbers(str(given))
        except ValueError:
            refuse(name, given, "numbers from 1 up: 100, 8..512, 8..512..8 or {16,32}")
    if isinstance(given, range):
        for end in (given[0], given[-1]) if given else (0,):
            integer(name, end, 1)
        return given
    if given == ():  # what the command line reads of ``?``
        return ()
    listed = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(listed, (list, tuple)) and listed:
        return tuple(integer(name, number, 1) for number in listed)
    return (integer(name, listed, 1),)


def texts(name: str, given: object) -> tuple[str, ...]:
    """A text, or several."""
    if isinstance(given, str):
        return (str(given),)
    if not isinstance(given, (list, tuple)):
        refuse(name, given, "a text, or a list of texts")
    return tuple(text(name, one) for one in given)
