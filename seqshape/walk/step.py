"""One node of a walk: operands gathered, the rule run, its complaint reported, masks passed on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seqshape.bind.layer import NONSENSE, Bound, Layer, Nested, Opaque, senseless, undecided, with_inner
from seqshape.bind.template import Key, effect_key, effect_of, keep_effect
from seqshape.diagnostics import SITUATION, Diagnostic, Fault, Label, Remark, listening, situation
from seqshape.dims import UNKNOWN, Inconclusive, Poly, recording
from seqshape.graph import UNNAMED, Node, Operand, Ref, Value, references
from seqshape.keras import pinned
from seqshape.keras.masks import Masks, Wiring
from seqshape.keras.stored import stored_weights
from seqshape.reach import NOTHING, UNSEEN, Reach
from seqshape.structure import EMPTY, mapped
from seqshape.tensor import (
    Effect,
    Frozen,
    Mask,
    Shape,
    Tensor,
    Unknowable,
    check_bounds,
    check_named,
    count,
    each_tensor,
    flatten,
    is_float,
    show,
)
from seqshape.walk.call import call_layer, cast, spread
from seqshape.walk.flow import LISTED, LOST, Done, Flow, flat, flows_in, tensors_of
from seqshape.walk.state import State, fits, holds_unknown, is_simple, placed, weights_of

PASSIVE = frozenset({"keep", "drop", "none"})  # what becomes of no mask is no mask


class Step(Wiring):
    """One node of a walk: operands gathered, the rule run, its complaint reported, masks passed on."""

    def __init__(self, model: State, done: dict[Node, Done]) -> None:
        self.model = model
        self.session = model.session
        self.done = done
        self.first = done is model.done  # only then Keras makes nodes
        self.masked = self.first and model.graph.masked and model.session.version.wires
        self._bound = model.session.binder.bound

    def operand(self, operand: Operand) -> Any:
        """The flows of a structure, LOST in the place of one that is not known, and literals as they are."""
        return mapped(self._leaf, operand)

    def _leaf(self, leaf: Ref | Value) -> object:
        return self._flow(leaf) if type(leaf) is Ref else leaf.plain()  # type: ignore[union-attr]

    def _flow(self, ref: Ref) -> object:
        ref = self.model.cut.get(ref.node, ref)
        found = self.done.get(ref.node)
        if found is None or found.outputs is None:
            return LOST
        if ref.output is None:
            return found.outputs
        items = found.outputs if self.model.graph.masked else flat(found.outputs)
        items = [items] if type(items) is Flow else items
        if ref.output >= len(items) and found.node.span.pointer is not None:  # a spec says it where it unpacks
            message = f"reads output {ref.output} of {found.layer.name}, which gives {len(items)}"
            raise Fault(message, code="E202", help="outputs are counted from 0")
        return items[ref.output] if ref.output < len(items) else LOST

    def apply(self, node: Node, given: Tensor | None) -> Done:
        """Walk one node. A complaint is reported, and nothing is known of its outputs."""
        layer = self._bound.get(node.call) or self.session.bind(node.call)
        if node in self.model.ports:
            return self._input(node, layer, given)
        inputs: tuple[Flow | None, ...] = ()
        try:
            found = self._simply(node, layer) if type(layer) is Layer else None
            if type(found) is Flow:
                inputs = (found,)
                return self._straight(node, layer, found)
            if found is not None:
                inputs = found
                return self._merged(node, layer, found)
            args, kwargs = self._operands(node, layer)
            inputs = tuple(flows_in([args, kwargs]))
            if layer is None:
                return Done(node, layer, inputs, None, None)  # type: ignore[arg-type] # nobody asks for it
            if None in inputs or node.untold or not self._hold(node, layer):
                return self._unknown(node, layer, inputs)
            self.session.step(node)
            return self._run(node, layer, args, kwargs)
        except Unknowable:
            return self._unknown(node, layer, inputs)
        except Fault as fault:
            self._report(fault, node, layer)
        except NONSENSE:  # what is fed or said by keyword is of no kind that could be checked
            self._report(_stumbled(layer), node, layer)
        except Inconclusive as question:
            self._report(undecided(question), node, layer)
        return Done(node, layer, inputs, None, None)

    def _operands(self, node: Node, layer: Bound) -> tuple[list[object], dict[str, object]]:
        """What flows into a node, the literals of an operation in their places."""
        if isinstance(layer, Layer) and layer.operands:
            self.model.placed[node] = placed(node, layer)
        positional, named = self.model.operands(node)
        return self.operand(list(positional)), self.operand(named)

    # --- the straight path: one tensor in, or one list; nothing by keyword, no mask, no cast that would be a node -----

    def _simply(self, node: Node, layer: Layer) -> Flow | tuple[Flow, ...] | None:
        """The one tensor that a node reads, or those of one list; ``None`` where there is more to it."""
        args, model = node.args, self.model
        if len(args) != 1 or model.cut:
            return None
        if (node.seldom is not None or layer.seldom is not None) and not is_simple(node, layer):
            return None
        source, form = args[0], layer.form
        if type(source) is not Ref or not form.plain:
            return self._several(source, layer) if form.merges else None
        producer, output = source
        found = None if output else self.done.get(producer)
        flow = found.outputs if found is not None else None
        return flow if type(flow) is Flow and not (self.masked and flow.mask is not None) else None

    def _straight(self, node: Node, layer: Layer, flow: Flow) -> Done:
        """Walk a node that reads one tensor and nothing else."""
        session, tensor = self.session, flow.tensor
        session.step(node)
        wanted, dtype = layer.form.dtypes[layer.dtype][0], tensor.dtype
        if wanted != dtype and wanted is not None and self.first and is_float(dtype or ""):
            if self.masked:
                return self._run(node, layer, [flow], {})
            tensor = Tensor(tensor.shape, wanted) if layer.autocast else tensor
        effect = self._known(layer, flow, tensor)
        out, _, _, _, mask, circular = effect
        passes = not self.masked or (type(mask) is Mask and mask.op in PASSIVE)
        if type(out) is not Tensor or circular or not passes:
            return self._outcome(node, layer, [flow], {}, effect, Masks(self, self.masked, node, layer, [flow], {}))
        session.made(node.call, 1)
        return Done(node, layer, flow, Flow(out, node), effect)

    def _known(self, layer: Layer, flow: Flow, tensor: Tensor) -> Effect:
        """The effect of a layer on one tensor, and its weights: that of an equal one, if it is known. Raises Fault."""
        built, key = layer in self.model.weights, None
        template = None if SITUATION.get() else layer.template
        if template is not None and layer.numbers is not None:
            key = effect_key(template, layer.numbers, (tensor,), built)
            known = effect_of(key)
            if known is not None:
                return self._as_known(layer, flow, known, built)
        needs = len(self.session.needs)
        if template is not None and not built and Poly not in map(type, tensor.shape):  # nothing to tell the rule
            if layer.type.pinned:
                self._pin(layer, flow.tensor.shape)
            effect = layer.run((tensor,), EMPTY)
        else:
            effect = self._heard(layer, flow, tensor)
        is_quiet = needs == len(self.session.needs)
        self._fix_weights(layer, effect)
        if layer.seldom is not None:
            is_quiet = is_quiet and not layer.remarks
            self._remark(layer, [])
        out = effect.out
        if type(out) is Tensor and out.shape is not tensor.shape:
            check_bounds(out)
        if key is not None and is_quiet:
            keep_effect(key, effect)
        return effect

    def _as_known(self, layer: Layer, flow: Flow, effect: Effect, built: bool) -> Effect:
        """What an equal layer did, done by this one."""
        if layer.seldom is not None:
            layer.build()
        if layer.type.pinned:
            self._pin(layer, flow.tensor.shape)
        if built:
            self._compare_weights(layer, self.model.weights[layer], effect)
        else:
            self.model.weights[layer] = effect.weights  # type: ignore[assignment]
        return effect

    def _heard(self, layer: Layer, flow: Flow, tensor: Tensor) -> Effect:
        """What a layer does, which is told what Keras does with it; what named sizes need is noted. Raises Fault."""
        with recording() as needs:
            if layer.type.pinned:
                self._pin(layer, flow.tensor.shape)
            state = self._state(layer)
            if state or SITUATION.get():
                with situation(*state, fresh=True):
                    effect = layer.run((tensor,), EMPTY)
            else:
                effect = layer.run((tensor,), EMPTY)
        self.session.needs.extend(needs)
        return effect

    def _several(self, listed: Operand, layer: Layer) -> tuple[Flow, ...] | None:
        """The tensors of a list, as the layer takes them; ``None`` where something else is in it."""
        flows: list[Flow] = []
        for ref in listed if type(listed) is list else (listed,):
            found = self.done.get(ref.node) if type(ref) is Ref and not ref.output else None
            flow = found.outputs if found is not None else None
            if type(flow) is not Flow or flow.mask is not None or flow.tensor.dtype != layer.input_dtype:
                return None
            flows.append(flow)
        return tuple(flows) if type(listed) is list else None

    def _merged(self, node: Node, layer: Layer, flows: tuple[Flow, ...]) -> Done:
        """Walk a node that reads a list of tensors and nothing else: as an equal one, if what that did is known."""
        built = layer in self.model.weights
        key = None
        if layer.numbers is not None and layer.template is not None and not (layer.type.pinned or SITUATION.get()):
            key = effect_key(layer.template, layer.numbers, [flow.tensor for flow in flows], built)
        effect = effect_of(key)
        self.session.step(node)
        if effect is None:
            return self._merged_anew(node, layer, list(flows), key)
        layer.build()
        if not built:
            self.model.weights[layer] = effect.weights  # type: ignore[assignment]
        elif effect.weights:
            self._compare_weights(layer, self.model.weights[layer], effect)
        self.session.made(node.call, 1)
        return Done(node, layer, flows, Flow(effect.out, node), effect, LISTED)  # type: ignore[arg-type]

    def _merged_anew(self, node: Node, layer: Layer, flows: list[Flow], key: Key | None) -> Done:
        """Run a layer on a list of tensors, and keep what it does if there is nothing to say of it."""
        session = self.session
        before = session.said, len(session.needs)
        done = self._run(node, layer, [flows], {})
        out = done.outputs
        is_quiet = before == (session.said, len(session.needs))
        effect = done.effect
        is_plain = type(out) is Flow and out.node is node and not out.output and out.mask is None
        if key is not None and is_quiet and is_plain and effect is not None and effect.out == out.tensor:
            keep_effect(key, effect)
        return done

    def _hold(self, node: Node, layer: Bound) -> bool:
        """Hand an operation the tensors that Keras gives its constructor, which are not wired to it.

        Gives whether all is known of them.
        """
        if not isinstance(layer, Layer) or not self.first:
            return True
        for name, operand in node.held.items():
            given = self.operand(operand)
            if None in flows_in([given]):
                return False
            layer.hold(name, tensors_of(given))
        return True

    def _input(self, node: Node, layer: Bound, given: Tensor | None) -> Done:
        self.model.weights.setdefault(layer, EMPTY)
        if given is None or layer is None:
            return Done(node, layer, (), None, None)
        try:
            self._ask_input(layer, given)
            check_bounds(given)
        except Fault as fault:
            self._report(fault, node, layer)
            return Done(node, layer, (), None, None)
        return Done(node, layer, (), Flow(given, node), Effect(given))

    def _ask_input(self, layer: Bound, given: Tensor) -> None:
        """Report what an input has to say of its own arguments. Raises Fault. One like it that had nothing to say is known."""
        key = None
        if type(layer) is Layer and layer.seldom is None and not SITUATION.get():
            if layer.template is not None and layer.numbers is not None:
                key = effect_key(layer.template, layer.numbers, (given,), False)
            if key is not None and effect_of(key) is not None:
                return
        with recording() as needs:
            effect = layer() if isinstance(layer, Layer) else None
            check_named(given.shape)
        self.session.needs.extend(needs)
        if key is not None and effect is not None and not needs and not layer.remarks:
            keep_effect(key, effect)
        self._remark(layer, [])

    # --- any other call ------------------------------------------------------------------------------------------------

    def _run(self, node: Node, layer: Bound, args: list[object], kwargs: dict[str, object]) -> Done:
        args = spread(layer, args)
        masks = Masks(self, self.masked, node, layer, args, kwargs)
        mask = masks.filled(args, kwargs)
        if mask is not None:
            self.model.filled[node] = mask
            kwargs = {**kwargs, "mask": self.operand(mask)}
        with recording() as needs, listening() as remarks, situation(*self._state(layer), fresh=True):
            self._check_pinned(layer, args)
            effect = call_layer(layer, self._cast(layer, tensors_of(args)), self._cast(layer, tensors_of(kwargs)))
        self._fix_weights(layer, effect)
        self.session.needs.extend(needs)
        self._remark(layer, remarks)
        return self._outcome(node, layer, args, kwargs, effect, masks)

    def _outcome(
        self, node: Node, layer: Bound, args: list[Any], kwargs: dict[str, object], effect: Effect, masks: Masks
    ) -> Done:
        """What is known of a node whose layer has been called."""
        inputs = tuple(flows_in([args, kwargs]))
        if effect.out is None:
            return self._unread(node, layer, inputs, effect.weights)
        wires = self.first and self.session.version.wires
        if wires and effect.circular and args[0].tensor == cast(layer, args[0].tensor):
            return self._cut(node, layer, args)
        effect = effect._replace(circular=False)
        for tensor in flatten(effect.out):
            check_bounds(tensor)
        counter = iter(range(10**9))
        outputs = each_tensor(lambda tensor: Flow(tensor, node, next(counter)), effect.out)
        self.session.made(node.call, next(counter))
        outputs = masks.mark(outputs, effect)
        return Done(node, layer, inputs, outputs, effect, (tuple(args), kwargs))

    def _cast(self, layer: Bound, operands: object) -> Any:
        """On a model's first walk Keras calls its layers; later it only asks them for their outputs, and casts nothing."""
        return cast(layer, operands) if self.first else operands

    def _unknown(self, node: Node, layer: Bound, inputs: tuple[Flow | None, ...]) -> Done:
        """A node whose inputs are not known, or whose layer cannot say what it does: what the file records is all
        there is.

        After a fault nothing is recorded that could help.
        """
        if self.session.faults:
            return Done(node, layer, inputs, None, None)
        weights = weights_of(layer) if isinstance(layer, Nested) else stored_weights(layer)
        if weights is not None:
            self.model.weights.setdefault(layer, weights)
        return self._unread(node, layer, inputs, weights)

    def _unread(self, node: Node, layer: Bound, inputs: tuple[Flow | None, ...], weights: Any) -> Done:
        """A node that no rule tells the outputs of."""
        outputs = self._recorded(node)
        if inputs and None not in inputs and not isinstance(layer, Nested):
            self._remark(layer, [_unread(layer, outputs, weights)])
        from seqshape.layers.core import unknown

        tensors = [flow.tensor for flow in inputs if flow is not None]
        reach: Reach | tuple[Reach, ...] = UNSEEN if None in inputs else NOTHING
        if tensors and None not in inputs:
            reach = tuple(unknown(tensors, flow.tensor.shape) for flow in flat(outputs))
        return Done(node, layer, inputs, outputs, Effect(None, weights or {}, UNKNOWN, reach))

    def _cut(self, node: Node, layer: Bound, args: list[Any]) -> Done:
        """A layer whose output is its input tensor: Keras's graph then begins behind it, with a copy of the input.

        Raises Fault where that makes a circle: behind another layer, or at the end.
        """
        flow, graph = args[0], self.model.graph
        if flow.ref.node not in graph.inputs or any(ref.node is node for ref in references(graph.outputs)):
            raise Fault(
                "gives its input tensor itself, which makes a circle of the graph: Keras refuses it", code="E202"
            )
        origin = self.session.binder.get(flow.ref.node.call)
        if flow.ref.node is graph.inputs[0]:
            origin.name = self.session.clone_name(flow.ref.node)
        self.model.cut[node] = flow.ref
        return Done(node, layer, (), flow, Effect(flow.tensor, circular=True), ((flow,), EMPTY))

    def _recorded(self, node: Node) -> object:
        """What the file itself says of the outputs, for a layer whose class cannot tell; ``None`` if it says nothing."""
        count = len(node.recorded)
        if not count or set(node.recorded) != set(range(count)):
            return None
        shapes = [node.recorded[index] for index in range(count)]
        flows = [
            Flow(Tensor(tuple(UNKNOWN if dim is None else dim for dim in shape), dtype or "float32"), node, index)
            for index, (shape, dtype) in enumerate(shapes)
        ]
        return flows[0] if count == 1 else flows

    def _state(self, layer: Bound) -> tuple[str, ...]:
        return ("built",) if layer in self.model.weights else ()

    def _check_pinned(self, layer: Bound, args: list[object]) -> None:
        """A later call has to fit what the first one has fixed. Raises Fault."""
        if isinstance(layer, Layer) and layer.type.pinned and args and isinstance(args[0], Flow):
            self._pin(layer, args[0].tensor.shape)

    def _pin(self, layer: Layer, shape: Shape) -> None:
        """Hold the shape of a later call against that of the first one, which most layers have alone. Raises Fault."""
        model = self.model
        if layer in model.weights:
            pinned.check(layer.type.pinned, layer.arguments, model.first_shape(layer, shape), shape)
        elif model.shapes is not None:
            model.shapes.setdefault(layer, shape)

    def _fix_weights(self, layer: Bound, effect: Effect) -> None:
        """Weights belong to the layer: the first call makes them, a later one has to fit."""
        known = self.model.weights
        first = known.get(layer)
        if first is None:
            for weight in effect.weights.values():
                shape: Shape = weight[0] if type(weight) is Frozen else weight  # type: ignore[assignment]
                for dim in shape:
                    if dim is UNKNOWN:
                        count(shape)  # which is a Fault
        is_plain = type(layer) is Layer and layer.seldom is None
        if not is_plain and holds_unknown(layer):
            held = stored_weights(layer)
            if held is not None:
                known.setdefault(layer, held)
        elif first is not None:
            self._compare_weights(layer, first, effect)
        else:
            known[layer] = effect.weights  # type: ignore[assignment]

    def _compare_weights(self, layer: Bound, first: dict[str, Frozen], effect: Effect) -> None:
        """Say of a later call that it would need other weights than those there are."""
        shapes = {path: weight.shape for path, weight in first.items()}
        now = {path: weight.shape for path, weight in effect.weights.items() if isinstance(weight, Frozen)}
        path = next((path for path in now if not fits(shapes.get(path), now[path])), None)
        if path is None:
            return
        message = (
            f"was built with the {path} {show(shapes.get(path))} and would need {show(now[path])} for this input;"
            " a layer has one set of weights"
        )
        self._remark(layer, [Remark(message + "; Keras builds it, but it fails when it runs", code="W302")])

    def _remark(self, layer: Bound, remarks: list[Remark]) -> None:
        if remarks:
            layer.remarks = [*(layer.remarks or ()), *((found, layer.call.span) for found in remarks)]
        for each in with_inner(layer):
            said = each.remarks
            if not said:
                continue
            for found, span in said:
                message = f"{each.class_name} {found.message}"
                self.session.report(
                    Diagnostic(found.code, "warning", message, (Label(span),), found.help, layer=layer.name)
                )
            said.clear()

    def _report(self, fault: Fault, node: Node, layer: Bound | None) -> None:
        if fault.span is None and layer is not None:
            fault.message = f"{layer.class_name} {fault.message}"
        causes = tuple(_causes(self, node))
        found = fault.diagnostic(node.span, layer=None if layer is None else layer.name)
        self.session.complain(found._replace(labels=(*found.labels, *causes)), fault, node)

    def rank(self, ref: Ref) -> int:
        """The number of axes of a tensor; 0 where it is not known."""
        shape = self.done[ref.node].shapes()[ref.output or 0]
        return len(shape) if shape is not None else 0

    def add(self, node: Node) -> Flow:
        """Walk a node that the source does not write (an operation on masks)."""
        node.call.named = next(self.model.added, None)
        found = self.done[node] = self.apply(node, None)
        flows = flat(found.outputs)
        if not flows:
            raise Unknowable
        return flows[0]


