"""Laws of convolution, pooling and reshaping: two ways to say the same thing have to agree."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from seqshape.analysis.timesteps import timesteps
from seqshape.answers import analyse
from seqshape.dims import UNKNOWN, Dim, evaluate, parse_poly, symbol
from seqshape.layers.windows import Window
from seqshape.network import Network
from seqshape.summary import Row, Shape
from seqshape.tensor import show

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

Input = Sequence[int | str | None]


def network(spec: str, shape: Input) -> Network:
    return analyse(spec, tuple(shape), kind="spec")


def errors(walked: Network) -> list[str]:
    return [found.message for found in walked.diagnostics if found.severity == "error"]


def remarks(spec: str, shape: Input) -> list[str]:
    return [found.message for found in network(spec, shape).diagnostics if found.severity == "warning"]


def refusal(spec: str, shape: Input) -> tuple[str, str]:
    """The complaint about a spec, and the characters that it points at."""
    found = next(found for found in network(spec, shape).diagnostics if found.severity == "error")
    span = found.labels[0].span
    return found.message, spec[span.start : span.stop]


def rows(spec: str, shape: Input) -> tuple[Row, ...]:
    walked = network(spec, shape)
    assert errors(walked) == [], spec
    return walked.summary().layers


def out(spec: str, shape: Input) -> Shape:
    """The shape of the last output without its batch."""
    last = rows(spec, shape)[-1].output_shapes[0]
    assert last is not None
    return last[1:]


def counts(spec: str, shape: Input) -> tuple[object, object]:
    """Parameters and multiply-adds of a whole network."""
    totals = network(spec, shape).summary().totals
    return totals.params, totals.macs


def needs(spec: str, shape: Input) -> set[str]:
    return {need for one in network(spec, shape).summary().symbols.values() for need in one.needs}


def reach(spec: str, shape: Input) -> list[str]:
    """Which input steps each output step sees, one string of digits an output step."""
    return ["".join(map(str, line)) for line in timesteps(network(spec, shape)).matrix]


def dims(*texts: str | int | None) -> tuple[Dim, ...]:
    return tuple(UNKNOWN if text is None else parse_poly(str(text)) for text in texts)


# --- names and numbers -----------------------------------------------------------------------------------------------

sizes = st.integers(1, 5)
paddings = st.sampled_from(["valid", "same"])


@st.composite
def layers_over_steps(draw: st.DrawFn) -> str:
    """A layer whose output length depends on the number of steps."""
    size, stride, other, padding = draw(sizes), draw(sizes), draw(sizes), draw(paddings)
    extra = min(other, stride) - 1
    return draw(
        st.sampled_from(
            [
                f"Conv1D(4, {size}, strides={stride}, padding={padding})",
                f"Conv1D(4, {size}, dilation_rate={stride}, padding=causal)",
                f"Conv1D(4, {size}, dilation_rate={stride}, padding={padding}, groups=2)",
                f"Conv1DTranspose(4, {size}, strides={stride}, padding={padding})",
                f"Conv1DTranspose(4, {size}, strides={stride}, padding={padding}, output_padding={extra})",
                f"DepthwiseConv1D({size}, strides={stride}, padding={padding}, depth_multiplier={other})",
                f"SeparableConv1D(4, {size}, strides={stride}, padding={padding}, depth_multiplier={other})",
                f"LocallyConnected1D(4, {size}, strides={stride})",
                f"MaxPooling1D({size}, strides={stride}, padding={padding})",
                f"AveragePooling1D({size}, padding={padding})",
                f"AdaptiveMaxPooling1D({size})",
                "GlobalAveragePooling1D(keepdims=True)",
                f"Cropping1D(({size}, {stride}))",
                f"ZeroPadding1D(({size}, {stride}))",
                f"UpSampling1D({size})",
                f"Reshape(({size}, -1))",
                "Permute((2, 1))",
            ]
        )
    )


@given(
    st.lists(layers_over_steps(), min_size=1, max_size=3),
    st.sampled_from(["", " > Flatten", " > GlobalMaxPooling1D", " > Reshape((-1, 3, 1))"]),
    st.integers(1, 12),
    st.integers(1, 8),
)
@example(["MaxPooling1D(2)", "MaxPooling1D(2)"], "", 3, 1)
def test_names_evaluated_are_the_numbers(chain: list[str], end: str, steps: int, features: int) -> None:
    """Shapes, counts and needs on named sizes are what the same network has, or is refused for, on numbers."""
    spec, values = " > ".join(chain) + end, {"T": steps, "F": 2 * features}
    named, numbered = network(spec, ("T", "F")), network(spec, (steps, 2 * features))
    assume(not errors(named))
    hold = all(need.holds(values) for need in named.session.needs)
    assert hold == (not errors(numbered)), (needs(spec, ("T", "F")), errors(numbered))
    if hold:
        for on_names, on_numbers in zip(named.summary().layers, numbered.summary().layers, strict=True):
            assert in_numbers(on_names, values) == in_numbers(on_numbers, {})


def in_numbers(row: Row, values: dict[str, int]) -> list[object]:
    """Shape, weights, parameters and multiply-adds of a layer, with numbers put for names."""
    shapes = [row.output_shapes[0] or (), *(weight.shape for weight in row.weights)]
    assert row.params is not None
    assert row.macs is not None
    return [*(evaluate(shape, values) for shape in shapes), evaluate(row.params, values), evaluate(row.macs, values)]


@pytest.mark.parametrize(
    ("spec", "shape", "length", "wanted"),
    [
        ("Conv1D(8, 3)", ("T", 2), "T - 2", {"T >= 3"}),
        ("Conv1D(8, 3, s=2)", ("T", 2), "(T - 3)//2 + 1", {"T >= 3"}),
        ("Conv1D(8, 3, d=4)", ("T", 2), "T - 8", {"T >= 9"}),
        ("Conv1D(8, 3, s=2, same)", ("T", 2), "(T + 1)//2", set()),
        ("Conv1D(8, 3, s=2) > Conv1D(8, 3, s=2)", ("T", 2), "(T - 7)//4 + 1", {"T >= 7"}),
        ("Conv1D(8, k=?)", ("T", 2), "T - kernel_size + 1", {"T >= kernel_size"}),
        ("Conv1DTranspose(8, 3, s=2)", ("T", 2), "2*T + 1", set()),
        ("MP1D(2) > MP1D(2) > MP1D(2)", ("T", 2), "T//8", {"T >= 8"}),
        ("AP1D(3) > MP1D(2)", ("T", 2), "T//6", {"T >= 6"}),
        ("AP1D(4, same) > AP1D(3, same)", ("T", 2), "(T + 11)//12", set()),
        ("Cropping1D((2, 3))", ("T", 2), "T - 5", {"T >= 6"}),
        ("Reshape((-1, 4))", ("T", "F"), "F*T//4", {"4 | F*T"}),
        ("Reshape((-1, 4))", ("T", 8), "2*T", set()),
    ],
)
def test_named_steps(spec: str, shape: Input, length: str, wanted: set[str]) -> None:
    assert out(spec, shape)[0] == parse_poly(length)
    assert needs(spec, shape) == wanted


def test_unknown_steps_stay_unknown() -> None:
    """Keras checks nothing along an unknown axis, however large the window is."""
    for spec in ("Conv1D(3, 99)", "Conv1DTranspose(3, 2, s=2)", "MP1D(50)", "Cropping1D(9)", "ZeroPadding1D(2)"):
        assert out(spec, (None, 3)) == dims(None, 3)
    assert out("AdaptiveMaxPooling1D(4)", (None, 3)) == (4, 3)
    assert out("GMP1D", (None, 3)) == (3,)


# --- what a window is ------------------------------------------------------------------------------------------------

lengths, strides, rates = st.integers(0, 30), st.integers(1, 6), st.integers(1, 4)


@given(lengths, st.integers(1, 6), strides, rates)
def test_length_counts_the_windows_that_fit(length: int, size: int, stride: int, rate: int) -> None:
    window = Window(size, stride, "valid", rate)
    starts = [start for start in range(0, length, stride) if start + (size - 1) * rate < length]
    assert max(window.length(length), 0) == len(starts)


@given(lengths, st.integers(1, 6), strides, rates, st.sampled_from(["same", "causal"]))
def test_a_padded_window_stands_on_every_stride(length: int, size: int, stride: int, rate: int, padding: str) -> None:
    assert Window(size, stride, padding, rate).length(length) == len(range(0, length, stride))


@given(st.integers(1, 30), st.integers(1, 6), strides, rates)
def test_same_padding_is_even_and_more_of_it_is_behind(length: int, size: int, stride: int, rate: int) -> None:
    window = Window(size, stride, "same", rate)
    before, count = window.before(length), window.length(length)
    assert isinstance(before, int)
    assert isinstance(count, int)
    total = max((count - 1) * stride + window.extent - length, 0)
    assert total - before in (before, before + 1)


@given(st.integers(1, 20), st.integers(1, 6), strides, rates)
def test_a_transposed_window_undoes_one_that_fits_exactly(count: int, size: int, stride: int, rate: int) -> None:
    """Where the windows cover all of a length, and none is left out between them, the transpose gives it back."""
    window = Window(size, stride, "valid", rate)
    length = (count - 1) * stride + window.extent
    assert window.length(length) == count
    assert window.transposed_length(count, 0) == length
    if window.extent >= stride:
        assert window.transposed_length(count) == length


# --- convolutions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "shape", "macs"),
    [
        ("Conv2D(8, 3, same)", (16, 16, 3), 55_296),
        ("DepthwiseConv2D(3, same)", (16, 16, 8), 18_432),
        ("Conv2DTranspose(8, 2, s=2)", (8, 8, 4), 8_192),
    ],
)
def test_multiply_adds_that_other_counters_agree_on(spec: str, shape: Input, macs: int) -> None:
    """One multiply-add a weight and output position; a transposed convolution goes by its input positions."""
    assert rows(spec, shape)[0].macs == macs
    assert rows(spec.replace(")", ", nobias)"), shape)[0].macs == macs


@given(sizes, strides)
def test_convolution_and_its_transpose_keep_the_padded_length(size: int, stride: int) -> None:
    there = f"Conv1D(8, {size}, s={stride}, same)"
    back = f"ConvT1D(8, {size}, s={stride}, same)"
    assert out(f"{back} > {there}", ("T", 8)) == dims("T", 8)
    assert counts(back, (9, 8)) == counts(f"Conv1D(8, {size}, same)", (9, 8))


def test_no_output_padding_is_not_an_output_padding_of_0() -> None:
    assert out("ConvT1D(3, 4, same)", (9, 2)) == (9, 3)
    assert out("ConvT1D(3, 4, same, output_padding=0)", (9, 2)) == (8, 3)
    assert out("ConvT1D(3, 2, s=3)", (9, 2)) == (27, 3)
    assert out("ConvT1D(3, 2, s=3, output_padding=0)", (9, 2)) == (26, 3)


@given(sizes.map(lambda half: 2 * half - 1), strides)
def test_with_same_padding_and_an_odd_kernel_the_default_output_padding_is_strides_less_1(
    size: int, stride: int
) -> None:
    default = f"ConvT1D(3, {size}, s={stride}, same)"
    said = f"ConvT1D(3, {size}, s={stride}, same, output_padding={stride - 1})"
    assert out(said, ("T", 2)) == out(default, ("T", 2))
    assert reach(said, (5, 2)) == reach(default, (5, 2))


@given(sizes, strides, paddings)
def test_axes_are_independent(size: int, stride: int, padding: str) -> None:
    """A convolution over rows and columns moves along each of them as Conv1D does along steps."""
    line = out(f"Conv1D(4, {size}, s={stride}, {padding})", ("T", 3))
    image = out(f"Conv2D(4, ({size}, 1), s=({stride}, 1), {padding})", ("T", 7, 3))
    volume = out(f"Conv3D(4, (1, 1, {size}), s=(1, 1, {stride}), {padding})", (5, 7, "T", 3))
    assert (image[0], volume[2]) == (line[0], line[0])
    assert (image[1:], volume[:2]) == ((7, 4), (5, 7))


@pytest.mark.parametrize(
    "layer",
    [
        "Conv1D(4, 3, s=2, {})",
        "Conv1D(4, 2, same, g=2, {})",
        "Conv1DTranspose(4, 3, s=2, {})",
        "DepthwiseConv1D(3, depth_multiplier=2, {})",
        "SeparableConv1D(4, 3, {})",
        "MaxPooling1D(2, {})",
        "GlobalMaxPooling1D(keepdims=True, {})",
        "AdaptiveAveragePooling1D(3, {})",
        "ZeroPadding1D(2, {})",
    ],
)
def test_channels_first_is_channels_last_between_permutes(layer: str) -> None:
    shape = (9, 6)
    last = layer.format("channels_last")
    first = f"Permute(2,1) > {layer.format('channels_first')} > Permute(2,1)"
    assert out(first, shape) == out(last, shape)
    assert counts(first, shape) == counts(last, shape)
    assert reach(first, shape) == reach(last, shape)


def test_a_group_for_each_channel_is_depthwise() -> None:
    grouped, depthwise = "Conv1D(12, 3, g=6)", "DWConv1D(3, depth_multiplier=2)"
    assert out(grouped, ("T", 6)) == out(depthwise, ("T", 6))
    assert counts(grouped, (10, 6)) == counts(depthwise, (10, 6))
    # Channels instead of steps come first here, so the rows say which channels see each other.
    seen = [reach(spec.replace(")", ", channels_first)"), (6, 10)) for spec in (grouped, depthwise)]
    assert seen[0] == seen[1] == ["0" * channel + "1" + "0" * (5 - channel) for channel in range(6) for _ in range(2)]


def test_separable_is_depthwise_and_a_kernel_of_size_1() -> None:
    both = "DWConv2D(3, s=2, depth_multiplier=3, nobias) > Conv2D(5, 1)"
    one = "SepConv2D(5, 3, s=2, depth_multiplier=3)"
    assert out(one, ("H", "W", 4)) == out(both, ("H", "W", 4))
    assert counts(one, ("H", "W", 4)) == counts(both, ("H", "W", 4))
    assert reach(one, (9, 8, 4)) == reach(both, (9, 8, 4))


def test_locally_connected_has_a_kernel_for_each_step() -> None:
    assert counts("LocallyConnected1D(5, 1)", (4, 3)) == (80, 60)
    shared, own = rows("Conv1D(5, 2, s=2)", ("T", 3))[0], rows("LocallyConnected1D(5, 2, s=2)", ("T", 3))[0]
    assert shared.params is not None
    assert own.params == shared.params * parse_poly("T//2")
    assert own.macs == shared.macs
    assert own.output_shapes == shared.output_shapes
    assert [weight.shape for weight in rows("LocallyConnected2D(4, 3, s=2)", (9, 7, 2))[0].weights] == [
        (12, 18, 4),
        (4, 3, 4),
    ]
    kernels = [rows(f"LocallyConnected1D(5, 2, implementation={way})", (4, 3))[0].weights[0].shape for way in (1, 2, 3)]
    assert kernels == [(3, 6, 5), (4, 3, 3, 5), (90,)]
    assert "fully-known sizes" in refusal("LocallyConnected1D(5, 2)", (None, 3))[0]


def test_low_rank_adaptation_freezes_the_kernel() -> None:
    row = rows("Conv1D(4, 3, lora_rank=2)", (5, 3))[0]
    assert [(weight.path, weight.shape, weight.trainable) for weight in row.weights] == [
        ("kernel", (3, 3, 4), False),
        ("bias", (4,), True),
        ("lora_kernel_a", (3, 3, 2), True),
        ("lora_kernel_b", (2, 4), True),
    ]
    assert (row.trainable_params, row.non_trainable_params) == (30, 36)


def test_causal_padding_looks_back_only() -> None:
    assert reach("Conv1D(2, 2, causal, d=2)", (5, 1)) == ["10000", "01000", "10100", "01010", "00101"]
    assert timesteps(network("Conv1D(2, 3, causal) > Conv1D(2, 3, causal, s=2)", (9, 1))).causal
    assert timesteps(network("Conv1D(2, 3, same)", (9, 1))).ahead == 1


def test_the_share_of_one_filter_sees_nothing() -> None:
    """``softmax`` of a single number is 1, whatever it is."""
    for layer in ("Conv1D(1, 1, softmax)", "SepConv1D(1, 1, softmax)", "ConvT1D(1, 1, softmax)"):
        assert reach(layer, (3, 2)) == ["000", "000", "000"]
    assert reach("Conv1D(2, 1, softmax)", (3, 2)) == ["100", "010", "001"]


@given(sizes, strides, paddings)
def test_a_transpose_sees_what_its_convolution_writes(size: int, stride: int, padding: str) -> None:
    """Where lengths come back, output o of the transpose sees input i just if the convolution's output i sees o."""
    back = f"ConvT1D(2, {size}, s={stride}, {padding})"
    length = out(back, (5, 2))[0]
    there = f"Conv1D(2, {size}, s={stride}, {padding})"
    assert isinstance(length, int)
    assume(out(there, (length, 2))[0] == 5)
    transposed = ["".join(column) for column in zip(*reach(there, (length, 2)), strict=True)]
    assert reach(back, (5, 2)) == transposed


