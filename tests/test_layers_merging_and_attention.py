"""Laws of dense, merging, attention and normalization layers: two ways to say the same thing have to agree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqshape.analysis.timesteps import timesteps
from seqshape.answers import analyse
from seqshape.diagnostics import Fault
from seqshape.dims import UNKNOWN, evaluate, parse_poly, recording, symbol
from seqshape.layers import merging
from seqshape.network import Network
from seqshape.summary import Row, Shape
from seqshape.tensor import Effect, Tensor

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ELEMENTWISE = ("Add", "Multiply", "Average", "Maximum", "Minimum")


def network(spec: str, shape: Sequence[int | str | None] | None = None) -> Network:
    return analyse(spec, None if shape is None else tuple(shape), kind="spec")


def found(spec: str, severity: str, shape: Sequence[int | str | None] | None = None) -> list[str]:
    """The messages about a spec."""
    return [one.message for one in network(spec, shape).diagnostics if one.severity == severity]


def last(spec: str, shape: Sequence[int | str | None] | None = None) -> Row:
    """The row of the last layer of a network without errors."""
    walked = network(spec, shape)
    assert [one.message for one in walked.diagnostics if one.severity == "error"] == [], spec
    return walked.summary().layers[-1]


def out(spec: str, shape: Sequence[int | str | None] | None = None) -> list[Shape]:
    """The shapes of the outputs of the last layer, without the batch."""
    return [given[1:] for given in last(spec, shape).output_shapes if given is not None]


def counts(spec: str, shape: Sequence[int | str | None] | None = None) -> tuple[object, object]:
    """Trainable and other parameters of the last layer."""
    row = last(spec, shape)
    return row.trainable_params, row.non_trainable_params


def weights(spec: str, shape: Sequence[int | str | None] | None = None) -> dict[str, Shape]:
    return {weight.path: weight.shape for weight in last(spec, shape).weights}


def needs(spec: str, shape: Sequence[int | str | None] | None = None) -> set[str]:
    return {need for one in network(spec, shape).summary().symbols.values() for need in one.needs}


def reach(spec: str, number: int = 0) -> list[str]:
    """Which steps of an input each output step sees, one string of digits an output step."""
    return ["".join(map(str, line)) for line in timesteps(network(spec), number).matrix]


def pair(first: str, second: str, layer: str) -> str:
    """Two inputs and the layer that joins them."""
    return f"a = Input({first}); b = Input({second}); [a | b] > {layer}"


# --- merging ---------------------------------------------------------------------------------------------------------

sizes = st.sampled_from([1, 2, 3, UNKNOWN])
samples = st.lists(sizes, max_size=4).map(tuple)


def added(*shapes: Shape) -> Shape | None:
    """The sample's shape of the sum of samples of these shapes; ``None`` where it is refused."""
    try:
        effect: Effect = merging.Add([Tensor((UNKNOWN, *shape)) for shape in shapes])
    except Fault:
        return None
    assert isinstance(effect.out, Tensor)
    return effect.out.shape[1:]


@given(samples, samples)
def test_broadcasting_is_symmetric(first: Shape, second: Shape) -> None:
    assert added(first, second) == added(second, first)


@given(st.lists(st.integers(1, 3), max_size=4), st.lists(st.integers(1, 3), max_size=4))
def test_known_sizes_broadcast_as_in_numpy(first: list[int], second: list[int]) -> None:
    import numpy as np

    try:
        wanted: Shape | None = np.broadcast_shapes(tuple(first), tuple(second))
    except ValueError:
        wanted = None
    assert added(tuple(first), tuple(second)) == wanted


@given(samples)
def test_a_sum_with_itself_keeps_the_shape(shape: Shape) -> None:
    assert added(shape, shape, shape) == shape


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_unknown_wins_over_known(name: str) -> None:
    """What Keras says, though the known size is the only one that can be right."""
    assert out(pair("None, 4", "3, 4", name)) == [(UNKNOWN, 4)]
    assert out(pair("None, 4", "1, 4", name)) == [(UNKNOWN, 4)]


