"""What calls have in common: calls of one pattern are bound once, and what equal layers do to equal tensors is worked out
once.

The pattern of a call is all of it but its name, its place, and its numbers above 0 where their kinds take them as they are
(units, rates): those are filled into what the first call of the pattern was bound to. All this is kept for the whole
process, up to a bound, for all threads: an entry is never changed, and two threads that make the same one make equal ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any, TypeAlias

from seqshape.bind.form import Form
from seqshape.declaration import INERT_SUFFIXES, LayerType, defaults_of
from seqshape.dims import Poly
from seqshape.graph import Argument, Call, Value, Word
from seqshape.structure import EMPTY
from seqshape.tensor import Effect, Shape, Tensor
from seqshape.versions import Version

MOST = 2_048  # entries; then all are forgotten
LITERALS = frozenset({int, float, str, bool, type(None)})  # values that are what they say
_ONE_OF_FEW = frozenset({bool, str, type(None)})  # equal ones of these are the same
Key: TypeAlias = "tuple[object, ...]"
Numbers: TypeAlias = "tuple[int | float, ...]"
Arguments: TypeAlias = "dict[str, Any]"
Places: TypeAlias = "tuple[tuple[int, str], ...]"
_STARS = 0x04 | 0x08  # the flags of a function's code that has ``*arguments`` or ``**keywords``


class Prepared:
    """A rule that takes one tensor and then ``values`` in the order of its parameters.

    ``places`` say which of the values are a layer's own arguments; ``records`` which are records with such ones in them:
    how one is made, its values, and which of those they are.
    """

    __slots__ = ("places", "records", "rule", "values")

    def __init__(self, kind: LayerType, arguments: Arguments, free: tuple[str, ...]) -> None:
        rule, names = _by_position(kind.rule)
        known: Arguments = {**defaults_of(kind.rule), **arguments}
        places: list[tuple[int, str]] = []
        records: list[tuple[int, Callable[[list[Any]], Any], list[Any], Places]] = []
        values: list[Any] = []
        for index, name in enumerate(names[1:]):
            if name in kind.records:
                record = kind.records[name]
                own = _parts(record, arguments, kind.annotations)
                within = tuple((at, field) for at, field in enumerate(record._fields) if field in free)
                if within:
                    records.append((index, record._make, own, within))
                values.append(record._make(own))
                continue
            if name in free:
                places.append((index, name))
            values.append(known[name])
        self.rule = rule
        self.values = tuple(values)
        self.places = tuple(places)
        self.records = tuple(records)

    def filled(self, arguments: Arguments) -> list[Any]:
        """The values with a layer's own arguments in their places."""
        values = [*self.values]
        for place, name in self.places:
            values[place] = arguments[name]
        for place, make, own, within in self.records:
            parts = own.copy()
            for at, field in within:
                parts[at] = arguments[field]
            values[place] = make(parts)
        return values


def prepared(kind: LayerType, arguments: Arguments, free: tuple[str, ...]) -> Prepared | None:
    """A rule made ready; ``None`` where it takes keywords of any name, or its input is not what it takes first."""
    code = kind.rule.__code__
    if code.co_flags & _STARS or code.co_varnames[:1] != kind.inputs[:1]:
        return None
    return Prepared(kind, arguments, free)


def _by_position(rule: Any) -> tuple[Callable[..., Any], tuple[str, ...]]:
    """A rule whose parameters all stand in position, which calls it in half the time, and their names."""
    code = rule.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    if code.co_kwonlyargcount:
        same = code.replace(co_argcount=count, co_kwonlyargcount=0)
        return FunctionType(same, rule.__globals__, rule.__name__, None, rule.__closure__), code.co_varnames[:count]
    return rule, code.co_varnames[:count]


def _parts(record: Any, arguments: Arguments, kinds: Mapping[str, str]) -> list[Any]:
    """The values of a record: the arguments that the layer has, else the record's own."""
    own = record._field_defaults
    return [arguments[field] if field in arguments and field in kinds else own[field] for field in record._fields]


class Template:
    """What layers of one pattern have in common. ``free`` names the arguments that differ, in the order of the call.

    ``arguments`` and ``given`` have the numbers of the first such layer. ``kept``: of arguments that no rule reads, where
    they stand in the call. ``takes``, ``gives`` and ``keeps`` are the dtypes of inputs, outputs and weights, and
    ``ready`` the rule for one tensor, once it is asked for. Its identity stands for all that it holds.
    """

    __slots__ = (
        "_ready",
        "arguments",
        "autocast",
        "dtype",
        "form",
        "free",
        "given",
        "gives",
        "keeps",
        "kept",
        "takes",
        "trainable",
    )

    def __init__(
        self,
        form: Form,
        arguments: Arguments,
        given: Arguments,
        kept: Mapping[str, int],
        flags: tuple[bool, str, bool],
        free: tuple[str, ...],
    ) -> None:
        self.form = form
        self.arguments = arguments
        self.given = given
        self.kept = kept
        self.trainable, self.dtype, self.autocast = flags
        self.free = free
        self.takes, self.gives, self.keeps = form.dtypes(self.dtype)
        self._ready: Prepared | bool | None = False

    @property
    def ready(self) -> Prepared | None:
        """The rule for one tensor; ``None`` where it has to be called with all its words."""
        if self._ready is False:
            self._ready = prepared(self.form.type, self.arguments, self.free)
        return self._ready  # type: ignore[return-value]

    def filled(self, numbers: Numbers) -> tuple[Arguments, Numbers | None]:
        """The arguments with these numbers, and the numbers if they have been asked for before: then layers share both."""
        key = self, numbers
        known: Any = _ARGUMENTS.get(key, EMPTY)
        if known:
            return known  # type: ignore[no-any-return]
        arguments = self.arguments.copy()
        for name, number in zip(self.free, numbers):  # noqa: B905 -- as many, and strict is slower
            arguments[name] = number
        if known is EMPTY:
            _keep(_ARGUMENTS, key, None)
            return arguments, None
        both = arguments, numbers
        _keep(_ARGUMENTS, key, both)
        return both