@pytest.mark.parametrize(
    ("spec", "shape", "message", "blamed"),
    [
        ("Conv1D(4, 10)", (9, 4), "needs at least 10 steps for kernel_size 10, but gets 9", "10"),
        ("Conv1D(4, 3, d=9)", (9, 4), "needs at least 19 steps for kernel_size 3 with dilation_rate 9", "3"),
        ("Conv2D(4, (3, 5))", (4, 4, 1), "needs at least 5 columns", "(3, 5)"),
        ("Conv1D(4, 3, s=2, d=3)", (9, 4), "not both, but gets strides 2 and dilation_rate 3", "d=3"),
        ("Conv1D(4, 3, g=3)", (9, 6), "4 filters evenly among 3 groups", "g=3"),
        ("Conv1D(6, 3, g=3)", (9, 4), "4 input channels evenly among 3 groups", "g=3"),
        ("Conv2D(4, (3, 3, 3))", (9, 9, 4), "needs 2 numbers in kernel_size", "(3, 3, 3)"),
        ("Conv1D(4, 3)", (9, 4, 3), "needs an input of 3 dims (batch, steps, features)", "Conv1D(4, 3)"),
        ("ConvT1D(4, 3, s=2, output_padding=2)", (9, 4), "gets 2 and strides 2", "output_padding=2"),
        ("MP1D(7)", (5, 3), "needs at least 7 steps for pool_size 7", "7"),
        ("DWConv1D(3, padding=causal)", (9, 4), "has to be one of", "padding=causal"),
        ("Cropping1D((4, 3))", (7, 3), "needs more than the 7 steps that it cuts off, but gets 7", "(4, 3)"),
        ("Reshape((5, 5))", (12,), "has to keep the 12 numbers of (12,), but (5, 5) has 25", "(5, 5)"),
        ("Reshape((-1, 5))", (12,), "cannot be divided by 5", "(-1, 5)"),
        ("Reshape((-1, -1))", (12,), "needs at most one -1", "(-1, -1)"),
        ("Permute((1, 3))", (7, 3), "numbers from 1 on", "(1, 3)"),
        ("Permute((1, 2, 3))", (7, 3), "needs an input of 4 dims", "Permute((1, 2, 3))"),
        ("RepeatVector(3)", (7, 3), "needs an input of 2 dims (batch, features)", "RepeatVector(3)"),
        ("Conv1D(4, 3)", (9, None), "needs fully-known sizes", "Conv1D(4, 3)"),
    ],
)
def test_refusals_name_the_numbers_and_the_place(spec: str, shape: Input, message: str, blamed: str) -> None:
    found, place = refusal(spec, shape)
    assert message in found
    assert place == blamed


