"""Which layer type a call means."""

from __future__ import annotations

from collections.abc import Mapping

from seqshape.declaration import LayerType
from seqshape.diagnostics import Fault, nearest
from seqshape.graph import Argument, Call, Value
from seqshape.kinds import ACTIVATIONS
from seqshape.registry import find_layer, named, spellings
from seqshape.structure import EMPTY


def declared_as(call: Call, declared: Mapping[str, LayerType]) -> LayerType | None:
    """What the user declares of the class of a call: a file may have its name behind that of a package."""
    if not declared or call.body is not None:
        return None
    name = call.class_name
    return declared.get(name) or declared.get(name.rpartition(">")[2].rpartition(".")[2])


def resolve(call: Call, declared: Mapping[str, LayerType] = EMPTY) -> LayerType:
    """The layer type that a call means. Raises Fault with a suggestion if there is none."""
    name = call.class_name
    own = declared_as(call, declared)
    if own is not None:
        return own
    found = find_layer(named("activation") if call.bare and _is_activation(call) else name)
    if found is not None:
        return found
    best = nearest(name, (*declared, *spellings()))
    raise Fault(
        f"there is no layer called {name}",
        span=call.name_span,
        code="E102",
        help=f"did you mean {best}?" if best else "seqshape layers lists the layers",
        instead=best,
    )


def written(call: Call) -> tuple[Argument, ...]:
    """The arguments of a call; a bare activation in a chain is the one of the layer that it stands for."""
    if not _is_activation(call):
        return call.arguments
    return (Argument("activation", Value(call.class_name, call.span), call.span),)


def _is_activation(call: Call) -> bool:
    return call.bare and call.class_name in ACTIVATIONS


def own_name(call: Call) -> str | None:
    """The name that a call gives its layer, if it gives one."""
    name = call.literal("name")
    return name if isinstance(name, str) else None


def is_other_object(call: Call) -> bool:
    """Whether a dotted name means something else than a layer: ``keras.initializers.Zeros()``."""
    last = call.class_name.rpartition(".")[2]
    return "." in call.class_name and find_layer(call.class_name) is None and last != "Sequential"


def is_layer_module(module: str) -> bool:
    """Whether a module of a config holds layers, not initializers or policies."""
    parts = module.split(".")
    return "layers" in parts or "keras" not in parts


def is_custom(module: str | None) -> bool:
    """Whether a file says that a class is not one of Keras's, whatever its name."""
    return module is not None and module.partition(".")[0] not in ("keras", "tf_keras", "keras_core", "tensorflow")
