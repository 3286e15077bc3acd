"""The file format HDF5, as far as names, shapes, types and attributes go. Data is never read, no link is followed.

Written after the HDF5 File Format Specification, version 3.0 (The HDF Group); the sections are named where they are
used. A file comes from anywhere: every place that it points to is checked, and the bytes and the structures that are
read are counted, so that damage ends in :class:`Damaged` after a bounded time, and never in another exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, TypeVar

from seqshape.readers.hdf5_bytes import Bytes, Damaged, Storage, bytes_of
from seqshape.readers.hdf5_types import Attribute, Type, shape_of
from seqshape.records import NamedTuple

MOST_HEADER = 16 << 20  # bytes of the header of one object
MOST_PARTS = 200_000  # links of a group, attributes or messages of an object
MOST_LEVELS = 32  # of a tree
LONGEST_NAME = 1 << 16

DATASPACE, LINK_INFO, DATATYPE, LINK, ATTRIBUTE = 0x01, 0x02, 0x03, 0x06, 0x0C
CONTINUATION, SYMBOL_TABLE, ATTRIBUTE_INFO = 0x10, 0x11, 0x15


Part = TypeVar("Part")


class Link(NamedTuple):
    """What a group holds under a name: the address of an object, or ``None`` if it is a link to somewhere else."""

    name: str
    address: int | None
    order: int | None = None


class Message(NamedTuple):
    """A part of the header of an object."""

    kind: int
    is_shared: bool
    data: bytes


class File(Storage):
    """An open HDF5 file. Raises Damaged if it is none, or is cut short."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream)
        self.root = Item(self, self.start)


class Item:
    """An object of a file: a group, a dataset or neither."""

    def __init__(self, file: File, address: int) -> None:
        self.file, self.address = file, address
        self._messages = _bounded(_messages(file, address))
        self._attributes: dict[str, Attribute] | None = None
        kinds = {message.kind for message in self._messages}
        self.is_group = bool(kinds & {SYMBOL_TABLE, LINK_INFO})
        self.is_dataset = not self.is_group and {DATASPACE, DATATYPE} <= kinds

    def _first(self, kind: int) -> Bytes | None:
        return next((self._content(message) for message in self._messages if message.kind == kind), None)

    def _content(self, message: Message) -> Bytes:
        return _resolved(self.file, message) if message.is_shared else bytes_of(self.file, message.data)

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of a dataset; ``None`` if it has none."""
        found = self._first(DATASPACE)
        return None if found is None else shape_of(found)

    @property
    def dtype(self) -> str:
        """The type of the numbers of a dataset, as numpy calls it."""
        found = self._first(DATATYPE)
        return "?" if found is None else Type(found).name

    @property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes by their names."""
        if self._attributes is None:
            listed = [self._content_of(message) for message in self._messages if message.kind == ATTRIBUTE]
            info = self._first(ATTRIBUTE_INFO)
            if info is not None:
                listed += [bytes_of(self.file, data) for data in _bounded(_dense(self.file, info, 2, 0))]
            found = [_attribute(self.file, content) for content in listed]
            self._attributes = {attribute.name: attribute for attribute in found}
        return self._attributes

    def _content_of(self, message: Message) -> Bytes:
        if message.is_shared:
            raise Damaged("it shares attributes between objects, which is not read")
        return bytes_of(self.file, message.data)

    def links(self) -> list[Link]:
        """What a group holds: in the order it was put there if the file keeps that, else by name."""
        found: list[Link] = []
        for message in self._messages:
            content = bytes_of(self.file, message.data)
            if message.kind == SYMBOL_TABLE:
                found += _bounded(_symbols(self.file, content.address(), content.address()))
            elif message.kind == LINK:
                found.append(_link(content))
            elif message.kind == LINK_INFO:
                found += [_link(bytes_of(self.file, data)) for data in _bounded(_dense(self.file, content, 8, 4))]
        return sorted(found, key=lambda link: (link.order or 0, link.name))


def _bounded(parts: Iterator[Part]) -> list[Part]:
    """All parts. Raises Damaged if there are more than anything has."""
    found = list(islice(parts, MOST_PARTS + 1))
    if len(found) > MOST_PARTS:
        raise Damaged(f"an object has more than {MOST_PARTS:,} parts")
    return found