@pytest.mark.parametrize("name", [*ELEMENTWISE, "Subtract"])
def test_two_names_have_to_be_one_size(name: str) -> None:
    assert needs(pair("T, 4", "U, 4", name)) == {"T = U"}
    assert needs(pair("T, 4", "T, 4", name)) == set()
    assert needs(pair("T, 4", "5, 4", name)) == {"T = 5"}
    assert out(pair("T, 4", "5, 4", name)) == [(5, 4)]


@pytest.mark.parametrize("name", [*ELEMENTWISE, "Subtract"])
def test_sizes_that_cannot_be_equal_are_refused(name: str) -> None:
    assert "(T, 4) and (T + 1, 4)" in found("x = Input(T, 4); [x | x > ZeroPadding1D((0, 1))] > " + name, "error")[0]
    assert "(3, 4) and (3, 5)" in found(pair("3, 4", "3, 5", name), "error")[0]


def test_a_list_is_needed() -> None:
    assert "needs a list" in found("Input(4) > Add", "error")[0]
    assert "needs a list of 2 tensors" in found("x = Input(4); [x | x | x] > Subtract", "error")[0]


def test_what_is_likely_a_mistake_is_remarked_on() -> None:
    assert "different ranks" in found(pair("7, 1", "5", "Add"), "warning")[0]
    assert found(pair("7, 5", "7, 5", "Add"), "warning") == []


@given(st.lists(st.integers(1, 5), min_size=3, max_size=3), st.integers(1, 4))
def test_concatenation_is_associative(widths: list[int], steps: int) -> None:
    first, second, third = (Tensor((UNKNOWN, steps, width)) for width in widths)
    flat = merging.Concatenate([first, second, third]).out
    inner = merging.Concatenate([first, second]).out
    assert isinstance(inner, Tensor)
    nested = merging.Concatenate([inner, third]).out
    assert flat == nested == Tensor((UNKNOWN, steps, sum(widths)))


def test_concatenation_of_names() -> None:
    assert out(pair("T, 3", "U, 3", "Concatenate(axis=1)")) == [(parse_poly("T + U"), 3)]
    assert needs(pair("T, 3", "U, 3", "Concatenate(axis=1)")) == set()
    assert needs(pair("T, 3", "U, 5", "Concatenate")) == {"T = U"}
    assert out(pair("T, 3", "U, 5", "Concatenate")) == [(symbol("T"), 8)]


def test_concatenation_takes_the_other_dims_from_the_first() -> None:
    assert out(pair("None, 3", "4, 3", "Concatenate")) == [(UNKNOWN, 6)]
    assert out(pair("4, 3", "None, 3", "Concatenate")) == [(4, 6)]
    assert "axis 1" in found(pair("4, 3", "5, 3", "Concatenate"), "error")[0]


def test_concatenation_is_seen_part_by_part() -> None:
    joined = pair("3, 2", "2, 2", "Concatenate(axis=1)")
    assert reach(joined, 0) == ["100", "010", "001", "000", "000"]
    assert reach(joined, 1) == ["00", "00", "00", "10", "01"]
    assert reach(pair("3, 2", "3, 5", "Concatenate"), 1) == ["100", "010", "001"]


def test_dot_pairs_what_is_left() -> None:
    row = last(pair("3, 4", "5, 4", "Dot(2)"))
    assert row.output_shapes == ((UNKNOWN, 3, 5),)
    assert row.macs == 3 * 5 * 4
    assert out(pair("3, 4", "5, 4", "Dot(-1)")) == out(pair("3, 4", "5, 4", "Dot((2, 2))")) == [(3, 5)]
    assert out(pair("4", "4", "Dot(1)")) == [(1,)]
    assert last(pair("4", "4", "Dot(1)")).macs == 4


def test_dot_of_names() -> None:
    spec = pair("T, 4", "U, 4", "Dot(2)")
    assert out(spec) == [(symbol("T"), symbol("U"))]
    assert last(spec).macs == parse_poly("4*T*U")
    assert needs(pair("T, F", "5, 6", "Dot(2)")) == {"F = 6"}


