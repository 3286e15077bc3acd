"""The pages of the diagnostics: what each code means, an example, and how to mend it.

``seqshape explain CODE`` prints one.
"""

from __future__ import annotations

from seqshape.records import NamedTuple


class Page(NamedTuple):
    """The page of one code."""

    title: str
    text: str


CODES: dict[str, Page] = {
    # The spec as a text
    "E102": Page(
        "there is no layer of that name",
        "A layer goes by its Keras class name or an alias, in any case: LSTM, lstm, TD. seqshape layers lists them all.",
    ),
    "E103": Page(
        "the layer has no such flag or argument",
        "A bare word in an argument list is a flag of that layer (seq, same, relu, …) or a name that was "
        "assigned before. It is\n"
        "never a new variable. seqshape layers NAME lists a layer's arguments and flags.",
    ),
    "E104": Page(
        "a value of the wrong kind",
        "The argument takes another kind of value: a size is a whole number of at least 1, padding is one of a few words.",
    ),
    "E105": Page(
        "a required argument is missing",
        "Dense() has no units. Write Dense(8), or Dense(?) for a size that is not said.",
    ),
    "E106": Page(
        "an argument is set twice",
        "A position, a keyword and a flag may all set the same parameter: LSTM(5,seq,return_sequences=False) does so twice.",
    ),
    "E107": Page("a flag that could set two arguments", "Name the one that is meant: data_format=channels_first."),
    "E108": Page(
        "the layer has no such call argument",
        "Call arguments are what a layer takes when it is called: initial_state, mask, use_causal_mask. "
        "Each layer has its own.",
    ),
    "E109": Page("two layers of one name", "Keras wants the names of a model's layers to be different ones."),
    "E110": Page(
        "the spec is empty", "Write at least one layer. If a shell has eaten the rest, put the spec in single quotes."
    ),
    "E111": Page(
        "a sign that the spec language does not have",
        "The signs are > -> | , ; = ( ) [ ] { } + - * // % ** # and quotes.",
    ),
    "E112": Page("a string is not closed", "A string ends with the quote that it began with, on the same line."),
    "E113": Page(
        "this is no number",
        "Numbers are written 5, -1, 0.2, 1e-3, 50_000; sizes 3x3. A float needs a digit after its point.",
    ),
    "E114": Page(
        "a bracket is not closed, or closes nothing",
        "Every ( [ { needs its partner. A spec that ends too early was perhaps cut by the shell: put it in single quotes.",
    ),
    "E115": Page("too deep", "Brackets go at most 64 levels deep."),
    "E116": Page("a chain lacks a layer", "There has to be a layer before and after each >."),
    "E117": Page("these parts do not fit together", "The message says what was expected at this place."),
    "E118": Page(
        "this cannot be a name",
        "A name begins with a letter and has only letters, digits and _. Only values can be named.",
    ),
    "E119": Page(
        "a name that is not known, or not usable here", "A name has to be assigned in an earlier statement: h = 64."
    ),
    "E120": Page(
        "a tensor after >",
        "A tensor is a result: it can start a chain, but takes no input. To join two tensors, write (x, y) > Add.",
    ),
    "E121": Page(
        "this cannot be repeated", "Layers and groups can be repeated, *n with n at least 1; tensors and Inputs cannot."
    ),
    "E122": Page("too many layers", "The repeats make a network of more layers than seqshape takes."),
    "E123": Page(
        "this cannot be reckoned", "Arithmetic takes numbers and named sizes, with + - * // % ** and parentheses."
    ),
    "E124": Page(
        "? as a dim",
        "As the size of a layer ? is a size that is not said. A dim of an input is None (only the data "
        "tells) or a name such as T.",
    ),
    "E125": Page("several networks where one is wanted", "Choices {16,32} and ranges 8..512 stand for many networks."),
    "E126": Page("no lambda in a spec", "A spec runs no Python. A model with a lambda can be read from a Keras file."),
    "E127": Page("the names on the left do not fit the outputs", "Write as many names as outputs; _ throws one away."),
    "E128": Page("this argument cannot stand here", "The message says which, and where it may stand."),
    "E129": Page(
        "a model inside the network reads a tensor from outside", "A named submodel gets everything through its input."
    ),
    "E130": Page("this is no layer", "A chain is made of layers, tensors and groups of them."),
    "E131": Page("a layer is fed with >", "Write x > LSTM(4), not LSTM(4)(x)."),
    # Shapes
    "E200": Page("the layer refuses its input or its arguments", "The message says why; Keras refuses the same."),
    "E201": Page(
        "an input of the wrong rank",
        "Each layer wants a number of dims. LSTM wants (batch, steps, features) and gives (batch, units), "
        "one vector for the whole\n"
        "sequence, unless return_sequences (flag seq) is set: then it gives (batch, steps, units).\n\n"
        "  LSTM(5) > TD(Dense(1))        wrong: TimeDistributed has no steps to run over\n"
        "  LSTM(5,seq) > TD(Dense(1))    right\n\n"
        'Keras says "expected ndim=3, found ndim=2" for the same fault.',
    ),
    "E202": Page("inputs that do not fit", "The number or the shapes of the inputs are not what the layer takes."),
    "E203": Page(
        "sizes that do not fit",
        "A kernel is longer than its input, a shape does not divide, two inputs do not match. The message has the numbers.",
    ),
    "E204": Page(
        "a weight would have an unknown size",
        "A None dim is not known before the data comes, and a weight cannot depend on it: Flatten > Dense "
        "on (None, 8) would need a\n"
        "kernel with a row for each step. Give the input a fixed length, or average the steps away: GlobalAveragePooling1D.",
    ),
    "E205": Page(
        "a shared layer gets inputs of different widths",
        "A layer has one set of weights, made by its first call. Every later input has to fit them.",
    ),
    "E206": Page(
        "the answer depends on a size that is not said",
        "For some values of a named size one thing holds, for others another, and no single answer is "
        "right. Give it a number: --set T=100.",
    ),
    "E207": Page("too large to be drawn element by element", "Ask for fewer steps or features."),
    # The command line
    "E301": Page(
        "the inputs given do not fit the source",
        "With an Input in the spec, -i has to agree with it; it fills in names and Nones.",
    ),
    "E302": Page("this is no shape", "A shape is written without the batch: 5,1 or T,F or None,80."),
    "E303": Page("there is no layer of that name in the network", "Use the name or the class that summarize shows."),
    "E304": Page("there is no such code", "Codes are a letter and three digits: E201."),
    "E305": Page("a size needs a number here", "Give it with -i or --set: --set T=12."),
    "E306": Page(
        "a layer cannot be run here",
        "compare proves that two networks are the same by running both; this layer has no forward function, or is too large.",
    ),
    # Files
    "E401": Page(
        "the data is no Keras model", "The JSON pointer says where the config has something that Keras would not write."
    ),
    "E402": Page("the file cannot be read", "It is not there, not readable, damaged or of another kind."),
    # Budgets
    "E501": Page("a limit is broken", "check holds the network against limits; this one is too large."),
    "E502": Page("a shape is not the expected one", "check was told another shape of the inputs or outputs."),
    "E503": Page(
        "a limit cannot be decided", "The count depends on a size without a number, or on a layer that is not known."
    ),
    "E504": Page(
        "the output does not fit the labels",
        "--target says the shape of y without the batch: 5,1 for labels of 5 steps with 1 number each, 1 for one number a\n"
        "sample, '' for labels of the shape (N,). The message names the layer that is responsible.\n\n"
        "  LSTM(5) > Dense(1)        gives (None, 1), one number for the whole sequence\n"
        "  LSTM(5,seq) > Dense(1)    gives (None, 5, 1), one for each step\n\n"
        "Keras itself does not always complain. Its losses take an axis of 1 off the end of the longer shape; what is then\n"
        "still different mean_squared_error stretches if it can: the training runs, and learns something else.\n"
        "Whole numbers of the shape of the output without its last axis are class numbers: they fit with the loss\n"
        "sparse_categorical_crossentropy.",
    ),
    "E505": Page(
        "whether the labels fit depends on a size",
        "A named size may be the same number or not. Give it one: --set T=12.",
    ),
    "E601": Page(
        "the target cannot say this", "The message names the part of the network that the other form has no words for."
    ),
    "E999": Page(
        "seqshape itself is at fault",
        "It has come upon something that it does not foresee, or memory has run out. Exit status 3. Please report the\n"
        "command and its input, with what it prints when the environment has SEQSHAPE_TRACEBACK=1.",
    ),
    # Warnings: Keras builds the network all the same
    "W101": Page(
        "a value that reaches no output",
        "It is left out of the network, as Keras does; its layers take numbers all the same.",
    ),
    "W301": Page(
        "Keras builds this although it is likely a mistake",
        "The network is accepted as Keras accepts it; the message says what will happen when it runs.",
    ),
    "W302": Page("a shared layer gets inputs of different widths", "Keras builds it, but it fails when it runs."),
    "W303": Page("a class of an older Keras", "Keras 3 has dropped the class; it counts as it did in its time."),
    "W305": Page(
        "an odd input", "An input that no layer reads, that is given back as it is, or that can hold no data."
    ),
    "W306": Page(
        "one layer in several places",
        "It is legal: the weights are shared. Keras's summary shows the last call only; seqshape shows all.",
    ),
    "W307": Page("a shape that is ignored", "input_shape= counts only on the first layer of a model without an Input."),
    "W308": Page("a number for no size", "--set gives numbers to the names of sizes: those of -i and of the source."),
    "W304": Page(
        "several outputs at the end of a Sequential",
        "No layer can follow it there; a network with branches takes them apart.",
    ),
}