EXACT = Template.__new__(Template)  # in the place of a pattern that fixes its numbers: each such call has a template
_TEMPLATES: dict[Key, Template] = {}
_ARGUMENTS: dict[tuple[Template, Numbers], tuple[Arguments, Numbers] | None] = {}  # ``None`` after the first time
_EFFECTS: dict[Key, Effect] = {}
MEMOS: tuple[dict[Any, Any], ...] = (_TEMPLATES, _ARGUMENTS, _EFFECTS)


def _keep(memo: dict[Any, Any], key: object, value: object) -> None:
    """Put an entry into one of the memos."""
    if len(memo) >= MOST:
        memo.clear()
    memo[key] = value


def pattern_of(call: Call, dtype: str, version: Version) -> tuple[Key | None, Numbers, str]:
    """The pattern of a call, its numbers above 0, and the name that it gives its layer.

    The pattern is ``None`` where something else than literals is said, so that a call may be one of a kind.
    """
    name = ""
    said: list[object] = [call.class_name, call.bare, call.module, dtype, version]
    if call.seldom is not None:
        if _is_one_of_a_kind(call):
            return None, (), ""
        said += call.early, call.fed
    numbers: list[int | float] = []
    for argument in call.arguments:
        word, data = argument[0], argument[1][0]  # an index takes less than a field
        kind = type(data)
        if (kind is int or kind is float) and data > 0:  # type: ignore[operator]
            said += word, kind
            numbers.append(data)  # type: ignore[arg-type]
        elif word == "name":
            if name or kind is not str or not data:
                return None, (), ""
            name = data  # type: ignore[assignment]
            said += "name", "/" in name
        elif kind in _ONE_OF_FEW:
            said += word, kind, data
        else:
            found = _literal(data) or _object(argument)
            if found is None:
                return None, (), ""
            said += word, found
    return tuple(said), tuple(numbers), name


def _is_one_of_a_kind(call: Call) -> bool:
    """Whether a call has what few have, so that no other can be like it."""
    return bool(call.held) or call.body is not None or call.shown is not None


def _literal(data: object) -> Key | None:
    """A literal and its type, which tells 1 from True; ``None`` for anything else."""
    kind = type(data)
    if kind is float:
        return kind, repr(data)  # there is a zero with a sign
    if kind in LITERALS:
        return kind, data
    if kind is tuple or kind is list:
        items = [_literal(item.data) if type(item) is Value else None for item in data]  # type: ignore[attr-defined]
        return None if None in items else (kind, *items)
    if kind is Word:
        assigned = data.assigned  # type: ignore[attr-defined]
        meant = _literal(assigned.data) if assigned is not None else ()
        return None if meant is None else (kind, data.text, meant)  # type: ignore[attr-defined]
    return None


def _object(argument: Argument) -> Key | None:
    """An initializer, a regularizer or a constraint, which no rule looks into: one is as good as another."""
    name = argument.name
    return (
        (Call,)
        if name is not None and name.endswith(INERT_SUFFIXES) and isinstance(argument.value.data, Call)
        else None
    )


def template_of(key: Key, numbers: Numbers) -> tuple[Template | None, Numbers]:
    """What a call of a pattern was bound to, and the numbers to fill in."""
    found = _TEMPLATES.get(key)
    return (found, numbers) if found is not EXACT else (_TEMPLATES.get((key, numbers)), ())


def keep_template(key: Key, numbers: Numbers, template: Template) -> Numbers:
    """Remember what a call was bound to, for others of its pattern. Gives the numbers that are to fill in."""
    if len(template.free) != len(numbers):
        _keep(_TEMPLATES, key, EXACT)
        key, numbers = (key, numbers), ()
    _keep(_TEMPLATES, key, template)
    if numbers:
        _keep(_ARGUMENTS, (template, numbers), (template.arguments, numbers))
    return numbers


def effect_key(template: Template, numbers: Numbers, tensors: Iterable[Tensor], built: bool) -> Key | None:
    """What an effect depends on; ``None`` where a dim is a formula, which may be equal to a number and still say more."""
    for tensor in tensors:
        if not is_numbers(tensor[0]):
            return None
    return template, numbers, built, *tensors


def is_numbers(shape: Shape) -> bool:
    """Whether there is no formula in a shape."""
    for dim in shape:  # noqa: SIM110 -- it takes less than any() with what it asks
        if type(dim) is Poly:
            return False
    return True


def effect_of(key: Key) -> Effect | None:
    """What an equal layer did to an equal tensor."""
    return _EFFECTS.get(key)


def keep_effect(key: Key, effect: Effect) -> None:
    """Remember what a layer did to a tensor, for equal ones."""
    _keep(_EFFECTS, key, effect)
