"""The Python functions: what they take, what they refuse, and that they say what the commands say."""

from __future__ import annotations

import inspect
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import seqshape
from seqshape import Diagnostic, SeqshapeError, Summary
from seqshape.cli import main
from seqshape.codes import CODES
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe
from tests.oracle.spec_writer import is_writable, spec
from tests.pages import ROOT

SPEC = "LSTM(5,seq)>TD(Dense(1))"
TWICE = "a=Input(7,3); b=Input(3); a > GRU(4, initial_state=b)"
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(seqshape, name) for name in ("summarize", "explain", "timesteps", "check", "advise")
}
FUNCTIONS["convert"] = lambda source, *given, **named: seqshape.convert(source, "spec", *given, **named)
FUNCTIONS["compare"] = lambda source, *given, **named: seqshape.compare(source, source, *given, **named)


def refused(function: Callable[..., Any], *given: Any, **named: Any) -> tuple[Diagnostic, ...]:
    """The diagnostics of a call that is wrong; seqshape itself is never at fault."""
    with pytest.raises(SeqshapeError) as caught:
        function(*given, **named)
    assert {found.code for found in caught.value.diagnostics} <= set(CODES) - {"E999"}
    assert str(caught.value)
    json.dumps(caught.value.to_dict())
    return caught.value.diagnostics


def asked(function: Callable[..., Any], *given: Any, **named: Any) -> tuple[Any, SeqshapeError | None]:
    """The answer, or the complaint."""
    try:
        return function(*given, **named), None
    except SeqshapeError as error:
        return None, error


# --- values at the door -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize(
    "named",
    [
        {"input_shape": (-1,)},
        {"input_shape": (2.5, 1)},
        {"input_shape": (5, True)},
        {"input_shape": 5},
        {"input_shape": (5, "a b")},
        {"input_shape": (10**18, 1)},
        {"input_shape": b"5,1"},
        {"input_shape": {5, 1}},
        {"input_shape": iter((5, 1))},
        {"input_shape": range(10**9)},
        {"input_shape": {1: (5, 1)}},
        {"input_shape": {"x": 5}},
        {"input_shape": ("T", 1), "values": {"T": -3}},
        {"input_shape": ("T", 1), "values": {"T": 2.5}},
        {"input_shape": ("T", 1), "values": {"T": True}},
        {"input_shape": ("T", 1), "values": {3: 3}},
        {"input_shape": ("T", 1), "values": {"(": 3}},
        {"input_shape": ("T", 1), "values": [("T", 3)]},
        {"input_shape": (5, 1), "keras": "9"},
        {"input_shape": (5, 1), "keras": 3},
        {"input_shape": (5, 1), "kind": "bogus"},
        {"input_shape": (5, 1), "kind": 1},
        {"input_shape": (5, 1), "dtype": "bogus"},
        {"input_shape": (5, 1), "dtype": None},
    ],
    ids=lambda named: repr(named).partition(" object at ")[0],
)
def test_wrong_values_are_refused(function: Callable[..., Any], named: dict[str, Any]) -> None:
    (found,) = refused(function, SPEC, **named)
    assert found.code in ("E302", "E307")
    assert found.help


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (seqshape.summarize, {"convention": "bogus"}),
        (seqshape.summarize, {"convention": None}),
        (seqshape.summarize, {"advice": 1}),
        (seqshape.summarize, {"select": "E201"}),
        (seqshape.summarize, {"ignore": 5}),
        (seqshape.summarize, {"target": 5}),
        (seqshape.advise, {"select": ["A999"]}),
        (seqshape.explain, {"layer": 5}),
        (seqshape.explain, {"layer": "gru"}),
        (seqshape.timesteps, {"of_input": -1}),
        (seqshape.timesteps, {"of_output": 7}),
        (seqshape.timesteps, {"of_output": False}),
        (seqshape.check, {"max_params": -1}),
        (seqshape.check, {"max_params": "lots"}),
        (seqshape.check, {"max_bytes": 2.5}),
        (seqshape.check, {"expect_output": 5}),
        (seqshape.convert, {"to": "pdf"}),
        (seqshape.summarize_all, {"sources": 5}),
    ],
)
def test_wrong_values_of_one_function(function: Callable[..., Any], named: dict[str, Any]) -> None:
    first = () if "sources" in named else (SPEC,)
    assert refused(function, *first, input_shape=(5, 1), **named)