def test_dot_sees_rows_of_one_and_all_of_the_other() -> None:
    spec = pair("3, 4", "5, 4", "Dot(2)")
    assert reach(spec, 0) == ["100", "010", "001"]
    assert reach(spec, 1) == ["11111"] * 3
    assert reach(pair("4", "4", "Dot(1)")) == ["1111"]


# --- attention -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [1, 2, 4, 8, 16])
def test_heads_do_not_change_the_count(heads: int) -> None:
    """With key_dim = features/num_heads the projections stay square: 4·features·(features + 1)."""
    row = last(f"x = Input(10, 64); (x, x) > MHA({heads}, {64 // heads})")
    assert row.params == 4 * 64 * 65 == 16_640
    assert row.macs == 176_640


def test_attention_macs_are_projections_and_pairs() -> None:
    """S·d² for queries and output, 2·L·d² for keys and values, 2·S·L·d for scores and weighting."""
    row = last("q = Input(S, d); v = Input(L, d); (q, v) > MHA(1, d)")
    assert row.macs == parse_poly("2*S*d**2 + 2*L*d**2 + 2*S*L*d")
    assert row.params == parse_poly("4*d**2 + 4*d")
    causal = last("x = Input(10, 64); (x, x) > MHA(4, 16, use_causal_mask=True)")
    assert causal.macs == 176_640


def test_gate_stands_between_key_and_value() -> None:
    gated = weights("x = Input(10, 8); (x, x) > MHA(2, 4, value_dim=3, use_gate=True)")
    assert list(gated) == [f"{part}/{kind}" for part in ("query", "key", "gate", "value", "attention_output")
                           for kind in ("kernel", "bias")]  # fmt: skip
    assert gated["gate/kernel"] == gated["value/kernel"] == (8, 2, 3)
    assert gated["attention_output/kernel"] == (2, 3, 8)
    plain = weights("x = Input(10, 8); (x, x) > MHA(2, 4, value_dim=3, nobias)")
    assert plain == {path: shape for path, shape in gated.items() if path.endswith("kernel") and "gate" not in path}


def test_output_shape_of_attention() -> None:
    assert out("x = Input(10, 8); (x, x) > MHA(2, 4, output_shape=5)") == [(10, 5)]
    assert out("x = Input(10, 8); (x, x) > MHA(2, 4, output_shape=(5, 3))") == [(10, 5, 3)]
    assert out("x = Input(10, 8); (x, x) > MHA(2, 4, output_shape=0)") == [(10, 8)]


def test_summary_scores_have_the_query_twice() -> None:
    """Keras's summary is wrong where query and value differ in length, and GroupedQueryAttention's is right."""
    inputs = "q = Input(5, 8); v = Input(7, 8); (q, v) > "
    assert out(inputs + "MHA(2, 4, return_attention_scores=True)") == [(5, 8), (2, 5, 5)]
    assert out(inputs + "GQA(4, 2, 1, return_attention_scores=True)") == [(5, 8), (2, 5, 7)]
    assert any("another shape" in text for text in found(inputs + "MHA(2, 4, return_attention_scores=True)", "warning"))


def test_attention_axes_share_weights_and_divide_the_pairs() -> None:
    every = last("x = Input(4, 5, 8); (x, x) > MHA(2, 4, attention_axes=(1, 2))")
    rows = last("x = Input(4, 5, 8); (x, x) > MHA(2, 4, attention_axes=2)")
    assert every.params == rows.params
    assert (every.macs, rows.macs) == (20 * 4 * 64 + 20 * 20 * 16, 20 * 4 * 64 + 20 * 5 * 16)


def test_grouped_attention_with_a_key_head_for_each_query_head_is_multi_head_attention() -> None:
    many, grouped = (last(f"x = Input(10, 8); (x, x) > {layer}") for layer in ("MHA(4, 2)", "GQA(2, 4, 4)"))
    assert (many.weights, many.macs, many.output_shapes) == (grouped.weights, grouped.macs, grouped.output_shapes)


