"""The spec reader against LANGUAGE: what each sentence of it makes of a text, and what bad text is told."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqshape import check, convert, explain, summarize
from seqshape.diagnostics import Diagnostic, SeqshapeError, Span
from seqshape.dims import Poly
from seqshape.exporters.format import format_spec
from seqshape.graph import Call, Graph, Node, Ref, Unsaid, Value, Word
from seqshape.readers.spec import parse, read_spec
from seqshape.readers.spec.complaints import IN_A_SHELL
from seqshape.readers.spec.parser import DEEPEST_GROUP, MOST_FAULTS
from seqshape.readers.spec.plain import NotPlain, looks_plain, plain_statements
from seqshape.readers.spec.syntax import DEEPEST
from seqshape.readers.spec.tokens import _Scanner
from seqshape.registry import layers

# --- a graph as a few lines of text -----------------------------------------------------------------------------------


class Outline:
    """A graph in words, spans left out: one line a node, and which layers are the same one."""

    def __init__(self) -> None:
        self.seen: dict[Call, int] = {}

    def lines(self, graph: Graph) -> list[str]:
        places = {node: place for place, node in enumerate(graph.nodes)}
        head = f"{graph.class_name} -> {self.operand(graph.outputs, places)}"
        return [head, *(self.node(node, places) for node in graph.nodes)]

    def node(self, node: Node, places: dict[Node, int]) -> str:
        inputs = [self.operand(item, places) for item in node.args]
        inputs += [f"{name}={self.operand(item, places)}" for name, item in node.kwargs.items()]
        return self.call(node.call) + (f" <- {', '.join(inputs)}" if inputs else "")

    def operand(self, operand: Any, places: dict[Node, int]) -> str:
        if isinstance(operand, Ref):
            return f"{places[operand.node]}" + ("" if operand.output is None else f".{operand.output}")
        if isinstance(operand, Value):
            return self.value(operand)
        if isinstance(operand, dict):
            return "{" + ", ".join(f"{key}: {self.operand(item, places)}" for key, item in operand.items()) + "}"
        return "[" + ", ".join(self.operand(item, places) for item in operand) + "]"

    def call(self, call: Call) -> str:
        if call in self.seen:
            return f"{call.class_name}#{self.seen[call]}"
        self.seen[call] = len(self.seen)
        name = call.class_name
        if call.body is not None:
            name += "{" + "; ".join(self.lines(call.body)) + "}"
        arguments = [f"{item.name}=" * (item.name is not None) + self.value(item.value) for item in call.arguments]
        return name if call.bare else f"{name}({', '.join(arguments)})"

    def value(self, value: Value) -> str:
        data = value.data
        if isinstance(data, Call):
            return self.call(data)
        if isinstance(data, Word):
            return data.text if data.assigned is None else f"{data.text}:{self.value(data.assigned)}"
        if isinstance(data, Unsaid):
            return "?"
        if isinstance(data, Poly):
            return f"<{data}>"
        if isinstance(data, Ref):
            return "tensor"
        if isinstance(data, dict):
            return "{" + ", ".join(f"{key!r}: {self.value(item)}" for key, item in data.items()) + "}"
        if isinstance(data, (tuple, list)):
            inner = ", ".join(map(self.value, data))
            return f"[{inner}]" if isinstance(data, list) else f"({inner}{',' * (len(data) == 1)})"
        return repr(data)


def outline(graph: Graph) -> list[str]:
    """The graph in words, with its layers in the order of their construction."""
    words = Outline()
    lines = words.lines(graph)
    return [*lines, "calls: " + ", ".join(words.call(call) for call in graph.calls)]


def lines(text: str, **options: Any) -> list[str]:
    """The nodes of a spec in words."""
    return Outline().lines(read_spec(text, **options))


def argument(text: str) -> str:
    """The value of the only argument of ``A(…)``, in words."""
    call = read_spec(f"A({text})").nodes[1].call
    return Outline().value(call.arguments[0].value)


def refused(text: str, **options: Any) -> tuple[Diagnostic, ...]:
    with pytest.raises(SeqshapeError) as caught:
        read_spec(text, **options)
    return caught.value.diagnostics


# --- chains -----------------------------------------------------------------------------------------------------------

# Every example of LANGUAGE: the spec, and the lines of its graph.
EXAMPLES = {
    "LSTM(5,seq)>TD(Dense(1))": ["Sequential -> 2", "Input()", "LSTM(5, seq) <- 0", "TD(Dense(1)) <- 1"],
    "LSTM(5, return_sequences=True)": ["Sequential -> 1", "Input()", "LSTM(5, return_sequences=True) <- 0"],
    "Flatten > Dense(10)": ["Sequential -> 2", "Input()", "Flatten <- 0", "Dense(10) <- 1"],
    "GRU(16,seq) > TD(Dense(8)) > softmax": [
        "Sequential -> 3",
        "Input()",
        "GRU(16, seq) <- 0",
        "TD(Dense(8)) <- 1",
        "softmax <- 2",
    ],
    "relu(6) > Softmax": ["Sequential -> 2", "Input()", "relu(6) <- 0", "Softmax <- 1"],
    "Conv1D(64, 3) > Conv1D(64, kernel_size=3)": [
        "Sequential -> 2",
        "Input()",
        "Conv1D(64, 3) <- 0",
        "Conv1D(64, kernel_size=3) <- 1",
    ],
    "Bi(LSTM(8,seq), sum) > RNN([LSTMCell(3), GRUCell(4)])": [
        "Sequential -> 2",
        "Input()",
        "Bi(LSTM(8, seq), sum) <- 0",
        "RNN([LSTMCell(3), GRUCell(4)]) <- 1",
    ],
    "Conv1D(8,3,same,2)": ["Sequential -> 1", "Input()", "Conv1D(8, 3, same, 2) <- 0"],
    "d = 16; Dense(4*d)": ["Sequential -> 1", "Input()", "Dense(64) <- 0"],
    "Input(5,1) > LSTM(5)": ["Sequential -> 1", "Input(5, 1)", "LSTM(5) <- 0"],
    "Reshape(4,5) > Permute(2,1)": ["Sequential -> 2", "Input()", "Reshape(4, 5) <- 0", "Permute(2, 1) <- 1"],
    "Input((5,1), 4) > GRU(2)": ["Sequential -> 1", "Input((5, 1), 4)", "GRU(2) <- 0"],
    'Input(shape=(5,1), batch_size=4, dtype="int32") > GRU(2)': [
        "Sequential -> 1",
        "Input(shape=(5, 1), batch_size=4, dtype='int32')",
        "GRU(2) <- 0",
    ],
    "LSTM(5, input_shape=(5,1))": ["Sequential -> 1", "Input()", "LSTM(5, input_shape=(5, 1)) <- 0"],
    "Input(T,F) > Conv1D(8,3)": ["Sequential -> 1", "Input(<T>, <F>)", "Conv1D(8, 3) <- 0"],
    "Input(None) > Flatten": ["Sequential -> 1", "Input(None)", "Flatten <- 0"],
    "(Conv1D(64,3,same) > BN > relu)*2": [
        "Sequential -> 6",
        "Input()",
        "Conv1D(64, 3, same) <- 0",
        "BN <- 1",
        "relu <- 2",
        "Conv1D(64, 3, same) <- 3",
        "BN <- 4",
        "relu <- 5",
    ],
    "[LSTM(8,seq) | Conv1D(8,3,same)] > Concat": [
        "Functional -> 3",
        "Input()",
        "LSTM(8, seq) <- 0",
        "Conv1D(8, 3, same) <- 0",
        "Concat <- [1, 2]",
    ],
    "Residual(LN > Dense(64))": ["Functional -> 3", "Input()", "LN <- 0", "Dense(64) <- 1", "Add <- [0, 2]"],
    "[Id | LN > Dense(64)] > Add": [
        "Functional -> 4",
        "Input()",
        "Id <- 0",
        "LN <- 0",
        "Dense(64) <- 2",
        "Add <- [1, 3]",
    ],
    """
    src = Input(T, 71); tgt = Input(U, 93)
    _, h, c = src > LSTM(256, state)                             # several outputs unpack; _ is no name
    tgt > LSTM(256, seq, initial_state=[h, c]) > Dense(93, softmax)
    """: [
        "Functional -> 4",
        "Input(<T>, 71)",
        "Input(<U>, 93)",
        "LSTM(256, state) <- 0",
        "LSTM(256, seq) <- 1, initial_state=[2.1, 2.2]",
        "Dense(93, softmax) <- 3",
    ],
    "x = Input(128, 512)\na = (x, x) > MHA(8, 64)\n[x | a] > Add > LN": [
        "Functional -> 3",
        "Input(128, 512)",
        "MHA(8, 64) <- [0, 0]",
        "Add <- [0, 1]",
        "LN <- 2",
    ],
    "a = Input(3,4); b = Input(3,4); enc = LSTM(64); (a > enc, b > enc) > Concat": [
        "Functional -> 4",
        "Input(3, 4)",
        "Input(3, 4)",
        "LSTM(64) <- 0",
        "LSTM#2 <- 1",
        "Concat <- [2, 3]",
    ],
    "d = ?; Dense(4*d)": ["Sequential -> 1", "Input()", "Dense(<4*d>) <- 0"],
    "LSTM(?)": ["Sequential -> 1", "Input()", "LSTM(?) <- 0"],
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_example_of_the_language(text: str) -> None:
    assert lines(text) == EXAMPLES[text]


# Two ways to say the same: equal graphs, construction order included.
SYNONYMS = [
    ("A > B", "A->B"),
    ("A > B", "A\n> B"),
    ("A > B", "A >\n\n  # a word on B\n B  # and one behind"),
    ("A > B > C", "(A > B) > C"),
    ("A > B > C", "A > ((B > C))"),
    ("A > B", "[A > B]"),
    ("A(3x3)", "A((3,3))"),
    ("A(3X3x1)", "A((3,3,1))"),
    ("A(0x1)", "A((0,1))"),
    ("A(50_000, 1_0.2_5)", "A(50000, 10.25)"),
    ('A("same")', "A('same')"),
    ("A > B > A > B", "(A > B)*2"),
    ("A > B > A > B", "2*(A > B)"),
    ("A*6", "A*2*3"),
    ("A*6", "n = 3; 2*A*n"),
    ("A*3 > B", "A > A > A > B"),
    ("A(1)*2", "A(1) > A(1)"),
    ("A(1,2)", "A(\n1\n,\n2,\n)"),
    ("x = Input(3); y = Input(4); (x, y) > C", "x = Input(3)\ny = Input(4)\n[x, y] > C"),
    ("x = Input(3); y = Input(4); (x, y) > C", "x = Input(3);; y = Input(4);[x | y] > C;"),
    ("x = Input(3); (x > A, x > B)", "x = Input(3); x > A, x > B"),
    ("LSTM(5)", "keras.layers.LSTM(5)"),
    ("LSTM(5)", "tf.keras.layers.LSTM(5)"),
    ("LSTM(5) > ops.relu", "layers.LSTM(5) > keras.ops.relu"),
    ("Input(3) > A", "keras.Input(3) > A"),
    ("Input(3) > A", "input(3) > A"),
    ("Input(3) > A", "InputLayer(3) > A"),
    ("Residual(A)", "residual(A)"),
    ("A(activation=relu)", "A(activation=keras.activations.relu)"),
    ("A(dtype=float32)", "A(dtype=tf.float32)"),
    ("A > B(1)", "keras.Sequential([A, layers.B(1)])"),
    ("Input(3) > A > B(1)", "net = Sequential([Input(3), A, B(1)])"),
    ("TD(A > B)", "TD(keras.Sequential([A, B]))"),
    ("b = A > B; C > b", "b = Sequential([A, B]); C > b"),
]


@pytest.mark.parametrize(("one", "other"), SYNONYMS)
def test_two_ways_to_say_the_same(one: str, other: str) -> None:
    assert outline(read_spec(one)) == outline(read_spec(other))


def test_operations_keep_their_prefix_and_other_modules_stay_whole() -> None:
    found = lines("keras.ops.expand_dims(-1) > ops.add > foo.LSTM(5) > A(k=keras.initializers.Zeros(), b=foo.bar)")
    assert found[2:] == [
        "ops.expand_dims(-1) <- 0",
        "ops.add <- 1",
        "foo.LSTM(5) <- 2",
        "A(k=keras.initializers.Zeros(), b='foo.bar') <- 3",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A > B", "Sequential"),
        ("Input(3) > A", "Sequential"),
        ("x = Input(3) > A", "Sequential"),
        ("Input(3)", "Sequential"),
        ("(A > B)*3", "Sequential"),
        ("d = 3; e = A(d); B > e", "Sequential"),
        ("e = A(3); e > e", "Sequential"),
        ("e = A > B; C > e", "Sequential"),
        ("TD([A | B] > C)", "Sequential"),
        ("[A]", "Sequential"),
        ("x = Input(3); x > A", "Functional"),
        ("[A | B]", "Functional"),
        ("A > [Id | B] > Add", "Functional"),
        ("Residual(A)", "Functional"),
        ("A(training=True)", "Functional"),
        ("(Input(3), Input(4)) > A", "Functional"),
    ],
)
def test_sequential_or_functional(text: str, kind: str) -> None:
    assert read_spec(text).class_name == kind


def test_layers_are_constructed_in_the_order_of_the_text() -> None:
    graph = read_spec("e = A(1); s = B > C; x = Input(3); [x > D | x > e] > Residual(E > F) > s")
    assert [call.class_name for call in graph.calls] == ["A", "Sequential", "Input", "D", "E", "F", "Add"]
    assert graph.calls[1].body is not None
    assert [call.class_name for call in graph.calls[1].body.calls] == ["Input", "B", "C"]


def test_a_wrapped_layer_is_not_among_the_calls_of_the_graph() -> None:
    graph = read_spec("TD(Bi(LSTM(3)))")
    assert [call.class_name for call in graph.calls] == ["Input", "TD"]
    assert [inner.class_name for inner in graph.calls[1].nested()] == ["Bi"]


def test_spans_of_a_call() -> None:
    text = "LSTM(5, return_sequences = True)  > Flatten"
    first, second = read_spec(text).calls[1:]
    assert text[first.span.start : first.span.stop] == "LSTM(5, return_sequences = True)"
    assert text[first.name_span.start : first.name_span.stop] == "LSTM"
    assert [text[item.span.start : item.span.stop] for item in first.arguments] == ["5", "return_sequences = True"]
    assert text[first.arguments[1].value.span.start : first.arguments[1].value.span.stop] == "True"
    assert text[second.span.start : second.span.stop] == "Flatten"
    assert (first.bare, second.bare) == (False, True)


def test_sizes_have_spans_of_their_own() -> None:
    values = read_spec("A(3x15)").calls[1].arguments[0].value.data
    assert [value.span for value in values] == [Span(2, 3), Span(4, 6)]  # type: ignore[union-attr]


# --- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", "5"),
        ("-1", "-1"),
        ("+1", "1"),
        ("0.2", "0.2"),
        (".5", "0.5"),
        ("1e-3", "0.001"),
        ("2E3", "2000.0"),
        ("50_000", "50000"),
        ("True", "True"),
        ("None", "None"),
        ("seq", "seq"),
        ("k=same", "'same'"),
        ("k='a b#c'", "'a b#c'"),
        (r"k='it\'s \\ \n \d'", r'''"it's \\ \n \\d"'''),
        ("(3,3)", "(3, 3)"),
        ("[3,3]", "[3, 3]"),
        ("(3,)", "(3,)"),
        ("(3)", "3"),
        ("[3]", "[3]"),
        ("()", "()"),
        ("[]", "[]"),
        ("((1,2),(3,4))", "((1, 2), (3, 4))"),
        ("k=[same, None]", "['same', None]"),
        ("[same, None]", "[same, None]"),
        ('{"a": 1, 2: (x, 3)}', "{'a': 1, 2: ('x', 3)}"),
        ("{}", "{}"),
        ("?", "?"),
        ("k=?", "?"),
        ("(?, 2)", "(?, 2)"),
        ("Dense", "Dense"),
        ("Dense(1)", "Dense(1)"),
        ("[LSTMCell(3), GRUCell]", "[LSTMCell(3), GRUCell]"),
        ("Dense(1) > relu", "Sequential{Sequential -> 2; Input(); Dense(1) <- 0; relu <- 1}()"),
        ("(Dense(1))", "Dense(1)"),
        ("Flatten*2", "Sequential{Sequential -> 2; Input(); Flatten <- 0; Flatten <- 1}()"),
        ("(A > b)*1", "Sequential{Sequential -> 2; Input(); A <- 0; b <- 1}()"),
        ("[A | B]", "Functional{Functional -> [1, 2]; Input(); A <- 0; B <- 0}()"),
        ("Residual(A)", "Functional{Functional -> 2; Input(); A <- 0; Add <- [0, 1]}()"),
        ("Input(4) > A", "Sequential{Sequential -> 1; Input(4); A <- 0}()"),
        ("layer=Input(4) > A", "Sequential{Sequential -> 1; Input(4); A <- 0}()"),
        ("7 // 2 * 2 + 7 % 4 - 1", "8"),
        ("2**3**2", "512"),
        ("-2**2", "-4"),
        ("2**-1", "0.5"),
        ("(1+2)*3", "9"),
        ("1/4", "0.25"),
        ("-7 // 2", "-4"),
        ("--3", "3"),
    ],
)
def test_value_of_an_argument(text: str, value: str) -> None:
    assert argument(text) == value


def test_assigned_names_in_arguments() -> None:
    text = "d = 4; k = 3x3; p = 'same'; c = LSTMCell(d); A(d, seq, c, kernel=k, padding=p, cell=c, unit=d+1)"
    found = lines(text)[2]
    assert found == "A(d:4, seq, c:LSTMCell(d:4), kernel=(3, 3), padding='same', cell=LSTMCell#2, unit=5) <- 0"


def test_a_flag_and_a_name_of_the_same_spelling_leave_the_choice_to_the_layer() -> None:
    found = read_spec("seq = 5; LSTM(4, seq)").calls[1].arguments[1].value.data
    assert isinstance(found, Word)
    assert found.text == "seq"
    assert found.assigned is not None
    assert found.assigned.data == 5


def test_a_tensor_in_position_is_left_to_the_layer_as_a_word() -> None:
    found = read_spec("x = Input(3); x > A(x)").calls[1].arguments[0].value.data
    assert isinstance(found, Word)
    assert found.assigned is not None
    assert isinstance(found.assigned.data, Ref)


def test_named_sizes_come_from_inputs_and_question_marks() -> None:
    assert lines("Input(T, 2*F, n=3) > Reshape(F, shape=(T, 1)) > A(T+1)")[1:] == [
        "Input(<T>, <2*F>, n=3)",
        "Reshape(F:<F>, shape=(<T>, 1)) <- 0",
        "A(<T + 1>) <- 1",
    ]
    assert lines("T = 4; Input(T, T*F)")[1] == "Input(4, <4*F>)"
    assert lines("s = (3, 4); Input(s) > A")[1] == "Input((3, 4))"
    assert lines("a, b = ?, 2; A(a*b)")[2] == "A(<2*a>) <- 0"
    assert lines("Input(shape=(T,), batch_size=B, dtype=int32, name=x) > LSTM(5, input_shape=(S,1))")[1:] == [
        "Input(shape=(<T>,), batch_size=<B>, dtype='int32', name='x')",
        "LSTM(5, input_shape=(<S>, 1)) <- 0",
    ]


OPERATORS = st.sampled_from(["+", "-", "*", " - ", "//", "%", "/"])
SUMS = st.recursive(
    st.integers(-9, 99).map(str), lambda inner: st.builds("({}{}{})".format, inner, OPERATORS, inner), max_leaves=8
)


@given(st.one_of(SUMS, st.builds("({})**({})*{}".format, *[st.integers(-20, 20)] * 3)))
def test_arithmetic_is_that_of_python(text: str) -> None:
    try:
        expected = eval(text)
    except ZeroDivisionError:
        expected = None
    found = read_or_refusal(f"A({text})")
    if isinstance(found, Graph):
        data = found.calls[1].arguments[0].value.data
        assert (data, type(data)) == (expected, type(expected))
    else:
        assert [item.code for item in found] == ["E123"]
        power = eval(text.rpartition("*")[0]) if "**" in text and expected is not None else 0  # too large on the way
        assert expected is None or isinstance(expected, complex) or max(abs(expected), abs(power)) >= 2**60


# --- inputs, statements, call arguments -------------------------------------------------------------------------------


def test_the_implicit_input_is_one_and_stands_at_the_first_layer() -> None:
    graph = read_spec("  [LSTM(8) | GRU(8)] > Concat")
    assert len(graph.inputs) == 1
    call = graph.inputs[0].call
    assert (call.class_name, call.arguments, call.span) == ("Input", (), Span(3, 3))


def test_a_last_statement_that_is_a_layer_is_applied_to_the_open_input() -> None:
    assert lines("enc = A > B; enc") == ["Sequential -> 1", "Input()", lines("enc = A > B")[2]]
    assert lines("enc = LSTM(4)") == ["Sequential -> 1", "Input()", "LSTM(4) <- 0"]
    assert lines("enc = LSTM(4); enc*2") == ["Sequential -> 2", "Input()", "LSTM(4) <- 0", "LSTM#1 <- 1"]


def test_names_of_inputs() -> None:
    graph = read_spec("src = Input(5); y = Input(4, name='tgt'); z = src > A; (y, z) > B")
    assert {name: graph.nodes.index(node) for name, node in graph.names.items()} == {"src": 0, "y": 1, "tgt": 1}


def test_inputs_that_only_the_command_line_tells_of() -> None:
    graph = read_spec("src > LSTM(4, seq, initial_state=[h, c]) > src2", inputs=("src", "h", "c", "seq"))
    assert Outline().lines(graph)[1:] == [
        "Input",
        "Input",
        "Input",
        "LSTM(4, seq) <- 0, initial_state=[1, 2]",
        "src2 <- 3",
    ]
    assert list(graph.names) == ["src", "h", "c"]
    assert lines("src = Input(3); src > A", inputs=("src",))[1] == "Input(3)"


def test_unpacking() -> None:
    graph = read_spec("x = Input(5,1); y, h, _ = x > LSTM(4, state); a, b = [y, h]; (b, a) > A")
    assert Outline().lines(graph)[-1] == "A <- [1.1, 1.0]"
    ((node, count, span),) = graph.unpacked
    assert (graph.nodes.index(node), count) == (1, 3)
    assert span == Span(16, 23)
    assert lines("a, b = 3, (4, 5); A(a, b)")[2] == "A(a:3, b:(4, 5)) <- 0"


def test_names_win_over_layers_where_they_match_exactly() -> None:
    assert lines("relu = Dense(3); A > relu > Relu")[2:] == ["A <- 0", "Dense(3) <- 1", "Relu <- 2"]
    assert lines("Input = LSTM(3); A > Input")[3] == "LSTM(3) <- 1"
    assert lines("dense = Dense(3); x = Input(2); x = x > dense; x > dense")[3] == "Dense#1 <- 1"


def test_a_named_layer_keeps_its_weights_and_copies_of_a_group_do_not() -> None:
    assert lines("e = A; (e > B)*2")[2:] == ["A <- 0", "B <- 1", "A#1 <- 2", "B <- 3"]
    assert lines("e = A; f = e; e > f")[2:] == ["A <- 0", "A#1 <- 1"]
    assert lines("c = Cell(1); (RNN(c) > TD(Dense(2)))*2")[2:] == [
        "RNN(c:Cell(1)) <- 0",
        "TD(Dense(2)) <- 1",
        "RNN(c:Cell#2) <- 2",
        "TD(Dense(2)) <- 3",
    ]


def test_a_named_submodel_is_one_layer() -> None:
    graph = read_spec("b = A > B; x = Input(3); y = Input(3); (x > b, y > b) > C")
    first, second = (node for node in graph.nodes if node.call.body is not None)
    assert first.call is second.call
    assert first.call.class_name == "Sequential"
    assert read_spec("b = [A | B] > C; D > b").calls[0].class_name == "Functional"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x > LSTM(4, training=True)", "LSTM(4) <- 0, training=True"),
        ("x > MHA(8, 64, value=x, use_causal_mask=True)", "MHA(8, 64) <- 0, value=0, use_causal_mask=True"),
        ("e = LSTM(4); x > e(initial_state=[x, x], foo=3)", "LSTM(4) <- 0, initial_state=[0, 0], foo=3"),
        ("e = LSTM(4, mask=x); x > e(training=False)", "LSTM(4) <- 0, mask=0, training=False"),
        ("x > RNN(c, initial_state={'a': x, 'b': [x]})", "RNN(c) <- 0, initial_state={a: 0, b: [0]}"),
        ("x > A(mask=[True, False], name=x1)", "A(name='x1') <- 0, mask=[True, False]"),
        ("x > Bi(LSTM(4), initial_state=[x | x])", "Bi(LSTM(4)) <- 0, initial_state=[0, 0]"),
    ],
)
def test_call_arguments(text: str, line: str) -> None:
    assert lines(f"x = Input(5,1); {text}")[2] == line


def test_every_argument_of_a_call_can_be_given_by_keyword() -> None:
    """Whatever a layer's call takes beside its input, and its constructor does not, goes to the call, as in Keras."""
    taken = {
        (name, word)
        for name, kind in layers().items()
        for word in kind.call_arguments[1:]
        if kind.parameter(word) is None
    }
    assert {("ReversibleEmbedding", "reverse"), ("GroupedQueryAttention", "key")} <= taken
    for name, word in sorted(taken):
        node = read_spec(f"x = Input(5,4); x > {name}({word}=None)").nodes[-1]
        assert (list(node.kwargs), node.call.arguments) == ([word], ()), (name, word)