@pytest.mark.parametrize("five", [5, np.int64(5), np.uint8(5), np.array(5), "5"], ids=repr)
def test_an_integer_is_what_has_an_index(five: Any) -> None:
    for given in ((five, np.int32(1)), [five, 1]):
        found = seqshape.summarize(SPEC, given)
        assert (found.totals.params, type(found.totals.params)) == (146, int)
        assert found.to_dict() == seqshape.summarize(SPEC, (5, 1)).to_dict()
    assert seqshape.summarize(SPEC, np.array([5, 1])) == seqshape.summarize(SPEC, (5, 1))
    numbers = {"T": five} if five != "5" else {"T": 5}
    assert json.dumps(seqshape.summarize(SPEC, ("T", 1), values=numbers).to_dict())


@pytest.mark.parametrize("function", [*FUNCTIONS.values(), seqshape.summarize_all, seqshape.layers])
def test_an_unknown_keyword_is_a_type_error(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        function(SPEC, inputshape=(5, 1))


class Hostile:
    """An object of somebody's own, all of whose methods break."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __index__ = __len__ = __iter__ = __getitem__ = __fspath__ = __str__ = __repr__  # type: ignore[assignment]

    def to_json(self) -> str:
        raise RuntimeError("no")


VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        5,
        2**70,
        2.5,
        float("nan"),
        float("inf"),
        1j,
        "",
        "5,1",
        "T",
        "\0",
        "\ud800",
        "A" * 5000,
    ),
    *((), [], {}, set(), (5, 1), [5, 1], (5, None), ("T", "F"), ((5, 1),), [[5]], {"x": (5, 1)}, {"T": 3}, {3: 4}),
    *(
        b"5,1",
        bytearray(b"x"),
        np.int64(3),
        np.float32(1.5),
        np.array([5, 1]),
        np.array([1.5]),
        np.zeros((2, 2)),
        np.bool_(True),
    ),
    *(
        object(),
        object,
        len,
        print,
        Hostile(),
        Path("nowhere"),
        Path("."),
        ...,
        range(3),
        iter(()),
        lambda: 1,
        Ellipsis,
    ),
    *(
        "3",
        "tf2",
        "keras",
        "torch",
        "all",
        "spec",
        "config",
        "float16",
        "A101",
        ["A104"],
        "1M",
        "lstm",
        Diagnostic("E1", "error", ""),
    ),
    *(
        {"class_name": "Sequential", "config": {"layers": []}},
        {"class_name": "Dense", "config": {1: 2}},
        {"a": Hostile()},
    ),
)
RECURSIVE: dict[str, Any] = {"class_name": "Sequential"}
RECURSIVE["config"] = RECURSIVE
SOURCES: tuple[Any, ...] = (SPEC, "Dense(2)", TWICE, "LSTM(5)>TD(Dense(1))", RECURSIVE, {"class_name": "Sequential"})


REQUIRED: dict[str, tuple[Any, ...]] = {"to": ("spec", "torch"), "sources": ([SPEC], (), [SPEC, "Dense(2)"])}


@pytest.mark.parametrize(
    "name", ["summarize", "explain", "compare", "timesteps", "check", "convert", "advise", "layers", "summarize_all"]
)
def test_random_values_are_answered_or_refused(name: str) -> None:
    function, random = getattr(seqshape, name), Random(name)
    parameters = list(inspect.signature(function).parameters)
    for _ in range(500):
        named: dict[str, Any] = {"input_shape": (5, 1)} if "input_shape" in parameters else {}
        for parameter in parameters:
            if parameter in ("source", "left", "right", "to", "sources"):
                named[parameter] = random.choice(REQUIRED.get(parameter, SOURCES))
        for parameter in random.sample(parameters, min(len(parameters), random.randint(1, 2))):
            named[parameter] = random.choice((*VALUES, *SOURCES))
        found, error = asked(function, **named)
        if error is not None:
            assert {one.code for one in error.diagnostics} <= set(CODES) - {"E999"}, (name, named)
            assert str(error)
            json.dumps(error.to_dict())
        else:
            json.dumps(
                found.to_dict() if hasattr(found, "to_dict") else [getattr(one, "to_dict", str)() for one in found]
            )
            assert str(found) or found in ("", (), [])


def test_a_loaded_config_holds_what_json_holds() -> None:
    config = {"layers": [{"class_name": "Dense", "config": {"units": np.int64(4), "batch_input_shape": (None, 3)}}]}
    found = seqshape.summarize({"class_name": "Sequential", "config": config})
    assert found.totals.params == 16
    assert [one.code for one in refused(seqshape.summarize, {"class_name": object()})] == ["E401"]
    assert [one.code for one in refused(seqshape.summarize, RECURSIVE)] == ["E401"]
    assert [one.code for one in refused(seqshape.summarize, Hostile())] == ["E307"]


# --- the same as the commands -----------------------------------------------------------------------------------------

NETWORKS: list[tuple[str, str | None]] = [
    *(
        (SPEC, "5,1"),
        ("LSTM(5)>TD(Dense(1))", "5,1"),
        ("LSMT(5)", "5,1"),
        ("Dense(4)>Dense(1,softmax)", "8"),
        (TWICE, None),
    ),
    *(
        ("GRU(4,seq)>Conv1D(F,3)", "T,F"),
        ("Input(7,3)>LSTM(4)", "5,3"),
        ("nowhere.keras", None),
        ("", None),
        ("Dense(2)", None),
    ),
    *((spec(found), None) for seed in range(40) if is_writable(found := recipe(RandomChoices(f"api-{seed}")))),
]


def printed(*words: str) -> Any:
    """What a command prints to standard output, as data."""
    return json.loads(CliRunner().invoke(main, words).stdout)


def words(network: tuple[str, str | None], *more: str) -> list[str]:
    return [network[0], *(["-i", network[1]] if network[1] else []), *more]


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_to_dict_is_what_the_command_prints(network: tuple[str, str | None]) -> None:
    for more, named in (
        ((), {}),
        (("--no-advice",), {"advice": False}),
        (("--convention", "all"), {"convention": "all"}),
    ):
        found, error = asked(seqshape.summarize, *network, **named)
        data = (found or error).to_dict()
        again = Summary.from_dict(json.loads(json.dumps(data)))
        assert again.to_dict() == data
        assert again == found or error is not None
        assert pickle.loads(pickle.dumps(found)) == found
        assert printed("summarize", *words(network), "--json", *more) == data


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_other_commands_print_what_the_functions_give(network: tuple[str, str | None]) -> None:
    """Where summarize answers, every function answers as its command does, or refuses in a sentence."""
    if asked(seqshape.summarize, *network)[1] is not None:
        return
    for name, option in (("explain", "--json"), ("timesteps", "--json"), ("check", "--format=json")):
        result = CliRunner().invoke(main, [name, *words(network), option])
        found, error = asked(FUNCTIONS[name], network[0], input_shape=network[1])
        if error is None:
            assert has(json.loads(result.stdout), found.to_dict())
            assert str(found)
        else:
            assert result.exit_code != 0
            assert error.diagnostics[0].code in set(re.findall(r"E\d{3}", result.stderr)) - {"E999"}


def has(data: object, part: object) -> bool:
    """Whether data are a part of others: a command adds what it alone knows, the name of a file and notes."""
    if isinstance(part, dict) and isinstance(data, dict):
        return all(key in data and has(data[key], value) for key, value in part.items())
    if isinstance(part, list) and isinstance(data, list):
        return len(data) == len(part) and all(map(has, data, part))
    return data == part


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_a_network_is_the_same_as_itself(network: tuple[str, str | None]) -> None:
    """``compare A A`` never says "different"."""
    if asked(seqshape.summarize, *network)[1] is not None:
        return
    found = seqshape.compare(network[0], network[0], network[1])
    assert found.same
    assert found.equivalent is True, found.reason
    result = CliRunner().invoke(main, ["compare", network[0], *words(network), "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, json.loads(json.dumps(found.to_dict())))


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The keys that lead to each value of plain data."""
    yield at
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from places(value, (*at, key))


JUNK = (
    None,
    True,
    -1,
    2.5,
    "",
    "T",
    "T -",
    "2**99999999999",
    "(" * 500,
    "T//0",
    [],
    {},
    [None],
    [[1]],
    {"a": 1},
    10**30,
)


def test_a_changed_object_is_a_summary_or_refused() -> None:
    """Whatever is taken can be used; whatever is not is a SeqshapeError, and a ValueError."""
    random = Random(7)
    given = [("GRU(4,seq)>Conv1D(F,3)", ("T", "F"), "all"), ("LSTM(5,state)", (5, 1), "torch"), (SPEC, (5, 1), "keras")]
    whole = [json.dumps(seqshape.summarize(text, shape, convention=how).to_dict()) for text, shape, how in given]
    for _ in range(1500):
        data = json.loads(random.choice(whole))
        *outer, last = random.choice([place for place in places(data) if place])
        reduce(getitem, outer, data)[last] = random.choice(JUNK)
        found, error = asked(Summary.from_dict, data)
        if error is None:
            assert str(found)
            assert found._repr_html_()
            assert json.dumps(found.to_dict())
        else:
            assert isinstance(error, ValueError)


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_summary_prints_its_table() -> None:
    found = seqshape.summarize(SPEC, (5, 1))
    assert "Total params: 146" in str(found)
    assert "<table" in found._repr_html_()
    assert repr(found) == "<Summary of 'sequential': 2 layers, 146 parameters>"
    assert "A101" in {one.code for one in found.diagnostics}


def test_an_error_shows_the_place_and_the_mended_spec() -> None:
    with pytest.raises(SeqshapeError) as caught:
        seqshape.summarize("LSTM(5)>TD(Dense(1))", (5, 1))
    shown = str(caught.value)
    assert "^^^" in shown
    assert "LSTM(5,seq)>TD(Dense(1))" in shown
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.diagnostics, str(again)) == (caught.value.diagnostics, shown)
    assert caught.value.summary is not None