# --- pooling ---------------------------------------------------------------------------------------------------------


def test_pooling_strides_are_its_size() -> None:
    for spec in ("MP1D(3)", "AP1D(3)"):
        assert out(spec, ("T", 2)) == out(spec.replace(")", ", 3)"), ("T", 2))
    assert reach("MP1D(2)", (5, 1)) == ["11000", "00110"]
    assert reach("MP1D(2, same)", (5, 1)) == ["11000", "00110", "00001"]


@given(st.integers(1, 6), st.integers(1, 5))
def test_pools_in_a_row_are_one_pool(first: int, second: int) -> None:
    chain, one = f"MP1D({first}) > MP1D({second})", f"MP1D({first * second})"
    assert out(chain, ("T", "F")) == out(one, ("T", "F"))
    assert needs(chain, ("T", "F")) == needs(one, ("T", "F"))
    assert reach(chain, (31, 1)) == reach(one, (31, 1))


@given(st.integers(1, 9))
def test_global_pooling_is_one_window_over_all(steps: int) -> None:
    for kind, pool in (("GMP", f"MP1D({steps})"), ("GAP", f"AP1D({steps})")):
        assert out(f"{kind}1D(keepdims=True)", (steps, 3)) == out(pool, (steps, 3)) == (1, 3)
        assert out(f"{kind}1D", (steps, 3)) == out(f"{pool} > Flatten", (steps, 3))
        assert reach(f"{kind}1D(keepdims=True)", (steps, 3)) == reach(pool, (steps, 3))


