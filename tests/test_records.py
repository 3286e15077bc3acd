"""The records are what typing.NamedTuple makes of the same class body."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
import typing

import pytest

import seqshape
from seqshape.diagnostics import Span
from seqshape.records import NamedTuple, Record
from seqshape.registry import spellings


class Ours(NamedTuple):
    """A record."""

    first: int
    second: str = "b"
    third: float | None = None

    @property
    def both(self) -> str:
        return f"{self.first}{self.second}"


class Theirs(typing.NamedTuple):
    first: int
    second: str = "b"
    third: float | None = None


def test_a_record_is_what_typing_makes() -> None:
    ours, theirs = Ours(1, third=2.5), Theirs(1, third=2.5)
    assert ours == theirs == (1, "b", 2.5)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == {"second": "b", "third": None}
    assert ours._replace(first=3) == theirs._replace(first=3)
    assert isinstance(ours._replace(first=3), Ours)
    assert (ours.both, Ours.__doc__, hash(ours)) == ("1b", "A record.", hash(theirs))


def test_a_record_is_copied_pickled_and_matched() -> None:
    ours = Ours(1)
    assert pickle.loads(pickle.dumps(ours)) == copy.deepcopy(ours) == ours
    match ours:
        case Ours(first, second):
            assert (first, second) == (1, "b")


def test_wrong_fields_are_refused() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'first'"):
        Ours()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'fourth'"):
        Ours(1, fourth=2)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="fourth"):
        Ours(1)._replace(fourth=2)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        Ours(1).first = 2  # type: ignore[misc]
    with pytest.raises(TypeError, match="without a default"):
        type(NamedTuple)("Bad", (NamedTuple,), {"__annotations__": {"one": "int", "two": "int"}, "one": 1})


def test_no_module_makes_records_another_way() -> None:
    spellings()  # what stands beside a layer needs it
    for found in pkgutil.walk_packages(seqshape.__path__, "seqshape."):
        if not found.name.endswith(("__main__", "torch.parts")):
            assert vars(importlib.import_module(found.name)).get("NamedTuple", NamedTuple) is NamedTuple


# --- records that are no tuples ---------------------------------------------------------------------------------------


class Frozen(Record):
    """A record for users."""

    first: int
    second: str = "b"
    third: float | None = None

    @property
    def both(self) -> str:
        return f"{self.first}{self.second}"


class Single(Record):
    """One field."""

    only: tuple[int, ...] = ()


RECORDS = [Frozen(1, third=2.5), Single((1, 2))]


@pytest.mark.parametrize("record", RECORDS, ids=repr)
def test_a_frozen_record_is_no_tuple(record: Frozen | Single) -> None:
    values = tuple(record._asdict().values())
    assert not isinstance(record, tuple)
    assert record != values
    assert values != record
    for use in (len, list, sorted, lambda one: one[0], lambda one: (*one,)):
        with pytest.raises(TypeError):
            use(record)  # type: ignore[operator]
    with pytest.raises(TypeError):
        _, *_ = record  # type: ignore[misc]
    with pytest.raises(AttributeError, match="is frozen"):
        record.first = 2  # type: ignore[misc, union-attr]
    with pytest.raises(AttributeError):
        record.other = 2  # type: ignore[union-attr]
    assert record


@pytest.mark.parametrize("record", RECORDS, ids=repr)
def test_a_frozen_record_is_copied_pickled_and_hashed(record: Frozen | Single) -> None:
    for same in (pickle.loads(pickle.dumps(record)), copy.copy(record), copy.deepcopy(record), record._replace()):
        assert (same, hash(same), type(same)) == (record, hash(record), type(record))
    assert record._replace(**record._asdict()) == record


def test_fields_of_a_frozen_record() -> None:
    record = Frozen(1)
    assert repr(record) == "Frozen(first=1, second='b', third=None)"
    assert (record.both, Frozen.__doc__, record._fields) == ("1b", "A record for users.", ("first", "second", "third"))
    assert record._replace(first=3) == Frozen(3)
    assert record != Frozen(2)
    match record:
        case Frozen(first, second):
            assert (first, second) == (1, "b")
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'first'"):
        Frozen()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'fourth'"):
        Frozen(1, fourth=2)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="fourth"):
        record._replace(fourth=2)


def test_a_part_of_a_json_value_is_the_span_with_its_pointer() -> None:
    """Its pointer is written when it is asked for; nobody can tell it from a span that has had it from the beginning."""
    keys = ("layers", 0, "a/b", "c~d", "", "0")
    part, whole = Span(pointer="").within(*keys), Span(pointer="/layers/0/a~1b/c~0d//0")
    assert part == whole
    assert whole == part
    assert hash(part) == hash(whole)
    assert repr(part) == repr(whole)
    assert (part.start, part.stop, part.pointer) == (0, 0, whole.pointer)
    assert part.within("x", 1).pointer == whole.within("x").within(1).pointer == f"{whole.pointer}/x/1"
    assert part._asdict() == whole._asdict()
    assert part._replace(start=3) == whole._replace(start=3)
    for same in (pickle.loads(pickle.dumps(part)), copy.copy(part), copy.deepcopy(part)):
        assert same == whole
    assert part != Span(pointer="/layers")
    assert part.to(Span(1, 2)) == part
    assert not part.in_text
    assert Span(3, 4).within("x") == Span(3, 4)
    with pytest.raises(AttributeError):
        part.pointer = "/other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        part.nothing  # type: ignore[attr-defined]  # noqa: B018