def test_query_heads_have_to_be_shared_out() -> None:
    assert "4 and 3" in found("x = Input(10, 8); (x, x) > GQA(4, 4, 3)", "error")[0]


@pytest.mark.parametrize("layer", ["MHA(2, 4)", "GQA(4, 2, 1)"])
def test_what_attention_sees(layer: str) -> None:
    inside = layer[:-1]
    assert reach(f"x = Input(4, 8); (x, x) > {layer}") == ["1111"] * 4
    assert reach(f"x = Input(4, 8); (x, x) > {inside}, use_causal_mask=True)") == ["1000", "1100", "1110", "1111"]
    assert reach(f"x = Input(4, 8); (x, x) > {inside}, sliding_window=2)") == ["1100", "1110", "0111", "0011"]
    banded = f"x = Input(4, 8); (x, x) > {inside}, sliding_window=2, use_causal_mask=True)"
    assert reach(banded) == ["1000", "1100", "0110", "0011"]
    cross = f"q = Input(3, 8); v = Input(4, 8); (q, v) > {layer}"
    assert (reach(cross, 0), reach(cross, 1)) == (["100", "010", "001"], ["1111"] * 3)


@pytest.mark.parametrize("layer", ["Attention", "AdditiveAttention"])
def test_attention_without_projections(layer: str) -> None:
    inputs = "q = Input(3, 8); v = Input(4, 6); k = Input(4, 8); [q | v | k] > "
    assert out(inputs + layer) == [(3, 6)]
    assert out(inputs + layer + "(return_attention_scores=True)") == [(3, 6), (3, 4)]
    assert [reach(inputs + layer, number) for number in range(3)] == [["100", "010", "001"], ["1111"] * 3, ["1111"] * 3]
    assert "list of 2 or 3" in found("Input(3, 8) > " + layer, "error")[0]


def test_what_scores_cost_and_learn() -> None:
    """Dot scores are a matrix product, the others elementwise work; the values are weighted in any case."""
    inputs = "q = Input(3, 8); v = Input(4, 8); [q | v] > "
    assert last(inputs + "Attention").macs == 3 * 4 * 8 * 2
    assert last(inputs + "Attention(score_mode=concat)").macs == last(inputs + "AdditiveAttention").macs == 3 * 4 * 8
    assert counts(inputs + "Attention") == (0, 0)
    assert counts(inputs + "Attention(True, score_mode=concat)") == (2, 0)
    assert counts(inputs + "AdditiveAttention") == (8, 0)


# --- normalization ---------------------------------------------------------------------------------------------------


def test_batch_normalization_learns_half_of_its_parameters() -> None:
    assert counts("BN", (10, 7)) == (2 * 7, 2 * 7)
    assert counts("BN", ("T", "F")) == (parse_poly("2*F"), parse_poly("2*F"))
    assert counts("BN(scale=False)", (10, 7)) == counts("BN(center=False)", (10, 7)) == (7, 14)
    assert counts("BN(renorm=True)", (10, 7)) == (14, 35)
    assert counts("BN(axis=1)", (10, 7)) == (20, 20)
    assert counts("BN(trainable=False)", (10, 7)) == (0, 28)


@pytest.mark.parametrize(
    ("layer", "trainable", "other"),
    [
        ("LN", 14, 0),
        ("LN(axis=(1, 2))", 140, 0),
        ("LN(rms_scaling=True)", 7, 0),
        ("RMSNormalization", 7, 0),
        ("GN(7)", 14, 0),
        ("GN(-1, center=False)", 7, 0),
        ("UnitNormalization", 0, 0),
        ("Normalization", 0, 15),
        ("Normalization(axis=None)", 0, 3),
        ("Normalization(mean=0.0, variance=1.0)", 0, 0),
        ("SpectralNormalization(Dense(4))", 32, 4),
    ],
)
def test_parameters_of_normalizations(layer: str, trainable: int, other: int) -> None:
    assert counts(layer, (10, 7)) == (trainable, other)


def test_normalizations_of_the_sort_of_axes() -> None:
    assert weights("LN(axis=(2, 1))", (3, 4)) == weights("LN(axis=(1, 2))", (3, 4)) == {"gamma": (3, 4), "beta": (3, 4)}


