"""What equal calls have in common: they are bound once, and what equal layers do to equal tensors is worked out once.

Both are kept for the whole process, up to a bound, for all threads: an entry is never changed, and two threads that make
the same one make equal ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from seqshape.bind.form import Form
from seqshape.declaration import INERT_SUFFIXES
from seqshape.dims import Poly
from seqshape.graph import Argument, Call, Value, Word
from seqshape.tensor import Effect, Tensor
from seqshape.versions import Version

MOST = 2_048  # entries; then all are forgotten
LITERALS = frozenset({int, float, str, bool, type(None)})  # values that are what they say
Key: TypeAlias = "tuple[object, ...]"


class Template:
    """A bound layer without its name and its place. ``kept``: of arguments that no rule reads, where they stand in the call.

    Its identity stands for all that it holds.
    """

    __slots__ = ("arguments", "autocast", "dtype", "form", "given", "kept", "trainable")

    def __init__(
        self,
        form: Form,
        arguments: dict[str, object],
        given: dict[str, object],
        kept: Mapping[str, int],
        flags: tuple[bool, str, bool],
    ) -> None:
        self.form = form
        self.arguments = arguments
        self.given = given
        self.kept = kept
        self.trainable, self.dtype, self.autocast = flags


_TEMPLATES: dict[Key, Template] = {}
_EFFECTS: dict[Key, Effect] = {}


def key_of(call: Call, dtype: str, version: Version) -> tuple[Key | None, str]:
    """What calls have to agree in to be bound to the same but for the name, which stands beside it.

    The key is ``None`` where something else than literals is said, so that a call may be one of a kind.
    """
    if call.held or call.body is not None or call.shown is not None:
        return None, ""
    name = ""
    said: list[object] = [call.class_name, call.bare, call.module, call.early, call.fed, dtype, version]
    for argument in call.arguments:
        found = _literal(argument.value.data) or _object(argument)
        if found is None or (argument.name == "name" and (name or found[0] is not str or not argument.value.data)):
            return None, ""
        if argument.name == "name":
            name = argument.value.data  # type: ignore[assignment]
            said += ("name", "/" in name)
        else:
            said += (argument.name, found)
    return tuple(said), name


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


def template_of(key: Key) -> Template | None:
    """What an equal call was bound to."""
    return _TEMPLATES.get(key)


def keep_template(key: Key, template: Template) -> None:
    """Remember what a call was bound to, for equal ones."""
    if len(_TEMPLATES) >= MOST:
        _TEMPLATES.clear()
    _TEMPLATES[key] = template


def effect_key(template: Template, tensors: Sequence[Tensor], built: bool) -> Key | None:
    """What an effect depends on; ``None`` where a dim is a formula, which may be equal to a number and still say more."""
    key: list[object] = [template, built]
    for shape, dtype in tensors:
        if Poly in map(type, shape):
            return None
        key += (shape, dtype)
    return tuple(key)


def effect_of(key: Key) -> Effect | None:
    """What an equal layer did to an equal tensor."""
    return _EFFECTS.get(key)


def keep_effect(key: Key, effect: Effect) -> None:
    """Remember what a layer did to a tensor, for equal ones."""
    if len(_EFFECTS) >= MOST:
        _EFFECTS.clear()
    _EFFECTS[key] = effect
