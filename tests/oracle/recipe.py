"""A neutral recipe of a model: plain data that can be built in Keras, written as Python or as a spec, and kept in a
file.

A recipe is what a person would write: layers constructed and applied in order. Nothing in it knows shapes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, Union

from seqshape.registry import operations

# Classes that keras.layers shows under another name only.
PUBLIC = {"GroupedQueryAttention": "GroupQueryAttention"}
# Operations that stand in a part of keras.ops.
IMAGE = frozenset(
    [
        "resize",
        "rgb_to_grayscale",
        "rgb_to_hsv",
        "hsv_to_rgb",
        "affine_transform",
        "perspective_transform",
        "gaussian_blur",
        "elastic_transform",
        "sobel_edges",
        "ssim",
        "extract_patches",
        "map_coordinates",
        "scale_and_translate",
        "pad_images",
        "crop_images",
    ]
)


# Functions of Python's operator module and the functions of keras.ops that symbolic tensors make of them.
OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
    "mod": "mod", "pow": "power", "matmul": "matmul", "neg": "negative", "abs": "absolute", "getitem": "get_item",
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "ne": "not_equal",
    "and_": "logical_and", "or_": "logical_or", "xor": "logical_xor", "invert": "logical_not",
}  # fmt: skip


class Expression(NamedTuple):
    """A Python expression as it stands (a function of keras, a lambda)."""

    text: str


class Layer(NamedTuple):
    """A constructor call: ``class_name`` as in keras.layers, or ``ops.add`` for an operation."""

    class_name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}


class Var(NamedTuple):
    """A name that an earlier step gave: a tensor or a layer."""

    name: str


class Input(NamedTuple):
    """``keras.Input``; ``var`` is what later steps call the tensor, ``name`` the layer's own name."""

    var: str
    shape: tuple[int | None, ...]
    batch_size: int | None = None
    dtype: str = "float32"
    name: str | None = None


class Make(NamedTuple):
    """A layer or a nested model that gets a name, so that it can be used more than once."""

    var: str
    layer: Union[Layer, Recipe]


class Apply(NamedTuple):
    """A layer applied to tensors.

    ``outputs`` are the names of what comes out, as many as the layer returns. A tuple as ``operand`` is several
    positional arguments, a list is one argument that is a list.
    """

    outputs: tuple[str, ...]
    layer: Layer | Var
    operand: Operand
    kwargs: Mapping[str, Any] = {}


Operand: TypeAlias = Union[Var, "list[Operand]", "tuple[Operand, ...]"]


class Recipe(NamedTuple):
    """``kind`` is ``Sequential`` (steps: an Input or none, then Layers and Vars, Makes before them) or ``Functional``
    (steps: Input, Make, Apply; ``outputs``: a Var or a list of them)."""

    kind: str
    steps: tuple[Any, ...]
    outputs: Operand = ()
    name: str | None = None
    trainable: bool = True

    def inputs(self) -> list[Input]:
        """The inputs in order."""
        return [step for step in self.steps if isinstance(step, Input)]


def sequential(calls: Iterable[Any], shape: Sequence[int | None], batch_size: int | None, dtype: str | None) -> Recipe:
    """The recipe of a case of the facts: ``calls`` are constructor calls as data."""
    start = Input("x", tuple(shape) if isinstance(shape, list) else shape, batch_size, dtype or "float32")
    return Recipe("Sequential", (start, *map(value_of, calls)))


def value_of(data: Any) -> Any:
    """A value of the facts: ``{"class": …}`` is a layer or a nested Sequential, ``{"expr": …}`` a Python expression."""
    if isinstance(data, dict) and data.get("class") == "keras.Sequential":
        return Recipe("Sequential", tuple(map(value_of, data["args"][0])), (), **data["kwargs"])
    if isinstance(data, dict) and set(data) == {"expr"}:
        return Expression(data["expr"])
    if isinstance(data, dict) and "class" in data:
        arguments = tuple(map(value_of, data["args"]))
        return Layer(data["class"], arguments, {name: value_of(item) for name, item in data["kwargs"].items()})
    if isinstance(data, dict):
        return {name: value_of(item) for name, item in data.items()}
    return [value_of(item) for item in data] if isinstance(data, list) else data


def function_of(layer: Layer) -> str | None:
    """The function of keras.ops that a layer of a recipe is: ``ops.add``, or ``operator.add`` for Python's ``+``."""
    space, _, name = layer.class_name.partition(".")
    return name if space == "ops" else OPERATORS.get(name) if space == "operator" else None