def test_groups_divide_channels() -> None:
    assert "6 channels" in found("GN(4)", "error", (5, 6))[0]
    assert needs("GN(4)", (5, "C")) == {"4 | C"}
    assert "known channels" in found("GN(2)", "error", (5, None))[0]


def test_what_normalizations_see() -> None:
    """Batch and layer normalization leave steps apart; what reads all steps mixes them."""
    assert reach("Input(3, 4) > BN") == reach("Input(3, 4) > LN") == ["100", "010", "001"]
    assert reach("Input(3, 4) > GN(2)") == reach("Input(3, 4) > LN(axis=1)") == ["111"] * 3


def test_spectral_normalization_adds_a_vector_behind_the_kernel() -> None:
    assert weights("SpectralNormalization(Conv1D(5, 3))", (9, 2)) == {
        "conv1d/kernel": (3, 2, 5),
        "vector_u": (1, 5),
        "conv1d/bias": (5,),
    }
    assert last("SpectralNormalization(Dense(4))", (10, 7)).macs == last("Dense(4)", (10, 7)).macs
    assert "LSTM has none" in found("SpectralNormalization(LSTM(4))", "error", (10, 7))[0]


# --- core ------------------------------------------------------------------------------------------------------------


def test_dense_is_an_einsum() -> None:
    """The same kernel, bias and cost, said in two ways."""
    dense = last("Dense(5)", ("T", 7))
    elided = last('EinsumDense("...c,cd->...d", 5, bias_axes="d")', ("T", 7))
    spelled = last('EinsumDense("abc,cd->abd", (None, 5), bias_axes="d")', ("T", 7))
    for einsum in (elided, spelled):
        assert (einsum.macs, einsum.params) == (dense.macs, dense.params)
        assert [weight.shape for weight in einsum.weights] == [weight.shape for weight in dense.weights]
    assert elided.output_shapes == dense.output_shapes
    assert spelled.output_shapes == ((UNKNOWN, UNKNOWN, 5),), "Keras leaves a None of output_shape as it is"


def test_einsum_keeps_quirks_of_keras() -> None:
    """Two elided axes come out in reverse, and a bias has a 1 for each axis between its own and the last."""
    assert out('EinsumDense("...x,xy->...y", 4)', (2, 3, 5)) == [(3, 2, 4)]
    assert weights('EinsumDense("ab,bcd->acd", (2, 3), bias_axes="c")', (7,))["bias"] == (2, 1)
    assert "keeps the axis b" in found('EinsumDense("abc,cd->abd", (7, 8))', "error", (5, 6))[0]


def test_einsum_sees_what_it_keeps_apart() -> None:
    assert reach('Input(3, 5) > EinsumDense("abc,cd->abd", (3, 4))') == ["100", "010", "001"]
    assert reach('Input(3, 5) > EinsumDense("abc,bd->adc", (4, 5))') == ["111"] * 4
    assert reach('Input(3, 5) > EinsumDense("abc,bcd->ad", 4)') == ["111"]


def test_time_distributed_dense_is_dense() -> None:
    inner, plain = last("TD(Dense(5))", ("T", 7)), last("Dense(5)", ("T", 7))
    assert (inner.output_shapes, inner.macs, inner.params) == (plain.output_shapes, plain.macs, plain.params)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [("Dense(6)", (4, 10)), ("Embedding(30, 8)", (4,)), ('EinsumDense("abc,cde->abde", (None, 2, 5))', (4, 10))],
)
def test_low_rank_adaptation_trains_thin_factors_only(layer: str, shape: tuple[int, ...]) -> None:
    plain, adapted = last(layer, shape).weights, last(layer[:-1] + ", lora_rank=3)", shape).weights
    matrix = plain[0]
    assert [weight.shape for weight in adapted[:1]] == [matrix.shape]
    assert not adapted[0].trainable
    assert [weight.shape for weight in adapted[-2:]] == [(*matrix.shape[:-1], 3), (3, matrix.shape[-1])]
    assert all(weight.trainable for weight in adapted[1:])


