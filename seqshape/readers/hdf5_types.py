"""Shapes, types and attributes of objects in an HDF5 file (IV.A.2.b, IV.A.2.d, IV.A.2.m)."""

from __future__ import annotations

from seqshape.readers.hdf5_bytes import Bytes, Damaged, Storage, bytes_of

MOST_AXES = 32  # the format allows no more
MOST_TEXT = 32 << 20  # bytes of all texts of one attribute


def shape_of(content: Bytes) -> tuple[int, ...] | None:
    """The dims that a dataspace says; ``None`` where it says that there is nothing. Raises Damaged."""
    version, rank, _ = content.number(1), content.number(1), content.number(1)
    if version not in (1, 2) or rank > MOST_AXES:
        raise Damaged("a shape has an unknown version or too many axes")
    kind = content.number(1) if version == 2 else (content.take(5), 1)[1]
    return None if kind == 2 else tuple(content.length() for _ in range(rank))


class Type:
    """A type of numbers or texts: its class, its size in bytes, and its name."""

    def __init__(self, content: Bytes) -> None:
        head = content.number(1)
        self.kind, self._bits, self.size = head & 15, content.number(3), content.number(4)
        self._rest = content
        self.is_fixed_text = self.kind == 3
        self.is_text = self.is_fixed_text or (self.kind == 9 and self._bits & 15 == 1)
        self.name = self._name()

    def _name(self) -> str:
        if self.kind == 0:
            return f"{'int' if self._bits & 8 else 'uint'}{8 * self.size}"
        if self.kind == 1:
            return self._float()
        if self.kind == 8:  # h5py writes truth values as an enumeration
            return "bool" if self.size == 1 else "int32"
        if self.kind == 6:  # of two floats
            return f"complex{8 * self.size}"
        return {3: f"|S{self.size}", 9: "object"}.get(self.kind, f"|V{self.size}")

    def _float(self) -> str:
        self._rest.take(5)
        exponent = self._rest.number(1)
        special = {(2, 8): "bfloat16", (1, 4): "float8_e4m3fn", (1, 5): "float8_e5m2"}
        return special.get((self.size, exponent), f"float{8 * self.size}")


class Attribute:
    """An attribute: its name, its shape, and how to get the texts in it."""

    def __init__(self, file: Storage, name: str, kind: Type, shape: tuple[int, ...] | None, data: bytes) -> None:
        self._file, self._type, self._data = file, kind, data
        self.name, self.shape, self.is_text = name, shape, kind.is_text

    def texts(self, most: int, longest: int) -> list[bytes] | None:
        """The texts that it holds, ``most`` at most and each no longer than ``longest``; ``None`` if it holds no such.

        Raises Damaged if they are not there.
        """
        number = 1
        for size in self.shape or ():
            number *= size
        if self.shape is None or not self.is_text or number > most:
            return None
        content = bytes_of(self._file, self._data)
        found: list[bytes] = []
        left = MOST_TEXT
        for _ in range(number):
            found.append(self._text(content, min(longest, left)))
            left -= len(found[-1])
        return found

    def _text(self, content: Bytes, longest: int) -> bytes:
        if self._type.is_fixed_text:
            data = content.take(self._type.size)
            if len(data) > longest:
                raise Damaged("a text is longer than it can be")
            return data.rstrip(b"\0")
        size, address, index = content.number(4), content.address(), content.number(4)
        return self._file.text_at(address, index, size, longest).rstrip(b"\0") if size and address else b""
