"""What holds for every layer of the registry. A new layer is tested by being there; a wrong one has to fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import seqshape
import seqshape.catalogue
from seqshape.analysis.manual import manual
from seqshape.answers import analyse
from seqshape.bind import template
from seqshape.bind.form import Form
from seqshape.bind.layer import Layer
from seqshape.declaration import TRAITS, LayerType, snake_case
from seqshape.diagnostics import Fault, SeqshapeError
from seqshape.dims import UNKNOWN
from seqshape.exporters.format import format_spec
from seqshape.exporters.spec import write as export_spec
from seqshape.network import Network
from seqshape.registry import find_layer, layers, operations
from seqshape.renderers import manual as manual_renderer
from seqshape.signatures import ALIASES, SIGNATURES
from seqshape.tensor import Effect, Tensor
from seqshape.walk.model import new_session
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import rank_for
from tests.fuzz.prediction import call_of
from tests.fuzz.values import NEEDS_TENSORFLOW, Unsupported, catalogue, functions, random_layer
from tests.laws import body_length, numbers_and_names, run, undeclared, unread_in
from tests.oracle.recipe import IMAGE, PUBLIC, Apply, Input, Recipe, Var, construct
from tests.oracle.recipe import Layer as Written
from tests.oracle.spec_writer import spec

LAYERS = layers()
NOW = {name: kind for name, kind in LAYERS.items() if kind.keras == "3"}
# The records of arguments that layers share.
RECORDS = sorted(
    {record for kind in (*LAYERS.values(), *operations().values()) for record in kind.records.values()}, key=str
)
SAMPLES = 12  # random calls of each layer
# Layers that no tensor alone can be fed to, or of which only TensorFlow or a file can tell.
UNSAMPLED = frozenset({"InputLayer", "StackedRNNCells", "MaxNumBoundingBoxes", "Lambda"}) | NEEDS_TENSORFLOW


# --- declarations -----------------------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("name", NOW)
def test_declaration_is_the_real_signature(name: str) -> None:
    """Each argument of Keras is declared or inert, in Keras's order, with Keras's default."""
    from tests.oracle import keras_oracle

    assert undeclared(NOW[name], getattr(keras_oracle.keras.layers, PUBLIC.get(name, name))) == []


@pytest.mark.parametrize("name", LAYERS)
def test_rules_read_what_they_declare(name: str) -> None:
    """An argument that no rule reads stands in Keras's signature alone; tensors say which inputs a call may have."""
    assert unread_in(LAYERS[name].rule) == set()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_of_arguments_are_read(record: Any) -> None:
    """What several layers share in a record is read by what they share too."""
    written = "".join(
        path.read_text(encoding="utf-8") for path in (Path(seqshape.__file__).parent / "layers").rglob("*.py")
    )
    plain = [name for name, kind in record.__annotations__.items() if not kind.startswith("Tensor")]
    assert [name for name in plain if not re.search(rf"\.{name}\b", written)] == []


@pytest.mark.oracle
def test_every_layer_of_keras_is_there() -> None:
    """Every public class of keras.layers that a saved model can hold, under all its public names."""
    from tests.oracle import keras_oracle

    public = keras_oracle.keras.layers
    abstract = {"Layer", "Wrapper", "InputSpec", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "TFSMLayer"}
    names = {name for name in dir(public) if isinstance(getattr(public, name), type)} - abstract
    missing = sorted(name for name in names if find_layer(name) is None)
    assert missing == []
    wrong = {
        name: found.name
        for name in names
        if (found := find_layer(name)) and found.name != getattr(public, name).__name__
    }
    assert wrong == {}


@pytest.mark.oracle
@pytest.mark.parametrize("name", NOW)
def test_automatic_name_is_keras_s(name: str) -> None:
    from keras.src.utils.naming import to_snake_case

    assert NOW[name].auto_name == to_snake_case(name) == snake_case(name)


@pytest.mark.oracle
def test_every_operation_is_keras_s() -> None:
    """An operation of a name that keras.ops does not have could be written, but not run."""
    from tests.oracle import keras_oracle

    ops = keras_oracle.keras.ops
    assert [name for name in functions() if not hasattr(ops.image if name in IMAGE else ops, name)] == []


