"""One recipe built in Keras and read by seqshape, as a spec and as Keras's own config: do they agree?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.network import Network
from seqshape.readers.keras_source.face import Text
from tests.fuzz.styles import styled
from tests.oracle import keras_oracle
from tests.oracle.compare import differences, record_differences
from tests.oracle.recipe import Recipe, Var, build, python
from tests.oracle.spec_writer import spec


class Verdict(NamedTuple):
    """What Keras and seqshape say of a recipe.

    ``disagreements`` is empty where they agree; ``refused`` is Keras's complaint.
    """

    disagreements: tuple[str, ...]
    refused: str | None
    ways: tuple[str, ...]


def verdict(recipe: Recipe, *, real: bool = False, exports: bool = False) -> Verdict:
    """Ask both. ``real``: with Keras's own initializers instead of zeros. ``exports``: written out again, too."""
    record, config, refused = _keras(recipe, real=real)
    found: list[str] = []
    ways: list[str] = []
    again: dict[str, Any] | None = None
    text = _spec(recipe)
    if text is not None:
        ways.append("spec")
        found += [f"spec: {line}" for line in _held(text, "spec", record, refused)]
    if config is not None and not _loses(recipe):
        ways.append("config")
        wrong = [line for line in _held(config, None, record, refused) if not _is_unwritten(line, config)]
        again = _reread(config) if wrong else None  # a config may say something else than the model that it is of
        if again is not None:
            wrong = _both(wrong, _held(config, None, again, None))
        found += [f"config: {line}" for line in wrong]
        if exports and not found:
            ways.append("exports")
            found += exported(config, again or record)
    for way, program in _programs(recipe):
        ways.append(way)
        found += [f"{way}: {line}" for line in _program_held(program, record, refused)]
    return Verdict(tuple(found), refused, tuple(ways))


def _programs(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """The Keras source of a recipe, and the same in another style."""
    written = python(recipe)
    try:
        compile(written, "program", "exec")
    except SyntaxError:  # it holds an object that nobody can write
        return
    yield "source", written
    yield "style", styled(written, written)


def _program_held(program: str, record: dict[str, Any], refused: str | None) -> list[str]:
    """What seqshape reads in a program, held against Keras's record or refusal of the model."""
    try:
        found = Text(program, None).models()
    except SeqshapeError as refusal:
        return [] if refused is not None else [f"not read: {refusal.diagnostics[0].message}"]
    except Exception as crash:
        return [f"crash: {type(crash).__name__}: {crash}"]
    source = next((one for one in reversed(found) if "model" in one.record.names), found[-1])
    if refused is not None and any(note.code in ("W143", "W148") for note in source.graph.notes):
        return []  # it says that the program ends before the model is made, or that it may be another one
    return _held(source, None, record, refused)


def _is_unwritten(line: str, config: Any) -> bool:
    """Whether a row reads another number of a mask operation that stands in a nested Sequential, which no file names."""
    where, _, what = line.partition(": from: seqshape ")
    ours, _, theirs = what.partition(", Keras ")
    if " > " not in where or re.sub(r"_\d+", "", ours) != re.sub(r"_\d+", "", theirs):
        return False
    differing = set(re.findall(r"'(\w+)'", ours)) ^ set(re.findall(r"'(\w+)'", theirs))
    return differing.isdisjoint(re.findall(r'"(\w+)"', json.dumps(config)))


def _both(first: list[str], second: list[str]) -> list[str]:
    """The second complaints, without those of what the first found to be right."""
    subjects = {line.partition(": seqshape ")[0] for line in first}
    return [line for line in second if line.partition(": seqshape ")[0] in subjects]


def _loses(recipe: Recipe) -> bool:
    """Keras writes a layer that stands twice in a Sequential only once: its config is another model's."""
    names = [step.name for step in recipe.steps if isinstance(step, Var)]
    return recipe.kind == "Sequential" and len(names) > len(set(names))


def _keras(recipe: Recipe, *, real: bool) -> tuple[dict[str, Any], Any, str | None]:
    with keras_oracle.session(real=real):
        try:
            model = build(recipe)
            record = keras_oracle.describe(model)
        except Exception as refusal:
            return {}, None, f"{type(refusal).__name__}: {refusal}"
        try:
            return record, json.loads(model.to_json()), None
        except Exception:  # Keras cannot write what it built: only the spec is left to read
            return record, None, None


def _reread(config: Any) -> dict[str, Any] | None:
    """What Keras makes of its own config; ``None`` if it cannot read it."""
    with keras_oracle.session():
        try:
            return keras_oracle.describe(keras_oracle.keras.models.model_from_json(json.dumps(config)))
        except Exception:
            return None


def _spec(recipe: Recipe) -> str | None:
    try:
        return spec(recipe)
    except ValueError:
        return None


def _held(source: Any, kind: str | None, record: dict[str, Any], refused: str | None) -> list[str]:
    """What seqshape makes of a source, held against Keras's record or refusal."""
    try:
        network = analyse(source, kind=kind)
        wrong = [found.message for found in network.diagnostics if found.severity == "error"]
        if not wrong and refused is None:
            return differences(network.summary(), record)
    except SeqshapeError as refusal:
        wrong = [str(refusal)]
    except Exception as crash:
        return [f"crash: {type(crash).__name__}: {crash}"]
    if wrong and refused is None:
        return [f"refused, Keras builds it: {wrong[0]}"]
    if not wrong and refused is not None:
        return [f"accepted, Keras refuses: {refused[:400]}"]
    return []


def exported(source: Any, record: dict[str, Any]) -> list[str]:
    """What goes wrong when a network is written as a spec, as Keras code and as Keras's JSON, and read or built again."""
    network = analyse(source)
    found: list[str] = []
    for name, again in (("spec", _spec_again), ("python", _python_again), ("json", _json_again)):
        try:
            lines = again(network, record)
            if name == "json" and lines and (reread := _reread(source)) is not None:  # as Keras reads its own
                lines = _both(lines, again(network, reread))
        except SeqshapeError:  # it says that it cannot write this network
            continue
        except Exception as crash:
            lines = [f"crash: {type(crash).__name__}: {str(crash)[:300]}"]
        found += [f"export {name}: {line}" for line in lines]
    return found


def _spec_again(network: Network, record: dict[str, Any]) -> list[str]:
    from seqshape.exporters.spec import write

    again = analyse(write(network), kind="spec").summary()
    return differences(again, {key: item for key, item in record.items() if key != "name"})


def _python_again(network: Network, record: dict[str, Any]) -> list[str]:
    from seqshape.exporters.keras_python import write

    code = write(network)
    with keras_oracle.session():
        known: dict[str, Any] = {}
        exec(code, known)
        return record_differences(keras_oracle.describe(known["model"]), record)


def _json_again(network: Network, record: dict[str, Any]) -> list[str]:
    from seqshape.exporters.keras_json import write

    text = write(network)
    with keras_oracle.session():
        return record_differences(keras_oracle.describe(keras_oracle.keras.models.model_from_json(text)), record)
