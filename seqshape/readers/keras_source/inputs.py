"""``Input(…)`` and the shapes that a program gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqshape.dims import UNKNOWN, Poly
from seqshape.graph import Argument, Call
from seqshape.graph import Value as Literal
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.readers.keras_source.lazy import is_left_out, name_for
from seqshape.readers.keras_source.literals import argument
from seqshape.readers.keras_source.scope import Site
from seqshape.readers.keras_source.values import Args, Keywords, Layer, Missing, MissingShape, Value, is_missing

if TYPE_CHECKING:
    from seqshape.readers.keras_source.running import Interpreter


INPUT = ("shape", "batch_size", "dtype", "sparse", "batch_shape", "name", "tensor", "optional")


SHAPES = ("shape", "input_shape", "batch_shape", "batch_input_shape", "target_shape", "dims")


def make_input(run: Interpreter, args: Args, kwargs: Keywords, site: Site) -> SymbolicTensor:
    """``Input(…)``: a tensor."""
    given = dict(zip(INPUT, args, strict=False)) | kwargs
    places = {name: site.place(index) for index, name in enumerate(INPUT[: len(args)])}
    given["batch_shape"] = given.pop("batch_input_shape", given.get("batch_shape"))
    if given["batch_shape"] is None:
        del given["batch_shape"]
    arguments = []
    for name, value in given.items():
        if name in ("sparse", "tensor", "optional", "ragged", "type_spec"):
            continue
        if isinstance(value, Missing):
            if is_left_out(run, "InputLayer", name, value, site):
                continue
            value = name_for(run, value, site) if name == "name" else value
        value = as_shape(run, name, value, site)
        arguments.append(argument(run, name, value, site.frame, places.get(name, site.place(name))))
    if run.floatx != "float32" and "dtype" not in given:
        arguments.append(Argument("dtype", Literal(run.floatx, site.span), site.span))
    check_input(run, given, site)
    made = Call("InputLayer", tuple(arguments), site.span, name_span=site.span)
    layer = Layer(made, "keras.layers.InputLayer", site.span)
    before = run.mark_faults()
    layer.bound = run.engine.bind(made)
    run.remember(made)
    flow = run.trace.input(made) if layer.bound is not None else None
    run.refused(before, site.span)
    if flow is None:
        return run.lost(None, "this input is wrong", site.span)
    tensor = SymbolicTensor(flow.ref, flow.tensor, flow.mask, run.trace)
    layer.calls.append((None, tensor))
    run.layer_of[made] = layer
    return tensor


def check_input(run: Interpreter, given: dict[str, Value], site: Site) -> None:
    """Say what today's Keras does not take as the shape of an input, or as its dtype."""
    message = _refusal(run, given)
    if message is not None:
        run.engine.complain(message, "E104", site.span)


def _refusal(run: Interpreter, given: dict[str, Value]) -> str | None:
    from seqshape.policies import is_dtype

    shapes = [given[name] for name in SHAPES[:4] if given.get(name) is not None]
    wrong = next((shape for shape in shapes if _is_refused(run, shape)), None)
    batch, dtype = given.get("batch_size"), given.get("dtype")
    if wrong is not None:
        return f"a shape is a tuple of sizes and None, not {wrong!r:.60}"
    if isinstance(batch, int) and batch < 0:
        return f"a batch has no {batch} samples"
    if len(shapes) > 1:
        return "an input has either a shape or a batch_shape"
    if not shapes and given.get("tensor") is None and given.get("input_tensor") is None:
        return "an input needs a shape"
    if isinstance(dtype, str) and not is_dtype(dtype):
        return f"there is no dtype {dtype!r}"
    return None


def _is_refused(run: Interpreter, shape: Value) -> bool:
    """Whether something is no shape; before Keras 3 a number was one."""
    return not _is_shape(shape) and (run.is_today or not isinstance(shape, int))


def _is_shape(shape: Value) -> bool:
    if is_missing(shape):
        return True
    if not isinstance(shape, (tuple, list)):
        return False
    return all(
        dim is None or dim is UNKNOWN or is_missing(dim) or isinstance(dim, Poly) or (isinstance(dim, int) and dim >= 0)
        for dim in shape
    )


def as_shape(run: Interpreter, name: str, value: Value, site: Site) -> Value:
    """A shape as Keras 3 takes it: lists and numbers of older code, and shapes of which the rank is not known."""
    if name not in SHAPES:
        return value
    if isinstance(value, MissingShape):
        lead = len(value.lead)
        rank = run.rank_of(value.array.name) + (1 if value.start == 0 and name == "batch_shape" and not lead else 0)
        return value.of_rank(rank)
    if isinstance(value, Missing) and name != "dims":
        rank = run.rank_of(value.name)
        return tuple(value.part(f"[{index}]") for index in range(rank))
    is_older = not run.is_today and name in ("shape", "input_shape")
    if is_older and isinstance(value, int) and not isinstance(value, bool):
        run.note(
            "W145", f"a shape is written as the number {value}; it is read as ({value},)", site.span, None, site.frame
        )
        return (value,)
    return value
