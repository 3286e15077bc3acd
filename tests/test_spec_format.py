"""The canonical form of a spec: what it looks like, that it means the same, and that it is its own canonical form."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqshape.answers import analyse
from seqshape.diagnostics import SeqshapeError
from seqshape.exporters.format import format_spec
from seqshape.exporters.spec import write as export_spec
from seqshape.quoting import quoted
from seqshape.readers.spec import parse, read_spec
from seqshape.readers.spec.syntax import DEEPEST
from seqshape.readers.spec.tokens import tokenize
from tests.fuzz.choices import RandomChoices
from tests.fuzz.models import recipe
from tests.oracle.spec_writer import is_writable, spec
from tests.test_spec_reader import EXAMPLES, SYNONYMS, outline

CANONICAL = [
    ("LSTM( 5 , seq )->TD( Dense(1) )", "LSTM(5,seq) > TD(Dense(1))"),
    ("A\n  >   B", "A > B"),
    ("(A > B) > C", "A > B > C"),
    ("((A))", "A"),
    ("2*(A > B)", "(A > B)*2"),
    ("n = 2; n*A(1) > 3*B", "n = 2\nA(1)*n > B*3"),
    ("2*A(1)*3", "A(1)*2*3"),
    ("n = 4*d", "n = 4*d"),
    ("A(4 * d + 1)", "A(4*d+1)"),
    ("A((1 + 2) * 3, 1 + (2 * 3), (2 ** 3) ** 2, 2 ** (3 ** 2))", "A((1+2)*3,1+2*3,(2**3)**2,2**3**2)"),
    ("A(1 - (2 - 3), -(-5), -(1+2), - 2 ** - 2)", "A(1-(2-3),-(-5),-(1+2),-2**-2)"),
    ("A('a\"b', \"c\\\\d\", 'e\\'f\\n')", 'A("a\\"b","c\\\\d","e\'f\\n")'),
    ("A(50_000, 1e-3, .5, 1e20, 3x3)", "A(50000,0.001,0.5,1e+20,(3,3))"),
    ("A((3,), [3], [ ], (), {})", "A((3,),[3],[],(),{})"),
    ("A({'a' : 1, 2 : [x]})", 'A({"a":1,2:[x]})'),
    ("A(k = same, True, None, ?)", "A(k=same,True,None,?)"),
    ("(A|B)>C", "[A | B] > C"),
    ("x=Input(3);y=Input(4);(x,y)>C", "x = Input(3)\ny = Input(4)\n(x,y) > C"),
    ("x, y", "(x,y)"),
    ("_,h , c=x>A", "_, h, c = x > A"),
    ("A({ LSTM , GRU } ( 64 ), {8..512 .. 8, 2})", "A({LSTM,GRU}(64),{8..512..8,2})"),
    ("h = 8 .. 2*n", "h = 8..2*n"),
    ("A((B > C), k=(B > C))", "A(B > C,k=B > C)"),
    ("A((1..3)*2)", "A((1..3)*2)"),
    ("keras.layers.LSTM(5) > keras.ops.relu > tf.keras.layers.Flatten", "LSTM(5) > ops.relu > Flatten"),
    ("foo.LSTM(keras.initializers.Zeros())", "foo.LSTM(keras.initializers.Zeros())"),
    ("input(5) > residual(A)", "Input(5) > Residual(A)"),
    ("x = f ; ; y = g ;", "x = f\ny = g"),
]


@pytest.mark.parametrize(("text", "form"), CANONICAL)
def test_canonical_form(text: str, form: str) -> None:
    assert format_spec(text, spelled=False) == form
    assert format_spec(form, spelled=False) == form


def test_comments_and_blank_lines() -> None:
    text = """# head


  # still head
a = LSTM(5,   # keep all
  seq)        # the encoder
  ;  b = A ; c = B # two at once