def test_a_tensor_that_is_made_inside_a_call_argument() -> None:
    assert lines("x = Input(5); x > LSTM(4, initial_state=[x > D, Input(4)])")[1:] == [
        "Input(5)",
        "D <- 0",
        "Input(4)",
        "LSTM(4) <- 0, initial_state=[1, 2]",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = Input(3); [x | A] > B", "B <- [0, 2]"),
        ("x = Input(3); x > A > [x | B] > C", "C <- [0, 2]"),
        ("x = Input(3); (x, (x > A, x)) > B", "B <- [0, [1, 0]]"),
        ("A > [Input(3) > B | C] > D", "D <- [3, 4]"),
        ("[A | [B | C] > D]*1 > E", "E <- [1, 4]"),
    ],
)
def test_branches(text: str, line: str) -> None:
    assert lines(text)[-1] == line


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("x = Input(3); y = x > A; x > B", "A", "this reaches no output and is left out"),
        ("x = Input(3); x > A > C; x > B", "C", "this reaches no output and is left out"),
        ("x = Input(3); y = Input(4); x > B", "Input(4)", "this Input reaches no output"),
        ("e = A; B > C", "e", "e is named but never used"),
        ("LSTM(5,seq)\nDense(1)", "LSTM(5,seq)", "this layer reaches no output and is left out"),
        ("d = 64; e = A; B > e", None, None),
        ("x = Input(3); _, h = x > A; h > B", None, None),
    ],
)
def test_what_reaches_no_output_is_left_out_with_a_warning(text: str, place: str | None, message: str | None) -> None:
    graph = read_spec(text)
    shown = [(text[note.labels[0].span.start : note.labels[0].span.stop], note.message) for note in graph.notes]
    assert shown == ([(place, message)] if place else [])
    assert all(note.severity == "warning" and note.code == "W101" and note.help for note in graph.notes)


