"""Every model of keras.applications: its config, read by seqshape, held against real Keras row by row, with the times
of both.

    python benchmarks/applications.py                      all of them (some ten minutes)
    python benchmarks/applications.py ResNet50 VGG16       those
    python benchmarks/applications.py --keep DIR …         leave each config in DIR and read it from there next time

The models are built with variables of zeros (see tests/oracle/keras_oracle.py), which changes no shape and no name.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from seqshape.answers import analyse
from seqshape.readers.json_text import load
from tests.oracle.compare import differences


def names() -> list[str]:
    """The constructors of keras.applications."""
    import keras

    return sorted(name for name, item in vars(keras.applications).items() if callable(item) and name[0].isupper())


def built(name: str) -> dict[str, Any]:
    """A model by real Keras: its config as JSON, what its summary says, and the seconds that each took."""
    from tests.oracle.keras_oracle import describe, session  # before keras: it says how that is to run

    import keras  # isort: skip

    with session():
        started = time.perf_counter()
        model = getattr(keras.applications, name)(weights=None)
        construction = time.perf_counter() - started
        config = model.to_json()
        started = time.perf_counter()
        keras.models.model_from_json(config)
        reading = time.perf_counter() - started
        return {"config": config, "expected": describe(model), "construction": construction, "reading": reading}


def kept(name: str, directory: Path | None) -> dict[str, Any]:
    """The same, from a directory if it is there."""
    path = directory / f"{name}.json" if directory is not None else None
    if path is not None and path.exists():
        found: dict[str, Any] = json.loads(path.read_text())
        return found
    found = built(name)
    if path is not None:
        path.write_text(json.dumps(found))
    return found


def compare(name: str, directory: Path | None) -> bool:
    """Print how one model agrees; gives whether it does."""
    oracle = kept(name, directory)
    times = []
    for _ in range(3):
        started = time.perf_counter()
        summary = analyse(load(oracle["config"], name)).summary()
        times.append(time.perf_counter() - started)
    wrong = differences(summary, from_zero(oracle["expected"]))
    verdict = "agrees" if not wrong else f"{len(wrong)} differences, the first: {wrong[0]}"
    print(
        f"{name:24} {len(summary.layers):4} rows  {len(oracle['config']) / 1e6:4.1f} MB  seqshape {min(times):6.3f} s"
        f"  Keras from the config {oracle['reading']:6.2f} s  {verdict}",
        flush=True,
    )
    return not wrong


def from_zero(expected: dict[str, Any]) -> dict[str, Any]:
    """The record with weights that have no name numbered from 0: Keras counts them through the whole process."""
    text = json.dumps(expected)
    first = min((int(number or 0) for number in re.findall(r"/variable(?:_(\d+))?\b", text)), default=0)

    def moved(found: re.Match[str]) -> str:
        number = int(found[1] or 0) - first
        return f"/variable_{number}" if number else "/variable"

    found: dict[str, Any] = json.loads(re.sub(r"/variable(?:_(\d+))?\b", moved, text))
    return found


def main() -> int:
    """The command; 1 if a model differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    wanted = options.names or names()
    agreed = sum(compare(name, options.keep) for name in wanted)
    print(f"{agreed} of {len(wanted)} agree")
    return int(agreed < len(wanted))


if __name__ == "__main__":
    sys.exit(main())