# The table of the spec language.
SHORT = {
    "TD": "TimeDistributed", "Bi": "Bidirectional", "BN": "BatchNormalization", "LN": "LayerNormalization",
    "GN": "GroupNormalization", "Id": "Identity", "Act": "Activation", "MHA": "MultiHeadAttention",
    "GQA": "GroupedQueryAttention", "Emb": "Embedding", "Concat": "Concatenate", "Mul": "Multiply", "Sub": "Subtract",
    "Avg": "Average", "SepConv1D": "SeparableConv1D", "SepConv2D": "SeparableConv2D", "DWConv1D": "DepthwiseConv1D",
    "DWConv2D": "DepthwiseConv2D", "Drop": "Dropout", "Input": "InputLayer",
    **{f"MP{rank}D": f"MaxPooling{rank}D" for rank in "123"},
    **{f"AP{rank}D": f"AveragePooling{rank}D" for rank in "123"},
    **{f"GMP{rank}D": f"GlobalMaxPooling{rank}D" for rank in "123"},
    **{f"GAP{rank}D": f"GlobalAveragePooling{rank}D" for rank in "123"},
    **{f"ConvT{rank}D": f"Conv{rank}DTranspose" for rank in "123"},
}  # fmt: skip


@pytest.mark.parametrize("alias", SHORT)
def test_alias(alias: str) -> None:
    for spelling in (alias, alias.lower(), alias.upper()):
        found = find_layer(spelling)
        assert found is not None
        assert found.name == SHORT[alias]


def test_aliases_are_unambiguous() -> None:
    """No short name hides a class or another alias, whatever its case."""
    owners: dict[str, set[str]] = {}
    for name, kind in LAYERS.items():
        for spelling in (name, *kind.aliases):
            owners.setdefault(spelling.lower(), set()).add(name)
    for alias, name in ALIASES.items():
        owners.setdefault(alias.lower(), set()).add(name)
    assert {spelling: names for spelling, names in owners.items() if len(names) > 1} == {}
    assert set(SHORT) - {"Input"} == {alias for kind in NOW.values() for alias in kind.aliases} - {"Input"}


# --- manuals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LAYERS)
def test_manual(name: str) -> None:
    """Every layer has a manual page, which renders and names each argument."""
    kind = LAYERS[name]
    assert len(kind.documentation.split()) >= 5, "the docstring is the manual: it says what the layer does"
    page = manual(kind)
    text = manual_renderer.render(page)
    assert isinstance(text, str)
    assert name in text
    for parameter in kind.parameters:
        assert parameter.kind is None or parameter.name in text
    assert page == manual(kind)


@pytest.mark.parametrize("name", operations())
def test_operation_is_documented(name: str) -> None:
    assert len(operations()[name].documentation.split()) >= 2


# --- the rule on names and on numbers ---------------------------------------------------------------------------------


Inputs = dict[str, Any]  # tensors and lists of them by the names of the rule's parameters


def samples(name: str, number: int = SAMPLES) -> Iterator[tuple[Layer, Inputs]]:
    """Bound layers of a class with inputs that they take."""
    found = 0
    for seed in range(12 * number):
        choices = RandomChoices(f"{name}-{seed}")
        shape = (None, *(choices.integer(1, 9) for _ in range(rank_for(choices, name))))
        try:
            layer = new_session().bind(call_of(random_layer(choices, name, shape)))
        except Unsupported:
            continue
        inputs = inputs_of(layer, Tensor((UNKNOWN, *shape[1:]), "float32")) if layer is not None else {}
        if inputs and takes(layer, inputs):
            found += 1
            yield layer, inputs
        if found >= number:
            return


def inputs_of(layer: Layer, tensor: Tensor) -> Inputs:
    """The inputs that the rule cannot do without: one tensor, two where it takes a list, and the states of a cell."""
    kinds = layer.type.annotations
    needed = [name for name in layer.type.inputs if not kinds[name].endswith("| None")]
    found: Inputs = {name: [tensor, tensor] if kinds[name].startswith("Tensors") else tensor for name in needed}
    if "states" in found:
        state = Tensor((UNKNOWN, layer.arguments.get("units", 1)), "float32")
        found["states"] = [state] * (2 if layer.class_name == "LSTMCell" else 1)
    return found


def takes(layer: Layer, inputs: Inputs) -> bool:
    try:
        return run(layer, inputs).out is not None
    except Fault:
        return False


@pytest.mark.parametrize("carried", [True, False], ids=["carrying-values", "bare"])
@pytest.mark.parametrize("name", LAYERS)
def test_names_and_numbers_agree(name: str, carried: bool) -> None:
    """The rule on names, evaluated at numbers, is the rule on the numbers."""
    for layer, inputs in samples(name):
        assert numbers_and_names(layer, inputs, carried=carried) == [], (layer.arguments, inputs)