# --- headers of objects (IV.A.1) -------------------------------------------------------------------------------------


def _messages(file: File, address: int) -> Iterator[Message]:
    start = file.read(address, 4)
    if start.data == b"OHDR":
        return _new_messages(file, address)
    if start.data[0] == 1:
        return _old_messages(file, address)
    raise Damaged("an object has no header")


class _Blocks:
    """The blocks that a header goes on in; each is read once, and all together are bounded."""

    def __init__(self, file: File) -> None:
        self._file, self._seen, self._size = file, set[int](), 0

    def read(self, address: int, size: int) -> Bytes:
        self._size += size
        if address in self._seen or self._size > MOST_HEADER:
            raise Damaged("the header of an object runs in a circle or is too long")
        self._seen.add(address)
        return self._file.read(address, size)


def _old_messages(file: File, address: int) -> Iterator[Message]:
    head = file.read(address, 16)
    head.take(2)
    number = head.number(2)
    head.take(4)
    blocks = _Blocks(file)
    queue = [blocks.read(address + 16, head.number(4))]
    while queue and number:
        block = queue.pop(0)
        while number and len(block.data) - block.place >= 8:
            kind, size, flags = block.number(2), block.number(2), block.number(4)
            data = block.take(size)
            number -= 1
            if kind == CONTINUATION:
                place = bytes_of(file, data)
                queue.append(blocks.read(place.address(), place.length()))
            yield Message(kind, bool(flags & 2), data)


def _new_messages(file: File, address: int) -> Iterator[Message]:
    flags = file.read(address, 6).data[5]
    skipped = 6 + (16 if flags & 32 else 0) + (4 if flags & 16 else 0)
    width = 1 << (flags & 3)
    blocks = _Blocks(file)
    queue = [blocks.read(address + skipped + width, file.read(address + skipped, width).number(width))]
    while queue:
        block = queue.pop(0)
        while len(block.data) - block.place >= 4:
            kind, size, shared = block.number(1), block.number(2), block.number(1) & 2
            block.take(2 if flags & 4 else 0)
            data = block.take(size)
            if kind == CONTINUATION:
                place = bytes_of(file, data)
                start, length = place.address(), place.length()
                following = blocks.read(start, length)
                following.expect(b"OCHK")
                following.data = following.data[:-4]  # a checksum
                queue.append(following)
            yield Message(kind, bool(shared), data)


def _resolved(file: File, message: Message) -> Bytes:
    """A message that stands in the header of another object (IV.A.2, shared messages)."""
    content = bytes_of(file, message.data)
    version, kind = content.number(1), content.number(1)
    if version == 3 and kind != 2:
        raise Damaged("it shares messages between objects, which is not read")
    content.take(6 if version == 1 else 0)
    for found in _messages(file, content.address()):
        if found.kind == message.kind and not found.is_shared:
            return bytes_of(file, found.data)
    raise Damaged("a shared type is not there")


# --- groups ----------------------------------------------------------------------------------------------------------


def _symbols(file: File, tree: int, heap: int) -> Iterator[Link]:
    """The links of a group of the old kind: a tree of names in a heap (III.A.1, III.B, III.D)."""
    head = file.read(heap, 8 + 2 * file.long + file.wide)
    head.expect(b"HEAP")
    head.take(4)
    size = head.length()
    head.length()
    names = file.read(head.address(), size).data
    for node in _leaves(file, tree):
        top = file.read(node, 8)
        top.expect(b"SNOD")
        top.take(2)
        number = top.number(2)
        entries = file.read(node + 8, number * (2 * file.wide + 24))
        for _ in range(number):
            place, address = entries.address(), entries.address()
            is_soft = entries.number(4) == 2
            entries.take(20)
            end = names.find(b"\0", place, place + LONGEST_NAME)
            if place >= len(names) or end < 0:
                raise Damaged("a name lies outside of its heap")
            yield Link(_text(names[place:end]), None if is_soft else address)


