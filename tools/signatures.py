"""Writes seqshape/signatures.py and operation_signatures.py: the signatures of the installed Keras, as data.

Run with the Keras that the tables are for: ``python tools/signatures.py > seqshape/signatures.py`` and
``python tools/signatures.py operations > seqshape/operation_signatures.py``.
"""

from __future__ import annotations

import inspect
import os
import sys
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
from keras.src.utils.naming import auto_name, to_snake_case

HEADER = '''"""Keras's signatures as data, written by tools/signatures.py from Keras {version}. Do not edit.

``SIGNATURES`` maps each class of keras.layers to its automatic name, its constructor arguments in order with their defaults
(``...``: required) and the arguments of its ``call``. ``ALIASES`` maps the other public names to the class.
``CLOSED`` are the classes that take no argument beyond their signature.
``IDENTIFIERS`` are the strings that stand for an initializer, a regularizer or a constraint.
"""

from __future__ import annotations

KERAS_VERSION = "{version}"
'''


OPERATIONS = '''"""The classes of keras.ops as data, written by tools/signatures.py from Keras {version}. Do not edit.

``OPERATIONS`` maps each class to its constructor arguments in order, with their defaults (``...``: required).
"""

from __future__ import annotations

# fmt: off
'''


def literal(default: Any) -> str:
    """The default of an argument as Python source; ``...`` where the argument is required."""
    if default is inspect.Parameter.empty:
        return "..."
    if isinstance(default, (int, float, str, bool, tuple, list, dict, type(None))):
        return repr(default)
    return repr(str(default))


def arguments(function: Any) -> list[tuple[str, str]]:
    """Names and defaults of the named parameters of a function, without ``self``."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return [(p.name, literal(p.default)) for p in named]


def layer_classes() -> dict[str, type]:
    """Public names of keras.layers that are layer classes which a saved model can hold."""
    found = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    classes = {name: value for name, value in found.items() if inspect.isclass(value)}
    abstract = {"Layer", "Wrapper", "InputSpec", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "TFSMLayer"}
    return {name: value for name, value in classes.items() if name not in abstract}


def identifiers() -> dict[str, set[str]]:
    """The strings that stand for an initializer, a regularizer or a constraint."""
    from keras.src import constraints, initializers, regularizers

    tables = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
    return {kind: {name for name in table.ALL_OBJECTS_DICT if isinstance(name, str)} for kind, table in tables.items()}


def closed(classes: dict[str, type]) -> set[str]:
    """Classes whose constructor takes nothing beyond its own signature: no ``trainable``, perhaps no ``dtype``."""
    parameters = {layer.__name__: inspect.signature(layer.__init__).parameters.values() for layer in classes.values()}
    return {name for name, own in parameters.items() if not any(one.kind is one.VAR_KEYWORD for one in own)}


def entry(layer: type) -> str:
    """One line of the table."""
    constructor = ", ".join(f"({name!r}, {default})" for name, default in arguments(layer.__init__))
    call = ", ".join(f"({name!r}, {default})" for name, default in arguments(layer.call))
    trail = "," if constructor and len(arguments(layer.__init__)) == 1 else ""
    call_trail = "," if len(arguments(layer.call)) == 1 else ""
    return f"    {layer.__name__!r}: ({to_snake_case(layer.__name__)!r}, ({constructor}{trail}), ({call}{call_trail})),"


def operations() -> None:
    """Print the module of operations."""
    from keras.src.ops import core, einops, image, linalg, math, nn, numpy
    from keras.src.ops.operation import Operation

    found = [item for module in (core, einops, image, linalg, math, nn, numpy) for item in vars(module).values()]
    classes = {one.__name__: one for one in found if inspect.isclass(one) and issubclass(one, Operation)}
    print(OPERATIONS.format(version=keras.__version__) + "OPERATIONS: dict[str, tuple[tuple[str, object], ...]] = {")
    for name, one in sorted(classes.items()):
        own = [f"({argument!r}, {default})" for argument, default in arguments(one.__init__) if argument != "name"]
        if own:
            print(f"    {name!r}: ({', '.join(own)},),")
    print("}\n# fmt: on")


def main() -> None:
    """Print the module."""
    out = sys.stdout.write
    out(HEADER.format(version=keras.__version__) + "\n# fmt: off\n")
    out("SIGNATURES: dict[str, tuple[str, tuple[tuple[str, object], ...], tuple[tuple[str, object], ...]]] = {\n")
    classes = layer_classes()
    for layer in sorted(set(classes.values()), key=lambda found: found.__name__):
        out(entry(layer) + "\n")
    out("}\n\nALIASES: dict[str, str] = {\n")
    for name, layer in sorted(classes.items()):
        if name != layer.__name__:
            out(f"    {name!r}: {layer.__name__!r},\n")
    out(f"}}\n\nCLOSED = frozenset({sorted(closed(classes))!r})\n\nIDENTIFIERS: dict[str, frozenset[str]] = {{\n")
    for kind, names in identifiers().items():
        out(f"    {kind!r}: frozenset({sorted(names)!r}),\n")
    out("}\n# fmt: on\n")
    assert auto_name("x")


if __name__ == "__main__":
    operations() if sys.argv[1:] == ["operations"] else main()