def test_unused_layers_count_as_constructed_and_called_and_unused_inputs_are_inputs() -> None:
    graph = read_spec("x = Input(3); y = Input(4); z = x > A; e = D; x > B")
    assert [call.class_name for call in graph.calls] == ["Input", "Input", "A", "D", "B"]
    assert [node.call.class_name for node in graph.nodes] == ["Input", "Input", "A", "B"]
    assert len(graph.inputs) == 2


# --- new lines, comments ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("A\nB", 2),
        ("A;B", 2),
        ("\n;;\nA\r\nB;\n", 2),
        ("A >\nB", 1),
        ("A\n\n# note > here\n-> B", 1),
        ("[A\n|\nB]", 1),
        ("A(\n1,\n2*3)", 1),
        ("x, y = A", 1),
        ("x,\ny = A", 1),
        ("A # one; two\nB", 2),
        ("A('#;\\n')", 1),
        ("\ufeffA", 1),
        ("# nothing\n", 0),
    ],
)
def test_where_statements_end(text: str, statements: int) -> None:
    assert len(parse(text).statements) == statements


def test_comments_keep_their_text_and_place() -> None:
    script = parse("# head\nA  # tail \n")
    assert [(found.text, found.alone, found.span) for found in script.comments] == [
        ("# head", True, Span(0, 6)),
        ("# tail", False, Span(10, 17)),
    ]