def _leaves(file: File, tree: int) -> Iterator[int]:
    """The addresses of the leaves under a node of a tree of names (III.A.1)."""
    seen: set[int] = set()
    stack = [(tree, None)]  # type: list[tuple[int, int | None]]
    while stack:
        address, wanted = stack.pop()
        head = file.read(address, 8 + 2 * file.wide)
        head.expect(b"TREE")
        kind, level, number = head.number(1), head.number(1), head.number(2)
        if kind != 0 or address in seen or level > MOST_LEVELS or (wanted is not None and level != wanted):
            raise Damaged("a tree of names is none, or runs in a circle")
        seen.add(address)
        entries = file.read(address + 8 + 2 * file.wide, number * (file.long + file.wide))
        children = [(entries.length(), entries.address())[1] for _ in range(number)]
        if level == 0:
            yield from children
        else:
            stack.extend((child, level - 1) for child in reversed(children))


def _link(content: Bytes) -> Link:
    """A link of a group of the new kind (IV.A.2.g)."""
    version, flags = content.number(1), content.number(1)
    if version != 1:
        raise Damaged("a link has an unknown version")
    kind = content.number(1) if flags & 8 else 0
    order = content.number(8) if flags & 4 else None
    content.take(1 if flags & 16 else 0)
    name = _text(content.take(min(content.number(1 << (flags & 3)), LONGEST_NAME)))
    return Link(name, content.address() if kind == 0 else None, order)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


# --- what is too much for a header: a heap, and a tree that lists it (III.A.2, III.G) --------------------------------


def _dense(file: File, info: Bytes, order: int, skipped: int) -> Iterator[bytes]:
    """The messages in the heap that a link info or attribute info names; ``skipped`` bytes of a record come before the id."""
    info.take(1)
    info.take(order if info.number(1) & 1 else 0)
    heap_address, tree = info.address(), info.address()
    if file.is_none(heap_address) or file.is_none(tree):
        return
    heap = _Heap(file, heap_address)
    for record in _records(file, tree):
        yield heap.get(record[skipped : skipped + heap.id_size])


def _records(file: File, address: int) -> Iterator[bytes]:
    """The records of a tree of version 2, in its order."""
    head = file.read(address, 22 + file.wide + file.long)
    head.expect(b"BTHD")
    head.take(2)
    node, size, depth = head.number(4), head.number(2), head.number(2)
    head.take(2)
    root, number = head.address(), head.number(2)
    if not 0 < size < node or depth > MOST_LEVELS:
        raise Damaged("a tree has records without a size")
    if not file.is_none(root):
        yield from _Tree(file, node, size, depth).records(root, number, depth)


