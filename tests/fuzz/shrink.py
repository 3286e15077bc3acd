"""From a recipe on which Keras and seqshape disagree to a small one on which they still disagree in the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.fuzz.check import Verdict, verdict
from tests.oracle.recipe import Apply, Input, Layer, Make, Recipe, Var

MOST = 150  # how many recipes are tried


def signature(found: Verdict) -> str:
    """What kind of disagreement it is: numbers, names and lists left out, so that equal faults look equal."""
    if not found.disagreements:
        return ""
    line = _names_apart(found.disagreements[0])
    line = re.sub(r"(seqshape|Keras) [\[\d(].*?(?=, Keras|$)", r"\1 …", line)
    line = re.sub(r"0x[0-9a-f]+|_?\d+", "", line)
    return re.sub(r"'[^']*'|\([^)]*\)|\[[^\]]*\]", "…", line)[:160]


def _names_apart(line: str) -> str:
    """Of two lists of layer names only those that the other has not."""
    start, is_names, lists = line.partition(": names: seqshape ")
    mine, _, theirs = lists.partition(", Keras ")
    if not is_names:
        return line
    one, two = (re.findall(r"'([^']*)'", names) for names in (mine, theirs))
    apart = [[name for name in names if name not in others] for names, others in ((one, two), (two, one))]
    if not any(apart):
        return f"{start}: order of names"
    return f"{start}: names: seqshape {' '.join(apart[0])}; Keras {' '.join(apart[1])}"


def shrink(recipe: Recipe, judge: Callable[[Recipe], Verdict] = verdict) -> Recipe:
    """The smallest recipe found with the same kind of disagreement."""
    wanted = _kind(judge(recipe))
    tried, idle = 0, len(dead(recipe))
    while True:
        for smaller in simpler(recipe):
            if len(dead(smaller)) > idle:  # what reaches no output is left out: another matter
                continue
            tried += 1
            if tried > MOST:
                return recipe
            if _kind(judge(smaller)) == wanted:
                recipe = smaller
                break
        else:
            return recipe


def _kind(found: Verdict) -> str:
    """The signature without the layer it is about: a shorter model may show the fault at another layer."""
    line = signature(found)
    way, _, rest = line.partition(": ")
    if rest.startswith(("crash", "refused", "accepted")):
        return f"{way} {rest[:90]}"
    return f"{way} {': '.join(rest.split(': ')[1:2])}" if ": " in rest else line


def simpler(recipe: Recipe) -> Iterator[Recipe]:
    """Recipes with a step, an output, an argument or a size less."""
    for index in reversed(range(len(recipe.steps))):
        found = _without(recipe, index)
        if found is not None:
            yield found
    if isinstance(recipe.outputs, list) and len(recipe.outputs) > 1:
        for index in range(len(recipe.outputs)):
            kept = [output for place, output in enumerate(recipe.outputs) if place != index]
            yield recipe._replace(outputs=kept if len(kept) > 1 else kept[0])
    for index, step in enumerate(recipe.steps):
        for changed in _simpler_step(step):
            yield recipe._replace(steps=(*recipe.steps[:index], changed, *recipe.steps[index + 1 :]))


def _without(recipe: Recipe, index: int) -> Recipe | None:
    """The recipe without a step; in a graph, what read its output reads its input instead."""
    steps = (*recipe.steps[:index], *recipe.steps[index + 1 :])
    gone = recipe.steps[index]
    if recipe.kind == "Sequential":
        name = gone.var if isinstance(gone, Make) else None
        kept = tuple(step for step in steps if not (isinstance(step, Var) and step.name == name))
        return recipe._replace(steps=kept) if len(kept) > 1 else None
    if isinstance(gone, Input):
        read = any(gone.var in _names(step) for step in steps) or gone.var in _names(recipe.outputs)
        return None if read or len(recipe.inputs()) == 1 else recipe._replace(steps=steps)
    if isinstance(gone, Make):
        return None if any(gone.var in _names(step) for step in steps) else recipe._replace(steps=steps)
    source = next(iter(_variables(gone.operand)), None)
    if source is None:
        return None
    names = dict.fromkeys(gone.outputs, source)
    replaced = tuple(_renamed(step, names) for step in steps)
    return recipe._replace(steps=replaced, outputs=_distinct(_renamed(recipe.outputs, names)))


def dead(recipe: Recipe) -> list[str]:
    """The names in a graph that reach no output."""
    if recipe.kind != "Functional":
        return []
    live = _names(recipe.outputs)
    for step in reversed(recipe.steps):
        if isinstance(step, Apply) and live.intersection(step.outputs):
            live |= _names(step.operand) | _names(step.kwargs) | _names(step.layer)
    given = [name for step in recipe.steps for name in (step.outputs[:1] if isinstance(step, Apply) else (step.var,))]
    several = {
        name
        for step in recipe.steps
        if isinstance(step, Apply) and live.intersection(step.outputs)
        for name in step.outputs
    }
    return [name for name in given if name not in live | several]


def _distinct(outputs: Any) -> Any:
    return list(dict.fromkeys(outputs)) if isinstance(outputs, list) else outputs


def _variables(data: Any) -> Iterator[Var]:
    if isinstance(data, Var):
        yield data
    elif isinstance(data, Mapping):
        for item in data.values():
            yield from _variables(item)
    elif isinstance(data, (tuple, list)):
        for item in data:
            yield from _variables(item)


def _names(data: Any) -> set[str]:
    return {found.name for found in _variables(data)}


def _renamed(data: Any, names: Mapping[str, Var]) -> Any:
    if isinstance(data, Var):
        return names.get(data.name, data)
    if isinstance(data, (Layer, Input, Make)):
        return data
    if isinstance(data, Apply):
        operand, keywords = _renamed(data.operand, names), _renamed(dict(data.kwargs), names)
        return data._replace(operand=operand, kwargs=keywords)
    if isinstance(data, Mapping):
        return {key: _renamed(item, names) for key, item in data.items()}
    if isinstance(data, (tuple, list)):
        return type(data)(_renamed(item, names) for item in data)
    return data


def _simpler_step(step: Any) -> Iterator[Any]:
    if isinstance(step, Layer):
        yield from _simpler_layer(step)
    elif isinstance(step, Input):
        yield from _simpler_input(step)
    elif isinstance(step, Make):
        inner = _simpler_layer(step.layer) if isinstance(step.layer, Layer) else simpler(step.layer)
        yield from (step._replace(layer=layer) for layer in inner)
    elif isinstance(step, Apply):
        for name in step.kwargs:
            yield step._replace(kwargs={key: item for key, item in step.kwargs.items() if key != name})
        if isinstance(step.layer, Layer):
            yield from (step._replace(layer=layer) for layer in _simpler_layer(step.layer))
    elif isinstance(step, Recipe):
        yield from simpler(step)


def _simpler_layer(layer: Layer) -> Iterator[Layer]:
    for name in layer.kwargs:
        yield layer._replace(kwargs={key: item for key, item in layer.kwargs.items() if key != name})
    if layer.args:
        yield layer._replace(args=layer.args[:-1])
    for index, item in enumerate(layer.args):
        for inner in _simpler_value(item):
            yield layer._replace(args=(*layer.args[:index], inner, *layer.args[index + 1 :]))
    for name, item in layer.kwargs.items():
        for inner in _simpler_value(item):
            yield layer._replace(kwargs={**layer.kwargs, name: inner})


def _simpler_value(item: Any) -> Iterator[Any]:
    if isinstance(item, Layer):
        yield from _simpler_layer(item)
    elif isinstance(item, list) and len(item) > 1 and isinstance(item[0], Layer):
        yield item[1:]
        yield item[:-1]


def _simpler_input(step: Input) -> Iterator[Input]:
    if step.name is not None:
        yield step._replace(name=None)
    if step.batch_size is not None:
        yield step._replace(batch_size=None)
    if step.dtype != "float32":
        yield step._replace(dtype="float32")
    for index, dim in enumerate(step.shape):
        if dim is None:
            yield step._replace(shape=(*step.shape[:index], 4, *step.shape[index + 1 :]))
