"""The house itself: which room may import which, and what each command imports when it starts."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import seqshape
from seqshape.faces import FACES, READ_BACK
from tests.laws import complexities, imported

PACKAGE = Path(seqshape.__file__).parent
# A module imports only what stands before it.
ROOMS = (
    *(
        "records",
        "ambient",
        "faces",
        "structure",
        "diagnostics",
        "quoting",
        "syntax_tree",
        "codes",
        "sizes",
        "dims",
        "reach",
        "rows",
        "tensor",
        "kinds",
        "graph",
        "signatures",
        "operation_signatures",
        "catalogue",
        "policies",
        "versions",
        "declaration",
        "registry",
    ),
    *("layers", "bind"),
    *(
        "walk.flow",
        "walk.call",
        "keras",
        "walk",
        "estimate",
        "summary",
        "keras.revised",
        "keras.rows",
        "remarks",
        "inputs",
        "collector",
        "network",
        "shapes",
        "readers",
        "mending",
        "exporters",
        "analysis",
        "renderers",
    ),
    *("door", "answers", "api", "cli", "__main__"),
)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("seqshape", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def room(module: str) -> str:
    """The room of a module; a file that stands in another place of the order than its room is one of its own."""
    parts = module.split(".")[1:]
    own = ".".join(parts[:2])
    return own if own in ROOMS else parts[0] if parts else ""


MODULES = modules()


def test_every_room_is_on_the_list() -> None:
    assert {room(name) for name in MODULES} - {""} == set(ROOMS)


def needs(name: str) -> set[str]:
    """The modules that a module imports wherever it does: when it is loaded, in a function, for types alone."""
    found = {within(target) for target, _ in imported(MODULES[name].read_text(encoding="utf-8"))}
    return found - {name, "seqshape"}


def within(target: str) -> str:
    """The module that a dotted name is, or is in."""
    while target not in MODULES:
        target = target.rpartition(".")[0]
    return target


@pytest.mark.parametrize("name", [name for name in MODULES if room(name)])
def test_imports_go_one_way(name: str) -> None:
    """In functions and for types too: what is known only by name when a command starts is known all the same."""
    here = ROOMS.index(room(name))
    assert {target for target in needs(name) if ROOMS.index(room(target)) > here} == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    below = {name: needs(name) for name in MODULES}
    del below["seqshape"]  # the face of the package: it hands names on
    while free := [name for name, targets in below.items() if not targets & below.keys()]:
        for name in free:
            del below[name]
    assert below == {}


def test_every_face_is_drawn() -> None:
    """Data knows what draws it by name alone: the names are of modules that do."""
    for name in FACES.values():
        module = import_module(f"seqshape.{name}")
        assert callable(getattr(module, "render", None) or module.to_dict)
    for name in READ_BACK.values():
        assert callable(import_module(f"seqshape.{name}").from_dict)


def test_the_walk_sees_wrong_imports() -> None:
    source = "from seqshape.cli import run\ndef f():\n    import seqshape.api\n"
    source += "if TYPE_CHECKING:\n    from seqshape import bind\n"


# --- size and shape of the code ---------------------------------------------------------------------------------------

MOST_WAYS, MOST_LINES = 15, 500
GENERATED = {"seqshape.signatures", "seqshape.catalogue"}
SOURCES = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}


def test_no_function_has_too_many_ways_through_it() -> None:
    found = [(f"{name}.{one}", ways) for name, text in SOURCES.items() for one, ways in complexities(text)]
    assert [one for one, ways in found if ways > MOST_WAYS] == []


def test_no_file_is_too_long() -> None:
    assert {name for name, text in SOURCES.items() if text.count("\n") > MOST_LINES} - GENERATED == set()


def test_the_reader_of_source_code_tells_of_all_its_files() -> None:
    """How it works stands at its door, and names each file where it is needed."""
    home = "seqshape.readers.keras_source"
    files = {name.removeprefix(f"{home}.") for name in MODULES if name.rpartition(".")[0] == home}
    told = set(re.findall(r"``(\w+)/?``", SOURCES[home]))
    assert files - told == set()


def test_ways_are_counted() -> None:
    source = "def f(x):\n    return [y for y in x if y or x] if x and x else 0\n"
    source += "class C:\n    def g(x):\n        for y in x:\n            def h(): assert x\n        else: pass\n"
    assert complexities(source) == [("f", 6), ("C.g", 3), ("C.g.h", 2)]


# --- start-up ---------------------------------------------------------------------------------------------------------

SPEC = "LSTM(5,seq)>TD(Dense(1))"
# Modules of the standard library that a command may import.
TEXT = (
    "bisect",
    "unicodedata",
    "typing",
    "itertools",
    "functools",
    "operator",
    "keyword",
    "math",
    "contextlib",
    "contextvars",
    "importlib",
    "textwrap",
)
DRAWN = (*TEXT, "io", "rich.console", "rich.table")
# Command → its words, and what it may import: nothing else that is not imported by these.
COMMANDS: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "table": (["summarize", SPEC, "-i", "5,1"], DRAWN),
    "keras": (["summarize", SPEC, "-i", "5,1", "--format", "keras"], DRAWN),
    "json": (["summarize", SPEC, "-i", "5,1", "--json"], (*TEXT, "json")),
    "markdown": (["summarize", SPEC, "-i", "5,1", "--format", "markdown"], TEXT),
    "csv": (["summarize", SPEC, "-i", "5,1", "--format", "csv"], (*TEXT, "csv")),
    "classic": (["summarize", SPEC, "-i", "5,1", "--format", "classic"], TEXT),
    "error": (["summarize", "LSMT(5)", "-i", "5,1"], (*TEXT, "difflib")),
    "table with an error": (["summarize", "LSTM(5)>LSMT(5)", "-i", "5,1"], (*DRAWN, "difflib")),
    "fmt": (["fmt", SPEC], TEXT),
    "layers": (["layers"], TEXT),
    "layer": (["layers", "LSTM"], TEXT),
    "explain": (["explain", SPEC, "-i", "5,1"], TEXT),
    "timesteps": (["timesteps", SPEC, "-i", "5,1"], TEXT),
    "timesteps json": (["timesteps", SPEC, "-i", "5,1", "--json"], (*TEXT, "json")),
    "compare": (["compare", SPEC, "LSTM(5,seq)>Dense(2)", "-i", "5,1"], (*TEXT, "difflib")),
    "compare run": (["compare", SPEC, "LSTM(5,seq,back)>Dense(1)", "-i", "5,1"], (*TEXT, "difflib")),
    "compare run, the same": (["compare", "LSTM(5)", "RNN(LSTMCell(5))", "-i", "5,1"], (*TEXT, "difflib")),
    "check": (["check", SPEC, "-i", "5,1", "--max-params", "1M"], (*TEXT, "pathlib", "tomllib")),
    "convert": (["convert", SPEC, "-i", "5,1", "--to", "keras-python"], TEXT),
    "solve": (["solve", "LSTM(?)", "-i", "5,1", "--params", "1M"], (*TEXT, "json", "pathlib")),
    "compare same": (["compare", SPEC, "LSTM(5,seq)>Dense(1)", "-i", "5,1"], (*TEXT, "difflib")),
    "schema": (["schema"], (*TEXT, "json", "pkgutil")),
    "compare three": (["compare", "LSTM(5)", "GRU(5)", "LSTM(6)", "-i", "5,1"], TEXT),
    "check two": (["check", SPEC, "Dense(1)", "-i", "5,1"], (*TEXT, "pathlib", "tomllib")),
    "convert to torch": (["convert", SPEC, "-i", "5,1", "--to", "torch"], (*TEXT, "ast", "pathlib", "threading")),
    "convert to json": (["convert", SPEC, "-i", "5,1", "--to", "keras-json"], (*TEXT, "json")),
    "explain a code": (["explain", "A101"], TEXT),
    "explain, drawn": (["explain", SPEC, "-i", "5,1", "--format", "svg"], (*TEXT, "html")),
    "timesteps, drawn": (["timesteps", SPEC, "-i", "5,1", "--format", "svg"], (*TEXT, "html")),
    "graph": (["graph", SPEC, "-i", "5,1"], TEXT),
    "memory": (["summarize", SPEC, "-i", "5,1", "--memory", "--json"], TEXT),
    "several": (["summarize", SPEC, "Dense(1)", "-i", "5,1", "--json"], (*TEXT, "json", "select", "signal")),
    "play, in a pipe": (["play", SPEC, "-i", "5,1"], TEXT),
}
CHILD = """
import sys
before = set(sys.modules)
try:
    {body}
