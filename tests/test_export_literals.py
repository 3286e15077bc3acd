"""Whatever a file says, it is data in the code that ``convert`` writes: hostile values in every place of every layer."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters import keras_json, keras_python, spec
from seqshape.exporters import torch as torch_module
from seqshape.exporters.literals import DEEPEST, guarded, literal
from seqshape.exporters.torch.helpers import part_names
from tests.oracle.facts import load
from tests.test_export_arguments import catalogue, layers_in

Data = dict[str, Any]
EVIL = "x'\"\n\r\t\u2028\u2029\u202e\x1b[2J\\ \"\"\"); __import__('os').system('evil') #{evil}\ud800"


def nested(depth: int) -> Any:
    value: Any = {EVIL: EVIL}
    for _ in range(depth):
        value = [value]
    return value


def serialized(module: str | None, class_name: str) -> Data:
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": EVIL, "value": EVIL},
        "registered_name": None,
    }


VALUES: tuple[Any, ...] = (
    EVIL,
    "__import__('os').system('evil')",
    nested(30),
    [EVIL, -1],
    serialized("keras.initializers", "Constant"),
    serialized("keras.initializers", EVIL),
    serialized("keras.layers", "Dense"),
    {"class_name": "__lambda__", "config": {"code": EVIL}},
)
WRITERS = {
    "keras-python": keras_python.write,
    "torch": torch_module.write,
    "spec": spec.write,
    "json": keras_json.write,
}
# What code of ours may call by its own name, beside what it defines itself and the parts of the torch writer.
CALLED = {"float", "super", "slice", "len", "range", "tuple", "list", "isinstance", "zip", "sum", "min", "max", "any"}
CALLED |= {"all", "enumerate", "reversed", "int", "str", "sorted", "set", "map", "print", "ValueError", "abs"}
IMPORTED = {"keras", "torch", "math", "collections", "numpy"}


def suspicious(code: str) -> list[str]:
    """What stands in generated code and is none of its own."""
    tree = ast.parse(code)
    known = {*CALLED, *part_names(), "keras", "layers", "ops", "torch", "nn", "F", "math"}
    known |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    known |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    known |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    known |= {"bool", "object", "Any", "dict", "None"}
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known:
            found.append(node.id)
        elif isinstance(node, ast.Attribute) and not _is_own(node) and ("evil" in node.attr or node.attr == "system"):
            found.append(node.attr)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            found += [name for name in names if name.partition(".")[0] not in IMPORTED]
        elif isinstance(node, (ast.Global, ast.Await, ast.NamedExpr, ast.Delete, ast.With)):
            found.append(type(node).__name__)
    return found


def _is_own(node: ast.Attribute) -> bool:
    """Whether it is an attribute of the module itself, which is named after its layer."""
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def written(config: Data) -> Iterator[str]:
    """What is wrong with what each form makes of a config: a refusal is right, and so is data."""
    try:
        network = analyse(config)
    except SeqshapeError:
        return
    for form, write in WRITERS.items():
        try:
            text = write(network)
        except SeqshapeError:
            continue
        if form in ("keras-python", "torch"):
            yield from (f"{form}: {one}" for one in suspicious(text))
        if form != "json":
            yield from (f"{form}: {sign!r}" for sign in set(text) if not sign.isprintable() and sign != "\n")


def with_value(config: Data, number: int, name: str, value: Any) -> Data:
    data: Data = json.loads(json.dumps(config))
    list(layers_in(data))[number]["config"][name] = value
    return data


@pytest.mark.parametrize("name", sorted(catalogue()))
def test_arguments_are_never_code(name: str) -> None:
    """Each argument of each layer, its name among them, with each hostile value."""
    config = min(catalogue()[name], key=lambda config: len(str(config)))
    wrong = []
    for number, layer in enumerate(layers_in(config)):
        for place, argument in enumerate(layer["config"]):
            for value in VALUES[(place + number) % 2 :: 2]:
                found = list(written(with_value(config, number, argument, value)))
                wrong += [(argument, value, one) for one in found[:1]]
    assert wrong == []


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values of a config, and of the keys of its dicts."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from leaves(item, (*path, key))


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy: Any = json.loads(json.dumps(data))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return copy


def renamed(data: Any, old: str) -> Any:
    """A config in which one string is another one everywhere, keys included."""
    if isinstance(data, dict):
        return {renamed(key, old): renamed(item, old) for key, item in data.items()}
    if isinstance(data, list):
        return [renamed(item, old) for item in data]
    return f"{data}{EVIL.replace('/', '')}" if data == old else data


@pytest.mark.parametrize("case", load("fuzz")[11::150], ids=lambda case: str(case["id"]))
def test_no_place_of_a_file_is_code(case: Any) -> None:
    """Every second value of a config, wherever it stands, and every name at once in all its places."""
    config = case["config"]
    wrong: list[str] = []
    for number, path in enumerate(list(leaves(config))[::4]):
        wrong += list(written(replaced(config, path, VALUES[number % len(VALUES)])))
    for layer in layers_in(config):
        wrong += list(written(renamed(config, layer["config"]["name"])))
    assert wrong == []


@pytest.mark.parametrize(
    "value", [EVIL, [EVIL], (EVIL,), {EVIL: (1, -2.5, None, True)}, "\\", "'", (), [], {}, (1,), 1e300]
)
def test_a_literal_is_its_value(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value
    assert type(ast.literal_eval(literal(value))) is type(value)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_number_is_written(value: float) -> None:
    assert repr(eval(literal(value))) == repr(value)


def kind(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("value", [object(), b"x", {1, 2}, 2**5000, len, type, 1j, {object(): 1}], ids=kind)
def test_what_is_no_plain_value_is_refused(value: Any) -> None:
    with pytest.raises(SeqshapeError):
        literal(value)


def test_too_many_brackets_are_refused() -> None:
    value: Any = 1
    for _ in range(DEEPEST + 2):
        value = [value]
    with pytest.raises(SeqshapeError, match="brackets"):
        literal(value)


def test_a_string_of_a_source_formats_as_a_literal() -> None:
    """A translation that puts an argument into code as it stands still writes data."""
    value = guarded({"axis": [EVIL]})["axis"][0]
    assert value == EVIL
    for text in (f"{value}", str(value), repr(value), "{}".format(value), "{0!r}".format(value)):  # noqa: UP030, UP032
        assert ast.literal_eval(text) == EVIL
