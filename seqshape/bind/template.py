"""What calls have in common: calls of one pattern are bound once, and what equal layers do to equal tensors is worked out
once.

The pattern of a call is all of it but its name, its place, and its numbers above 0 where their kinds take them as they are
(units, rates): those are filled into what the first call of the pattern was bound to. All this is kept for the whole
process, up to a bound, for all threads: an entry is never changed, and two threads that make the same one make equal ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from seqshape.bind.form import Form
from seqshape.declaration import INERT_SUFFIXES
from seqshape.dims import Poly
from seqshape.graph import Argument, Call, Value, Word
from seqshape.structure import EMPTY
from seqshape.tensor import Effect, Tensor
from seqshape.versions import Version

if TYPE_CHECKING:
    from seqshape.bind.prepared import Prepared

MOST = 2_048  # entries; then all are forgotten
LITERALS = frozenset({int, float, str, bool, type(None)})  # values that are what they say
_ONE_OF_FEW = frozenset({bool, str, type(None)})  # equal ones of these are the same
Key: TypeAlias = "tuple[object, ...]"
Numbers: TypeAlias = "tuple[int | float, ...]"
Arguments: TypeAlias = "dict[str, Any]"


class Template:
    """What layers of one pattern have in common. ``free`` names the arguments that differ, in the order of the call.

    ``arguments`` and ``given`` have the numbers of the first such layer. ``kept``: of arguments that no rule reads, where
    they stand in the call. ``ready`` is the rule for one input, once it has run. Its identity stands for all that it holds.
    """

    __slots__ = (
        "_runs",
        "arguments",
        "autocast",
        "dtype",
        "form",
        "free",
        "given",
        "kept",
        "ready",
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
        self.ready: Prepared | None = None
        self._runs = 0

    def get_ready(self) -> None:
        """Make the rule ready, if this is not its first run: most networks have few layers of one pattern."""
        runs = self._runs = self._runs + 1
        if runs == 2:
            from seqshape.bind.prepared import prepared

            self.ready = prepared(self.form.type, self.arguments, self.free)

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
        word, value, _ = argument
        data = value.data
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
        if Poly in map(type, tensor.shape):
            return None
    return template, numbers, built, *tensors


def effect_of(key: Key | None) -> Effect | None:
    """What an equal layer did to an equal tensor; ``None`` if there was none, or nothing tells what is equal."""
    return _EFFECTS.get(key) if key is not None else None


def keep_effect(key: Key, effect: Effect) -> None:
    """Remember what a layer did to a tensor, for equal ones."""
    _keep(_EFFECTS, key, effect)
