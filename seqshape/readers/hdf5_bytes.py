"""The bytes of an HDF5 file: its superblock, addresses, and the global heap that texts are in.

A file comes from anywhere: every place that it points to is checked, and what is read is counted, so that damage ends
in :class:`Damaged` after a bounded time, and never in another exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MOST_BYTES = 256 << 20  # that are read of one file
MOST_READS = 1_500_000
MOST_USER_BLOCK = 1 << 20  # bytes before the file proper


class Damaged(Exception):
    """What the file says cannot be, or is not read here."""


class Bytes:
    """A stretch of bytes that is read from front to back; ``wide`` is the size of addresses, ``long`` of lengths."""

    def __init__(self, data: bytes, wide: int, long: int, place: int = 0) -> None:
        self.data, self.wide, self.long, self.place = data, wide, long, place

    def take(self, size: int) -> bytes:
        """The next bytes. Raises Damaged if there are not so many."""
        if size > len(self.data) - self.place:
            raise Damaged("a structure ends before its end")
        self.place += size
        return self.data[self.place - size : self.place]

    def number(self, size: int) -> int:
        """An unsigned number of ``size`` bytes."""
        return int.from_bytes(self.take(size), "little")

    def address(self) -> int:
        """An address; all ones mean that there is none."""
        return self.number(self.wide)

    def length(self) -> int:
        """A length."""
        return self.number(self.long)

    def expect(self, signature: bytes) -> None:
        """Pass over a signature. Raises Damaged if another one is there."""
        if self.take(len(signature)) != signature:
            raise Damaged(f"there is no {signature.decode()} where one has to be")

    def rest(self) -> bytes:
        """What is left."""
        return self.data[self.place :]


class Storage:
    """The bytes of an open HDF5 file by their addresses. Raises Damaged if it is none, or is cut short."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        self._left, self._reads = MOST_BYTES, MOST_READS
        self.base, self.wide, self.long = 0, 8, 8
        self._heaps: dict[int, dict[int, tuple[int, int]]] = {}
        self.start = self._superblock()  # of the root

    def read(self, address: int, size: int) -> Bytes:
        """``size`` bytes at an address. Raises Damaged if they are not there, or too much is read."""
        start = self.base + address
        if address < 0 or start + size > self._size:
            raise Damaged("it points behind its end")
        self._left -= size
        self._reads -= 1
        if self._left < 0 or self._reads < 0:
            raise Damaged("too much would have to be read of it")
        self._stream.seek(start)
        data = self._stream.read(size)
        if len(data) != size:
            raise Damaged("it ends before its end")
        return Bytes(data, self.wide, self.long)

    def is_none(self, address: int) -> bool:
        """Whether an address says that there is nothing."""
        return address == (1 << 8 * self.wide) - 1

    def _superblock(self) -> int:
        """The address of the root (II.A)."""
        start = self._signature()
        head = self.read(start, 16)
        version = head.data[8]
        if version > 3:
            raise Damaged(f"it has a superblock of version {version}")
        sizes = head.data[13:15] if version < 2 else head.data[9:11]
        if not {*sizes} <= {2, 4, 8}:
            raise Damaged("its addresses have an odd size")
        self.wide, self.long = sizes
        first = (24, 28)[version] if version < 2 else 12
        addresses = self.read(start + first, 6 * self.wide)
        base, _, end = addresses.address(), addresses.address(), addresses.address()
        root = addresses.address()
        if version < 2:  # a driver, then the entry of the root: its name, its header
            _, root = addresses.address(), addresses.address()
        self.base = base
        if base + end > self._size + base or base > start:
            raise Damaged(f"it is cut short: {self._size:,} of {end:,} bytes are there")
        return root

    def _signature(self) -> int:
        """Where the file proper begins."""
        place = 0
        while place <= MOST_USER_BLOCK and place + 48 <= self._size:
            self._stream.seek(place)
            if self._stream.read(8) == SIGNATURE:
                return place
            place = place * 2 or 512
        raise Damaged("no HDF5 begins in it")

    def text_at(self, address: int, index: int, size: int, most: int) -> bytes:
        """``size`` bytes of an object of the global heap (III.E)."""
        if address not in self._heaps:
            self._heaps[address] = dict(self._heap(address))
        place, room = self._heaps[address].get(index, (0, 0))
        if size > most or size > room:
            raise Damaged("a text is longer than it can be")
        return self.read(place, size).data

    def _heap(self, address: int) -> Iterator[tuple[int, tuple[int, int]]]:
        head = self.read(address, 8 + self.long)
        head.expect(b"GCOL")
        head.take(4)
        end = address + head.length()
        address += 8 + self.long
        for _ in range(1 << 16):  # an index has two bytes
            if address + 8 + self.long > end:
                return
            entry = self.read(address, 8 + self.long)
            index = entry.number(2)
            entry.take(6)
            size = entry.length()
            if index == 0:
                return
            yield index, (address + 8 + self.long, size)
            address += 8 + self.long + -(-size // 8) * 8


def bytes_of(file: Storage, data: bytes) -> Bytes:
    """Data of a file, with its sizes of addresses and lengths."""
    return Bytes(data, file.wide, file.long)