CODES |= {
    "A101": Page(
        "TimeDistributed around Dense changes nothing",
        "Since Keras 2, Dense runs over the last axis of whatever it gets, with the same weights at every step.\n"
        "GRU(16,seq) > TD(Dense(8)) and GRU(16,seq) > Dense(8) are one network: seqshape compare proves it.",
    ),
    "A102": Page(
        "units are read as steps",
        "LSTM(5) gives one vector of 5 numbers. Reshape makes 5 steps of it that are no steps at all. With "
        "the flag seq the LSTM\n"
        "gives every step.",
    ),
    "A103": Page(
        "Flatten ties the steps together",
        "After Flatten a Dense has weights of its own for every step, and sees all of them. The network "
        "then fits only this number of\n"
        "steps. seqshape timesteps shows the difference.",
    ),
    "A104": Page(
        "softmax over one unit", "Softmax divides each value by the sum of all. Of one value that is 1. Write sigmoid."
    ),
    "A105": Page(
        "a bias before BatchNormalization",
        "The normalization takes away the mean, and any constant with it; its own beta does the bias's work. The flag nobias "
        "leaves it out.",
    ),
    "A107": Page("Dropout as the last layer", "In training it sets parts of the output to 0, and the loss sees that."),
    "A108": Page("a mask is dropped", "The layer does not carry masks on. Layers after it read padded steps as data."),
    "A109": Page(
        "two Dense in a row",
        "Without an activation between them, two matrix products are one. More parameters, the same functions.",
    ),
    "A110": Page(
        "a kernel wider than the sequence",
        "At every step some of the kernel lies beyond the sequence and meets only zeros. With causal padding, and with a "
        "kernel twice as\nwide as the sequence, some weights never meet anything else.",
    ),
    "A111": Page(
        "an Embedding fed floats",
        "An Embedding looks up whole numbers. What a Dense or an LSTM gives is cut off at the point: 0.7 is 0.",
    ),
    "A112": Page(
        "one Flatten > Dense holds nearly all parameters",
        "The kernel has a row for every number that Flatten gives. Pooling first makes it small.",
    ),
    "A113": Page(
        "a recurrent layer runs over features",
        "A recurrent layer takes axis 1 as its steps. After Permute(2,1), or after a channels_first layer, "
        "features stand there.\nA Permute(2,1) after a channels_first layer puts the steps back to where they belong.",
    ),
}
