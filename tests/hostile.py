"""Texts that mean harm, the places of a source where a text may stand, and what must not come of it on a terminal."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

MARK = "MARK"
BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
SIGNS = (
    "\x1b]8;;http:x\x07\x1b[31mred\x1b[0m\x1b[2J\x1b]0;t\x1b\\\x08\x7f\x00\x90\x9b31m\x9d"
    "\u202e\u2066\u200f\u061c\u200b\u200d\u2060\ufeff\u00ad\u034f\u3164\u115f\uffa0\U000e0041\ue000"
)
NAMES = {
    "signs": f"e{SIGNS}{''.join(sign + MARK for sign in BREAKS)}\n  ::error::{MARK}\n##[error]{MARK}",
    "command": "::error::x ##vso[task.complete]",
    "marks": "z" + "\u0301\u0336\u20dd" * 200,
    "closed": "x[/red]",  # Keras takes no / in the name of a layer
    "markup": "[red]x[bold]%0A<b onclick=a>&amp;`$(id)`|$x^{$*_~\"'\\[a](http:b)",
    "formula": "=1+1",
    "long": "n" * 3000,
}  # fmt: skip


# --- places ------------------------------------------------------------------------------------------------------------


class Given(NamedTuple):
    """The words that name a source, and what else the command line holds."""

    source: str
    words: tuple[str, ...] = ()
    layer: str = "d"


Place = Callable[[str, Path], Given]


def _layer(class_name: str, name: str, **config: Any) -> dict[str, Any]:
    config = {"name": name, **config}
    return {"module": "keras.layers", "class_name": class_name, "config": config, "registered_name": None}


def _config(*layers: dict[str, Any], name: str = "m", x: str = "x") -> dict[str, Any]:
    first = _layer("InputLayer", x, batch_shape=[None, 5, 1])
    config = {"name": name, "layers": [first, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def _functional(x: str, inner: str, outer: str) -> dict[str, Any]:
    """A model in a model, both with an input of that name; the first layer is called twice."""

    def fed(name: str, node: int = 0) -> dict[str, Any]:
        history = {"shape": [None, 5, 1], "dtype": "float32", "keras_history": [name, node, 0]}
        return {"args": [{"class_name": "__keras_tensor__", "config": history}], "kwargs": {}}

    def model(name: str, middle: dict[str, Any]) -> dict[str, Any]:
        first = _layer("InputLayer", x, batch_shape=[None, 5, 1]) | {"name": x, "inbound_nodes": []}
        middle = middle | {"name": middle["config"]["name"], "inbound_nodes": [fed(x), fed(middle["config"]["name"])]}
        config = {"name": name, "layers": [first, middle], "input_layers": [[x, 0, 0]]}
        config["output_layers"] = [[middle["name"], 1, 0]]
        return {"module": "keras", "class_name": "Functional", "config": config, "registered_name": None}

    return model(outer, model(inner, _layer("Dense", "d", units=1)))


def _file(folder: Path, data: object, name: str = "m.json") -> str:
    path = folder / name
    path.write_text(json.dumps(data))
    return str(path)


def _archive(folder: Path, metadata: object) -> str:
    with zipfile.ZipFile(folder / "m.keras", "w") as file:
        file.writestr("metadata.json", json.dumps(metadata))
        file.writestr("config.json", json.dumps(_config(_layer("Dense", "d", units=3))))
    return str(folder / "m.keras")


def _weights(folder: Path, text: str) -> str:
    import h5py

    name = text.replace("\x00", "").replace("/", "")
    with h5py.File(folder / "m.weights.h5", "w") as file:
        file.create_dataset(f"layers/{name[:500]}/vars/0", (3, 4), dtype="f4")
        file.create_dataset(f"layers/dense/{name[:500]}/vars/1", (4,), dtype="f4")
    return str(folder / "m.weights.h5")


def _index(folder: Path, text: str) -> str:
    """An index of sharded weights that names a shard, and a weight, so."""
    data = {
        "metadata": {text: 1},
        "weight_map": {f"/layers/{text}/vars": [f"{text}.weights.h5"], text: "m_0.weights.h5"},
    }
    return _file(folder, data, "m.weights.json")


def _stored(folder: Path, text: str) -> str:
    """A .keras whose weights are of another shape, under a path of that name."""
    config = _config(_layer("Dense", text, units=3), _layer("Mine", "e"))
    with zipfile.ZipFile(folder / "m.keras", "w") as file:
        file.writestr("config.json", json.dumps(config))
        file.write(_weights(folder, text), "model.weights.h5")
        file.writestr(text.replace("\x00", "")[:1000], "x")
    return str(folder / "m.keras")


def _wired(text: str) -> dict[str, Any]:
    """A Functional whose layer reads from one that is not there."""
    config = _functional("x", "a", "b")
    nested = config["config"]["layers"][1]
    nested["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = text
    return config


def _named(folder: Path, text: str, data: str) -> str:
    path = folder / (text.replace("\x00", "").replace("/", "").encode()[:100].decode(errors="ignore") + ".seq")
    path.write_text(data)
    return str(path)


def _project(folder: Path, text: str) -> Given:
    (folder / "pyproject.toml").write_text(f"[tool.seqshape]\n{json.dumps(text)} = 3\n")
    return Given("Dense(2)", ("-i", "5,1"))


def _unprintable(text: str) -> str:
    """Of a text what a quoted string of the spec language may hold."""
    return "".join(sign for sign in text if sign not in "\n\"'\\")


PLACES: dict[str, Place] = {
    "layer": lambda t, f: Given(_file(f, _config(_layer("Dense", t, units=3))), layer=t),
    "recurrent": lambda t, f: Given(
        _file(f, _config(_layer("LSTM", t, units=3, return_sequences=True), _layer("Dense", "d", units=1)))
    ),
    "class": lambda t, f: Given(_file(f, _config(_layer(t, "d", units=3)))),
    "input": lambda t, f: Given(_file(f, _config(_layer("Dense", "d", units=3), x=t))),
    "model": lambda t, f: Given(_file(f, _config(_layer("Dense", "d", units=3), name=t))),
    "nested": lambda t, f: Given(_file(f, _functional(t, f"{t}1", f"{t}2"))),
    "argument": lambda t, f: Given(_file(f, _config(_layer("Dense", "d", units=t)))),
    "word": lambda t, f: Given(_file(f, _config(_layer("Dense", "d", units=3, activation=t)))),
    "key": lambda t, f: Given(_file(f, _config(_layer("Dense", "d", units=3, **{t: 1})))),
    "dtype": lambda t, f: Given(_file(f, _config(_layer("Dense", "d", units=3, dtype=t)))),
    "dim": lambda t, f: Given(_file(f, _config(_layer("Reshape", "d", target_shape=[t, 5])))),
    "wrong": lambda t, f: Given(_file(f, _config(_layer("Conv2D", t, filters=3, kernel_size=3)))),
    "no model": lambda t, f: Given(_file(f, {"class_name": t, "config": {t: t}})),
    "metadata": lambda t, f: Given(_archive(f, {"keras_version": t, t: t})),
    "index": lambda t, f: Given(_index(f, t)),
    "stored": lambda t, f: Given(_stored(f, t)),
    "wired": lambda t, f: Given(_file(f, _wired(t))),
    "weights": lambda t, f: Given(_weights(f, t)),
    "file": lambda t, f: Given(_named(f, t, "Dense(2) > Conv2D(3,9)"), ("-i", "5,1")),
    "no file": lambda t, f: Given(str(f / f"{t[:200]}.json")),
    "spec": lambda t, f: Given(f"Dense(2) > {t}", ("-i", "5,1")),
    "spec file": lambda t, f: Given(_named(f, "net", f"# {t}\nDense(2,\n{t})"), ("-i", "5,1")),
    "quoted": lambda t, f: Given(f"Dense(2, activation='{_unprintable(t)}')", ("-i", "5,1")),
    "named": lambda t, f: Given(f"Dense(2, name='{_unprintable(t)}', units=3)", ("-i", "5,1")),
    "comment": lambda t, f: Given(f"Dense(2) # {_unprintable(t)}", ("-i", "5,1")),
    "shape": lambda t, f: Given("Dense(2)", ("-i", t)),
    "name of an input": lambda t, f: Given("Dense(2)", ("-i", f"{t}=5,1")),
    "number": lambda t, f: Given("Dense(2)", ("-i", "T,1", "--set", f"{t}=3")),
    "asked layer": lambda t, f: Given("Dense(2)", ("-i", "5,1"), layer=t),
    "option": lambda t, f: Given("Dense(2)", (f"--{t}",)),
    "choice": lambda t, f: Given("Dense(2)", ("--from", t)),
    "project": lambda t, f: _project(f, t),
}  # fmt: skip

FORMATS = ("table", "classic", "keras", "json", "markdown", "csv", "html")


def command_lines(given: Given) -> Iterator[list[str]]:
    """Each command in each of its formats on a source."""
    source, words = given.source, [*given.words]
    for form in FORMATS:
        yield ["summarize", source, *words, "--format", form, "--expand", "--macs", "--trainable"]
    yield ["summarize", source, *words, "--color", "always"]
    yield ["summarize", source, *words, "--width", "40"]
    yield ["summarize", source, *words, "--target", "7,7", "--convention", "all"]
    for form in ("table", "markdown", "csv", "html", "json"):
        yield ["summarize", source, source, *words, "--format", form]
    yield ["explain", source, *words]
    yield ["explain", source, given.layer, *words]
    for form in ("json", "svg", "html"):
        yield ["explain", source, *words, "--format", form]
        yield ["timesteps", source, *words, "--format", form]
    yield ["timesteps", source, *words]
    for form in ("text", "github", "json"):
        yield ["check", source, *words, "--max-params", "1", "--format", form]
    yield ["compare", source, source, *words]
    yield ["compare", source, "Dense(2)", *words]
    yield ["compare", source, source, *words, "--json"]
    for target in ("spec", "keras-json", "keras-python", "torch"):
        yield ["convert", source, *words, "--to", target]
    for form in ("mermaid", "dot"):
        yield ["graph", source, *words, "--expand", "--format", form]
    yield ["fmt", source]
    yield ["layers", given.layer]
    yield [given.layer, source]


def words_alone(text: str, folder: Path) -> Iterator[list[str]]:
    """Command lines with the text where only some commands have a place for it."""
    net = ["Dense(2)", "-i", "5,1"]
    line = text.replace("\n", " ")
    (folder / "list").write_text(f"Dense(2)\n{line}\nDense(3)  # {line}\n")
    for option in ("--target", "--select", "--ignore", "--depth", "--convention", "--keras", "--sort", "--color", "-o"):
        yield ["summarize", *net, option, text]
    yield ["summarize", *net, "--target", f"{text}=5,2"]
    yield ["summarize", *net, "-o", f"{text}/x"]
    yield ["timesteps", *net, "-o", f"{text}.bmp"]
    yield ["timesteps", *net, "-o", f"no/{text}.json"]
    for option in ("--max-params", "--expect-output", "--expect-input", "--format"):
        yield ["check", *net, option, text]
    yield ["convert", *net, "--to", text]
    yield ["layers", text, "--json"]
    yield ["layers", f"ops.{text}"]
    yield ["fmt", text, "--check"]
    yield ["fmt", text, "--write"]
    for form in FORMATS:
        yield ["summarize", "--lines", "list", "-i", "5,1", "--format", form]
    yield ["summarize", "--lines", text]
    yield [text]
    yield [f"-{text}"]


# --- what must not come of it ----------------------------------------------------------------------------------------

_STYLES = re.compile(r"\x1b\[[0-9;]*m")
_ANNOTATION = re.compile(r"::(?:error|warning|notice) (?:\w+=[^:,]*,)*title=seqshape [A-Z]\d{3}::")


def harm(text: str, words: list[str]) -> str | None:
    """What a terminal or the keeper of a log would take for more than a text; ``None`` if nothing is."""
    if "\x1b[31mred" in text:
        return "a sequence of a name"
    plain = _STYLES.sub("", text) if "always" in words else text
    for sign in sorted(set(plain)):
        if not (sign.isprintable() or sign == "\n") or sign in "\u034f\u3164\u115f\uffa0":
            return f"the sign {sign!a}"
    for line in plain.split("\n"):
        if line.lstrip().startswith(MARK) and "classic" not in words:  # which breaks a long name anywhere
            return f"a line of a name: {line[:60]!r}"
        if line.lstrip().startswith("::") and not ("github" in words and _ANNOTATION.match(line)):
            return f"a command to a log: {line[:60]!r}"
        if re.search(r"##\w*\[", line):
            return f"a command to a log: {line[:60]!r}"
    if "\u0301\u0336\u20dd\u0301" in text:
        return "a flood of marks"
    return None
