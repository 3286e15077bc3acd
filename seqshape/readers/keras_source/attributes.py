"""``x.name``: of libraries, objects, layers, tensors, and of Python's own values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seqshape.diagnostics import Span
from seqshape.dims import UNKNOWN
from seqshape.readers.keras_source import protocols
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.machine import Raised
from seqshape.readers.keras_source.names import LIBRARIES, canonical
from seqshape.readers.keras_source.rooms import room
from seqshape.readers.keras_source.scope import ABSENT, Frame, Module
from seqshape.readers.keras_source.values import (
    Array,
    Batches,
    Class,
    External,
    Function,
    Instance,
    KerasObject,
    Layer,
    Method,
    Missing,
    MissingShape,
    Native,
    Result,
    Super,
    Value,
    Weight,
)
from seqshape.readers.keras_source.variants import Fields, Foreign, Part

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter


def attribute(run: Interpreter, owner: Value, name: str, frame: Frame, node: ast.AST) -> Result:
    """What ``owner.name`` is, or the work that finds it out."""
    if isinstance(owner, External):
        return _of_library(run, owner, name, frame, node)
    if isinstance(owner, Foreign):
        return _of_foreign(run, f"{owner.name}.{name}", owner.span)
    if isinstance(owner, Missing):
        return MissingShape(owner) if name == "shape" else run.missing(f"{owner.name}.{name}", owner.span)
    if isinstance(owner, MissingShape):
        return owner.array.part(f".shape.{name}") if name != "as_list" else Native(name, lambda *_: owner)
    if isinstance(owner, Layer):
        return _of_layer(run, owner, name, frame, node)
    if isinstance(owner, SymbolicTensor):
        from seqshape.readers.keras_source.tensors import tensor_attribute

        return tensor_attribute(run, owner, name, frame.span(node))
    if isinstance(owner, (Instance, Super, Class)):
        return _of_object(run, owner, name, frame, node)
    return _of_value(run, owner, name, frame, node)


def _of_value(run: Interpreter, owner: Value, name: str, frame: Frame, node: ast.AST) -> Result:
    if isinstance(owner, Module):
        found = owner.scope.find(name)
        if found is ABSENT:
            return run.outside(name, Frame(owner.scope, owner), frame.span(node))
        return found
    if isinstance(owner, Array):
        from seqshape.readers.keras_source.arrays import array_attribute

        return array_attribute(run, owner, name, frame.span(node))
    if isinstance(owner, Batches):
        of_data: Value = room("data").batches_attribute(run, owner, name, frame.span(node))
        return of_data
    if isinstance(owner, Weight):
        return _of_weight(owner, name)
    if isinstance(owner, Function) and owner.kind == "property" and name in ("setter", "getter", "deleter"):
        return Native(name, protocols.property_part, owner, name)
    if isinstance(owner, Function):
        return owner.name if name == "__name__" else run.missing(f"{owner.name}.{name}", frame.span(node))
    if isinstance(owner, (KerasObject, Method, Native)):
        return run.unknown_here(node, frame)
    if isinstance(owner, Fields):
        found = room("containers").fields_attribute(owner, name)
        if found is not None:
            return bound(run, found, owner, frame, node)
    from seqshape.readers.keras_source.methods import python_method

    return python_method(run, owner, name, frame, node)


def _of_weight(weight: Weight, name: str) -> Value:
    from seqshape.readers.keras_source.machine import NONSENSE  # noqa: F401

    known = {"shape": weight.shape, "dtype": weight.dtype, "name": weight.name, "trainable": weight.trainable}
    if name in known:
        return known[name]
    if name in ("assign", "assign_add", "assign_sub"):
        return Native(name, lambda *_: None)
    return weight if name in ("value", "numpy") else None


def _of_library(run: Interpreter, owner: External, name: str, frame: Frame, node: ast.AST) -> Value:
    constants: dict[str, Value] = room("library").CONSTANTS
    path = canonical(f"{owner.path}.{name}")
    if path in run.put:
        return run.put[path]
    if path in constants:
        return constants[path]
    if path.partition(".")[0] in LIBRARIES:
        return External(path)
    return _of_foreign(run, path, frame.span(node))


def _of_foreign(run: Interpreter, path: str, span: Span) -> Value:
    """A name of a module of which nothing is known: a class if it begins with a capital, else any value."""
    if path.rpartition(".")[2][:1].isupper():
        return External(path)
    found = run.missing(path, span)
    return Foreign(found.name, span) if isinstance(found, Missing) else found


def _of_layer(run: Interpreter, owner: Layer, name: str, frame: Frame, node: ast.AST) -> Result:
    from seqshape.readers.keras_source.layer_attributes import layer_attribute

    if owner.instance is not None:
        if name in owner.instance.attributes:
            return owner.instance.attributes[name]
        found = owner.instance.cls.find(name)
        if found is not None:
            return bound(run, found, owner, frame, node)
    if name in owner.attributes:
        return owner.attributes[name]
    return layer_attribute(run, owner, name, frame, node)


def bound(run: Interpreter, found: Value, owner: Value, frame: Frame, node: ast.AST) -> Result:
    """What a name of a class is for one of its instances."""
    if isinstance(found, Instance):
        return protocols.of_descriptor(run, found, owner, frame, node)
    if not isinstance(found, Function):
        return found
    if found.kind == "staticmethod":
        return found
    if found.kind == "property":
        return run.call(found, [owner], {}, frame, node)
    return Method(found, owner)


def _of_object(run: Interpreter, owner: Instance | Super | Class, name: str, frame: Frame, node: ast.AST) -> Result:
    if isinstance(owner, Super):
        return _of_super(run, owner, name, frame, node)
    if isinstance(owner, Class):
        found = owner.find(name)
        if isinstance(found, Function) and found.kind == "classmethod":
            return Method(found, owner)
        if found is not None or _says_none(owner, name):
            return found
        if name == "__name__":
            return owner.name
        if name == "from_config":
            return Native(name, room("copies").class_from_config, owner)
        library = owner.library()
        return External(f"{library}.{name}") if library else run.missing(f"{owner.name}.{name}", frame.span(node))
    if isinstance(owner.cls.find("__getattribute__"), Function):
        return run.call(Method(owner.cls.find("__getattribute__"), owner), [name], {}, frame, node)  # type: ignore[arg-type]
    return plain_attribute(run, owner, name, frame, node)


def plain_attribute(run: Interpreter, owner: Instance, name: str, frame: Frame, node: ast.AST) -> Result:
    """An attribute of an object, as every object finds it."""
    found = owner.cls.find(name)
    if name in owner.attributes and not _goes_first(found):
        return owner.attributes[name]
    if found is not None:
        return bound(run, found, owner if getattr(found, "kind", "") != "classmethod" else owner.cls, frame, node)
    if _says_none(owner.cls, name):
        return None
    if name == "__class__":
        return owner.cls
    if name == "__dict__":
        return owner.attributes
    if owner.cls.find("__getattr__") is not None:
        return run.call_method(owner, "__getattr__", [name], {}, frame, node)
    return run.unknown_here(node, frame)


def _says_none(cls: Class, name: str) -> bool:
    """Whether a class says of an attribute that it is ``None``."""
    return any(isinstance(each, Class) and name in each.names for each in cls.lineage())


def _goes_first(found: Value) -> bool:
    """Whether what a class has under a name goes before what an object has: a property, and what else can be set."""
    if isinstance(found, Instance):
        return isinstance(found.cls.find("__set__"), Function)
    return isinstance(found, Function) and found.kind == "property" and found.setter is not None


def _of_super(run: Interpreter, owner: Super, name: str, frame: Frame, node: ast.AST) -> Result:
    found = owner.cls.find(name, owner.cls)
    line = owner.instance.instance.cls if isinstance(owner.instance, Layer) and owner.instance.instance else None
    if line is None and isinstance(owner.instance, (Instance, Class)):
        line = owner.instance.cls if isinstance(owner.instance, Instance) else owner.instance
    if line is not None:
        found = line.find(name, owner.cls)
    if found is not None:
        return bound(run, found, owner.instance, frame, node)
    of_base: Result = room("classes").base_method(run, owner.instance, name, frame, node)
    return of_base


def set_attribute(run: Interpreter, owner: Value, name: str, value: Value, frame: Frame, node: ast.AST) -> Result:
    """``owner.name = value``."""
    instance = owner.instance if isinstance(owner, Layer) else owner
    if isinstance(instance, Instance):
        taken = protocols.takes_value(run, instance.cls.find(name), owner, value, frame, node)
        if taken is not None:
            return taken
    if isinstance(owner, Layer):
        _set_of_layer(run, owner, name, value, frame, node)
        return None
    if isinstance(owner, Instance):
        setter = owner.cls.find("__setattr__")
        if isinstance(setter, Function):
            return run.call(Method(setter, owner), [name, value], {}, frame, node)
        _name_model(name, value)
        owner.attributes[name] = run.named(f"self.{name}", value, frame, node)
        run.note_change(owner, name)
    elif isinstance(owner, Part):
        for each in owner.of:
            if isinstance(each, Layer):
                run.doubt(each, f"nothing tells in which layer {name} is set", frame.span(node), frame.scope, "")
    elif isinstance(owner, External):  # ``tf.model = …``: some programs keep things in a library
        _name_model(name, value)
        run.put[canonical(f"{owner.path}.{name}")] = value
    elif isinstance(owner, Class):
        owner.names[name] = value
    return None


def _name_model(name: str, value: Value) -> None:
    record = getattr(value, "record", None)
    if record is not None:
        record.name_it(name)


def _set_of_layer(run: Interpreter, owner: Layer, name: str, value: Value, frame: Frame, node: ast.AST) -> None:
    from seqshape.readers.keras_source.layer_attributes import set_layer_attribute

    if name in ("trainable", "name", "supports_masking") or owner.instance is None:
        set_layer_attribute(run, owner, name, value, frame, node)
        return
    _name_model(name, value)
    owner.instance.attributes[name] = run.named(f"self.{name}", value, frame, node)
    run.note_change(owner.instance, name)
    track = room("classes").track

    track(owner)


def known_dim(dim: Value) -> Value:
    """A dim as a script sees it: Keras's ``None`` where it is unknown."""
    return None if dim is UNKNOWN else dim


def no_attribute(owner: str, name: str, frame: Frame, node: ast.AST) -> Raised:
    """What Python raises for an attribute that is not there."""
    return Raised(None, "AttributeError", f"{owner} has no attribute {name}", frame.span(node))