def test_reversible_embedding_goes_back_where_it_came_from() -> None:
    there_and_back = "e = ReversibleEmbedding(30, 5); x = Input(T, dtype=int32); x > e > e(reverse=True)"
    row = last(there_and_back)
    assert row.output_shapes == ((UNKNOWN, symbol("T"), 30),)
    assert row.params == 150
    assert row.macs == parse_poly("150*T")
    assert last(there_and_back.replace("5)", "5, tie_weights=False)", 1)).params == 300


@pytest.mark.parametrize(
    ("shape", "layer", "operations"),
    [("5, 2", "Masking", {"not_equal", "any"}), ("5", "Embedding(9, 2, mask_zero=True)", {"not_equal"})],
)
def test_masks_have_rows_in_a_functional(shape: str, layer: str, operations: set[str]) -> None:
    """A Sequential makes the same masks and shows none."""
    chain = network(f"Input({shape}) > {layer} > LSTM(3)")
    forked = network(f"x = Input({shape}); m = x > {layer}; [m > LSTM(3) | m > LSTM(3)] > Add")
    assert {row.name for row in forked.summary().layers} >= operations
    assert {row.name for row in chain.summary().layers}.isdisjoint(operations)


@pytest.mark.parametrize(
    "layer",
    [
        "Dropout(0.5)", "Dropout(0.5, noise_shape=(None, 1, 3))", "AlphaDropout(0.1)", "GaussianDropout(0.1)",
        "GaussianNoise(0.1)", "SpatialDropout1D(0.1)", "ActivityRegularization(0.1)", "Activation(softmax)", "ReLU",
        "LeakyReLU(0.1)", "ELU", "Softmax", "Identity", "Masking",
    ],
)  # fmt: skip
def test_layers_that_keep_shape_and_learn_nothing(layer: str) -> None:
    row = last(layer, ("T", 3))
    assert row.output_shapes == ((UNKNOWN, symbol("T"), 3),)
    assert (row.params, row.macs) == (0, 0)
    assert reach(f"Input(3, 2) > {layer.replace('3)', '2)')}") == ["100", "010", "001"]


@pytest.mark.parametrize("layer", ["Softmax", "softmax", "LN", "Dense(1, softmax)", "TD(Dense(1, softmax))"])
def test_a_single_number_has_no_share(layer: str) -> None:
    """The softmax of one number is 1 and its distance from the mean 0, whatever it is."""
    assert reach(f"Input(3, 1) > {layer} > LSTM(2, seq)") == ["000"] * 3
    assert reach(f"Input(3, 1) > Dense(2) > {layer.replace('1', '2')}") == ["100", "010", "001"]


def test_rates_lie_between_0_and_1() -> None:
    assert "between 0 and 1" in found("Dropout(1.5)", "error", (3, 2))[0]
    assert "nothing" in found("Dropout(1.0)", "warning", (3, 2))[0]


def test_prelu_has_an_alpha_for_each_place_that_is_not_shared() -> None:
    assert weights("PReLU", (7, 3)) == {"alpha": (7, 3)}
    assert weights("PReLU(shared_axes=1)", (None, 3)) == {"alpha": (1, 3)}
    assert weights("PReLU(shared_axes=(0,))", (7, 3)) == {"alpha": (7, 1)}
    assert "(None, 3)" in found("PReLU", "error", (None, 3))[0]


# --- names and numbers -----------------------------------------------------------------------------------------------

LAYERS = [
    "Dense(5)", "Embedding(9, 4)", 'EinsumDense("abc,cd->abd", (None, 5))', "BN", "LN", "RMSNormalization", "GN(2)",
    "Normalization", "SpectralNormalization(Dense(3))", "PReLU", "Softmax", "Dropout(0.5)",
]  # fmt: skip
JOINED = [
    "[x | y] > Add", "[x | y] > Concatenate", "[x | y] > Concatenate(axis=1)", "[x | y] > Dot(2)",
    "[x | y] > Dot((1, 1))", "[x | y] > Attention", "[x | y] > AdditiveAttention", "(x, y) > MHA(2, 3)",
    "(x, y) > GQA(3, 4, 2)",
    "(x, y) > MHA(2, 3, use_gate=True, output_shape=5)",
]  # fmt: skip


