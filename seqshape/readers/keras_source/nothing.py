"""What to do with a program that builds no model that can be read: call a function or a class of it, or give another file."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from seqshape.readers.keras_source.calls import required
from seqshape.readers.keras_source.values import Class, External, Function, Value

_LOADERS = ("load_model", "load_weights", "model_from_json", "from_config")


def help_for(names: Mapping[str, Value], called: Iterable[Value], code: str, shown: str) -> str:
    """The sentence. ``names`` are those of the module, ``called`` the functions that have been called."""
    begun = list(called)
    for name, value in names.items():
        if isinstance(value, Function) and required(value) and value not in begun:
            return f"to call a function of it: {_call(shown, name, required(value))}"
    for name, value in names.items():
        if not isinstance(value, Class):
            continue
        if _is_of(value, "torch"):
            told = "seqshape summarize 'nn.Linear(10,2)' says what a layer of it is in Keras"
            return f"{name} is a module of PyTorch, and seqshape reads models of Keras; {told}"
        start = value.names.get("__init__")
        wanted = required(start)[1:] if isinstance(start, Function) else []
        if wanted and _is_of(value, "Model"):
            return f"to make one of its class: {_call(shown, name, wanted)}"
    loaded = _loaded(code)
    if loaded is not None:
        return "it loads a model: give seqshape that file" + (f", {loaded}" if loaded else "")
    return "a model is what keras.Sequential, keras.Model or a class of the source makes: give the file that builds it"


def _call(shown: str, name: str, arguments: list[str]) -> str:
    return f"{shown}::{name} --call '{', '.join(f'{each}=…' for each in arguments)}'"


def _is_of(value: Class, word: str) -> bool:
    """Whether a class is made from one of a library whose name has the word."""
    return any(isinstance(each, External) and word in each.path.split(".") for each in value.lineage())


def _loaded(code: str) -> str | None:
    """The file that a program loads a model from, empty where it is not written out; ``None`` if it loads none."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Attribute, ast.Name)):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in _LOADERS:
                first = node.args[0] if node.args else None
                return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return None