# --- what bad text is told --------------------------------------------------------------------------------------------

# The text with ⟦⟧ round what is blamed, the code, words of the message, words of the help.
FAULTS = [
    ("⟦⟧", "E110", "empty", "LSTM(5,seq) > Dense(1)"),
    ("⟦# only a comment⟧", "E110", "empty", ""),
    ("A ⟦@⟧", "E111", "`@`", "delete"),
    ("A ⟦@@@⟧ > B", "E111", "`@`", "delete"),
    ("A ⟦→⟧ B", "E111", "`→`", "write >"),
    ("A ⟦=>⟧ B", "E111", "`=>`", "write >"),
    ("A ⟦>>⟧ B", "E111", "`>>`", "write >"),
    ("A(k⟦==⟧1)", "E111", "`==`", "write ="),
    ("A(2⟦^⟧3)", "E111", "`^`", "write **"),
    ("A(3⟦×⟧3)", "E111", "`×`", "write x"),
    ("A(⟦“same”⟧)", "E111", "typographic", 'write "same"'),
    ("A(⟦‘⟧)", "E111", "typographic", "write"),
    ("A(1⟦...⟧5)", "E111", "`...`", "write .."),
    ("A ⟦\u200b⟧> B", "E111", "U+200B", "delete"),
    ("A > B⟦.⟧", "E111", "`.`", "point"),
    ("A(⟦'⟧same)", "E112", "not closed", "'"),
    ('A(⟦"⟧same)\nB > C', "E112", "not closed", '"'),
    ("A(⟦5.⟧)", "E113", "digit after its point", "5.0"),
    ("A(⟦1.⟧/255)", "E113", "digit after its point", "1.0"),
    ("A(⟦5seq⟧)", "E113", "5seq", "between 5 and seq"),
    ("A(⟦0xFF⟧)", "E113", "0xFF", "hexadecimal"),
    ("A(⟦3x3seq⟧)", "E113", "3x3seq", "hexadecimal"),
    ("A(⟦3x_3⟧)", "E113", "3x_3", "comma"),
    ("A(⟦007⟧)", "E113", "007", "leading zeros"),
    ("A(⟦1__0⟧)", "E113", "1__0", "underscores"),
    ("A(⟦9223372036854775808⟧)", "E113", "too large", "2**63"),
    ("A(⟦1e999⟧)", "E113", "too large", "1.8e308"),
    ("LSTM⟦(⟧5", "E114", "`(` is never closed", "close it with `)`"),
    ("TD(Dense⟦(⟧1", "E114", "`(` is never closed", "close it with `))`"),
    ("A > ⟦[⟧B | C", "E114", "`[` is never closed", "`]`"),
    ("LSTM(5⟦]⟧", "E114", "`(` is closed by `]`", "write `)`"),
    ("LSTM(5)⟦)⟧ > A", "E114", "`)` closes no bracket", "delete"),
    ("A ⟦>⟧ > B", "E116", "between", "layer"),
    ("⟦>⟧ A", "E116", "before `>`", "layer"),
    ("A ⟦->⟧", "E116", "after `>`", "delete the `->`"),
    ("TD(A ⟦>⟧)", "E116", "after `>`", "layer"),
    ("[A ⟦|⟧ ] > B", "E116", "branch is empty", "Id"),
    ("[⟦|⟧ A] > B", "E116", "branch is empty", "Id"),
    ("x ⟦=⟧", "E116", "nothing stands after `=`", "value"),
    ("A(⟦,⟧5)", "E116", "nothing stands before `,`", ""),
    ("A(5,⟦,⟧6)", "E116", "nothing stands before `,`", ""),
    ("A(4 ⟦*⟧)", "E116", "missing after `*`", ""),
    ("A ⟦-⟧", "E116", "missing after `-`", "single quotes"),
    ("LSTM(5 ⟦seq⟧)", "E117", "expected `,` or `)` but found `seq`", "comma"),
    ("LSTM(5) ⟦Dense⟧(1)", "E117", "expected `>`", "joined by >"),
    ("A ⟦|⟧ B", "E117", "found `|`", "[A | B]"),
    ("TD(A ⟦|⟧ B)", "E117", "found `|`", "brackets of their own"),
    ("(A, B ⟦|⟧ C)", "E117", "same brackets", ""),
    ("A(5⟦=⟧3)", "E117", "found `=`", "one word"),
    ("A(k⟦:⟧3)", "E117", "found `:`", "`=`"),
    ("A({⟦b⟧: 3})", "E117", "key", "quotes"),
    ("(A > B)⟦(⟧3)", "E117", "only a name", ""),
    ("A > ⟦Residual⟧", "E117", "one chain", "Residual("),
    ("⟦Residual(A, B)⟧", "E117", "one chain", "Residual("),
    ("⟦Sequential(A)⟧ > B", "E117", "list of layers", "Sequential(["),
    ("⟦LSTM(5)⟧ = 3", "E118", "cannot be named", "names"),
    ("⟦None⟧ = 3", "E118", "None cannot be a name", ""),
    ("⟦a.b⟧ = 3", "E118", "a.b cannot be a name", ""),
    ("⟦_⟧ > A", "E119", "`_` is no name", ""),
    ("Dense(4*⟦d⟧)", "E119", "nothing is named d", "name it first: d = …"),
    ("units = 4; Dense(4*⟦unit⟧)", "E119", "nothing is named unit", "did you mean units?"),
    ("LSTM*⟦n⟧", "E119", "nothing is named n", "name it first"),
    ("hh = Input(3); hh > A(initial_state=⟦h⟧)", "E119", "nothing is named h", "hh?"),
    ("Input(5, ⟦in⟧)", "E119", "in cannot name a size", "Python"),
    ("d = ?; ⟦d⟧ = ?; A(d)", "E119", "size already", ""),
    ("x = Input(3); A > ⟦x⟧", "E120", "x is a tensor", "[Id | x] > Concat"),
    ("A > ⟦Input(3)⟧", "E120", "tensor", "first"),
    ("x = Input(3); A > ⟦[x | x]⟧ > B", "E120", "tensor", ""),
    ("x = Input(3); ⟦x⟧*2", "E121", "a tensor cannot be repeated", ""),
    ("⟦Input(3)⟧*2 > A", "E121", "a tensor cannot be repeated", ""),
    ("([⟦Input(3)⟧ | A] > B)*2", "E121", "Input cannot be repeated", ""),
    ("⟦A*0⟧", "E121", "0 times", "at least 1"),
    ("⟦A*1.5⟧", "E121", "1.5 times", ""),
    ("n = ?; ⟦A*n⟧", "E121", "unknown size n", ""),
    ("⟦A*B⟧", "E121", "no arithmetic", "Multiply"),
    ("⟦A%2⟧", "E121", "no arithmetic", ""),
    ("⟦A + B⟧", "E130", "no layer", "> Add"),
    ("⟦A⟧*1000000", "E122", "250,000", ""),
    ("A(⟦1//0⟧)", "E123", "division by zero", ""),
    ("A(⟦2**64⟧)", "E123", "too large", ""),
    ("A(⟦9**9**9⟧)", "E123", "too large", ""),
    ("A(⟦(-8)**0.5⟧)", "E123", "no real number", ""),
    ("A(2*⟦'a'⟧)", "E123", "no number", ""),
    ("A(1+⟦LSTM(5)⟧)", "E123", "no number", "> Add"),
    ("x = Input(3); x > A(2*⟦x⟧)", "E123", "x is a tensor, not a number", ""),
    ("e = A; B(2+⟦e⟧)", "E123", "e is a layer, not a number", ""),
    ("A(4*⟦?⟧)", "E123", "no name", "d = ?"),
    ("Input(T,F) > A(⟦T/2⟧)", "E123", "", "//"),
    ("Input(T,F) > A(⟦T//F⟧)", "E123", "divides", ""),
    ("Input(T) > A(⟦2**T⟧)", "E123", "exponent", ""),
    ("x = Input(3); Input(⟦x⟧)", "E123", "x is a tensor", ""),
    ("Input(⟦?⟧, 3) > A", "E124", "cannot be a dim", "None"),
    ("LSTM(5, input_shape=(⟦?⟧, 1))", "E124", "cannot be a dim", "None"),
    ("LSTM(⟦{16,32,64}⟧,seq)", "E125", "several networks", "seqshape sweep"),
    ("LSTM(⟦8..512⟧)", "E125", "several networks", "seqshape sweep"),
    ("LSTM(⟦8..512..8⟧)", "E125", "several networks", "seqshape sweep"),
    ("⟦{LSTM,GRU}⟧(64)", "E125", "several networks", "seqshape sweep"),
    ("h = ⟦8..512⟧; LSTM(h)", "E125", "several networks", "seqshape sweep"),
    ("Lambda(⟦lambda⟧ x: x)", "E126", "lambda", ".py"),
    ("⟦lambda⟧", "E126", "lambda", "seqshape summarize model.py"),
    ("x = Input(3); a, b = ⟦[x, x, x]⟧", "E127", "3 tensors", ""),
    ("x = Input(3); a, b = ⟦x⟧", "E127", "one tensor", ""),
    ("x = Input(3); y, h = x > A; a, b = ⟦y⟧", "E127", "one tensor", ""),
    ("a, b = ⟦LSTM(3, state)⟧", "E127", "a layer has no outputs yet", "Input"),
    ("a, b = ⟦(1,2,3)⟧; A", "E127", "number of items", ""),
    ("x = Input(3); TD(D(⟦units=x⟧))", "E128", "not fed here", "outermost"),
    ("Bi(LSTM(4, ⟦training=True⟧))", "E128", "training is a call argument", "outermost"),
    ("Dense(⟦Input⟧(5))", "E128", "tensor", ""),
    ("e = A; e(⟦3⟧)", "E128", "call arguments only", ""),
    ("e = A; TD(⟦e(k=3)⟧)", "E128", "arguments already", ""),
    ("x = Input(3); x > A(mask=x, ⟦mask=x⟧)", "E128", "set twice", ""),
    ("x = Input(3); x > A(mask=⟦B(3)⟧)", "E128", "not a layer", ""),
    ("x = Input(3); TD(⟦x⟧ > A)", "E129", "cannot read x", ""),
    ("x = Input(3); y = LN > [Id | ⟦x⟧ > A] > Add", "E129", "cannot read x", ""),
    ("A > ⟦3⟧", "E130", "3 is no layer", "parentheses"),
    ("A > ⟦'relu'⟧", "E130", "is no layer", ""),
    ("A > ⟦()⟧", "E130", "empty", ""),
    ("d = 3; A > ⟦d⟧", "E130", "d is no layer", ""),
    ("⟦d = 3⟧", "E130", "last statement gives no network", "end with"),
    ("x = Input(3); ⟦x⟧(A)", "E130", "x is a tensor, not a layer", "x > …"),
    ("LSTM(5)⟦(⟧x)", "E131", "fed with >", "x > LSTM(5)"),
]


