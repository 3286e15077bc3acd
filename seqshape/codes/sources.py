"""Codes of what cannot be read: specs, programs in Python, files."""

from seqshape.codes.code import Code

SOURCES = (
    # The spec as a text
    Code(
        "E102",
        "there is no layer of that name",
        "A layer goes by its Keras class name or an alias, in any case: LSTM, lstm, TD. seqshape layers lists them "
        "all.",
        "summarize 'LSMT(5)' -i 5,1",
    ),
    Code(
        "E103",
        "the layer has no such flag or argument",
        "A bare word in an argument list is a flag of that layer (seq, same, relu, …) or a name that was assigned "
        "before. It is\n"
        "never a new variable. seqshape layers NAME lists a layer's arguments and flags.",
        "summarize 'LSTM(5,foo=1)' -i 5,1",
    ),
    Code(
        "E104",
        "a value of the wrong kind",
        "The argument takes another kind of value: a size is a whole number of at least 1, padding is one of a few "
        "words.",
        "summarize 'Dense(-1)' -i 5",
    ),
    Code(
        "E105",
        "a required argument is missing",
        "Dense() has no units. Write Dense(8), or Dense(?) for a size that is not said.",
        "summarize 'Dense()' -i 5",
    ),
    Code(
        "E106",
        "an argument is set twice",
        "A position, a keyword and a flag may all set the same parameter: LSTM(5,seq,return_sequences=False) does so "
        "twice.",
        "summarize 'LSTM(5,seq,return_sequences=False)' -i 5,1",
    ),
    Code(
        "E108",
        "the layer has no such call argument",
        "Call arguments are what a layer takes when it is called: initial_state, mask, use_causal_mask. Each layer "
        "has its own.",
        "summarize 'x = Input(5,1); x > LSTM(4, foo=x)'",
    ),
    Code(
        "E109",
        "two layers of one name",
        "Keras wants the names of a model's layers to be different ones.",
        'summarize \'Dense(2,name="a")>Dense(3,name="a")\' -i 5',
    ),
    Code(
        "E110",
        "the spec is empty",
        "Write at least one layer. If a shell has eaten the rest, put the spec in single quotes.",
        "summarize '' -i 5,1",
    ),
    Code(
        "E111",
        "a sign that the spec language does not have",
        "The signs are > -> | , ; = ( ) [ ] { } + - * // % ** # and quotes.",
        "summarize 'Dense(2) & Dense(3)' -i 5",
    ),
    Code(
        "E112",
        "a string is not closed",
        "A string ends with the quote that it began with, on the same line.",
        "summarize 'Dense(2,\"relu)' -i 5",
    ),
    Code(
        "E113",
        "this is no number",
        "Numbers are written 5, -1, 0.2, 1e-3, 50_000; sizes 3x3. A float needs a digit after its point.",
        "summarize 'Dropout(1.)' -i 5",
    ),
    Code(
        "E114",
        "a bracket is not closed, or closes nothing",
        "Every ( [ { needs its partner. A spec that ends too early was perhaps cut by the shell: put it in single "
        "quotes.",
        "summarize 'Dense(2' -i 5",
    ),
    Code(
        "E115",
        "too deep",
        "Groups and branches go at most 10,000 brackets deep, arguments, layers in layers and lists of tensors 64.",
        f"summarize '{'TD(' * 65}LN{')' * 65}' -i 5",
    ),
    Code(
        "E116",
        "a chain lacks a layer",
        "There has to be a layer before and after each >.",
        "summarize 'Dense(2) > > Dense(3)' -i 5",
    ),
    Code(
        "E117",
        "these parts do not fit together",
        "The message says what was expected at this place.",
        "summarize 'Dense(2) Dense(3)' -i 5",
    ),
    Code(
        "E118",
        "this cannot be a name",
        "A name begins with a letter and has only letters, digits and _. Only values can be named.",
        "summarize '5 = Dense(2)' -i 5",
    ),
    Code(
        "E119",
        "a name that is not known, or not usable here",
        "A name has to be assigned in an earlier statement: h = 64.",
        "summarize 'Dense(h + 1)' -i 5",
    ),
    Code(
        "E120",
        "a tensor after >",
        "A tensor is a result: it can start a chain, but takes no input. To join two tensors, write (x, y) > Add.",
        "summarize 'x = Input(3); y = x > Dense(2); x > y'",
    ),
    Code(
        "E121",
        "this cannot be repeated",
        "Layers and groups can be repeated, *n with n at least 1; tensors and Inputs cannot.",
        "summarize 'Dense(2)*0' -i 5",
    ),
    Code(
        "E122",
        "too many layers",
        "The repeats make a network of more layers than seqshape takes.",
        "summarize '(Dense(2)*900)*900' -i 5",
    ),
    Code(
        "E123",
        "this cannot be reckoned",
        "Arithmetic takes numbers and named sizes, with + - * // % ** and parentheses.",
        "summarize 'Dense(2/0)' -i 5",
    ),
    Code(
        "E124",
        "? as a dim",
        "As the size of a layer ? is a size that is not said. A dim of an input is None (only the data tells) or a "
        "name such as T.",
        "summarize 'Input(?) > Dense(2)'",
    ),
    Code(
        "E125",
        "several networks where one is wanted",
        "Choices {16,32} and ranges 8..512 stand for many networks. sweep lists them all, solve finds the largest that fits, "
        "and check\nholds each of them against limits. All other commands take one network: write one value.",
        "summarize 'Dense({16,32})' -i 5",
    ),
    Code(
        "E126",
        "no lambda in a spec",
        "A spec runs no Python. A program in Python and a Keras file may hold a lambda: it is read, and never run.",
        "summarize 'Lambda(lambda x: x)' -i 5",
    ),
    Code(
        "E127",
        "the names on the left do not fit the outputs",
        "Write as many names as outputs; _ throws one away.",
        "summarize 'a, b = Input(3) > Dense(2); a > Dense(1)'",
    ),
    Code(
        "E128",
        "this argument cannot stand here",
        "The message says which, and where it may stand.",
        "summarize 'Bi(LSTM(4,training=True))' -i 5,1",
    ),
    Code(
        "E129",
        "a model inside the network reads a tensor from outside",
        "A named submodel gets everything through its input.",
        "summarize 'x = Input(3,2); TD(x > Dense(2))'",
    ),
    Code(
        "E130",
        "this is no layer",
        "A chain is made of layers, tensors and groups of them.",
        "summarize '5 > Dense(2)' -i 5",
    ),
    Code(
        "E131",
        "a layer is fed with >",
        "Keras's functional style calls a layer: LSTM(4)(x). In a spec it is x > LSTM(4). A whole program in that style is "
        "read\nfrom a .py file.",
        "summarize 'x = Input(5,1); LSTM(4)(x)'",
    ),
    Code(
        "E132",
        "the declaration of a layer is wrong",
        "A layer that seqshape does not know is declared in a statement of its own: its parameters, the dims that it\n"
        "takes, those that it gives, and formulas for its parameters and its multiply-adds, as in\n"
        "CRF(units) = (T, F) -> (T, units) params F*units + units. Formulas have whole numbers, the names of the\n"
        "parameters and of the dims on the left, + - * / // % ** and brackets. A layer of Keras cannot be declared anew.",
        "summarize 'CRF(9) = (T, F) -> (T, 9) params F*units; LSTM(5,seq) > CRF(9)' -i 20,3",
    ),
    # Programs in Python
    Code(
        "E140",
        "the code is no Python",
        "The message says what Python's own parser says of it. Code for Python 2 is read too, where only its print is "
        "another.",
        "summarize 'import keras; model = keras.Sequential(['",
    ),
    Code(
        "E141",
        "the program builds no model that can be read",
        "A model is what keras.Sequential, keras.Model or a class of the source makes. A function that needs arguments is\n"
        "called with them: seqshape summarize train.py::build_model --call 'classes=10'.",
        "summarize 'import keras; print(keras.__version__)'",
    ),
    Code(
        "E142",
        "an argument depends on what nothing in the source tells",
        "Sizes that only the data can give stay names, but a flag or a word decides what a layer does. --set gives it "
        "a value.",
        "summarize 'import keras; m = keras.Sequential([keras.Input((5, 1)), keras.layers.LSTM(5, "
        "return_sequences=every)])'",
    ),
    Code(
        "E143",
        "several models, or none of that name",
        "FILE::NAME picks a model by the variable, function or class that it is given to or made in; ::NAME@LINE where a\n"
        "name is used twice. seqshape summarize FILE prints them all.",
        "explain 'import keras; a = keras.Sequential([keras.layers.Dense(1)]); b = "
        "keras.Sequential([keras.layers.Dense(2)])'",
    ),
    # VGSL
    Code(
        "E150",
        "this is no element of VGSL",
        "A VGSL spec begins with the input, batch, height, width and depth, and goes on with elements: C, Mp, L, F, O, S, R,\n"
        "and those of kraken. docs/vgsl.md lists them.",
        "summarize '[1,36,0,1 Lfys48 Lfx96 01c111]'",
    ),
    # Files
    Code(
        "E401",
        "the data is no Keras model",
        "JSON is read as what model.to_json() writes: an object with class_name and config. The path behind at, such as\n"
        "/config/layers/0, says where it has something that Keras would not write.",
        "summarize '{\"a\": 1}'",
    ),
    Code(
        "E402",
        "the file cannot be read",
        "It is not there, not readable, damaged or of another kind.",
        "summarize nowhere.keras",
    ),
    Code(
        "E403",
        "too many layers to be walked",
        "Models inside models call more than a million layers: each level multiplies them. The file is most likely "
        "made to do so.",
    ),
)
