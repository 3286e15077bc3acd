"""The index of a TensorFlow checkpoint (``….index``): names, dtypes and shapes of its tensors.

A table sorted by names, as LevelDB writes it, whose entries are small messages of protocol buffers. Nothing but these
is read: the numbers lie in other files, and no object of the graph that a checkpoint notes is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seqshape.diagnostics import Diagnostic
from seqshape.graph import Graph, Stored
from seqshape.readers.json_text import LIMIT, unreadable
from seqshape.readers.keras_values import LARGEST
from seqshape.records import NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
FOOTER = 48  # bytes at the end of a table
TRAILER = 5  # bytes behind a block: how it is packed, and a checksum
MOST_TENSORS = 200_000
MOST_NAMED = 3  # of what is left out, in a message
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
STRING = 7
DTYPES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    8: "complex64",
    9: "int64",
    10: "bool",
    14: "bfloat16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    22: "uint32",
    23: "uint64",
}
# What a checkpoint keeps beside the weights: steps of its names.
STATE = ("optimizer", "save_counter", "global_step", "iter", "keras_api", ".OPTIMIZER_SLOT", "step", "epoch")
POWERS = ("beta1_power", "beta2_power")  # of Adam, in TensorFlow 1


class Entry(NamedTuple):
    """A tensor of a checkpoint."""

    name: str
    dtype: int
    shape: tuple[int, ...]


class Broken(ValueError):
    """The table is not what it says."""


def read_checkpoint(path: Path) -> Graph:
    """The weights that an index lists, a row for each layer that their names tell. Raises SeqshapeError if it is damaged."""
    from seqshape.readers.hdf5 import WEIGHTS_ONLY
    from seqshape.readers.named import listed_graph

    with path.open("rb") as stream:
        data = stream.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise unreadable(path, f"it is an index of more than {LIMIT >> 20} MiB")
    try:
        found = list(entries(data))
    except (Broken, IndexError) as problem:
        raise unreadable(path, f"it is a damaged index of a TensorFlow checkpoint ({problem})") from None
    names = {entry.name for entry in found}
    left = [entry.name for entry in found if _is_state(entry.name, names)]
    weights = [
        Stored(_plain(one.name), one.shape, DTYPES.get(one.dtype, "?")) for one in found if one.name not in {*left}
    ]
    if not weights:
        raise unreadable(path, "it is an index of a TensorFlow checkpoint, and lists no weights")
    graph = listed_graph(weights, "/")
    graph.notes.append(Diagnostic("W401", "warning", f"{WEIGHTS_ONLY}{_without(left)}"))
    return graph


def _without(left: list[str]) -> str:
    if not left:
        return ""
    more = f" and {len(left) - MOST_NAMED:,} more" if len(left) > MOST_NAMED else ""
    listed = ", ".join(map(_plain, left[:MOST_NAMED]))
    return f"; the state of optimizers, metrics and counters is no weight and is left out: {listed}{more}"


def _plain(name: str) -> str:
    return name.removesuffix(VALUE)


def _is_state(name: str, names: set[str]) -> bool:
    """Whether a name is that of something beside the weights; a slot of TensorFlow 1 lies under its variable."""
    steps = _plain(name).split("/")
    if any(step in STATE or step.startswith(("seed_generator", "_random")) for step in steps):
        return True
    return steps[-1].startswith(POWERS) or any("/".join(steps[:end]) in names for end in range(1, len(steps)))


# --- the table ---------------------------------------------------------------------------------------------------------


def entries(data: bytes) -> Iterator[Entry]:
    """Every tensor of numbers, in the order of the names. Raises Broken or IndexError if the table is damaged."""
    footer = data[-FOOTER:]
    if len(footer) < FOOTER or footer[-8:] != MAGIC:
        raise Broken("it does not end like one")
    _, _, place = _handle(footer, 0)
    start, size, _ = _handle(footer, place)
    number = 0
    for _, handle in _block(data, start, size):
        begin, length, _ = _handle(handle, 0)
        for key, value in _block(data, begin, length):
            number += 1
            if number > MOST_TENSORS:
                raise Broken(f"it lists more than {MOST_TENSORS:,} tensors")
            if key and not key.startswith(b"\0"):  # the header, and parts of tensors
                entry = _entry(key.decode("utf-8", "replace"), value)
                if entry.dtype != STRING:
                    yield entry


def _handle(data: bytes, place: int) -> tuple[int, int, int]:
    start, place = _varint(data, place)
    size, place = _varint(data, place)
    return start, size, place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of 7 bits a byte, and the place behind it."""
    number = shift = 0
    while True:
        byte = data[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number, place
        if shift > 63:
            raise Broken("a number has no end")


def _block(data: bytes, start: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block; a key says how much of the one before it begins with."""
    if start + size + TRAILER > len(data) or size < 4:
        raise Broken("a block lies outside of the file")
    if data[start + size] != 0:
        raise Broken("it is packed, as TensorFlow packs none")
    block = data[start : start + size]
    end = size - 4 - 4 * int.from_bytes(block[-4:], "little")
    if end < 0:
        raise Broken("a block has more marks than room")
    place, key = 0, b""
    while place < end:
        shared, place = _varint(block, place)
        unshared, place = _varint(block, place)
        length, place = _varint(block, place)
        if shared > len(key) or place + unshared + length > end:
            raise Broken("an entry ends outside of its block")
        key = key[:shared] + block[place : place + unshared]
        yield key, block[place + unshared : place + unshared + length]
        place += unshared + length


# --- the messages ------------------------------------------------------------------------------------------------------


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: their numbers, and what they hold."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == 0:
            number, place = _varint(message, place)
            yield tag >> 3, number
            continue
        if kind == 2:
            size, place = _varint(message, place)
        else:
            size = {1: 8, 5: 4}.get(kind, len(message) + 1)
        if place + size > len(message):
            raise Broken("a message ends before its fields")
        yield tag >> 3, message[place : place + size]
        place += size


def _entry(name: str, message: bytes) -> Entry:
    dtype, shape = 0, b""
    for field, held in _fields(message):
        if field == 1 and isinstance(held, int):
            dtype = held
        elif field == 2 and isinstance(held, bytes):
            shape = held
    return Entry(name, dtype, tuple(_dims(shape)))


def _dims(message: bytes) -> Iterator[int]:
    for field, held in _fields(message):
        if field == 2 and isinstance(held, bytes):
            size = next((number for key, number in _fields(held) if key == 1 and isinstance(number, int)), 0)
            if size > LARGEST:
                raise Broken("a tensor has a shape that none can have")
            yield size