@pytest.mark.parametrize(("marked", "code", "message", "help"), FAULTS)
def test_fault(marked: str, code: str, message: str, help: str) -> None:
    text = marked.replace("⟦", "").replace("⟧", "")
    (found,) = refused(text)
    place = found.labels[0].span
    assert f"{text[: place.start]}⟦{text[place.start : place.stop]}⟧{text[place.stop :]}" == marked
    assert found.code == code
    assert message in found.message
    assert help in (found.help or "")
    assert found.source is not None
    assert found.source.text == text


def test_brackets_that_are_closed_wrongly_show_where_they_were_opened() -> None:
    (found,) = refused("TD(Dense(1]")
    assert [(label.span.start, label.text) for label in found.labels] == [(10, ""), (8, "opened here")]
    (found,) = refused("TD(Dense(1")
    assert [label.span.start for label in found.labels] == [8, 2]


def test_every_statement_is_told_of_in_one_run() -> None:
    found = refused("A > > B; ok = C\n5seq > D; LSTM(5 6)\n“x”; E]; F(")
    assert [item.code for item in found] == ["E116", "E113", "E117", "E111", "E114", "E114"]
    assert [item.labels[0].span.start for item in found] == sorted(item.labels[0].span.start for item in found)


def test_a_bracket_left_open_does_not_hide_the_statements_after_it() -> None:
    assert [item.code for item in refused("a = LSTM(5\nb = a > > C\na, d = (b\nb > E E")] == ["E114", "E116", "E114"]
    # Lines that are indented are taken for the inside of the bracket.
    assert [item.code for item in refused("LSTM(\n  units = 5,\n  name = x\n")] == ["E114"]
    assert [item.code for item in refused("a = LSTM(5; b = > a")] == ["E114", "E116"]