@given(st.integers(1, 5), st.integers(1, 5))
def test_adaptive_pooling_that_fits_is_plain_pooling(size: int, windows: int) -> None:
    steps = size * windows
    assert out(f"AdaptiveAveragePooling1D({windows})", (steps, 3)) == out(f"AP1D({size})", (steps, 3))
    assert reach(f"AdaptiveAveragePooling1D({windows})", (steps, 3)) == reach(f"AP1D({size})", (steps, 3))


def test_adaptive_pooling_overlaps_where_it_does_not_fit() -> None:
    assert reach("AdaptiveMaxPooling1D(3)", (5, 1)) == ["11000", "01110", "00011"]
    assert "makes 9 steps of 5" in remarks("AdaptiveMaxPooling1D(9)", (5, 3))[0]
    assert "fails when it runs" in remarks("AdaptiveMaxPooling2D(2)", (6, 3))[0]


# --- reshaping -------------------------------------------------------------------------------------------------------

margins = st.integers(0, 4)


@given(margins, margins)
def test_cropping_takes_padding_away(before: int, after: int) -> None:
    pair = f"({before}, {after})"
    there_and_back = f"ZeroPadding1D({pair}) > Cropping1D({pair})"
    assert out(there_and_back, ("T", "F")) == dims("T", "F")
    assert reach(there_and_back, (4, 2)) == ["1000", "0100", "0010", "0001"]
    image = f"ZeroPadding2D(({pair}, {pair})) > Cropping2D(({pair}, {pair}))"
    assert out(image, ("H", None, 2)) == dims("H", None, 2)
    assert not needs(there_and_back, ("T", "F"))