class _Tree:
    """A tree of version 2: how wide the pointers on its levels are."""

    def __init__(self, file: File, node: int, size: int, depth: int) -> None:
        self._file, self._size, self._seen = file, size, set[int]()
        total = (node - 10) // size
        self._number = _bytes_for(total)
        self._below = [0]  # bytes that the number of all records under a child takes, by the level of the node
        for level in range(1, depth + 1):
            self._below.append(_bytes_for(total) if level > 1 else 0)
            pointer = file.wide + self._number + self._below[level]
            most = max((node - 10 - pointer) // (size + pointer), 1)
            total = (most + 1) * total + most

    def records(self, address: int, number: int, level: int) -> Iterator[bytes]:
        """The records at and under a node."""
        if address in self._seen:
            raise Damaged("a tree runs in a circle")
        self._seen.add(address)
        below = self._below[level]
        pointer = self._file.wide + self._number + below
        size = 6 + number * self._size + ((number + 1) * pointer if level else 0)
        content = self._file.read(address, size)
        content.expect(b"BTIN" if level else b"BTLF")
        content.take(2)
        own = [content.take(self._size) for _ in range(number)]
        for index in range(number + 1 if level else 0):
            child, inside = content.address(), content.number(self._number)
            content.take(below)
            yield from self.records(child, inside, level - 1)
            yield from own[index : index + 1]
        yield from own if not level else ()


def _bytes_for(number: int) -> int:
    """How many bytes numbers up to this one take."""
    return max((number.bit_length() + 7) // 8, 1)


class _Heap:
    """A fractal heap: objects by their ids."""

    def __init__(self, file: File, address: int) -> None:
        self._file = file
        head = file.read(address, 22 + 12 * file.long + 3 * file.wide)
        head.expect(b"FRHP")
        head.take(1)
        self.id_size, filtered = head.number(2), head.number(2)
        head.take(1)
        if filtered:
            raise Damaged("it keeps names or attributes packed, which is not read")
        longest = head.number(4)
        head.length()
        self._huge = head.address()
        head.length(), head.address()
        for _ in range(8):
            head.length()
        self._width, self._start, largest = head.number(2), head.length(), head.length()
        bits, _, self._root, self._rows = head.number(2), head.number(2), head.address(), head.number(2)
        powers = self._start > 0 and not self._start & (self._start - 1) and self._width > 0
        if not powers or largest < self._start or bits > 64:
            raise Damaged("a heap has blocks without a size")
        self._offset = (bits + 7) // 8
        self._length = min((largest.bit_length() + 6) // 8, _bytes_for(longest))
        self._direct_rows = largest.bit_length() - self._start.bit_length() + 2

    def get(self, name: bytes) -> bytes:
        """The object of an id."""
        content = bytes_of(self._file, name)
        first = content.number(1)
        kind = first >> 4 & 3
        if kind == 0:
            offset, size = content.number(self._offset), content.number(self._length)
            return self._managed(offset, min(size, MOST_HEADER))
        if kind == 1:
            return self._huge_object(content)
        size = first & 15 if self.id_size <= 17 else (first & 15) << 8 | content.number(1)
        return content.take(size + 1)

    def _managed(self, offset: int, size: int) -> bytes:
        address, rows, begin = self._root, self._rows, 0
        for _ in range(MOST_LEVELS):
            if rows == 0:
                return self._file.read(address + offset - begin, size).data
            row, column, start = self._cell(offset - begin)
            if row >= rows:
                break
            place = 5 + self._file.wide + self._offset + (row * self._width + column) * self._file.wide
            address, begin = self._file.read(address + place, self._file.wide).address(), begin + start
            rows = 0 if row < self._direct_rows else self._rows_of(self._start << row - 1)
        raise Damaged("an object lies outside of its heap")

    def _cell(self, offset: int) -> tuple[int, int, int]:
        """The row and column of the block that holds an offset, and where it begins."""
        number = offset // self._start
        row = (number // self._width).bit_length()
        size = self._start << max(row - 1, 0)
        first = self._width * self._start << row - 1 if row else 0
        column = (offset - first) // size
        return row, column, first + column * size

    def _rows_of(self, size: int) -> int:
        """How many rows an indirect block of a size has."""
        return size.bit_length() - (self._start * self._width).bit_length() + 1

    def _huge_object(self, content: Bytes) -> bytes:
        file = self._file
        if self.id_size - 1 >= file.wide + file.long:
            return file.read(content.address(), min(content.length(), MOST_HEADER)).data
        wanted = int.from_bytes(content.rest()[: file.long], "little")
        for record in _records(file, self._huge):
            found = bytes_of(file, record)
            address, size = found.address(), found.length()
            if found.length() == wanted:
                return file.read(address, min(size, 4 * MOST_HEADER)).data
        raise Damaged("an object is not in its heap")


def _attribute(file: File, content: Bytes) -> Attribute:
    version, flags = content.number(1), content.number(1)
    if not 1 <= version <= 3:
        raise Damaged("an attribute has an unknown version")
    sizes = [content.number(2) for _ in range(3)]
    content.take(1 if version == 3 else 0)
    step = 8 if version == 1 else 1
    name, kind, space = (content.take(-(-size // step) * step) for size in sizes)
    flags = flags if version > 1 else 0
    types = _resolved(file, Message(DATATYPE, True, kind)) if flags & 1 else bytes_of(file, kind)
    shape = _resolved(file, Message(DATASPACE, True, space)) if flags & 2 else bytes_of(file, space)
    title = name[: sizes[0]].partition(b"\0")[0]
    return Attribute(file, _text(title), Type(types), shape_of(shape), content.rest())