# before the end
a > b > # why
c
# last   """
    assert format_spec(text).split("\n") == [
        "# head",
        "",
        "# still head",
        "# keep all",
        "a = LSTM(5,seq)  # the encoder",
        "b = A",
        "c = B  # two at once",
        "",
        "# before the end",
        "# why",
        "a > b > c",
        "# last",
    ]
    assert format_spec(format_spec(text)) == format_spec(text)


@pytest.mark.parametrize("text", ["", "\n\n", "# one\n\n\n\n# two"])
def test_text_without_a_statement(text: str) -> None:
    assert format_spec(text) == ("# one\n\n# two" if text.strip() else "")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("lstm(5,seq) > td(dense(1)) > bn", "LSTM(5,seq) > TD(Dense(1)) > BN"),
        ("relu > relu(6) > Relu", "relu > ReLU(max_value=6) > ReLU"),
        ("bn = dense(3); td(bn) > bn > bn(mask=x)", "bn = Dense(3)\nTD(bn) > bn > bn(mask=x)"),
        ("TD = A; td(B)", "TD = A\nTimeDistributed(B)"),
        ("A(relu, bn, k=bn, n=td)", "A(relu,bn,k=bn,n=td)"),
        ("A(bn > td(B))", "A(BN > TD(B))"),
        ("Residual(bn)", "Residual(BN)"),
        ("[bn | td(A)]", "[BN | TD(A)]"),
        ("{lstm,GRU}(64) > {bn,A}", "{LSTM,GRU}(64) > {BN,A}"),
        ("bn*2 > 3*bn", "BN*2 > BN*3"),
        ("Sequential([bn, dense(3)])", "Sequential([BN,Dense(3)])"),
        # arguments
        ("LSTM(return_sequences=True, units=5)", "LSTM(5,seq)"),
        ("TimeDistributed(layer=Dense(units=1, use_bias=False))", "TD(Dense(1,nobias))"),
        ("LSTM(5, activation='tanh', return_state=False)", "LSTM(5)"),
        ("LSTM(5, activation='relu', recurrent_activation='relu')", 'LSTM(5,relu,recurrent_activation="relu")'),
        ("Conv1D(8, k=3, p=same, s=2)", "Conv1D(8,3,strides=2,same)"),
        ("Conv2D(8,(3,3),strides=(1,1)) > MaxPooling2D((2,2))", "Conv2D(8,3) > MP2D"),
        ("Conv2D(8,(3,5),(2,2))", "Conv2D(8,(3,5),strides=2)"),
        ("Dense(3, kernel_initializer='glorot_uniform', trainable=True)", "Dense(3)"),
        ("Dense(3, kernel_initializer='he_normal', name='d')", 'Dense(3,kernel_initializer="he_normal",name="d")'),
        ("Flatten() > Activation('relu') > Activation(activation=softmax)", "Flatten > relu > softmax"),
        ("Reshape((3,4)) > Reshape(target_shape=(12,)) > Permute((2,1))", "Reshape(3,4) > Reshape(12) > Permute(2,1)"),
        ("Input((5,1)) > Input(shape=(T,)) > Input((None,))", "Input(5,1) > Input(T) > Input((None,))"),
        ("Input((5,1), 32) > Input(5, 1, batch_size=32)", "Input(5,1,batch_size=32) > Input(5,1,batch_size=32)"),
        ("d = Flatten(); e = Flatten", "d = Flatten()\ne = Flatten"),
        ("n = 4; LSTM(n*2, True, return_sequences=True)", "n = 4\nLSTM(n*2,True,return_sequences=True)"),
        ("seq = 5; LSTM(seq, seq)", "seq = 5\nLSTM(seq,seq)"),
        ("relu = Dense(2); LSTM(5, activation='relu') > relu", "relu = Dense(2)\nLSTM(5,relu) > relu"),
        # what is wrong, or not known, stays as it stands
        ("LSTM(5, foo=1, return_sequences=True)", "LSTM(5,foo=1,return_sequences=True)"),
        ("LSTM(5, seq, return_sequences=True)", "LSTM(5,seq,return_sequences=True)"),
        ("Unknown(5, return_sequences=True)", "Unknown(5,return_sequences=True)"),
        ("Dropout('a')", 'Drop("a")'),
    ],
)
def test_layers_have_one_spelling(text: str, form: str) -> None:
    assert format_spec(text) == form
    assert format_spec(form) == form
    assert format_spec(format_spec(text, long=True)) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (
            "LSTM(5,seq) > TD(Dense(1,nobias))",
            "LSTM(5, return_sequences=True) > TimeDistributed(Dense(1, use_bias=False))",
        ),
        ("Conv1D(8,3,same,relu)", 'Conv1D(8, 3, padding="same", activation="relu")'),
        ("Input(5,1) > Flatten > relu", 'Input(shape=(5, 1)) > Flatten() > Activation("relu")'),
        ("d = BN; x > d", "d = BatchNormalization\nx > d"),
    ],
)
def test_long_is_as_keras_writes_it(text: str, form: str) -> None:
    assert format_spec(text, long=True) == form
    assert format_spec(form, long=True) == form


