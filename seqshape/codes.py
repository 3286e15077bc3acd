"""The codes of the diagnostics, each once: what it means, how to mend it, a command that gives it.

``seqshape explain CODE`` prints one.
"""

from __future__ import annotations

from seqshape.diagnostics import Severity
from seqshape.records import NamedTuple

_SEVERITIES: dict[str, Severity] = {"E": "error", "W": "warning", "A": "advice"}


class Code(NamedTuple):
    """One code. ``example``: the words of a command, without ``seqshape``, that gives it; empty where a file is needed.

    ``retired``: an earlier version gave it, and its findings may still be stored somewhere.
    """

    name: str
    title: str
    text: str
    example: str = ""
    retired: bool = False

    @property
    def severity(self) -> Severity:
        """What a finding of this code is."""
        return _SEVERITIES[self.name[0]]

    @property
    def status(self) -> int:
        """The exit status of a command that ends with it: 1 the network, 2 the command line, 3 seqshape is wrong; else 0."""
        if self.severity != "error":
            return 0
        return 3 if self.name == "E999" else 2 if self.name.startswith("E3") else 1

    def page(self) -> str:
        """The page that ``seqshape explain CODE`` prints."""
        example = f"\n\nFor example: seqshape {self.example}" if self.example else ""
        retired = "\n\nThis version does not give it any more." if self.retired else ""
        return f"{self.name}  {self.title}\n\n{self.text}{example}{retired}"