def agree(named: Network, numbered: Network, values: dict[str, int]) -> None:
    """Shapes, weights, parameters and costs on names, with numbers put in, are those on the numbers."""
    for on_names, on_numbers in zip(named.summary().layers, numbered.summary().layers, strict=True):
        assert in_numbers(on_names, values) == in_numbers(on_numbers, {})


def in_numbers(row: Row, values: dict[str, int]) -> list[object]:
    shapes = [*row.output_shapes, *(weight.shape for weight in row.weights)]
    assert row.params is not None
    assert row.macs is not None
    both = [evaluate(row.params, values), evaluate(row.macs, values)]
    return [*(evaluate(shape or (), values) for shape in shapes), *both]


@pytest.mark.parametrize("layer", LAYERS)
@given(st.integers(1, 7), st.integers(1, 7))
@settings(max_examples=10)
def test_names_evaluated_are_the_numbers(layer: str, steps: int, half: int) -> None:
    agree(network(layer, ("T", "F")), network(layer, (steps, 2 * half)), {"T": steps, "F": 2 * half})


@pytest.mark.parametrize("layer", JOINED)
@given(st.integers(1, 7), st.integers(1, 7))
@settings(max_examples=10)
def test_names_evaluated_are_the_numbers_of_two_inputs(layer: str, steps: int, features: int) -> None:
    spec = "x = Input({0}, {1}); y = Input({0}, {1}); " + layer
    named, numbered = network(spec.format("T", "F")), network(spec.format(steps, features))
    agree(named, numbered, {"T": steps, "F": features})


def test_a_need_is_recorded_once_the_sizes_are_named() -> None:
    with recording() as noted:
        merging.Add([Tensor((UNKNOWN, symbol("T"))), Tensor((UNKNOWN, symbol("U")))])
    assert [need.text for need in noted] == ["T = U"]
    assert noted[0].holds({"T": 3, "U": 3})
    assert not noted[0].holds({"T": 3, "U": 4})


PAIRS = [(), (4,), (3, 4), (3, 5), (2, 3, 4), (None, 4)]
OF_TWO = (
    "Dot(0)",
    "Dot(1)",
    "Dot(-1)",
    "Dot((1, 2))",
    "Attention()",
    "AdditiveAttention()",
    "AdditiveAttention(False)",
)


@pytest.mark.oracle
@pytest.mark.parametrize("call", [*OF_TWO, "MultiHeadAttention(2, 3)", "GroupQueryAttention(2, 4, 2)"])
def test_any_pair_of_shapes_is_taken_or_refused_as_in_keras(call: str) -> None:
    from tests.fuzz.check import verdict
    from tests.oracle.recipe import Apply, Layer, Recipe, Var
    from tests.oracle.recipe import Input as Start

    name, _, given = call.partition("(")
    layer = Layer(
        "GroupedQueryAttention" if name.startswith("Group") else name, eval(f"({given[:-1]},)" if given[:-1] else "()")
    )
    operand = [Var("x"), Var("z")] if call in OF_TWO else (Var("x"), Var("z"))
    for one in PAIRS:
        for other in PAIRS:
            steps = (Start("x", one), Start("z", other), Apply(("y",), layer, operand))
            assert verdict(Recipe("Functional", steps, Var("y"))).disagreements == (), (one, other)


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
@pytest.mark.parametrize(("mask", "right"), [("m", False), ("[m]", False), ("[m, m]", True), ("[m, m, m, m]", False)])
def test_the_mask_of_a_call_is_a_list_of_two_or_three(name: str, mask: str, right: bool) -> None:
    network = analyse(f"x = Input(5,4); m = Input(5, dtype='bool'); (x, x) > {name}(mask={mask})")
    refused = [found.message for found in network.diagnostics if found.severity == "error"]
    assert bool(refused) is not right
    assert all("list of 2 or 3 masks" in message for message in refused)
