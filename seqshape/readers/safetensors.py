"""``.safetensors``: a header of JSON with the names, dtypes and shapes of tensors, and their numbers behind it.

Only the header is read. What it says of lengths is held against the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqshape.diagnostics import Diagnostic, Fault, SeqshapeError, Source, Span
from seqshape.graph import Graph, Stored
from seqshape.readers.json_text import LIMIT, load, unreadable
from seqshape.readers.keras_values import LARGEST, expect, fault, is_shape, member

if TYPE_CHECKING:
    from pathlib import Path

LENGTH = 8  # bytes of the length of the header, in front of it
METADATA = "__metadata__"
# What a dtype of the format is called elsewhere, and its bits.
DTYPES = {
    "BOOL": ("bool", 8),
    "BF16": ("bfloat16", 16),
    **{f"F{bits}": (f"float{bits}", bits) for bits in (16, 32, 64)},
    **{f"I{bits}": (f"int{bits}", bits) for bits in (8, 16, 32, 64)},
    **{f"U{bits}": (f"uint{bits}", bits) for bits in (8, 16, 32, 64)},
    **{f"F8_{kind}": (f"float8_{kind.lower()}", 8) for kind in ("E4M3", "E5M2", "E8M0")},
    **{f"F6_{kind}": (f"float6_{kind.lower()}", 6) for kind in ("E2M3", "E3M2")},
    "F4": ("float4_e2m1fn", 4),
    "C64": ("complex64", 64),
}


def read_safetensors(path: Path) -> Graph:
    """The weights that a file holds, a row for each layer that their names tell. Raises SeqshapeError if it is damaged."""
    return _graph(path, tensors(path), [])


def read_files(path: Path, files: list[Path], listed: dict[str, object]) -> Graph:
    """The weights of several files, in the order of the index at ``path`` that lists them by their names."""
    held = {one.path: one for file in files for one in tensors(file)}
    missing = [name for name in listed if name not in held]
    return _graph(path, [held.pop(name) for name in listed if name in held] + [*held.values()], missing)


def _graph(path: Path, weights: list[Stored], missing: list[str]) -> Graph:
    from seqshape.readers.hdf5 import WEIGHTS_ONLY
    from seqshape.readers.named import listed_graph

    graph = listed_graph(weights, ".")
    if not graph.calls:
        raise unreadable(path, "it holds no tensors")
    graph.notes.append(Diagnostic("W401", "warning", WEIGHTS_ONLY))
    if missing:
        message = f"the index lists {missing[0]}, which its file does not hold ({len(missing):,} such in all)"
        graph.notes.append(Diagnostic("W401", "warning", message))
        graph.lost += missing
    graph.source = Source("", str(path))
    return graph


def tensors(path: Path) -> list[Stored]:
    """Every tensor of a file, in the order of its header. Raises SeqshapeError if the header is wrong."""
    header, size = _header(path)
    try:
        return list(_listed(expect(dict, header, Span(pointer=""), "the header"), size))
    except Fault as found:
        raise SeqshapeError((found.diagnostic()._replace(source=Source("", str(path))),)) from None


def _header(path: Path) -> tuple[object, int]:
    """The header, and how many bytes follow it."""
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(LENGTH), "little")
        whole = path.stat().st_size
        if length > whole - LENGTH:
            raise unreadable(path, f"its header is said to have {length:,} bytes, and the file ends before")
        if length > LIMIT:
            raise unreadable(path, f"its header has more than {LIMIT >> 20} MiB")
        return load(stream.read(length), f"the header of {path}"), whole - LENGTH - length


def _listed(header: dict[str, Any], size: int) -> Iterator[Stored]:
    for name, data in header.items():
        if name == METADATA:
            continue
        span = Span(pointer="").within(name)
        shape = member(list, expect(dict, data, span, "a tensor"), "shape", span)
        if not is_shape(shape) or None in shape:
            raise fault("a tensor has to have a shape of whole numbers", span.within("shape"))
        dtype, bits = DTYPES.get(member(str, data, "dtype", span), (data["dtype"].lower(), None))
        begin, end = _offsets(data, span, size)
        if bits is not None and _bytes(shape, bits) != end - begin:
            message = f"{end - begin:,} bytes are not those of the shape {shape} of {data['dtype']}"
            raise fault(message, span.within("data_offsets"))
        yield Stored(name, tuple(shape), dtype)


def _offsets(data: dict[str, object], span: Span, size: int) -> tuple[int, int]:
    offsets = member(list, data, "data_offsets", span)
    if not is_shape(offsets) or len(offsets) != 2 or None in offsets or not offsets[0] <= offsets[1] <= size:
        raise fault("data_offsets have to lie in the file, the end after the start", span.within("data_offsets"))
    return offsets[0], offsets[1]


def _bytes(shape: list[int], bits: int) -> int:
    numbers = 1
    for dim in shape:
        numbers = min(numbers * dim, LARGEST)
    return -(-numbers * bits // 8)
