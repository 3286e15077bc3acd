"""Codes of what Keras builds all the same, though it is likely a mistake."""

from seqshape.codes.code import Code

WARNINGS = (
    Code(
        "W101",
        "a value that reaches no output",
        "It is left out of the network, as Keras does; its layers take numbers all the same.",
        "summarize 'x = Input(3); y = x > Dense(2); x > Dense(4)'",
    ),
    Code(
        "W102",
        "a comma where an arrow may be meant",
        "Layers with commas between them get the same input, and each gives an output; > feeds one to the next.",
        "summarize 'LSTM(5,seq),TD(Dense(1))' -i 5,1",
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
        "It raises an exception that nothing catches. What it has built before is shown. Of a notebook this ends a cell: the "
        "next ones are read, as people run them.",
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
        "It is changed where nothing tells whether or how often, in a branch or a loop that only the data decides; or a function"
        " gets it that cannot be read and may add layers.",
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
        "W150",
        "an even window, which VGSL's programs build otherwise",
        "Tesseract makes an even window one larger. kraken keeps it and loses a row or a column.",
        "summarize '[1,36,0,1 Ct4,4,16 O2s3]'",
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
        "A Lambda holds Python code, and seqshape runs none. Its output_shape counts where it has one; else its shape is ?, "
        "and that\n"
        "of what depends on it too.",
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
)
