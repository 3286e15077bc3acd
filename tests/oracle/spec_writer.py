"""Recipes as specs: Keras layer calls as in Python are valid in a spec, so only the joints differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.oracle.recipe import Apply, Expression, Input, Make, Recipe, Var, function_of, source, values

# Layers with an initial state as the second argument of a call.
STATEFUL = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})


def spec(recipe: Recipe) -> str:
    """The spec of a recipe: one chain for a Sequential, statements for a Functional.

    Raises ValueError if a spec cannot say it: a lambda, a nested Functional or a nested Sequential of one layer.
    """
    for value in values(recipe):
        if isinstance(value, Expression) and "lambda" in value.text:
            raise ValueError("a spec has no lambda")
    return _chain(recipe) if recipe.kind == "Sequential" else _statements(recipe)


def is_writable(recipe: Recipe) -> bool:
    """Whether a spec can say it."""
    try:
        spec(recipe)
    except ValueError:
        return False
    return True


def value(data: Any) -> str:
    """A value in an argument list."""
    return source(data, prefix="", literal=_literal, model=_nested)


def _nested(recipe: Recipe) -> str:
    """A Sequential as an argument (of a wrapper) is a chain in place."""
    if recipe.kind != "Sequential" or recipe.inputs() or len(recipe.steps) < 2:
        raise ValueError("a chain in an argument is a Sequential of at least two layers")
    return _chain(recipe)


def _literal(data: Any) -> str:
    if isinstance(data, slice) or data is ...:
        raise ValueError("a spec has no slices")
    if isinstance(data, float):
        return _float(data)
    return repr(data)


def _float(data: float) -> str:
    """A float needs a digit after its point: ``1e-05`` is one, and so is ``1.0``."""
    if data != data or data in (float("inf"), float("-inf")):
        raise ValueError(f"a spec has no {data}")
    return repr(data)


def _chain(recipe: Recipe) -> str:
    """Names on lines of their own, then the chain."""
    if recipe.name is not None or not recipe.trainable:
        raise ValueError("a spec gives a model no name and freezes none")
    lines = [f"{step.var} = {_made(step)}" for step in recipe.steps if isinstance(step, Make)]
    parts = [_part(step) for step in recipe.steps if not isinstance(step, Make)]
    return "\n".join([*lines, " > ".join(parts)])


def _part(step: Any) -> str:
    if isinstance(step, Input):
        return _input(step)
    if isinstance(step, Recipe):
        raise ValueError("a nested model in a chain needs a name")
    return value(step)


def _made(step: Make) -> str:
    return value(step.layer)


def _input(step: Input) -> str:
    given = {"batch_size": step.batch_size, "dtype": step.dtype if step.dtype != "float32" else None, "name": step.name}
    extra = "".join(f", {name}={item!r}" for name, item in given.items() if item is not None)
    return f"Input(shape={step.shape!r}{extra})"


def _statements(recipe: Recipe) -> str:
    if recipe.name is not None or not recipe.trainable:
        raise ValueError("a spec gives a model no name and freezes none")
    lines = [_statement(_with_state(step, recipe)) for step in recipe.steps]
    outputs = recipe.outputs
    if isinstance(outputs, list) and len(outputs) == 1:  # one output in a list is that output, for Keras too
        outputs = outputs[0]
    return "\n".join([*lines, _operand(outputs)])


def _statement(step: Any) -> str:
    if isinstance(step, Input):
        return f"{step.var} = {_input(step)}"
    if isinstance(step, Make):
        return f"{step.var} = {_made(step)}"
    return f"{', '.join(step.outputs)} = {_operand(step.operand)} > {_applied(step)}"


def _with_state(step: Any, recipe: Recipe) -> Any:
    """A state that Keras gets by position stands by keyword in a spec, where a list would be a layer's inputs."""
    if not isinstance(step, Apply) or not isinstance(step.operand, tuple) or len(step.operand) != 2:
        return step
    made = {other.var: other.layer for other in recipe.steps if isinstance(other, Make)}
    layer = made.get(step.layer.name) if isinstance(step.layer, Var) else step.layer
    if getattr(layer, "class_name", None) not in STATEFUL:
        return step
    sequence, state = step.operand
    return step._replace(operand=sequence, kwargs={**step.kwargs, "initial_state": state})


def _applied(step: Apply) -> str:
    if isinstance(step.layer, Var):
        return f"{step.layer.name}({_keywords(step.kwargs)})" if step.kwargs else step.layer.name
    function = function_of(step.layer)
    name = step.layer.class_name if function is None else f"ops.{function}"
    return value(step.layer._replace(class_name=name, kwargs={**step.layer.kwargs, **step.kwargs}))


def _keywords(keywords: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value(item)}" for name, item in keywords.items())


def _operand(operand: Any) -> str:
    if isinstance(operand, Var):
        return operand.name
    if len(operand) < 2:
        raise ValueError("in a spec one item in brackets is a group, no list")
    return f"({', '.join(map(_operand, operand))})"