def test_meaning_is_complained_about_once_and_where_it_begins() -> None:
    found = refused("d = 1//0; e = A(d); x = Input(3) > e; A > x*2; y = B(2*e); z = C > 4")
    assert [item.code for item in found] == ["E123", "E130"]


def test_there_is_an_end_to_complaints() -> None:
    assert len(refused("@\n" * 1000)) == MOST_FAULTS
    assert len(refused("A > > B\n" * 1000)) == MOST_FAULTS
    assert len(refused("A > 3\n" * 1000)) == MOST_FAULTS
    assert len(refused("a = (\n" * 50)) <= MOST_FAULTS


@pytest.mark.parametrize("text", ["", "LSTM(5", "LSTM(5)->", "LSTM(5)-", "[A | B", "TD(Dense(1) >"])
def test_a_spec_that_a_shell_has_cut_gets_a_hint(text: str) -> None:
    assert IN_A_SHELL in (refused(text)[-1].help or "")
    (in_file,) = refused(text, name="net.seq")
    assert IN_A_SHELL not in (in_file.help or "")
    assert in_file.source is not None
    assert in_file.source.name == "net.seq"


@pytest.mark.parametrize("text", ["A > > B", "A)", "A @", "A = ", "LSTM(5\n> A\n", "A > 3"])
def test_no_other_spec_gets_the_hint(text: str) -> None:
    assert IN_A_SHELL not in (refused(text)[-1].help or "")