def test_bad_text_is_refused_with_every_fault() -> None:
    with pytest.raises(SeqshapeError) as caught:
        format_spec("A > > B; C(")
    assert [found.code for found in caught.value.diagnostics] == ["E116", "E114"]


@pytest.mark.parametrize("text", [*EXAMPLES, *(text for pair in SYNONYMS for text in pair)])
def test_the_canonical_form_of_an_example_means_the_same(text: str) -> None:
    form = format_spec(text, spelled=False)
    assert outline(read_spec(form)) == outline(read_spec(text))
    assert format_spec(form, spelled=False) == form


def test_deep_and_long_specs() -> None:
    deep = "TD(B > " * DEEPEST + "A" + ")" * DEEPEST
    assert format_spec(deep) == deep
    long = " > ".join(["LSTM(5,seq)"] * 5_000)
    assert format_spec(long.replace(" ", "")) == long


# --- any spec ---------------------------------------------------------------------------------------------------------

BLANKS = st.sampled_from(["", "", " ", "  "])
NUMBERS = st.sampled_from(["0", "5", "64", "50_000", "0.5", "1e-3", ".25"])
WHOLE = st.sampled_from(["1", "2", "n", "(n+1)", "2*2"])
WORDS = st.sampled_from(["seq", "same", "relu", "d", "enc", "Flatten", "keras.activations.relu"])
LAYERS = st.sampled_from(["A", "B", "Dense", "softmax", "enc", "blk", "layers.LSTM", "ops.add", "keras.Input.x"])
NAMED = "n = 2; d = 3*n; enc = Dense(4); blk = A > B\nx = Input(T, 5); y = x > A\n"


def joined(parts: list[str], sign: str, blanks: list[str]) -> str:
    """Parts with a sign between them, and blanks round the signs."""
    text = parts[0]
    for place, part in enumerate(parts[1:]):
        text += blanks[2 * place % len(blanks)] + sign + blanks[(2 * place + 1) % len(blanks)] + part
    return text


def listed(items: st.SearchStrategy[str], sign: str, least: int = 1, most: int = 3) -> st.SearchStrategy[str]:
    blanks = st.lists(BLANKS, min_size=2, max_size=4)
    return st.builds(joined, st.lists(items, min_size=least, max_size=most), st.just(sign), blanks)


OPERATORS = st.sampled_from(["+", " - ", "*", "//", " % "])
INTEGERS = st.recursive(
    st.sampled_from(["1", "2", "7", "n", "d", "-3", "2**2", "-(2)"]),
    lambda inner: st.one_of(
        st.builds("{}{}{}".format, inner, OPERATORS, inner),
        st.builds("({})".format, inner),
        st.builds("-({})".format, inner),
        st.builds("({})**2".format, inner),
    ),
    max_leaves=4,
)