except SystemExit:
    pass
print("@@", *sorted(set(sys.modules) - before), file=sys.stderr)
"""
OURS = "sys.argv = ['seqshape', *{words!r}]; from seqshape.__main__ import main; main()"


def loaded(body: str) -> set[str]:
    """The top-level modules that a child process imports."""
    child = subprocess.run(
        [sys.executable, "-c", CHILD.format(body=body)], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    names = child.stderr.rpartition("@@")[2].split()
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_imports(command: str) -> None:
    words, allowed = COMMANDS[command]
    here = loaded(OURS.format(words=words))
    expected = loaded(f"import {', '.join(('__future__', 'gc', *allowed))}")
    assert here - expected == {"seqshape"}
    heavy = {"click", "rich", "numpy", "dataclasses", "jax", "keras"}
    assert here & heavy == ({"rich", "dataclasses"} if "rich.table" in allowed else set())


def test_help_is_from_click() -> None:
    """What needs click is what is said about the command line; it is not loaded for anything else."""
    assert "click" in loaded(OURS.format(words=["-h"]))
    assert "click" in loaded(OURS.format(words=["summarize"]))


def test_version_imports_nothing() -> None:
    assert loaded(OURS.format(words=["--version"])) <= {"seqshape", "__future__", "gc"}


def test_the_library_imports_nothing() -> None:
    assert loaded("import seqshape") <= {"seqshape", "__future__"}


def test_summarizing_imports_no_tools() -> None:
    here = loaded(f"import seqshape; seqshape.summarize({SPEC!r}, input_shape=(5, 1))")
    expected = loaded(f"import {', '.join(TEXT)}")
    assert here - expected == {"seqshape", "__future__", "gc"} - expected  # a part of the interpreter itself
    assert not here & {"click", "rich", "numpy", "dataclasses", "difflib", "ast", "json"}


def test_a_heavy_import_would_be_seen() -> None:
    assert "dataclasses" in loaded("import seqshape, dataclasses")