def test_most_layers_have_samples() -> None:
    without = [name for name in NOW if name in SIGNATURES and next(samples(name, 1), None) is None]
    assert set(without) <= UNSAMPLED


# --- a call written and read again ------------------------------------------------------------------------------------


def as_recipe(layer: Written, inputs: Inputs) -> Recipe:
    """A graph that applies a layer once; each tensor is an input of its own."""
    steps: list[Any] = []

    def given(value: Any) -> Any:
        if isinstance(value, list):
            return [given(item) for item in value]
        steps.append(Input(f"x{len(steps)}", tuple(dim if isinstance(dim, int) else None for dim in value.shape[1:])))
        return Var(steps[-1].var)

    first, *others = inputs
    operand = given(inputs[first])
    steps.append(Apply(("y",), layer, operand, {name: given(inputs[name]) for name in others}))
    return Recipe("Functional", tuple(steps), Var("y"))


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in UNSAMPLED])
def test_printing_a_call_gives_it_back(name: str) -> None:
    """A network written as a spec, plainly, canonically and by the exporter, is the same network when it is read again."""
    for layer, inputs in samples(name, 6):
        text = spec(as_recipe(written(layer.call), inputs))
        first = analyse(text, kind="spec")
        if any(found.severity == "error" for found in first.diagnostics):  # an Equalization alone is a circle
            with pytest.raises(SeqshapeError):
                export_spec(first)
            continue
        long, short, exported = format_spec(text, long=True), format_spec(text), export_spec(first)
        for again in (format_spec(text, spelled=False), short, long, exported):
            assert same_network(first, analyse(again, kind="spec")), f"{text}\n{again}"
        assert format_spec(short) == format_spec(long) == short, (text, long)
        assert (format_spec(long, long=True), format_spec(exported)) == (long, exported), text


def written(call: Any) -> Written:
    """The recipe of an unbound call."""

    def plain(value: Any) -> Any:
        data = value.data
        if hasattr(data, "class_name"):
            return written(data)
        if isinstance(data, (tuple, list)):
            return type(data)(map(plain, data))
        return {key: plain(item) for key, item in data.items()} if isinstance(data, dict) else data

    args = tuple(plain(item.value) for item in call.arguments if item.name is None)
    return Written(call.class_name, args, {item.name: plain(item.value) for item in call.arguments if item.name})


def same_network(one: Network, two: Network) -> bool:
    """Whether two summaries agree; a remark on how a call is written may be gone."""
    first, second = (network.summary()._replace(diagnostics=()) for network in (one, two))
    return first == second


@pytest.mark.oracle
@pytest.mark.parametrize("name", [name for name in NOW if name in catalogue()])
def test_exports_are_the_same_network(name: str) -> None:
    """Written as a spec, as Keras code and as Keras's JSON, and read or built again, it is the network that Keras had."""
    from tests.fuzz.check import verdict

    for layer, inputs in samples(name, 3):
        found = verdict(as_recipe(written(layer.call), inputs), exports=True)
        assert found.disagreements == ()


# --- wrong declarations are caught ------------------------------------------------------------------------------------


def _words(kind: LayerType) -> tuple[Any, ...]:
    return kind.aliases, kind.pinned, kind.operation, kind.keras, kind.signature, kind.kinds, kind.beside


def changed(kind: LayerType, **replaced: Any) -> LayerType:
    """A declaration like another one, its rule's defaults or annotations changed."""
    rule = kind.rule
    copy = type(rule)(rule.__code__, rule.__globals__, rule.__name__, rule.__defaults__, rule.__closure__)
    copy.__kwdefaults__ = dict(rule.__kwdefaults__ or {}) | replaced.get("kwdefaults", {})
    copy.__annotations__ = replaced.get("annotations", rule.__annotations__)
    copy.__defaults__ = replaced.get("defaults", rule.__defaults__)
    return LayerType(copy, *_words(kind))


@pytest.mark.oracle
def test_wrong_declarations_are_caught() -> None:
    from tests.oracle import keras_oracle

    dense, real = NOW["Dense"], keras_oracle.keras.layers.Dense
    kinds = dict(dense.rule.__annotations__)
    assert undeclared(changed(dense), real) == []
    left_out = changed(dense, annotations={name: kind for name, kind in kinds.items() if name != "use_bias"})
    assert undeclared(left_out, real) == ["use_bias is neither declared nor inert"]
    other_default = changed(dense, defaults=("relu", *dense.rule.__defaults__[1:]))
    assert undeclared(other_default, real) == ["the default of activation is 'relu', Keras's None"]
    misspelt = changed(dense, annotations={("unit" if name == "units" else name): kind for name, kind in kinds.items()})
    assert "unit is no argument of Keras's Dense" in undeclared(misspelt, real)


