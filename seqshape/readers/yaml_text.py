"""YAML as data: what ``model.to_yaml()`` wrote until TensorFlow 2.6. No object is made, whatever its tags say.

The text is read event by event. A tag of Python (``!!python/tuple``, ``!!python/object/apply:…ListWrapper``) leaves the
plain list, text or number that it holds. Aliases share what they name, and all that they stand for is counted: a file
that grows without bound is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from seqshape.readers.json_text import LIMIT, unreadable
from seqshape.records import NamedTuple

MOST_ITEMS = 300_000  # with all that aliases repeat
MOST_DEPTH = 100
MOST_DIGITS = 1000  # of a number
INSTALL = "pip install 'seqshape[yaml]'"
_OBJECT = "tag:yaml.org,2002:python/object"
_TAG = "tag:yaml.org,2002:"


def load_yaml(text: str, name: str | None) -> object:
    """The data of a YAML text. Raises SeqshapeError if it is none, or too large, or nothing here reads YAML."""
    title = name or "the text"
    try:
        import yaml
    except ImportError:
        raise unreadable(title, "it is YAML, and the package that reads it is not installed", INSTALL) from None
    if len(text) > LIMIT:
        raise unreadable(title, f"it has more than {LIMIT >> 20} MiB of YAML, which no config of a model needs")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(title).build(yaml.parse(text, Loader=loader))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
        raise unreadable(title, f"it is no YAML{place}") from None
    except (RecursionError, ValueError, OverflowError):
        raise unreadable(title, "its YAML is not one that can be read") from None


class Made(NamedTuple):
    """A value, and how many values it has in all, those behind aliases counted each time."""

    data: object
    size: int


class Open:
    """A list or an object whose end has not come: what is in it so far, keys and values in turn for an object."""

    __slots__ = ("anchor", "is_mapping", "items", "size", "tag")

    def __init__(self, is_mapping: bool, tag: str | None, anchor: str | None) -> None:
        self.is_mapping, self.tag, self.anchor = is_mapping, tag, anchor
        self.items: list[object] = []
        self.size = 1

    def closed(self) -> object:
        """What it holds, as plain data."""
        if not self.is_mapping:
            return _held(self.items) if (self.tag or "").startswith(_OBJECT) else self.items
        pairs = zip(self.items[::2], self.items[1::2], strict=True)
        data = {_key(key): value for key, value in pairs}
        return _state(data) if (self.tag or "").startswith(_OBJECT) else data


class _Builder:
    """Events on their way to data: without recursion, so that no nesting is too deep for Python."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.open: list[Open] = []
        self.anchors: dict[str, Made] = {}
        self.roots: list[object] = []
        self.total = 0

    def build(self, events: Iterator[object]) -> object:
        """The one document of the events. Raises SeqshapeError."""
        for event in events:
            handle = _HANDLERS.get(type(event).__name__)
            if handle is not None:
                handle(self, event)
        if len(self.roots) != 1:
            raise unreadable(self.title, "it is empty" if not self.roots else "it holds several documents of YAML")
        return self.roots[0]

    def begin(self, event: Any) -> None:
        """A list or an object begins."""
        if len(self.open) >= MOST_DEPTH:
            raise unreadable(self.title, f"its YAML is nested more than {MOST_DEPTH} deep")
        self.open.append(Open(type(event).__name__ == "MappingStartEvent", event.tag, event.anchor))

    def end(self, event: object) -> None:
        """The innermost list or object is whole."""
        done = self.open.pop()
        self.add(Made(done.closed(), done.size), done.anchor)

    def scalar(self, event: Any) -> None:
        """A text, a number, a truth value or null."""
        self.add(Made(_scalar(event), 1), event.anchor)

    def alias(self, event: Any) -> None:
        """What an anchor names, once more."""
        if event.anchor not in self.anchors:
            raise unreadable(self.title, f"its alias *{event.anchor[:40]} stands for nothing that is whole before it")
        self.add(self.anchors[event.anchor], None)

    def add(self, made: Made, anchor: str | None) -> None:
        """Put a value where it stands. Raises SeqshapeError if there are too many."""
        self.total += made.size if anchor is None and made.size == 1 else 1
        if anchor is not None:
            self.anchors[anchor] = made
        if not self.open:
            self.roots.append(made.data)
            return
        around = self.open[-1]
        around.items.append(made.data)
        around.size += made.size
        if around.size > MOST_ITEMS or self.total > MOST_ITEMS:
            raise unreadable(self.title, f"its YAML stands for more than {MOST_ITEMS:,} values")


_HANDLERS: dict[str, Callable[[_Builder, object], None]] = {
    "SequenceStartEvent": _Builder.begin,
    "MappingStartEvent": _Builder.begin,
    "SequenceEndEvent": _Builder.end,
    "MappingEndEvent": _Builder.end,
    "ScalarEvent": _Builder.scalar,
    "AliasEvent": _Builder.alias,
}


def _key(key: object) -> str:
    return key if isinstance(key, str) else str(key) if isinstance(key, (int, float, bool, type(None))) else "?"


def _held(arguments: list[object]) -> object:
    """What an object of Python holds that is made of one argument: ``ListWrapper([[1]])`` is ``[1]``."""
    return arguments[0] if len(arguments) == 1 else arguments


def _state(data: dict[str, object]) -> object:
    """The same of one that is written by its parts: its items, its only argument, or else its attributes."""
    if isinstance(data.get("listitems"), list):
        return data["listitems"]
    if isinstance(data.get("dictitems"), dict):
        return data["dictitems"]
    arguments = data.get("args")
    if isinstance(arguments, list) and {*data} <= {"args", "state", "kwds"}:
        return _held(arguments)
    return data


def _scalar(event: Any) -> object:
    """The value of a scalar by the rules of YAML 1.1; of Python's own tags the text or the number that they hold."""
    import yaml

    plain, quoted = event.implicit
    tag = event.tag
    if tag is None or tag == "!":
        tag = _resolver().resolve(yaml.ScalarNode, event.value, (plain, quoted))
    kind = str(tag).removeprefix(_TAG).removeprefix("python/")
    make = _KINDS.get(kind)
    if make is None:
        return event.value or (kind.partition(":")[2] if kind.startswith("name:") else event.value)
    try:
        return make(yaml.ScalarNode(tag, event.value))
    except (ValueError, TypeError, KeyError, IndexError, yaml.YAMLError):
        return event.value


def _resolver() -> Any:
    import yaml

    return yaml.resolver.Resolver()


def _number(construct: str) -> Callable[[object], object]:
    def made(node: Any) -> Any:
        import yaml

        if len(node.value) > MOST_DIGITS:
            raise ValueError
        return getattr(yaml.constructor.SafeConstructor(), construct)(node)

    return made


_KINDS: dict[str, Callable[[object], object]] = {
    "null": lambda node: None,
    "none": lambda node: None,
    "bool": _number("construct_yaml_bool"),
    "int": _number("construct_yaml_int"),
    "long": _number("construct_yaml_int"),
    "float": _number("construct_yaml_float"),
}