# --- sizes that no text may have --------------------------------------------------------------------------------------


def test_a_long_chain_is_read_without_recursion() -> None:
    graph = read_spec("LSTM(5,seq) > " * 10_000 + "Dense(1)")
    assert len(graph.nodes) == 10_002
    assert graph.class_name == "Sequential"
    assert len(read_spec("x = Input(3)\n" + "x = x > A\n" * 5_000 + "x").nodes) == 5_001
    assert len(read_spec("A*20000").nodes) == 20_001


NESTED = ["TD(", "TD(B > ", "Residual(B > ", "B > TD(1*(C > ", "A(", "A(1,(2,", "A([", "A((1+"]


@pytest.mark.parametrize("opening", NESTED)
def test_deep_nesting_is_read_up_to_a_bound(opening: str) -> None:
    brackets = [sign for sign in opening if sign in "(["]

    def nested(depth: int) -> str:
        closing = "".join({"(": ")", "[": "]"}[sign] for sign in reversed(brackets))
        core = "1" if opening.startswith("A(") else "A"
        return opening * depth + core + closing * depth

    if not opening.startswith("A(("):  # a layer is no number
        assert read_spec(nested(DEEPEST // len(brackets))).nodes
    for depth in (DEEPEST + 1, 5_000):
        assert [item.code for item in refused(nested(depth))] == ["E115"]


# What opens a group, what closes it, and how many brackets and layers that is.
GROUPS = [
    ("(", ")", 1, 0), ("[", "]", 1, 0), ("(B > ", ")", 1, 1), ("(", " > B)", 1, 1), ("[B > ", "]", 1, 1), ("([", "])", 2, 0),
    ("[B | ", "] > Add", 1, 2), ("(", ", Id > B) > Add", 1, 3), ("1*[C > ", "]", 1, 1), ("((", " > C)*1)", 2, 1),
    ("Id > [B | (C > ", ")] > Add", 2, 4), ("[B | ", "]", 1, 1),
]  # fmt: skip


@pytest.mark.parametrize(("opening", "closing", "brackets", "layers"), GROUPS)
def test_groups_are_nested_as_deep_as_one_likes(opening: str, closing: str, brackets: int, layers: int) -> None:
    def nested(depth: int) -> str:
        return f"{opening * depth}A{closing * depth}"

    depth = DEEPEST_GROUP // brackets
    assert len(read_spec(nested(depth)).nodes) == layers * depth + 2
    assert read_spec(f"x = {nested(depth)}; x").nodes
    assert len(read_spec(f"x = Input(5); y = x > {nested(depth)}; y").nodes) == layers * depth + 2
    assert [item.code for item in refused(nested(depth + 1))] == ["E115"]


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("[", "]"), ("(Dense(1) > ", ")"), ("[Dense(1) | ", "]")])
def test_groups_may_be_as_deep_everywhere(opening: str, closing: str) -> None:
    """Nothing that a spec can be given to recurses: each gives an answer, and the canonical form is as it was written."""
    text = f"{opening * 2_000}Dense(8){closing * 2_000}"
    layers = len(summarize(text, input_shape=(5, 3)).layers)
    assert check(text, input_shape=(5, 3), max_params=10**9).ok
    assert explain(text, input_shape=(5, 3)).layers
    assert len(summarize(convert(text, "spec", input_shape=(5, 3))).layers) == layers
    canonical = format_spec(text)
    assert format_spec(canonical) == canonical
    assert len(summarize(canonical, input_shape=(5, 3)).layers) == layers


