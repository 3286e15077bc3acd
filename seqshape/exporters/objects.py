"""Objects among the arguments of layers that are no layers: initializers, regularizers, constraints, quantizers.

Nothing is computed from them: they are kept as the source has them, and written out again. Only Keras's own can be.
"""

from __future__ import annotations

from typing import Any

from seqshape.exporters.literals import unsayable
from seqshape.graph import Call, Value, Word
from seqshape.records import NamedTuple

_SCALED = "seed=None input_axes=None output_axes=None"
# Each module with its classes and the arguments of their constructors, with what Keras writes for them by default.
_CLASSES: dict[str, dict[str, str]] = {
    "initializers": {
        **dict.fromkeys(("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform"), _SCALED),
        **dict.fromkeys(("LecunNormal", "LecunUniform"), _SCALED),
        "VarianceScaling": f"scale=1.0 mode=fan_in distribution=truncated_normal {_SCALED}",
        "Constant": "value=0.0",
        "Identity": "gain=1.0",
        "Orthogonal": "gain=1.0 seed=None",
        "RandomNormal": "mean=0.0 stddev=0.05 seed=None",
        "RandomUniform": "minval=-0.05 maxval=0.05 seed=None",
        "TruncatedNormal": "mean=0.0 stddev=0.05 seed=None",
        "STFT": "side=real window=hann scaling=density periodic=False",
        **dict.fromkeys(("Initializer", "Ones", "Zeros"), ""),
    },
    "regularizers": {
        "L1": "l1=0.01",
        "L2": "l2=0.01",
        "L1L2": "l1=0.0 l2=0.0",
        "OrthogonalRegularizer": "factor=0.01 mode=rows",
    },
    "constraints": {
        "MaxNorm": "max_value=2 axis=0",
        "MinMaxNorm": "min_value=0.0 max_value=1.0 rate=1.0 axis=0",
        "UnitNorm": "axis=0",
        **dict.fromkeys(("Constraint", "NonNeg"), ""),
    },
    "quantizers": {
        "AbsMaxQuantizer": "axis=None value_range epsilon=1e-07 output_dtype=int8",
        "Float8QuantizationConfig": "",
        "Int4QuantizationConfig": "weight_quantizer=None activation_quantizer block_size=128",
        "Int8QuantizationConfig": "weight_quantizer=None activation_quantizer",
        "Quantizer": "output_dtype=int8",
    },
}
# Names that Keras has beside those of the classes.
_ALIASES = {
    "identityinitializer": "Identity",
    "l1_l2": "L1L2",
    "normal": "RandomNormal",
    "one": "Ones",
    "orthogonalinitializer": "Orthogonal",
    "stftinitializer": "STFT",
    "uniform": "RandomUniform",
    "zero": "Zeros",
}


class Object(NamedTuple):
    """An object of Keras: ``keras.MODULE.CLASS(arguments)``."""

    module: str
    class_name: str
    arguments: dict[str, object]


def object_of(argument: str, call: Call) -> Object:
    """What a call means as the value of an argument.

    Raises SeqshapeError for a class that is none of Keras's own.
    """
    module = _module_of(argument, call)
    named = call.class_name.rpartition(".")[2]
    known = _class_named(module, named) if module is not None else None
    if module is None or known is None or _is_foreign(call):
        raise unsayable(f"{argument} is of the class {named}, which only its own code knows")
    names = [word.partition("=")[0] for word in _CLASSES[module][known].split()]
    given: dict[str, object] = {}
    for index, each in enumerate(call.arguments):
        name = each.name or (names[index] if index < len(names) else "")
        if name in names or call.module is None:
            if name not in names or name in given:
                raise unsayable(f"{argument}: {known} has no such argument, or has it twice")
            given[name] = kept(each.value)
    return Object(module, known, given)


def _is_foreign(call: Call) -> bool:
    return call.module is not None and call.module.partition(".")[0] not in ("keras", "tf_keras", "tensorflow")


def _module_of(argument: str, call: Call) -> str | None:
    """The module of an object: an argument that is called ``kernel_initializer`` has an initializer."""
    kind = f"{argument.rpartition('_')[2]}s"
    if kind in _CLASSES and kind != "quantizers":
        return kind
    said = (call.module or call.class_name).split(".")
    return next((part for part in said if part in _CLASSES), None)


def _class_named(module: str, name: str) -> str | None:
    """The class that a name means: its own, in words, or an alias."""
    folded = name.lower()
    meant = _ALIASES.get(folded, name)
    flat = meant.replace("_", "").lower()
    return next((known for known in _CLASSES[module] if known.lower() == flat), None)


def is_default(default: object, argument: str, value: object) -> bool:
    """Whether a value is the default of an argument: the same word, or an object that the word stands for."""
    if not isinstance(value, Call):
        return type(value) is type(default) and bool(value == default)
    if not isinstance(default, str) or _is_foreign(value):
        return False
    module = _module_of(argument, value)
    found = _class_named(module, value.class_name.rpartition(".")[2]) if module else None
    if module is None or found is None or _class_named(module, default) != found:
        return False
    return all(
        _is_plain_default(module, found, name, each) for name, each in object_of(argument, value).arguments.items()
    )


def _is_plain_default(module: str, class_name: str, name: str, value: object) -> bool:
    words = dict(word.partition("=")[::2] for word in _CLASSES[module][class_name].split())
    return not isinstance(value, Call) and str(value) == words.get(name)


def kept(value: Value) -> Any:
    """A value as the source has it, without its places; objects stay calls."""
    data = value.data
    if isinstance(data, Word):
        return kept(data.assigned) if data.assigned is not None else data.text
    if isinstance(data, dict):
        return {key: kept(item) if isinstance(item, Value) else item for key, item in data.items()}
    if isinstance(data, (tuple, list)):
        return type(data)(kept(item) if isinstance(item, Value) else item for item in data)
    return data