@given(st.integers(1, 4))
def test_pooling_takes_upsampling_away(times: int) -> None:
    spec = f"UpSampling1D({times}) > AP1D({times})"
    assert out(spec, ("T", "F")) == dims("T", "F")
    assert reach(spec, (4, 2)) == ["1000", "0100", "0010", "0001"]


def test_interpolation_looks_at_the_neighbours() -> None:
    assert reach("UpSampling2D((2, 1))", (3, 1, 1)) == ["100", "100", "010", "010", "001", "001"]
    bilinear = reach('UpSampling2D((2, 1), interpolation="bilinear")', (3, 1, 1))
    assert bilinear == ["100", "110", "110", "011", "011", "001"]
    assert "no interpolation" in remarks('UpSampling2D(2, interpolation="x")', (4, 4, 1))[0]


@given(st.permutations([1, 2, 3]))
def test_a_permutation_and_its_inverse_change_nothing(order: list[int]) -> None:
    inverse = [order.index(axis) + 1 for axis in (1, 2, 3)]
    spec = f"Permute({tuple(order)}) > Permute({tuple(inverse)})"
    assert out(spec, ("A", "B", "C")) == dims("A", "B", "C")
    assert reach(spec, (3, 2, 2)) == ["100", "010", "001"]


def test_flatten_is_a_reshape() -> None:
    for shape in ((3, 4), ("T", "F"), (2, 3, 4), (5,), (0, 4), ()):
        assert out("Flatten", shape) == out("Reshape((-1,))", shape)
    assert out("Flatten", ("T", "F")) == dims("F*T")
    assert out("Flatten", (None, 4)) == dims(None)