def values(layers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    others = st.sampled_from(["'a b'", '"c\\"d"', "?", "None", "True", "3x3", "()"])
    simple = st.one_of(NUMBERS, WORDS, INTEGERS, others)
    tuples = st.one_of(
        listed(simple, ",", 2).map("({})".format), listed(simple, ",").map("[{}]".format), simple.map("({},)".format)
    )
    return st.one_of(simple, tuples, layers, layers.map("{{'a': {}}}".format))


def calls(layers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = values(layers)
    argument = st.one_of(plain, st.builds("{}{}={}{}".format, st.sampled_from("kst"), BLANKS, BLANKS, plain))
    return st.builds("{}({}{})".format, st.sampled_from(["A", "TD", "keras.layers.Bi"]), BLANKS, listed(argument, ","))


def steps(layers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        calls(layers),
        layers.map("({})".format),
        listed(layers, "|", 2).map("[{}]".format),
        listed(layers, "|", 2).map("(x | {})".format),
        listed(layers, ",", 2).map("({})".format),
        layers.map("Residual({})".format),
        st.builds("({})*{}".format, layers, WHOLE),
        st.builds("2 * ({})".format, layers),
        st.builds("{}*2".format, LAYERS),
    )


CHAINS = st.recursive(LAYERS, lambda inner: listed(st.one_of(LAYERS, steps(inner)), ">", 1, 3), max_leaves=6)


STARTS = st.sampled_from(["", "x > ", "z = ", "Input(3)->", "y -> "])
ENDS = st.sampled_from(["", " # end", "\n# end\n"])


def meaning(text: str) -> list[str]:
    """The network in words, or what is wrong with it."""
    try:
        return outline(read_spec(text))
    except SeqshapeError as refusal:
        return [found.code for found in refusal.diagnostics]


@settings(max_examples=300, deadline=None)
@given(CHAINS, STARTS, ENDS)
def test_the_canonical_form_means_the_same(chain: str, start: str, end: str) -> None:
    text = f"{NAMED}{start}{chain}{end}"
    form = format_spec(text, spelled=False)
    assert format_spec(form, spelled=False) == form
    assert form.count("# end") == end.count("#")
    assert meaning(form) == meaning(text)


OPTIONS = st.sampled_from(["8", "8..512", "8 .. 512 .. 8", "seq", "LSTM", "{1, 2}", "n", "(3,3)"])


PLACES = st.sampled_from(["h = {}", "A({})", "{}(64) > B", "A*({})", "A(k={})"])


@settings(deadline=None)
@given(listed(OPTIONS, ",").map("{{{}}}".format), PLACES)
def test_choices_have_one_canonical_form(choice: str, place: str) -> None:
    form = format_spec(place.format(choice), spelled=False)
    assert format_spec(form, spelled=False) == form
    assert len(parse(form).statements) == 1
    assert " .. " not in form


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_is_read_as_it_was_written(said: str) -> None:
    """Whatever a name holds: control characters, marks that turn the text round, quotes, backslashes before digits."""
    assert _read(quoted(said)) == said
    assert _read(quoted(quoted(said))) == quoted(said)


def _read(written: str) -> str:
    scanned = tokenize(f"Lambda({written})")
    return next(str(token.value) for token in scanned.tokens if token.kind == "string")


# --- networks ----------------------------------------------------------------------------------------------------------


def test_a_network_has_one_form_and_it_is_what_convert_writes() -> None:
    """Of random networks: every form means the same network, whatever form it is made of, and convert writes it."""
    exported = 0
    for seed in range(150):
        made = recipe(RandomChoices(seed))
        if not is_writable(made):
            continue
        text = spec(made)
        network = analyse(text, kind="spec")
        if network.session.faults:
            continue
        short, long = format_spec(text), format_spec(text, long=True)
        assert format_spec(short) == format_spec(long) == short, text
        assert format_spec(long, long=True) == format_spec(short, long=True) == long, text
        for form in (short, long):
            again = analyse(form, kind="spec").summary()
            assert (again.layers, again.totals) == (network.summary().layers, network.summary().totals), (
                f"{text}\n{form}"
            )
        with suppress(SeqshapeError):  # a few networks cannot be said in statements
            written = export_spec(network)
            assert format_spec(written) == written, text
            exported += 1
    assert exported > 60
