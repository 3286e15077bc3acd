"""Codes of what makes no network, and what is asked of one: shapes, the command line, limits, other forms."""

from seqshape.codes.code import Code

NETWORKS = (
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
        "With an Input in the spec, -i has to agree with it; it fills in names and Nones. Without an Input, -i gives the shape "
        "of one\nsample, without the batch.",
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
        "there is no such code or word",
        "Codes are a letter and three digits: E201. A word is the name of a layer, an argument or a flag.",
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
    # Budgets, labels and other forms
    Code(
        "E501",
        "a limit is broken",
        "check holds the network against limits, or against what it was in a baseline; this one is too large. The message names\n"
        "the layers that have most of it.",
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
)