_ALL = (
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
        "summarize '(Dense(2)*600)*600' -i 5",
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
        "Choices {16,32} and ranges 8..512 stand for many networks.",
        "summarize 'Dense({16,32})' -i 5",
    ),
    Code(
        "E126",
        "no lambda in a spec",
        "A spec runs no Python. A model with a lambda can be read from a Keras file.",
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
        "Write x > LSTM(4), not LSTM(4)(x).",
        "summarize 'x = Input(5,1); LSTM(4)(x)'",
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
    # Shapes
    Code(
        "E200",
        "the layer refuses its input or its arguments",
        "The message says why; Keras refuses the same.",
        "summarize 'Permute(1,3)' -i 5,1",
    ),
    Code(
        "E201",
        "an input of the wrong rank",
        "Each layer wants a number of dims. LSTM wants (batch, steps, features) and gives (batch, units), one vector "
        "for the whole\n"
        "sequence, unless return_sequences (flag seq) is set: then it gives (batch, steps, units).\n"
        "\n"
        "  LSTM(5) > TD(Dense(1))        wrong: TimeDistributed has no steps to run over\n"
        "  LSTM(5,seq) > TD(Dense(1))    right\n"
        "\n"
        'Keras says "expected ndim=3, found ndim=2" for the same fault.',
        "summarize 'LSTM(5)>TD(Dense(1))' -i 5,1",
    ),
    Code(
        "E202",
        "inputs that do not fit",
        "The number or the shapes of the inputs are not what the layer takes.",
        "summarize 'Input(3) > Add'",
    ),
    Code(
        "E203",
        "sizes that do not fit",
        "A kernel is longer than its input, a shape does not divide, two inputs do not match. The message has the "
        "numbers.",
        "summarize 'Conv1D(4,9)' -i 5,1",
    ),
    Code(
        "E204",
        "a weight would have an unknown size",
        "A None dim is not known before the data comes, and a weight cannot depend on it: Flatten > Dense on (None, "
        "8) would need a\n"
        "kernel with a row for each step. Give the input a fixed length, or average the steps away: "
        "GlobalAveragePooling1D.",
        "summarize 'Flatten>Dense(3)' -i None,8",
    ),
    Code(
        "E205",
        "a shared layer gets inputs of different widths",
        "A layer has one set of weights, made by its first call. Every later input has to fit them.",
        "summarize 'd = Dense(2); x = Input(3); y = Input(4); (x > d, y > d) > Add'",
    ),
    Code(
        "E206",
        "the answer depends on a size that is not said",
        "For some values of a named size one thing holds, for others another, and no single answer is right. Give it "
        "a number: --set T=100.",
        "summarize 'AP1D(F)' -i T,F",
    ),
    Code(
        "E207",
        "too large to be drawn element by element",
        "Ask for fewer steps or features.",
        "timesteps 'Dense(2)' -i 999999999999,1",
    ),
    Code(
        "E208",
        "larger than any array",
        "An array has at most 64 axes, and no axis is longer than 64 bits can count. Some size, repeat or padding "
        "is\n"
        "far too large.",
        "summarize 'RepeatVector(99999999999999999)>UpSampling1D(99999)' -i 5",
    ),
    # The command line, and Python
    Code(
        "E301",
        "the inputs given do not fit the source",
        "With an Input in the spec, -i has to agree with it; it fills in names and Nones.",
        "summarize 'Input(7,3)>LSTM(4)' -i 5,3",
    ),
    Code(
        "E302",
        "this is no shape",
        "A shape is written without the batch: 5,1 or T,F or None,80.",
        "summarize 'Dense(2)' -i 5,a-b",
    ),
    Code(
        "E303",
        "there is no layer of that name in the network",
        "Use the name or the class that summarize shows.",
        "explain 'LSTM(5)' dense -i 5,1",
    ),
    Code(
        "E304",
        "there is no such code",
        "Codes are a letter and three digits: E201.",
        "explain E000",
    ),
    Code(
        "E305",
        "a size needs a number here",
        "Give it with -i or --set: --set T=12.",
        "timesteps 'Conv1D(4,9999)' -i T,3",
    ),
    Code(
        "E306",
        "a layer cannot be run here",
        "compare proves that two networks are the same by running both; this layer has no forward function, or is "
        "too large.",
        "compare 'Resizing(4,4)' 'Resizing(4,4)>Id' -i 8,8,3",
    ),
    Code(
        "E307",
        "a value that the function does not take",
        "From Python: the message names the argument, what it was given, and what it takes.",
    ),
    # Files
    Code(
        "E401",
        "the data is no Keras model",
        "The JSON pointer says where the config has something that Keras would not write.",
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
    # Budgets, labels and other forms
    Code(
        "E501",
        "a limit is broken",
        "check holds the network against limits; this one is too large.",
        "check 'Dense(4)' -i 3 --max-params 10",
    ),
    Code(
        "E502",
        "a shape is not the expected one",
        "check was told another shape of the inputs or outputs.",
        "check 'Dense(4)' -i 3 --expect-output 5",
    ),
    Code(
        "E503",
        "a limit cannot be decided",
        "The count depends on a size without a number, or on a layer that is not known.",
        "check 'LSTM(5)' -i T,F --max-params 1000",
    ),
    Code(
        "E504",
        "the output does not fit the labels",
        "--target says the shape of y without the batch: 5,1 for labels of 5 steps with 1 number each, 1 for one "
        "number a\n"
        "sample, '' for labels of the shape (N,). The message names the layer that is responsible.\n"
        "\n"
        "  LSTM(5) > Dense(1)        gives (None, 1), one number for the whole sequence\n"
        "  LSTM(5,seq) > Dense(1)    gives (None, 5, 1), one for each step\n"
        "\n"
        "Keras itself does not always complain. Its losses take an axis of 1 off the end of the longer shape; what "
        "is then\n"
        "still different mean_squared_error stretches if it can: the training runs, and learns something else.\n"
        "Whole numbers of the shape of the output without its last axis are class numbers: they fit with the loss\n"
        "sparse_categorical_crossentropy.",
        "summarize 'LSTM(5)>Dense(1)' -i 5,1 --target 5,1",
    ),
    Code(
        "E505",
        "whether the labels fit depends on a size",
        "A named size may be the same number or not. Give it one: --set T=12.",
        "summarize 'LSTM(5,seq)>Dense(1)' -i T,1 --target 5,1",
    ),
    Code(
        "E506",
        "no size fits",
        "solve looks for the largest size within a budget, or the smallest that sees enough steps. There is none.",
        "solve 'LSTM(?)' -i 100,8 --params 10",
    ),
    Code(
        "E601",
        "the target cannot say this",
        "The message names the part of the network that the other form has no words for.",
        "convert 'Hashing(5)' -i 5 --to torch",
    ),
    # seqshape itself
    Code(
        "E999",
        "seqshape itself is at fault",
        "It has come upon something that it does not foresee, or memory has run out. Exit status 3. Please report "
        "the\n"
        "command and its input, with what it prints when the environment has SEQSHAPE_TRACEBACK=1.",
    ),
    # Warnings: Keras builds the network all the same
    Code(
        "W101",
        "a value that reaches no output",
        "It is left out of the network, as Keras does; its layers take numbers all the same.",
        "summarize 'x = Input(3); y = x > Dense(2); x > Dense(4)'",
    ),
    Code(
        "W140",
        "nothing tells which way a branch goes",
        "Neither way is taken, and what they would change is not known from there on. --set decides.",
        "summarize 'import keras, sys\nm = keras.Sequential([keras.Input((3,))])\nm.add(keras.layers.Dense(2))\nif "
        "sys.argv[1]: n = 3'",
    ),
    Code(
        "W141",
        "a loop is not followed to its end",
        "Nothing tells how often it turns, or it turns very often. Its body is read once; a model that depends on it says so.",
        "summarize 'import keras, sys\nfor a in sys.argv: n = 3\nm = keras.Sequential([keras.Input((3,)), "
        "keras.layers.Dense(2)])'",
    ),
    Code(
        "W142",
        "a program of too many steps",
        "A program is read for a bounded number of steps; what it has built so far is shown.",
    ),
    Code(
        "W143",
        "the program ends before its last line",
        "It raises an exception that nothing catches. What it has built before is shown.",
        "summarize 'import keras\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\nraise ValueError'",
    ),
    Code(
        "W144",
        "a default is taken for what the user of the program gives",
        "Options of the command line and variables of the environment have their defaults; --set args.NAME=… gives another "
        "value.",
        'summarize \'import argparse, keras\np = argparse.ArgumentParser()\np.add_argument("--units", '
        "default=4)\na = p.parse_args()\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(a.units)])'",
    ),
    Code(
        "W145",
        "older code, which today's Keras does not take",
        "It is read as the version of Keras would that it was written for.",
        "summarize 'from keras.layers import Input, Dense\nfrom keras.models import Model\nx = "
        "Input(shape=(1024))\nm = Model(x, Dense(2)(x))'",
    ),
    Code(
        "W146",
        "code for Keras 1",
        "Old names and arguments are read as today's. A GRU has one bias for each gate there: reset_after=False.",
        "summarize 'from keras.models import Sequential\nfrom keras.layers import GRU\nm = "
        "Sequential()\nm.add(GRU(output_dim=4, input_shape=(5, 1), W_regularizer=None))'",
    ),
    Code(
        "W147",
        "what comes out of a step of the program is not known",
        "A function that cannot be followed, or a value that only the data gives. What depends on it is shown as ?.",
        "summarize 'import keras, mine\nx = keras.Input((3,))\nm = keras.Model(x, keras.layers.Dense(2)(mine.f(x)))'",
    ),
    Code(
        "W148",
        "a model may be another one than it is read",
        "It is changed where nothing tells whether or how often: in a branch or a loop that only the data decides.",
        "summarize 'import keras, sys\nm = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\nif sys.argv[1]:\n "
        "   m.add(keras.layers.Dense(1))'",
    ),
    Code(
        "W149",
        "the numbers in automatic names are not sure",
        "Keras numbers every layer of a class that a program makes. A part of this one that was not followed may make layers, "
        "so that later ones may have other numbers in their names; shapes and counts do not depend on that.",
        "summarize 'import keras, sys\nfrom keras import layers\nif sys.argv[1]:\n    layers.Dense(3)\nm = "
        "keras.Sequential([keras.Input((3,)), layers.Dense(2)])'",
    ),
    Code(
        "W301",
        "Keras builds this although it is likely a mistake",
        "The network is accepted as Keras accepts it; the message says what will happen when it runs.",
        "summarize 'Dense(True)' -i 5",
    ),
    Code(
        "W302",
        "a shared layer gets inputs of different widths",
        "Keras builds it, but it fails when it runs.",
        "summarize 'l = LSTM(2); x = Input(3,4); y = Input(3,5); (x > l, y > l) > Add'",
    ),
    Code(
        "W303",
        "a class of an older Keras",
        "Keras 3 has dropped the class; it counts as it did in its time.",
        "summarize 'CuDNNLSTM(4)' -i 5,1",
    ),
    Code(
        "W304",
        "several outputs at the end of a Sequential",
        "No layer can follow it there; a network with branches takes them apart.",
        "summarize 'LSTM(4,state)' -i 5,1",
    ),
    Code(
        "W305",
        "an odd input",
        "An input that no layer reads, that is given back as it is, or that can hold no data.",
        "summarize 'x = Input(3); y = Input(4); x > Dense(2)'",
    ),
    Code(
        "W306",
        "one layer in several places",
        "It is legal: the weights are shared. Keras's summary shows the last call only; seqshape shows all.",
        "summarize 'd = Dense(3); d > d' -i 3",
    ),
    Code(
        "W307",
        "a shape that is ignored",
        "input_shape= counts only on the first layer of a model without an Input.",
        "summarize 'Dense(3)>Dense(2,input_shape=(5,))' -i 4",
    ),
    Code(
        "W308",
        "a number for no size",
        "--set gives numbers to the names of sizes: those of -i and of the source.",
        "summarize 'Dense(3)' -i 5 --set T=3",
    ),
    Code(
        "W401",
        "not known, so left out",
        "A class of your own, an activation that Keras does not have, or a file with weights and no network: what "
        "nobody can tell\n"
        "is left out of shapes and counts, and the totals say at least. Where a file stores the weights of a layer, "
        "they are counted.",
        'summarize \'{"class_name": "Sequential", "config": {"layers": [{"class_name": "Mine", "config": {}}]}}\' -i 3',
    ),
    Code(
        "W402",
        "a function that is not run",
        "A Lambda holds Python code, and seqshape runs none. Its output_shape counts where it has one; else the "
        "shape is taken to\n"
        "stay as it is.",
        'summarize \'{"class_name": "Sequential", "config": {"layers": [{"class_name": "InputLayer", '
        '"config": {"batch_shape": [null, 3]}}, {"class_name": "Lambda", "config": {"function": ["x", '
        "null, null]}}]}}'",
    ),
    Code(
        "W403",
        "a config of Keras 1",
        "Classes, arguments and defaults are those of Keras 1: a GRU has one bias, dim_ordering th is channels_first. The "
        "rows keep the\nnames of the file.",
        'summarize \'{"class_name": "Sequential", "keras_version": "1.2.2", "config": [{"class_name": "Dense", '
        '"config": {"output_dim": 2, "batch_input_shape": [null, 3]}}]}\'',
    ),
    # Advice
    Code(
        "A101",
        "TimeDistributed around Dense changes nothing",
        "Since Keras 2, Dense runs over the last axis of whatever it gets, with the same weights at every step.\n"
        "GRU(16,seq) > TD(Dense(8)) and GRU(16,seq) > Dense(8) are one network: seqshape compare proves it.",
        "summarize 'GRU(16,seq)>TD(Dense(8))' -i 5,3",
    ),
    Code(
        "A102",
        "units are read as steps",
        "LSTM(5) gives one vector of 5 numbers. Reshape makes 5 steps of it that are no steps at all. With the flag "
        "seq the LSTM\n"
        "gives every step.",
        "summarize 'LSTM(5)>Reshape(5,1)>LSTM(2)' -i 8,2",
    ),
    Code(
        "A103",
        "Flatten ties the steps together",
        "After Flatten a Dense has weights of its own for every step, and sees all of them. The network then fits "
        "only this number of\n"
        "steps. seqshape timesteps shows the difference.",
        "summarize 'LSTM(5,seq)>Flatten>Dense(3)' -i 8,2",
    ),
    Code(
        "A104",
        "softmax over one unit",
        "Softmax divides each value by the sum of all. Of one value that is 1. Write sigmoid.",
        "summarize 'Dense(1,softmax)' -i 8",
    ),
    Code(
        "A105",
        "a bias before BatchNormalization",
        "The normalization takes away the mean, and any constant with it; its own beta does the bias's work. The "
        "flag nobias leaves it out.",
        "summarize 'Conv1D(4,3)>BN' -i 8,2",
    ),
    Code(
        "A107",
        "Dropout as the last layer",
        "In training it sets parts of the output to 0, and the loss sees that.",
        "summarize 'Dense(4)>Dropout(0.5)' -i 8",
    ),
    Code(
        "A108",
        "a mask is dropped",
        "The layer does not carry masks on. Layers after it read padded steps as data.",
        "summarize 'Masking>Flatten>Reshape(8,2)>LSTM(3)' -i 8,2",
    ),
    Code(
        "A109",
        "two Dense in a row",
        "Without an activation between them, two matrix products are one. More parameters, the same functions.",
        "summarize 'Dense(4)>Dense(4)' -i 8",
    ),
    Code(
        "A110",
        "a kernel wider than the sequence",
        "At every step some of the kernel lies beyond the sequence and meets only zeros. With causal padding, and "
        "with a kernel twice as\n"
        "wide as the sequence, some weights never meet anything else.",
        "summarize 'Conv1D(4,9,same)' -i 5,2",
    ),
    Code(
        "A111",
        "an Embedding fed floats",
        "An Embedding looks up whole numbers. What a Dense or an LSTM gives is cut off at the point: 0.7 is 0.",
        "summarize 'Dense(4)>Emb(5,4)' -i 5",
    ),
    Code(
        "A112",
        "one Flatten > Dense holds nearly all parameters",
        "The kernel has a row for every number that Flatten gives. Pooling first makes it small.",
        "summarize 'Conv2D(8,3)>Flatten>Dense(128)' -i 28,28,1",
    ),
    Code(
        "A113",
        "a recurrent layer runs over features",
        "A recurrent layer takes axis 1 as its steps. After Permute(2,1), or after a channels_first layer, features "
        "stand there.\n"
        "A Permute(2,1) after a channels_first layer puts the steps back to where they belong.",
        "summarize 'Permute(2,1)>LSTM(3)' -i 8,2",
    ),
    Code(
        "A401",
        "weights that could be counted",
        "The weights of classes that seqshape does not know stand in the file, and were counted only where h5py was "
        "installed.\nThey are read without it now.",
        retired=True,
    ),
)
CODES: dict[str, Code] = {code.name: code for code in _ALL}
ADVICE = tuple(code.name for code in _ALL if code.severity == "advice" and not code.retired)
