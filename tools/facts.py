"""Makes the compact copies of the facts in tests/data.

``python tools/facts.py FOLDER`` reads the ``*.jsonl`` files of FOLDER (measured on the real Keras) and writes
``*.jsonl.xz``; ``programs.jsonl.xz`` has their Python sources. A sequential case keeps its constructor calls and its
input; any other one keeps its config.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "tests" / "data"
KEPT = ("id", "class", "spec", "input", "calls", "input_shape", "batch_size", "input_dtype", "requires", "expected")
KEPT_OF_ERRORS = ("id", "class", "calls", "input_shape", "batch_size", "input_dtype", "requires", "error", "message")
KEPT_OF_REACH = ("id", "calls", "input_shape", "output_shape", "sees")
FILES = dict.fromkeys(("classic", "layers", "fuzz", "odd"), KEPT) | {
    "errors": KEPT_OF_ERRORS,
    "reach": KEPT_OF_REACH,
}


def compact(case: dict[str, Any], kept: tuple[str, ...]) -> dict[str, Any] | None:
    """What the tests need of a case; ``None`` for one that only its Python source tells."""
    found = {key: case[key] for key in kept if case.get(key) is not None}
    if kept is KEPT and "config" in case:
        found["config"] = case["config"]
    if "calls" not in found and "config" not in found and "spec" not in found:
        return None
    if "message" in found:
        found["message"] = found["message"].replace("\u001b[1m", "").replace("\u001b[0m", "")[:300]
    return found


def cases(path: Path, kept: tuple[str, ...]) -> Iterator[str]:
    """The lines of a compact file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        found = compact(json.loads(line), kept)
        if found is not None:
            yield json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"


def programs(folder: Path) -> Iterator[str]:
    """The Python sources of all cases, with what the other compact files do not say of them."""
    for name, kept in FILES.items():
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if "python" not in case:
                continue
            found = {"id": case["id"], "of": name, "python": case["python"]}
            if compact(case, kept) is None:
                found |= {key: case[key] for key in ("expected", "message") if key in case}
            yield json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"


def main(folder: str) -> None:
    """Write every compact file, and its size."""
    write("programs", list(programs(Path(folder))))
    for name, kept in FILES.items():
        write(name, list(cases(Path(folder) / f"{name}.jsonl", kept)))


def write(name: str, lines: list[str]) -> None:
    """Write one compact file, and say its size."""
    packed = lzma.compress("".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)
    (DATA / f"{name}.jsonl.xz").write_bytes(packed)
    sys.stdout.write(f"{name}: {len(lines)} cases, {len(packed)} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1])