def test_flatten_of_channels_first_puts_the_channels_last() -> None:
    assert reach("Flatten(channels_first) > Reshape((2, 3))", (3, 2)) == reach("Permute(2,1)", (3, 2))
    assert reach("Flatten(channels_first) > Reshape((6, 1))", (3, 2)) == ["100", "010", "001", "100", "010", "001"]
    assert reach("Flatten > Reshape((6, 1))", (3, 2)) == ["100", "100", "010", "010", "001", "001"]


@given(st.sampled_from([(12,), (2, 6), (3, 4), (1, 12, 1), (2, 2, 3)]), st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_reshaping_back_changes_nothing(shape: tuple[int, ...], width: int) -> None:
    spec = f"Reshape((-1, {width})) > Reshape({show(shape)})"
    assert out(f"Reshape((-1, {width}))", shape) == (12 // width, width)
    assert out(spec, shape) == shape
    assert reach(spec, shape) == reach("Identity", shape)


def test_reshape_believes_what_it_cannot_check() -> None:
    """As in Keras: None is no -1, and an unknown input dim leaves the target unchecked."""
    assert out("Reshape((None, 4))", (12,)) == dims(None, 4)
    assert "-1 would be worked out" in remarks("Reshape((None, 4))", (12,))[0]
    assert out("Reshape((5,))", (None,)) == (5,)
    assert out("Reshape((-1, 2))", (None, 3)) == dims(None, 2)
    assert "is not checked" in remarks("Reshape((-1, 2))", (None, 3))[0]
    assert remarks("Reshape((-1, 2))", (None, 4)) == []


def test_whole_numbers_keep_their_type_only_where_no_number_changes() -> None:
    """Keras passes the type on through Flatten, Permute and Reshape; all others make floats of what they get."""

    def kind(spec: str) -> str:
        return analyse(f'Input(shape=(6, 4), dtype="int32") > {spec}', kind="spec").summary().outputs[0].dtype

    for spec in ("Flatten", "Permute(2,1)", "Reshape((3, 8))"):
        assert kind(spec) == "int32"
    for spec in ("Cropping1D(1)", "ZeroPadding1D(1)", "UpSampling1D(2)", "MP1D(2)"):
        assert kind(spec) == "float32"


def test_repeated_vectors_see_all_that_the_vector_saw() -> None:
    assert out("GMP1D > RepeatVector(3)", ("T", "F")) == (3, symbol("F"))
    assert reach("GMP1D > RepeatVector(3)", (4, 2)) == ["1111"] * 3


@pytest.mark.parametrize(
    ("spec", "shape", "message"),
    [
        ('Conv1D(4, 3, padding="Valid")', (9, 4), "reads 'Valid' as 'valid'"),
        ("DepthwiseConv1D(3, s=2, d=2)", (9, 4), "combines strides with dilation_rate"),
        ("SeparableConv2D(4, 3, s=(1, 2))", (9, 9, 4), "strides that differ by axis"),
        ('GlobalMaxPooling1D(keepdims="a")', (5, 3), "reads 'a' as True"),
        ("AdaptiveMaxPooling1D(0)", (5, 3), "fails when it runs"),
        ("ZeroPadding2D(-1)", (9, 9, 3), "fails when it runs"),
        ('Reshape(("a",))', (3,), "reads 'a' in a shape as None"),
    ],
)
def test_odd_arguments_get_a_remark(spec: str, shape: Input, message: str) -> None:
    assert message in remarks(spec, shape)[0]
