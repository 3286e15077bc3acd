"""Real files of Keras 2 and 3, written again from what tools/files.py has packed of them: weights are zeros."""

from __future__ import annotations

import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"


def load(name: str) -> list[dict[str, Any]]:
    """The records of a pack."""
    text = lzma.decompress((DATA / f"{name}.jsonl.xz").read_bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def write(record: dict[str, Any], directory: Path, method: int = zipfile.ZIP_STORED) -> Path:
    """The file of a record; ``method`` packs the members of an archive."""
    path: Path = directory / record["name"]
    if "config" not in record:
        _write_tree(record["tree"], path)
        return path
    buffer = io.BytesIO()
    _write_tree(record["tree"], buffer)
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("metadata.json", record["metadata"])
        archive.writestr("config.json", record["config"])
        archive.writestr("model.weights.h5", buffer.getvalue())
    return path


def _write_tree(tree: list[Any], target: Any) -> None:
    import h5py
    import numpy as np

    with h5py.File(target, "w") as file:
        for path, shape, dtype, attributes in tree:
            if shape is not None:
                item = file.create_dataset(path, shape, np.dtype(dtype))
            else:
                item = file.require_group(path) if path else file
            for name, value in attributes.items():
                item.attrs[name] = (
                    np.array([text.encode() for text in value], "S") if isinstance(value, list) else value
                )