# Deeper than the readers of arguments go, in every place: read or refused, and nothing else.
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "A({})",
        "A(x={})",
        "A > B({}, 1)",
        "d = {}; A(d)",
        "A*{}",
        "{}*A",
        "A({{x,{}}})",
        "f = A({}); f",
        "Input({})",
    ],
)
@pytest.mark.parametrize(
    ("opening", "core", "closing"),
    [
        ("(", "1", ",)"), ("[", "1", ",2]"), ("(1+", "1", ")"), ("(", "1", "*1)"), ("1-(", "1", ")"), ("-(", "1", ")**1"),
        ("A(", "1", ")"),
        ("TD(", "A", ")"), ("{1,", "2", "}"), ("{'a':", "2", "}"), ("[A|", "B", "]"), ("(A > ", "B", ")"), ("[", "1", "]"),
        ("(", "1", ")"),
        ("Residual(", "A", ")"), ("Sequential([", "A", "])"), ("1+[", "1", "]"), ("(1..", "2", ")"),
    ],
)  # fmt: skip
def test_what_is_nested_too_deep_is_told_so(around: str, opening: str, core: str, closing: str) -> None:
    for depth in (DEEPEST + 1, 300, 4_000):
        text = around.format(f"{opening * depth}{core}{closing * depth}")
        for read in (read_spec, format_spec):
            with suppress(SeqshapeError):
                assert read(text)


def test_brackets_that_are_never_closed_are_told_in_few_words() -> None:
    (found,) = refused("(" * 9_000 + "A")
    assert found.code == "E114"
    assert len(found.labels) <= DEEPEST
    assert len(found.help or "") < 300


def test_deep_arithmetic_is_read_up_to_a_bound() -> None:
    assert argument("(1+2*(" * (DEEPEST // 2 - 1) + "1" + "))" * (DEEPEST // 2 - 1)) == str(2**32 - 1)
    assert refused("A(" + "(1+" * DEEPEST + "1" + ")" * DEEPEST + ")")[0].code == "E115"
    assert refused("A(" + "2**" * 5_000 + "1)")[0].code == "E115"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A(" + "9" * 100_000 + ")", "E113"),
        ("((A*1000)*1000)*1000", "E122"),
        ("a = (1,1)\n" + "a = (a,a)\n" * 64 + "A(a)", "E122"),
        ("a = Input(3)\n" + "a = [a,a]\n" * 64 + "a > Add", "E122"),
        ("a = A > B\n" + "a = a > a\n" * 64 + "a", "E122"),
        ("d = ?\n" + "d = d*d\n" * 64 + "A(d)", "E123"),
        ("d = ?\n" + "d = (3*d+1)//2\n" * 64 + "A(d)", "E123"),
        ("Input((" + "+".join(f"a{i}" for i in range(300)) + ")**2)", "E123"),
    ],
)
def test_hostile_text_is_refused_at_once(text: str, code: str) -> None:
    assert refused(text)[0].code == code


@pytest.mark.parametrize("text", ["A(" + "-" * 5_001 + "5)", "A(" + "1+" * 5_000 + "1)", "A >" + "\n" * 5_000 + "B"])
def test_long_but_flat_text_is_fine(text: str) -> None:
    assert read_spec(text).class_name == "Sequential"


FRAGMENTS = [
    *("LSTM", "TD(", "Dense(4)", "Input", "Input(5,1)", "Residual", "Sequential", "ops.add", "x", "y", "d", "_", "seq"),
    *("(", ")", "[", "]", "{", "}", ">", "->", ",", "|", "=", "*", "+", "-", "//", "%", "**", "..", "?", ":", ";", " "),
    *("5", "0.5", "3x3", "1e9", "007", "2**", "8..9", "{1,2}", "'a'", "relu", "True", "None", "lambda", "#c", "\n"),
    *("h,c=", "x=", "d=", "initial_state=", "→", "“", ".", "\\"),
]


def read_or_refusal(text: str, **options: Any) -> Graph | tuple[Diagnostic, ...]:
    try:
        return read_spec(text, **options)
    except SeqshapeError as refusal:
        return refusal.diagnostics


@settings(max_examples=300)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
@example("3x3Input")
def test_any_text_is_read_or_refused_with_places_and_help(text: str) -> None:
    found = read_or_refusal(text, inputs=("x",))
    if isinstance(found, Graph):
        assert set(found.inputs) <= set(found.nodes)
        assert all(reference.node in found.nodes for node in found.nodes for reference in node.references())
        return
    assert found
    for item in found:
        assert item.code.startswith("E1")
        assert item.help
        assert all(0 <= label.span.start <= label.span.stop <= len(text) for label in item.labels)


def tree_or_refusal(text: str) -> str:
    try:
        return repr(parse(text))
    except SeqshapeError as refusal:
        return repr(refusal.diagnostics)


WRITTEN = [*(text for text, _ in SYNONYMS), *(text.replace("⟦", "").replace("⟧", "") for text, *_ in FAULTS)]


PLAIN = [
    "x = Input(3)  # the start\ny = x > Dense(5, relu, use_bias=False,)\n\ny > keras.layers.Dense(1)",
    "LSTM(5,seq)>TD(Dense(1))",
    "[Dense(3)|LSTM(4)>Dense(2)]>Add>Reshape((5,-1))>Softmax(axis=-1)",
    "a=3\nDense(a)\n  > Dense(2) >\n relu",
    "Conv1D(3,3,padding='same')>Dropout(0.5)",
]


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A text with a few fragments put in, and a few characters left out."""
    text = draw(st.sampled_from([*PLAIN, *PLAIN, *WRITTEN]))
    for _ in range(draw(st.integers(0, 3))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 2))
        text = text[:at] + draw(st.sampled_from(["", *FRAGMENTS])) + text[at + length :]
    return text


@settings(max_examples=1_000)
@given(st.one_of(spoiled(), st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)))
@example("LSTM(5, seq,)\n\n# c\n>A(1, None,x=2,y)\nB( )")
def test_the_short_ways_read_what_the_long_ones_do(text: str) -> None:
    """Specs and tokens as plain as most are read by themselves; what reads all others reads them alike."""
    found = tree_or_refusal(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Scanner, "plain", lambda scanner: False)
        assert tree_or_refusal(text) == found
    with suppress(NotPlain):
        assert tuple(plain_statements(text)) == parse(text).statements


@pytest.mark.parametrize("text", PLAIN)
def test_plain_specs_are_read_by_themselves(text: str) -> None:
    assert looks_plain(text)
    assert tuple(plain_statements(text)) == parse(text).statements


@pytest.mark.parametrize(
    "text", ["Dense(3)*2", "x = Input(3)\nDense(3) > Reshape((2-1,))", "x = Input(3)\nx > Dense(3) >"]
)
def test_what_is_not_plain_or_wrong_is_left_to_the_parser(text: str) -> None:
    with pytest.raises(NotPlain):
        list(plain_statements(text))


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_characters_are_read_or_refused(text: str) -> None:
    found = read_or_refusal(text)
    assert found.nodes if isinstance(found, Graph) else all(item.labels and item.help for item in found)


def test_reading_imports_nothing_slow() -> None:
    code = (
        "import sys; from seqshape.readers.spec import read_spec; read_spec('LSTM(5,seq) > TD(Dense(1))')\n"
        "slow = {'ast', 'json', 'difflib', 'dataclasses', 'numpy', 'rich', 'click', 'seqshape.registry'}\n"
        "print(*slow & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