def bound(text_call: Any) -> Layer:
    layer = new_session().bind(call_of(text_call))
    assert isinstance(layer, Layer)
    return layer


def wrong_shape(effect: Effect, *inputs: Any) -> Effect:
    first = effect.out
    assert isinstance(first, Tensor)
    return effect._replace(out=Tensor((*first.shape[:-1], first.shape[-1] + 1), first.dtype))


def wrong_on_names(effect: Effect, *inputs: Any) -> Effect:
    """A rule that looks whether it is given a name: right on numbers, wrong on names."""
    return effect if isinstance(inputs[0].shape[-1], int) else effect._replace(macs=effect.macs * 2)


def test_wrong_rules_are_caught() -> None:
    layer = bound(Written("Dense", (5,)))
    inputs = {"inputs": Tensor((UNKNOWN, 4, 3), "float32")}
    assert numbers_and_names(layer, inputs, carried=True) == []
    original = layer.type
    layer.type = mutated(original, wrong_on_names)
    layer.form = Form(layer.type)
    assert numbers_and_names(layer, inputs, carried=True) == ["multiply-adds 120 on names, 60 on numbers"]


def mutated(kind: LayerType, change: Any) -> LayerType:
    """A layer type whose rule's effect is changed."""

    def rule(*inputs: Any, **arguments: Any) -> Effect:
        effect = kind.run(*inputs, **arguments)
        assert isinstance(effect, Effect)
        found = change(effect, *inputs)
        assert isinstance(found, Effect)
        return found

    rule.__name__, rule.__doc__, rule.__annotations__ = kind.rule.__name__, kind.rule.__doc__, kind.annotations
    copy = LayerType(kind.rule, *_words(kind))
    assert copy.unread == kind.unread  # what the copied rule does not get
    copy.rule = copy.run = rule
    return copy


def make_wrong(name: str, change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a wrong rule in the place of a layer's, and forget what equal layers have left in the memo."""
    from seqshape import registry

    monkeypatch.setitem(registry._LAYERS, name, mutated(LAYERS[name], change))
    monkeypatch.setattr(template, "_TEMPLATES", {})
    monkeypatch.setattr(template, "_EFFECTS", {})


def misspelt_weight(effect: Effect, *inputs: Any) -> Effect:
    return effect._replace(
        weights={path.replace("kernel", "kernal"): weight for path, weight in effect.weights.items()}
    )


def doubled_cost(effect: Effect, *inputs: Any) -> Effect:
    return effect._replace(macs=effect.macs * 2)


@pytest.mark.oracle
@pytest.mark.parametrize("change", [wrong_shape, misspelt_weight])
def test_the_oracle_catches_wrong_rules(change: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fuzz.check import verdict

    recipe = Recipe("Sequential", (Input("x", (4, 3)), Written("Dense", (5,))))
    assert verdict(recipe).disagreements == ()
    make_wrong("Dense", change, monkeypatch)
    assert verdict(recipe).disagreements != ()


# --- costs ------------------------------------------------------------------------------------------------------------

# What Keras makes of matrix products although it is none by the convention (resizing, spectra), or makes more often.
NO_PRODUCTS = (
    *("Resiz", "CenterCrop", "UpSampling", "Spectrogram", "Rand", "Mix", "Cut", "Aug", "Auto", "Contrast", "Equal"),
    *("Solar", "Pipeline", "Spectral"),
)
# Layers without a call of one tensor or one list, or that Keras runs on nothing here.
UNTRACED = UNSAMPLED | {"LSTMCell", "GRUCell", "SimpleRNNCell", "MultiHeadAttention", "GroupedQueryAttention"}


@pytest.mark.oracle
@pytest.mark.parametrize("name", [name for name in NOW if not any(part in name for part in NO_PRODUCTS)])
def test_costs_are_those_of_the_real_program(name: str) -> None:
    """The multiply-adds of a rule are the matrix products and convolutions in the program that JAX makes of it."""
    assert list(wrong_costs(name)) == []


def wrong_costs(name: str, number: int = 3) -> Iterator[str]:
    """Where the rule and the program differ, of the first few calls that Keras builds and JAX can trace."""
    checked = 0
    for layer, inputs in samples(name, 10):
        if checked >= number or len(inputs) > 1 or counted_otherwise(layer):
            continue
        real = real_costs(layer, next(iter(inputs.values())))
        if real is None:
            continue
        checked += 1
        mine = run(layer, inputs).macs
        if mine != real:
            yield f"{layer.arguments} on {inputs}: {mine}, the program makes {real}"
    if not checked and name not in UNTRACED:
        yield "no call could be traced"


def counted_otherwise(layer: Layer) -> bool:
    """With LoRA Keras multiplies the two factors at every call, and it runs stacked cells one step more."""
    inside = [value for value in layer.arguments.values() if isinstance(value, Layer)]
    stacked = layer.class_name == "StackedRNNCells"
    return bool(layer.arguments.get("lora_rank")) or stacked or any(map(counted_otherwise, inside))


def real_costs(layer: Layer, given: Any) -> int | None:
    """What JAX counts; ``None`` where Keras does not build it, or cannot run what it has built."""
    from tests.oracle import keras_oracle
    from tests.oracle.macs import of_model

    keras = keras_oracle.keras
    tensors = given if isinstance(given, list) else [given]
    with keras_oracle.session():
        try:
            starts = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in tensors]
            made = construct(written(layer.call))
            model = keras.Model(starts, made(starts if isinstance(given, list) else starts[0]))
            return of_model(model)[made.name]
        except Exception:
            return None


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["Dense", "Conv1D", "LSTM"])
def test_a_doubled_cost_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make_wrong(name, doubled_cost, monkeypatch)
    assert list(wrong_costs(name)) != []


