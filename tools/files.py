"""Packs real files of Keras for the tests: the config, and of the weights only paths, shapes, dtypes and attributes.

    python tools/files.py OUT.jsonl.xz RECORDS.jsonl

Each record has ``id``, ``path`` (a ``.keras``, ``.h5`` or ``.weights.h5`` file) and ``expected``: ``layers`` as lists of name,
class, output shapes and parameters, and ``total_params``. tests/oracle/files.py writes the files again, with weights of zeros.
"""

from __future__ import annotations

import io
import json
import lzma
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py


def attributes(item: Any) -> dict[str, Any]:
    """The attributes of a group, texts and lists of texts; the config of a model is kept as it is."""
    return {name: _plain(value) for name, value in item.attrs.items() if name != "training_config"}


def without_code(text: str) -> str:
    """A config without the code of lambdas, which nobody reads."""
    return re.sub(r"4wEA[\w+/=\\\n]+", "AAAA", text)


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, str)):
        return without_code(value.decode() if isinstance(value, bytes) else value)
    return [_plain(item) for item in value.tolist()] if hasattr(value, "tolist") else value


def tree(file: h5py.File) -> list[Any]:
    """Every group and dataset: path, shape (null of a group), dtype and attributes."""
    found: list[Any] = [["", None, None, attributes(file)]]

    def visit(path: str, item: Any) -> None:
        if not path.startswith("optimizer"):
            found.append([path, getattr(item, "shape", None), str(getattr(item, "dtype", "")), attributes(item)])

    file.visititems(visit)
    return found


def packed(record: dict[str, Any]) -> dict[str, Any]:
    """A record with the file's content in place of its path."""
    path = Path(record["path"])
    found: dict[str, Any] = {"id": record["id"], "name": path.name, "expected": record["expected"]}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            found["config"] = without_code(archive.read("config.json").decode())
            found["metadata"] = archive.read("metadata.json").decode()
            with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
                found["tree"] = tree(file)
    else:
        with h5py.File(path, "r") as file:
            found["tree"] = tree(file)
    return found


def main(out: str, records: str) -> None:
    """Write the pack."""
    lines = [json.dumps(packed(json.loads(line))) for line in Path(records).read_text().splitlines()]
    Path(out).write_bytes(lzma.compress("\n".join(lines).encode(), preset=9))


if __name__ == "__main__":
    main(*sys.argv[1:])