def _stumbled(layer: Bound) -> Fault:
    if isinstance(layer, Layer):
        return senseless(layer.type)
    return Fault("cannot work with what it is given", code="E104")


def _unread(layer: Bound, outputs: object, weights: dict[str, Frozen] | None) -> Remark:
    """What is said of a layer that only the file tells of."""
    shapes = ", ".join(show(flow.tensor.shape) for flow in flat(outputs))
    shape = f"its output shape {shapes} is what the file records" if shapes else "its output shape is not known"
    if not isinstance(layer, Opaque):
        return Remark(f"is a function that is never run here; {shape}", code="W402")
    what = "stands for what is called here" if layer.class_name == UNNAMED else "is a class that seqshape does not know"
    return Remark(f"{what}; {shape}, and {_held(weights)}", code="W401")


def _held(weights: dict[str, Frozen] | None) -> str:
    if weights is None:
        return "its weights are not known"
    if not weights:
        return "the file holds no weights for it"
    number: object = sum(count(weight.shape) for weight in weights.values())
    return f"its {number:,} parameters are counted from the file, which does not say which of them are trained"


def _causes(step: Step, node: Node) -> Iterator[Label]:
    """The earlier layers whose outputs came in, for a diagnostic to point at."""
    for ref in step.model.written(node):
        found = step.done.get(ref.node)
        if found is None or found.outputs is None or found.layer is None:
            continue
        shapes = ", ".join(show(shape) for shape in found.shapes())
        if ref.node not in step.model.graph.inputs:
            yield Label(found.node.span, f"{found.layer.class_name} gives {shapes}")
        elif found.node.call.arguments:
            yield Label(found.node.span, f"the input is {shapes}")