# --- length -----------------------------------------------------------------------------------------------------------


def test_rules_are_short() -> None:
    """A layer is one function, its body under 15 lines for nine in ten."""
    lengths = sorted((body_length(kind.rule), name) for name, kind in LAYERS.items())
    numbers = [length for length, _ in lengths]
    short = sum(length < 15 for length in numbers)
    print(f"{len(numbers)} layers, median {median(numbers)} lines, longest {lengths[-3:]}")
    assert short >= 0.9 * len(numbers), lengths[-len(numbers) // 10 :]
    assert numbers[-1] < 60


# --- names of classes -------------------------------------------------------------------------------------------------

# Where a class name is not that of a layer, or where a format of a file and another library have their own names.
OTHER_NAMES = {
    "analysis/manual.py": {"Activation"},  # the kind of an argument
    "bind/binder.py": {"Activation"},
    "bind/form.py": {"Activation"},
    "bind/opened.py": {"Activation"},
    "__init__.py": {"Weight"},  # of a Row
    "versions.py": {"InputLayer"},  # what an earlier version names otherwise
    "kinds.py": {"Activation"},
    "exporters/objects.py": {"Identity"},  # an initializer
}
NAMES_OF_FORMATS = (
    "layers/",
    "exporters/torch/",
    "mending/torch_names.py",
    "readers/",
    "signatures.py",
    "operation_signatures.py",
    "catalogue.py",
)


def test_no_class_of_a_layer_is_named_outside_layers() -> None:
    """What tells a layer from others is a word of its declaration."""
    root = Path(seqshape.__file__).parent
    found = {}
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root).as_posix()
        if not place.startswith(NAMES_OF_FORMATS):
            strings = {
                node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
            }
            found[place] = (strings & LAYERS.keys()) - OTHER_NAMES.get(place, set())
    assert {place: names for place, names in found.items() if names} == {}


def said(path: Path) -> Iterator[str]:
    """The texts of a module that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    pages = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, holders) and _has_page(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pages:
            yield node.value


def _has_page(node: Any) -> bool:
    return ast.get_docstring(node) is not None


@pytest.mark.parametrize(
    "path",
    [path for path in sorted((Path(seqshape.__file__).parent / "mending").glob("*.py")) if path.stem != "torch_names"],
    ids=lambda path: path.stem,
)
def test_no_layer_is_a_word_of_what_mending_writes(path: Path) -> None:
    """Mended texts and what is said of them have their layers from the declarations, short names too.

    ``Input`` is a word of the language itself.
    """
    names = {name for kind in LAYERS.values() for name in (kind.name, *kind.aliases)}
    beginnings = {
        name[:stop] for name in names for stop in range(3, len(name)) if name[0].isupper()
    }  # of f"GAP{rank}D"
    words = {word for text in said(path) for word in re.findall(r"[A-Za-z]\w*", text)}
    assert words & (names | beginnings) - {"Input"} == set()


def test_traits_are_declared_and_asked_for() -> None:
    """Each trait has a layer; each layer has traits of the table only."""
    assert {trait for kind in LAYERS.values() for trait in kind.traits} == set(TRAITS)
    assert TRAITS.keys() == seqshape.catalogue.TRAITS.keys()
