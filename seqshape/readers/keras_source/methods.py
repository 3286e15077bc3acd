"""Methods of Python's own values: strings, lists, dicts, sets, numbers. Only those that cannot grow without bound."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, TypeAlias

from seqshape.readers.keras_source.changes import CHANGING, is_sized, may_hold_more, open_up
from seqshape.readers.keras_source.checks import are_texts, are_whole
from seqshape.readers.keras_source.machine import Raised, on_behalf
from seqshape.readers.keras_source.operators import holds_missing, is_peculiar
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import Frame
from seqshape.readers.keras_source.values import (
    Args,
    Array,
    Keywords,
    Missing,
    Native,
    Result,
    Stream,
    Value,
    Work,
    is_missing,
)
from seqshape.readers.keras_source.variants import Queue, Shuffled, TextMember, WholeMember

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Bound, Interpreter
    from seqshape.readers.keras_source.scope import Site

STRINGS = frozenset(
    (
        "lower upper strip lstrip rstrip split rsplit splitlines startswith endswith replace capitalize title count find"
        " rfind index isdigit isalpha isalnum islower isupper isspace partition rpartition swapcase casefold encode"
        " removeprefix removesuffix isnumeric isdecimal"
    ).split()
)
LISTS = frozenset("append extend insert pop remove clear copy count index reverse".split())
DICTS = frozenset("get keys values items update pop setdefault copy clear".split())
SETS = frozenset("add discard remove union intersection difference update copy".split())
QUEUES = frozenset("appendleft popleft extendleft rotate".split())
ASKING = frozenset({"get", "pop", "setdefault"})
MOST_JOINED = 10_000
LONGEST_TEXT = 1_000_000
WIDEST = 1000  # to which a text is filled up
Many: TypeAlias = list[Value] | tuple[Value, ...] | dict[Any, Value]
PLAIN = (str, list, dict, set, frozenset, tuple, bytes, int, float, complex, range)


ALLOWED: tuple[tuple[type, frozenset[str]], ...] = (
    (str, STRINGS | {"format", "join", "zfill", "ljust", "rjust", "center"}),
    (Queue, LISTS | QUEUES | {"sort"}),
    (list, LISTS | {"sort"}),
    (dict, DICTS),
    (set, SETS),
    (frozenset, SETS),
    (tuple, frozenset({"count", "index", "as_list"})),
)


def _allowed(owner: Value) -> frozenset[str]:
    """The methods of a value that are run."""
    return next((names for kind, names in ALLOWED if isinstance(owner, kind)), frozenset())


def python_method(run: Interpreter, owner: Value, name: str, frame: Frame, node: ast.AST) -> Value:
    """A method of a value of Python, or something that is not known."""
    if name in _allowed(owner):
        return Native(name, _method(owner, name), owner, name)
    if isinstance(owner, tuple) and name in ("rank", "ndims"):
        return len(owner)
    if name == "name" and isinstance(owner, (TextMember, WholeMember)):
        return owner.label
    if isinstance(owner, TextMember) and name == "value":
        return str(owner)
    if isinstance(owner, (int, float)) and name in ("item", "numpy", "value"):
        return owner if name == "value" else Native(name, lambda run, args, kwargs, site: owner)
    if isinstance(owner, float) and name == "is_integer":
        return Native(name, lambda run, args, kwargs, site: owner.is_integer())
    return run.unknown_here(node, frame)


def _method(owner: Value, name: str) -> Bound:
    if name in ASKING and isinstance(owner, dict) and may_hold_more(owner):
        return _asked
    return _change if name in CHANGING else _run


def _asked(run: Interpreter, owner: dict[Value, Value], name: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """``get`` and the like of a dict that may hold more keys than are known."""
    if args and not is_missing(args[0]) and args[0] in owner:
        return _change(run, owner, name, args, kwargs, site)
    return run.unknown(site)


def _change(run: Interpreter, owner: Value, name: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    """A method that changes what a container holds; with what is not known, it may hold more."""
    run.note_change(owner)
    if any(map(is_missing, args)) and name in ("update", "insert", "remove", "discard", "add"):
        if isinstance(owner, dict):  # what it holds may be overwritten
            owner.update({key: run.missing(f"{key}", site.span) for key, held in owner.items() if is_sized(held)})
        open_up(owner, site.span)
        return None
    return _run(run, owner, name, args, kwargs, site)


def _run(run: Interpreter, owner: Value, name: str, args: Args, kwargs: Keywords, site: Site) -> Result:
    if _asks_for_missing(owner, name, args):
        return run.unknown(site)
    own = next((handler for kind, names, handler in OWN if isinstance(owner, kind) and name in names), None)
    if own is not None:
        return own(run, owner, name, args, kwargs, site)
    if not isinstance(owner, (list, dict, set)) and not _all_plain(args):
        return run.unknown(site)
    return on_behalf(getattr(owner, name), *args, **kwargs)


def _asks_for_missing(owner: Value, name: str, args: Args) -> bool:
    """Whether what a method gives depends on what is not known."""
    if isinstance(owner, str):
        return any(map(is_missing, args))
    return isinstance(owner, dict) and name in ASKING and bool(args) and is_missing(args[0])


def _format(run: Interpreter, owner: str, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    if holds_missing([args, kwargs]) or not _all_plain([*args, *kwargs.values()]) or _has_width(owner):
        return run.unknown(site)
    return on_behalf(owner.format, *args, **kwargs)


def _replace(run: Interpreter, owner: str, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    if args and len(owner) * max(len(str(args[-1])), 1) > LONGEST_TEXT:
        return Missing("a long text", site.span)
    if not _all_plain(args):
        return run.unknown(site)
    return on_behalf(owner.replace, *args, **kwargs)


def _padded(run: Interpreter, owner: str, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    is_short = bool(args) and isinstance(args[0], int) and args[0] < WIDEST
    return on_behalf(getattr(owner, name), *args) if is_short and _all_plain(args) else run.unknown(site)


def _listed(run: Interpreter, owner: Many, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """What is a view in Python is a list here."""
    return list(owner if isinstance(owner, tuple) else getattr(owner, name)())


def _has_width(form: str) -> bool:
    """Whether a format could make a text of any length."""
    import re

    return any(len(digits) > 3 for digits in re.findall(r"\d+", form)) or "{:{" in form


def _all_plain(values: list[Value]) -> bool:
    return all(
        value is None or (isinstance(value, PLAIN) and not isinstance(value, (Array, Missing))) for value in values
    )


def _join(run: Interpreter, owner: str, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    items = args[0] if args else []
    if isinstance(items, Stream):
        items = items.taken(MOST_JOINED)
    if are_texts(items):
        return owner.join(items)
    return run.unknown(site)


def _extend(run: Interpreter, owner: list[Value], name: str, args: Args, kwargs: Keywords, site: Site) -> Work:
    from seqshape.readers.keras_source.items import iterate

    items = yield iterate(run, args[0], site.frame, site.node)
    if items is None:
        open_up(owner, site.span)
        return
    owner.extend(items)
    if may_hold_more(args[0]):
        open_up(owner, site.span)


def _by_identity(run: Interpreter, owner: Many, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    """Places of an item, where a comparison of what is not known would guess."""
    wanted = args[0] if args else None
    if holds_missing(owner) or is_missing(wanted):
        return run.unknown(site)
    if is_peculiar(wanted) or any(map(is_peculiar, owner)):
        return run.unknown(site)
    places = [
        index for index, each in enumerate(owner) if each is wanted or (_all_plain([each, wanted]) and each == wanted)
    ]
    if name == "count":
        return len(places)
    if not places:
        raise Raised(None, "ValueError", "there is no such item", site.span, is_ours=True)
    if name == "index":
        return places[0]
    if isinstance(owner, list):
        del owner[places[0]]
    return None


def _at_the_left(run: Interpreter, owner: Queue, name: str, args: Args, kwargs: Keywords, site: Site) -> Value:
    return on_behalf(_turned, owner, name, args)


def _turned(owner: Queue, name: str, args: Args) -> Value:
    """A method of a queue that works at its beginning."""
    if name == "popleft":
        return owner.pop(0)
    if name == "appendleft":
        owner.insert(0, args[0])
    elif name == "extendleft":
        owner[:0] = reversed(args[0]) if isinstance(args[0], (list, tuple)) else []
    elif owner and are_whole(args):
        turn = (args[0] if args else 1) % len(owner)
        owner[:] = [*owner[len(owner) - turn :], *owner[: len(owner) - turn]]
    return None


def _sort(run: Interpreter, owner: list[Value], name: str, args: Args, kwargs: Keywords, site: Site) -> Work:
    sorted_items = room("builtins").sorted_items

    found = yield sorted_items(run, owner, kwargs, site)
    if found is not None:
        owner[:] = found
        if isinstance(owner, Shuffled):
            owner.is_sorted = True


# Methods that are not run as they stand in Python: of what, which, and what runs them. The first that fits.
OWN: tuple[tuple[type | tuple[type, ...], frozenset[str], Bound], ...] = (
    (str, frozenset({"format"}), _format),
    (str, frozenset({"join"}), _join),
    (str, frozenset({"zfill", "ljust", "rjust", "center"}), _padded),
    (str, frozenset({"replace"}), _replace),
    (list, frozenset({"sort"}), _sort),
    (list, frozenset({"extend"}), _extend),
    (Queue, QUEUES, _at_the_left),
    ((list, tuple), frozenset({"index", "remove", "count"}), _by_identity),
    (tuple, frozenset({"as_list"}), _listed),
    (dict, frozenset({"keys", "values", "items"}), _listed),
)
__all__ = ["python_method"]