def function_arguments(name: str, tensors: Sequence[Any], given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What a function of keras.ops is called with: the tensors that are fed take the operands that no keyword names."""
    kind, keywords = operations()[name], dict(given)
    if kind.variadic:
        first = [keywords.pop("subscripts")] if "subscripts" in keywords else []
        return [*first, *tensors], keywords
    free = [key for key in kind.inputs if key not in keywords]
    return [], {**dict(zip(free, tensors, strict=False)), **keywords}


def values(recipe: Recipe) -> Iterable[Any]:
    """Every value in a recipe, those inside others too."""
    waiting: list[Any] = [recipe]
    while waiting:
        here = waiting.pop()
        yield here
        if isinstance(here, (tuple, list)):
            waiting.extend(here)
        elif isinstance(here, Mapping):
            waiting.extend(here.values())


# --- as a live Keras model --------------------------------------------------------------------------------------------


def build(recipe: Recipe) -> Any:
    """The live Keras model. Raises whatever Keras raises."""
    import keras

    return _Build(keras).model(recipe)


def construct(layer: Layer) -> Any:
    """One live Keras layer. Raises whatever Keras raises."""
    import keras

    return _Build(keras).value(layer)


class _Build:
    def __init__(self, keras: Any) -> None:
        self.keras = keras
        self.known: dict[str, Any] = {}

    def model(self, recipe: Recipe) -> Any:
        options: dict[str, Any] = {} if recipe.trainable else {"trainable": False}
        if recipe.name is not None:
            options["name"] = recipe.name
        if recipe.kind == "Sequential":
            return self.keras.Sequential([part for step in recipe.steps for part in self.part(step)], **options)
        for step in recipe.steps:
            self.step(step)
        inputs = [self.known[step.var] for step in recipe.inputs()]
        return self.keras.Model(inputs if len(inputs) > 1 else inputs[0], self.value(recipe.outputs), **options)

    def part(self, step: Any) -> list[Any]:
        if isinstance(step, Make):
            self.known[step.var] = self.value(step.layer)
            return []
        return [self.input(step) if isinstance(step, Input) else self.value(step)]

    def step(self, step: Any) -> None:
        if isinstance(step, Input):
            self.known[step.var] = self.input(step)
        elif isinstance(step, Make):
            self.known[step.var] = self.value(step.layer)
        else:
            self.apply(step)

    def input(self, step: Input) -> Any:
        return self.keras.Input(step.shape, batch_size=step.batch_size, dtype=step.dtype, name=step.name)

    def apply(self, step: Apply) -> None:
        operand = self.value(step.operand)
        tensors = operand if isinstance(step.operand, tuple) and not isinstance(step.operand, Var) else (operand,)
        keywords = {name: self.value(item) for name, item in step.kwargs.items()}
        if isinstance(step.layer, Layer) and function_of(step.layer) is not None:
            result = self.operation(step.layer, tensors, {**self.keywords(step.layer), **keywords})
        else:
            result = self.value(step.layer)(*tensors, **keywords)
        if len(step.outputs) == 1:
            self.known[step.outputs[0]] = result
            return
        parts = list(result)
        if len(parts) != len(step.outputs):
            raise ValueError(f"{len(step.outputs)} names for {len(parts)} outputs")
        self.known.update(zip(step.outputs, parts, strict=True))

    def operation(self, layer: Layer, tensors: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """A call of keras.ops, or what Python's operator makes of the operands."""
        name = function_of(layer) or ""
        args, given = function_arguments(name, tensors, keywords)
        if layer.class_name.startswith("operator."):
            kind = operations()[name]
            return getattr(operator, layer.class_name[9:])(*(given[key] for key in kind.inputs if key in given))
        return getattr(self.keras.ops.image if name in IMAGE else self.keras.ops, name)(*args, **given)

    def keywords(self, layer: Layer) -> dict[str, Any]:
        return {name: self.value(item) for name, item in layer.kwargs.items()}

    def value(self, data: Any) -> Any:
        if isinstance(data, Recipe):
            return self.model(data)
        if isinstance(data, Layer):
            made = getattr(self.keras.layers, PUBLIC.get(data.class_name, data.class_name))
            args = [self.value(item) for item in data.args]  # before the keywords, as Python does
            return made(*args, **self.keywords(data))
        if isinstance(data, Var):
            return self.known[data.name]
        if isinstance(data, Expression):
            return eval(data.text, {"keras": self.keras})
        if isinstance(data, Mapping):
            return {name: self.value(item) for name, item in data.items()}
        if isinstance(data, (tuple, list)):
            return type(data)(self.value(item) for item in data)
        return data


# --- as Python --------------------------------------------------------------------------------------------------------


def python(recipe: Recipe) -> str:
    """The source of a script that builds the model, as a person would write it; it defines ``model``."""
    lines = [""]
    _write_model(recipe, "model", lines)
    if any("operator." in line for line in lines):
        lines.insert(0, "import operator")
    return "\n".join(["import keras", "from keras import layers", *lines]) + "\n"


def _write_model(recipe: Recipe, name: str, lines: list[str]) -> None:
    options = "" if recipe.name is None else f", name={recipe.name!r}"
    options += "" if recipe.trainable else ", trainable=False"
    parts: list[str] = []
    for step in recipe.steps:
        written = _write_step(step, lines)
        if recipe.kind == "Sequential" and written is not None:
            parts.append(written)
        elif isinstance(step, Input):
            lines.append(f"{step.var} = {written}")
    if recipe.kind == "Sequential":
        lines.append(f"{name} = keras.Sequential([{', '.join(parts)}]{options})")
        return
    inputs = [step.var for step in recipe.inputs()]
    listed = f"[{', '.join(inputs)}]" if len(inputs) > 1 else inputs[0]
    lines.append(f"{name} = keras.Model({listed}, {source(recipe.outputs)}{options})")


def _write_step(step: Any, lines: list[str]) -> str | None:
    if isinstance(step, Input):
        extra = [
            ("batch_size", step.batch_size),
            ("dtype", step.dtype if step.dtype != "float32" else None),
            ("name", step.name),
        ]
        given = "".join(f", {key}={item!r}" for key, item in extra if item is not None)
        return f"keras.Input(shape={step.shape!r}{given})"
    if isinstance(step, Make):
        if isinstance(step.layer, Recipe):
            _write_model(step.layer, step.var, lines)
        else:
            lines.append(f"{step.var} = {source(step.layer)}")
        return None
    if isinstance(step, Apply):
        lines.append(f"{', '.join(step.outputs)} = {_write_apply(step)}")
        return None
    return source(step)


def _write_apply(step: Apply) -> str:
    several = isinstance(step.operand, tuple) and not isinstance(step.operand, Var)
    operand = ", ".join(map(source, step.operand)) if several else source(step.operand)
    keywords = [f"{name}={source(item)}" for name, item in step.kwargs.items()]
    if isinstance(step.layer, Layer) and function_of(step.layer) is not None:
        return _write_operation(step, step.layer)
    return f"{source(step.layer)}({', '.join([operand, *keywords])})"


def _write_operation(step: Apply, layer: Layer) -> str:
    tensors = step.operand if isinstance(step.operand, tuple) and not isinstance(step.operand, Var) else (step.operand,)
    name = function_of(layer) or ""
    args, given = function_arguments(name, tensors, {**layer.kwargs, **step.kwargs})
    words = [*map(source, args), *(f"{key}={source(item)}" for key, item in given.items())]
    if layer.class_name.startswith("operator."):
        return (
            f"{layer.class_name}({', '.join(source(given[key]) for key in operations()[name].inputs if key in given)})"
        )
    return f"keras.ops.{'image.' if name in IMAGE else ''}{name}({', '.join(words)})"


def _sequential_source(recipe: Recipe) -> str:
    """A Sequential inside an expression."""
    options = "" if recipe.name is None else f", name={recipe.name!r}"
    options += "" if recipe.trainable else ", trainable=False"
    parts = [_write_step(step, []) or "" for step in recipe.steps]
    return f"keras.Sequential([{', '.join(parts)}]{options})"


def plain(value: Any) -> str:
    """A plain value as Python source."""
    strange = isinstance(value, float) and not -float("inf") < value < float("inf")
    return f"float({str(value)!r})" if strange else repr(value)


def source(
    data: Any,
    prefix: str = "layers.",
    literal: Callable[[Any], str] = plain,
    model: Callable[[Recipe], str] | None = None,
) -> str:
    """A value as Python source. ``prefix`` stands before the name of a layer class; ``model`` writes a model inside."""

    def inner(item: Any) -> str:
        return source(item, prefix, literal, model)

    if isinstance(data, Layer):
        arguments = [*map(inner, data.args), *(f"{name}={inner(item)}" for name, item in data.kwargs.items())]
        return f"{prefix}{PUBLIC.get(data.class_name, data.class_name)}({', '.join(arguments)})"
    if isinstance(data, (Var, Expression)):
        return data[0]
    if isinstance(data, Recipe):
        return model(data) if model is not None else _sequential_source(data)
    if isinstance(data, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {inner(item)}" for key, item in data.items()) + "}"
    if isinstance(data, list):
        return f"[{', '.join(map(inner, data))}]"
    if isinstance(data, tuple):
        return f"({', '.join(map(inner, data))}{',' if len(data) == 1 else ''})"
    return literal(data)
