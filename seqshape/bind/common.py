"""What every Keras layer takes: name, trainable, dtype, identifiers, a seed. Each check is one entry of a table."""

from __future__ import annotations

from collections.abc import Callable

from seqshape.bind.form import Form
from seqshape.bind.opened import holds_open, left_open
from seqshape.declaration import INERT_SUFFIXES
from seqshape.diagnostics import Fault, nearest
from seqshape.graph import Argument, Call
from seqshape.policies import is_dtype, is_policy
from seqshape.records import NamedTuple
from seqshape.signatures import CLOSED, IDENTIFIERS
from seqshape.versions import Version


class Said(NamedTuple):
    """One argument of a call, with all that the call says: ``name`` as Keras calls it, ``written`` as it stands there."""

    name: str
    written: Argument
    form: Form
    call: Call
    plain: dict[str, object]
    version: Version

    @property
    def value(self) -> object:
        """What is written, layers in it not bound."""
        return self.written.value.data

    def refused(self, wanted: str) -> Fault:
        """The complaint that Keras refuses the value."""
        given = self.plain.get(self.name, self.written.value.plain())
        message = f"{self.name} of {self.form.type.name} has to be {wanted}, not {given!r}"
        return Fault(message, span=self.written.span, code="E104")

    def no_argument(self, why: str = "", help: str | None = None, code: str = "E103") -> Fault:
        """The complaint that there is no such argument."""
        message = f"{self.form.type.name} has no argument {self.name}{why}"
        return Fault(message, span=self.written.span, code=code, help=help)


Check = Callable[[Said], None]


def check_common(
    form: Form, call: Call, plain: dict[str, object], values: dict[str, Argument], version: Version
) -> None:
    """Hold what is said against what every Keras layer takes. Raises Fault for a value that Keras refuses."""
    for name, check in FIRST.items():
        if name in values:
            if holds_open(plain.get(name)):
                raise left_open(form.type.name, name, plain[name], values[name].span)
            check(Said(name, values[name], form, call, plain, version))
    for name, written in values.items():
        if name not in form.unchecked and not holds_open(plain.get(name)):
            said = Said(name, written, form, call, plain, version)
            for applies, check in TABLE:
                if applies(said):
                    check(said)


def _name(said: Said) -> None:
    name = said.plain["name"]
    if name is not None and (not isinstance(name, str) or ("/" in name and not said.call.early)):
        raise said.refused("a string without /")


def _trainable(said: Said) -> None:
    if not isinstance(said.plain["trainable"], bool):
        raise said.refused("True or False")


def _dtype(said: Said) -> None:
    """Of an operation and an InputLayer it is the dtype of the output, int8 too, and no policy."""
    dtype, kind = said.plain["dtype"], said.form.type
    known = is_dtype if kind.operation or "input" in kind.traits else is_policy
    if not (dtype is None or isinstance(dtype, Call) or known(dtype)):
        raise said.refused("the name of a dtype or a policy, such as float32 or mixed_float16")


def _batch_input_shape(said: Said) -> None:
    if said.version.closed and said.call.module is None:
        raise said.no_argument(" in Keras 3", "write Input(5,1,batch_size=2) first", code="E104")


def _seed(said: Said) -> None:
    if isinstance(said.value, (str, float, tuple, list, dict)) and _draws(said.form, said.plain):
        raise said.refused("an integer")


def _closed(said: Said) -> None:
    raise said.no_argument()


def _constraint(said: Said) -> None:
    """The matrix with LoRA is a sum, which no constraint can hold."""
    if said.value is not None:
        message = f"{said.form.type.name} cannot have both a lora_rank and a {said.written.name or 'constraint'}"
        raise Fault(message, span=said.written.span, code="E104", help="leave one of them out")


def _own_regularizer(said: Said) -> None:
    raise said.no_argument(": l1 and l2 make it")


def _copied_initializer(said: Said) -> None:
    if said.value is None:
        raise said.refused("an initializer")


def _identifier(said: Said) -> None:
    known = IDENTIFIERS.get(said.name.rpartition("_")[2], frozenset())
    if not _identifies(said.value, known):
        near = nearest(said.value, sorted(known)) if isinstance(said.value, str) else None
        raise said.refused(f"the name of one ({near or min(filter(str.islower, known))}) or an object")


# What is looked at first, whatever stands before it in the text.
FIRST: dict[str, Check] = {
    "name": _name,
    "trainable": _trainable,
    "dtype": _dtype,
    "batch_input_shape": _batch_input_shape,
    "seed": _seed,
}


def _is_regularizer(said: Said, word: str) -> bool:
    return said.name == "activity_regularizer" and word in said.form.type.traits


# For every argument, in this order: where a check applies, and the check.
TABLE: tuple[tuple[Callable[[Said], bool], Check], ...] = (
    (
        lambda said: said.form.type.name in CLOSED and said.name not in said.form.names and said.call.module is None,
        _closed,
    ),
    (
        lambda said: said.name in ("kernel_constraint", "embeddings_constraint") and bool(said.plain.get("lora_rank")),
        _constraint,
    ),
    (lambda said: _is_regularizer(said, "regularizer_of_its_own"), _own_regularizer),
    (
        lambda said: said.name.endswith("_initializer") and "copies_initializers" in said.form.type.traits,
        _copied_initializer,
    ),
    (
        lambda said: said.name.endswith(INERT_SUFFIXES) and not _is_regularizer(said, "forgets_regularizer"),
        _identifier,
    ),
)


def _identifies(value: object, known: frozenset[str]) -> bool:
    """Whether Keras can make an initializer, a regularizer or a constraint of a value."""
    if isinstance(value, dict):
        return "class_name" in value
    return value in known if isinstance(value, str) else not isinstance(value, (int, float, tuple, list))


def _draws(form: Form, plain: dict[str, object]) -> bool:
    """Whether a layer makes random numbers, and so looks at its seed: one with a rate of 0 does not."""
    rates = [name for name in ("rate", "stddev", "dropout") if name in form.names]
    if form.type.operation:
        return False
    return not rates or "recurrent_dropout" in form.names or any(plain.get(name) for name in rates)