@pytest.mark.parametrize("name", [name for name in seqshape.__all__ if isinstance(getattr(seqshape, name), type)])
def test_no_public_record_is_a_tuple(name: str) -> None:
    assert not issubclass(getattr(seqshape, name), tuple)


def test_every_public_name_is_there_and_layers_stays_a_function() -> None:
    for name in seqshape.__all__:
        assert getattr(seqshape, name) is not None
    seqshape.summarize("Dense(2)", (3,))
    assert seqshape.layers("LSTM").name == "LSTM"
    assert "recurrent" in seqshape.layers()
    assert [one.code for one in refused(seqshape.layers, "LSMT")] == ["E102"]


TYPED = """
import seqshape
found: seqshape.Summary = seqshape.summarize("Dense(2)", (3,))
page: seqshape.Manual = seqshape.layers("LSTM")
families: dict[str, list[str]] = seqshape.layers()
seqshape.summarize("Dense(2)", input_shap=(3,))
seqshape.summarize(5)
"""


def test_type_checkers_see_wrong_words(tmp_path: Path) -> None:
    path = tmp_path / "use.py"
    path.write_text(TYPED)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    wrong = [
        line.partition(": error")[0].rpartition(":")[2] for line in result.stdout.splitlines() if ": error" in line
    ]
    assert wrong == ["6", "7"], result.stdout
