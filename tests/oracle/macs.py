"""Multiply-adds counted in the program that JAX makes of a real Keras layer: an oracle for the ``macs`` of the rules.

The convention is the project's: matrix products and convolutions only; a loop counts as often as it runs; a transposed
convolution counts its real inputs, not the zeros put between them; one sample.
"""

from __future__ import annotations

from math import prod
from typing import Any

from tests.oracle import keras_oracle  # sets the backend before keras is imported  # isort: skip
import jax
import keras


class Uncountable(Exception):
    """The program has a loop whose length nothing tells."""


def macs(layer: Any, shapes: list[tuple[int, ...]], dtypes: list[str], *, listed: bool = False) -> int:
    """The multiply-adds of one call of a built layer. ``listed``: it takes its inputs as one list."""
    transposed = any("Transpose" in type(inner).__name__ for inner in layer._flatten_layers())
    tensors = [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]

    def run(*given: Any) -> Any:
        with keras.StatelessScope():
            return layer(list(given)) if listed else layer(*given)

    return count(jax.make_jaxpr(run)(*tensors).jaxpr, transposed=transposed)


def count(program: Any, *, transposed: bool) -> int:
    """The multiply-adds of a jaxpr. ``transposed``: its convolutions are those of a transposed layer."""
    return sum(_equation(equation, transposed) for equation in program.eqns)


def _equation(equation: Any, transposed: bool) -> int:
    name = equation.primitive.name
    if name == "dot_general":
        return _product(equation)
    if name == "conv_general_dilated":
        return _transposed(equation) if transposed else _convolution(equation)
    if name == "cond":
        return max(count(branch.jaxpr, transposed=transposed) for branch in equation.params["branches"])
    inside = sum(count(program, transposed=transposed) for program in _programs(equation.params))
    if name == "while" and inside:
        raise Uncountable
    return inside * (equation.params["length"] if name == "scan" else 1)


def _programs(parameters: dict[str, Any]) -> list[Any]:
    found = []
    for value in parameters.values():
        for item in value if isinstance(value, (tuple, list)) else (value,):
            if hasattr(item, "jaxpr"):
                found.append(item.jaxpr)
            elif hasattr(item, "eqns"):
                found.append(item)
    return found


def _product(equation: Any) -> int:
    (contracted, _), _ = equation.params["dimension_numbers"]
    left = equation.invars[0].aval.shape
    return prod(equation.outvars[0].aval.shape) * prod(left[axis] for axis in contracted)


def _convolution(equation: Any) -> int:
    """Output positions and channels times what each one reads: the window and the channels of its group."""
    kernel, spec = equation.invars[1].aval.shape, equation.params["dimension_numbers"].rhs_spec
    return prod(equation.outvars[0].aval.shape) * prod(kernel[axis] for axis in spec[1:])


def _transposed(equation: Any) -> int:
    """Input positions times the kernel."""
    image, kernel = (variable.aval.shape for variable in equation.invars[:2])
    spec = equation.params["dimension_numbers"].lhs_spec
    return prod(image[axis] for axis in (spec[0], *spec[2:])) * prod(kernel)


def of_model(model: Any) -> dict[str, int | None]:
    """The multiply-adds of each layer of a built model for one sample; ``None`` where nothing can be counted."""
    functional = keras_oracle._functional(model)
    return {operation.name: _of_layer(operation, functional) for operation in functional._operations}


def _of_layer(layer: Any, functional: Any) -> int | None:
    total = 0
    for node in layer._inbound_nodes:
        if node not in keras_oracle._node_set(functional) or not node.input_tensors:
            continue
        shapes = [(1, *tensor.shape[1:]) for tensor in node.input_tensors]
        if any(None in shape for shape in shapes):
            return None
        listed = isinstance(node.arguments.args[0], (list, tuple))
        try:
            total += macs(layer, shapes, [str(tensor.dtype) for tensor in node.input_tensors], listed=listed)
        except Uncountable:
            return None
    return total
