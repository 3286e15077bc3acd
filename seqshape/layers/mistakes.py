"""The usual mistakes with a layer, each as a network that has it and one that has not: what its manual page ends with.

The tests run them all: the wrong one is faulty, warned of or gives another output than the right one, which is sound.
Loaded when a manual page is asked for.
"""

from __future__ import annotations

from seqshape.records import NamedTuple

MOST = 3  # that a page shows


class Mistake(NamedTuple):
    """A spec that is wrong on an input of that shape, why in a sentence, and one that does what was meant.

    ``{}`` stands for the name of the layer. ``on``: the shape for the right one, if it is another.
    """

    wrong: str
    input: str
    why: str
    right: str
    on: str | None = None


def _seq(*more: Mistake) -> tuple[Mistake, ...]:
    return (
        Mistake(
            "{}(32)>{}(16)",
            "10,4",
            "without seq it gives one vector for the whole sequence, and the next has no steps to read",
            "{}(32,seq)>{}(16)",
        ),
        Mistake(
            "{}(32)>TD(Dense(1))",
            "10,4",
            "labels for every step need the flag seq, which is return_sequences=True",
            "{}(32,seq)>TD(Dense(1))",
        ),
        Mistake(
            "{}(32)",
            "10",
            "it wants steps and features: one number a step is a feature too, so X gets a last axis of 1",
            "{}(32)",
            "10,1",
        ),
        *more,
    )


_IMAGE = (
    Mistake(
        "{}(8,3)", "28,28", "a grey picture has one channel, which is an axis too: X[..., None]", "{}(8,3)", "28,28,1"
    ),
    Mistake(
        "Conv2D(8,3)>MP2D>{}(8,3)*7",
        "28,28,1",
        "each valid convolution takes a margin off, until nothing is left; padding same keeps the size",
        "Conv2D(8,3)>MP2D>{}(8,3,same)*7",
    ),
    Mistake(
        "{}(8,3)>Dense(10)",
        "28,28,1",
        "Dense runs at every pixel; one answer for the picture needs Flatten or a global pooling before it",
        "{}(8,3)>GAP2D>Dense(10)",
    ),
)
# By the class name, else by a trait of the declaration.
MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "recurrent": _seq(),
    "RNN": (
        Mistake(
            "RNN(LSTMCell(32))>RNN(LSTMCell(16))",
            "10,4",
            "without seq it gives one vector for the whole sequence",
            "RNN(LSTMCell(32),seq)>RNN(LSTMCell(16))",
        ),
        Mistake("RNN(LSTM(32))", "10,4", "it takes a cell, not a layer that loops itself", "RNN(LSTMCell(32))"),
    ),
    "Dense": (
        Mistake(
            "LSTM(5,seq)>Dense(1)",
            "8,2",
            "it runs at every step and so gives one number for each; one for the sequence needs the last step alone",
            "LSTM(5)>Dense(1)",
        ),
        Mistake(
            "Dense(1,softmax)",
            "8",
            "softmax over one unit is always 1: for yes or no it is sigmoid",
            "Dense(1,sigmoid)",
        ),
        Mistake(
            "Dense(64)>Dense(10)",
            "8",
            "without an activation between them two matrix products are one",
            "Dense(64,relu)>Dense(10)",
        ),
    ),
    "each_step": (
        Mistake(
            "LSTM(5)>TD(Dense(1))",
            "8,2",
            "there are no steps after a recurrent layer without seq",
            "LSTM(5,seq)>TD(Dense(1))",
        ),
        Mistake(
            "TD(Conv2D(8,3))",
            "28,28,1",
            "it takes axis 1 as steps: a film has one axis more than a picture",
            "TD(Conv2D(8,3))",
            "10,28,28,1",
        ),
        Mistake(
            "TD(Conv2D(8,3))>Flatten>LSTM(4)",
            "10,28,28,1",
            "Flatten throws the steps away; each step is flattened by itself inside another TD",
            "TD(Conv2D(8,3))>TD(Flatten)>LSTM(4)",
        ),
    ),
    "both_ways": (
        Mistake(
            "Bi(LSTM(32))>LSTM(16)",
            "10,4",
            "seq belongs to the layer inside: every step is given only then",
            "Bi(LSTM(32,seq))>LSTM(16)",
        ),
        Mistake(
            'Bi(LSTM(32),merge_mode="multiply")',
            "10,4",
            "the ways are merged by concat, sum, mul, ave or None",
            "Bi(LSTM(32),mul)",
        ),
        Mistake("Bi(Dense(32))", "10,4", "only what runs over steps can run over them backwards", "Bi(GRU(32))"),
    ),
    "Embedding": (
        Mistake(
            "Embedding(5000,32)>LSTM(64)",
            "50,1",
            "it makes an axis itself: X holds the numbers of words, (samples, steps), without a last axis of 1",
            "Embedding(5000,32)>LSTM(64)",
            "50",
        ),
        Mistake(
            "Dense(4)>Embedding(5,4)",
            "5",
            "it looks whole numbers up: what a Dense gives is cut off at the point",
            "Embedding(5,4)>Dense(4)",
        ),
        Mistake(
            "Embedding(5000,32)>Dense(1)",
            "50",
            "it gives a vector for each word: one answer for the text needs an LSTM or a pooling over the words",
            "Embedding(5000,32)>GAP1D>Dense(1)",
        ),
    ),
    "Conv1D": (
        Mistake(
            "Conv1D(8,3)", "100", "one number a step is a channel too: X gets a last axis of 1", "Conv1D(8,3)", "100,1"
        ),
        Mistake(
            "Conv1D(8,9)", "5,1", "the kernel is longer than the sequence; padding same fills it up", "Conv1D(8,9,same)"
        ),
        Mistake(
            "Conv1D(8,3)>LSTM(4,seq)",
            "10,1",
            "it takes two steps off: for labels of every step the padding is same, or causal",
            "Conv1D(8,3,causal)>LSTM(4,seq)",
        ),
    ),
    "Conv2D": _IMAGE,
    "SeparableConv2D": _IMAGE,
    "Flatten": (
        Mistake(
            "LSTM(5,seq)>Flatten>LSTM(3)",
            "8,2",
            "it throws the steps away, and what follows has none to read",
            "LSTM(5,seq)>LSTM(3)",
        ),
        Mistake(
            "Flatten>Dense(3)",
            "None,8",
            "an axis that is None makes a row of unknown length, of which no kernel can be made",
            "GAP1D>Dense(3)",
        ),
        Mistake(
            "LSTM(5,seq)>Flatten>Dense(8)",
            "8,2",
            "a Dense behind it has weights of its own for every step: the same for all steps is a Dense alone",
            "LSTM(5,seq)>Dense(8)",
        ),
    ),
    "Reshape": (
        Mistake("Reshape(5,5)", "12", "the new shape has to hold as many numbers as the old", "Reshape(4,3)"),
        Mistake(
            "Reshape(4,10)",
            "10,4",
            "it reads the numbers row by row and mixes the axes; turning them over is Permute(2,1)",
            "Permute(2,1)",
        ),
        Mistake(
            "LSTM(5)>Reshape(5,1)>LSTM(2)",
            "8,2",
            "the units of the last step are no steps: with seq every step comes",
            "LSTM(5,seq)>LSTM(2)",
        ),
    ),
    "Permute": (
        Mistake("Permute(0,2,1)", "5,3", "axes are counted from 1, the batch is not among them", "Permute(2,1)"),
        Mistake("Permute(2,1)>LSTM(3)", "8,2", "after it features stand where an LSTM takes its steps", "LSTM(3)"),
    ),
    "RepeatVector": (
        Mistake(
            "LSTM(8,seq)>RepeatVector(5)",
            "9,2",
            "it repeats one vector: the last step, which an LSTM gives without seq",
            "LSTM(8)>RepeatVector(5)",
        ),
    ),
    "Concatenate": (
        Mistake(
            "x=Input(8,4); y=Input(4); (x,y)>Concat",
            "",
            "a vector beside a sequence has no steps: it is repeated for each",
            "x=Input(8,4); y=Input(4)>RepeatVector(8); (x,y)>Concat",
        ),
        Mistake(
            "x=Input(8,4); y=Input(6,4); (x,y)>Concat",
            "",
            "tensors agree in all axes but the last, along which they are joined; axis says another",
            "x=Input(8,4); y=Input(6,4); (x,y)>Concat(axis=1)",
        ),
        Mistake("Input(3)>Concat", "", "it takes a list of tensors", "x=Input(3); (x,x)>Concat"),
    ),
    "Add": (
        Mistake("Input(3)>Add", "", "it takes a list of tensors", "x=Input(3); (x,x>Dense(3))>Add"),
        Mistake(
            "x=Input(8,4); (x,x>Dense(5))>Add",
            "",
            "both sides of a residual have the same features: a projection makes them so",
            "x=Input(8,4); (x>Dense(5),x>Dense(5))>Add",
        ),
        Mistake(
            "x=Input(9,4); (x,x>Conv1D(4,3))>Add",
            "",
            "a valid convolution is shorter than its input; padding same is as long",
            "x=Input(9,4); (x,x>Conv1D(4,3,same))>Add",
        ),
    ),
    "MultiHeadAttention": (
        Mistake(
            "MHA(4,16)",
            "10,64",
            "it is called with a query and a value: attention of a sequence to itself gives it twice",
            "[Id | Id] > MHA(4,16)",
        ),
        Mistake(
            "x=Input(10,64); (x,x)>MHA(4,64)",
            "",
            "key_dim is the width of one head, not of all: four heads of 64 have four times the weights",
            "x=Input(10,64); (x,x)>MHA(4,16)",
        ),
    ),
    "Attention": (
        Mistake(
            "LSTM(32,seq)>Attention",
            "10,4",
            "it takes a list: query and value, the same sequence twice for self-attention",
            "LSTM(32,seq)>[Id | Id]>Attention",
        ),
    ),
    "Masking": (
        Mistake(
            "Masking>Flatten>Dense(1)",
            "12,17",
            "only layers that run over steps heed a mask: Flatten drops it",
            "Masking>LSTM(8)>Dense(1)",
        ),
    ),
    "Dropout": (
        Mistake(
            "Dense(8)>Dropout(20)>Dense(1)",
            "4",
            "the rate is a share: 0.2 for 20 %",
            "Dense(8,relu)>Dropout(0.2)>Dense(1)",
        ),
        Mistake(
            "Dense(4)>Dropout(0.5)", "8", "after the last layer it spoils what the loss sees", "Dropout(0.5)>Dense(4)"
        ),
    ),
    "BatchNormalization": (
        Mistake(
            "Conv1D(4,3)>BN",
            "8,2",
            "it takes any constant away, so a bias before it learns nothing: nobias",
            "Conv1D(4,3,nobias)>BN",
        ),
    ),
    "Activation": (
        Mistake('Activation("ReLU")', "4", "names of activations are in small letters", "Activation(relu)"),
    ),
    "Softmax": (Mistake("Dense(1)>Softmax", "8", "over one unit it is always 1", "Dense(1,sigmoid)"),),
    "TextVectorization": (
        Mistake(
            'TextVectorization(output_mode="int")>Embedding(100,8)>Flatten>Dense(1)',
            "1",
            "texts have any number of words: output_sequence_length fixes it",
            'TextVectorization(output_mode="int",output_sequence_length=50)>Embedding(100,8)>Flatten>Dense(1)',
        ),
    ),
    "MaxPooling1D": (
        Mistake(
            "Conv1D(8,3,same)>MP1D(2)>MP1D(8)",
            "10,1",
            "the window is longer than what is left",
            "Conv1D(8,3,same)>MP1D(2)>MP1D(5)",
        ),
    ),
    "MaxPooling2D": (
        Mistake("MP2D", "28,28", "a picture has a channel axis too", "MP2D", "28,28,1"),
        Mistake(
            "Conv2D(8,3)>MP2D>MP2D>MP2D>MP2D>MP2D",
            "28,28,1",
            "each one halves the picture, until nothing is left",
            "Conv2D(8,3,same)>MP2D>MP2D",
        ),
    ),
    "GlobalAveragePooling1D": (
        Mistake("LSTM(8)>GAP1D", "10,4", "without seq there are no steps to average over", "LSTM(8,seq)>GAP1D"),
    ),
    "GlobalAveragePooling2D": (
        Mistake("Conv2D(8,3)>Flatten>GAP2D", "28,28,1", "it takes the place of Flatten", "Conv2D(8,3)>GAP2D"),
    ),
    "UpSampling2D": (
        Mistake(
            "x=Input(9,9,1); (x,x>MP2D>UpSampling2D)>Concat",
            "",
            "pooling an odd size rounds down, and doubling gives an even one",
            "x=Input(8,8,1); (x,x>MP2D>UpSampling2D)>Concat",
        ),
    ),
}


def usual(name: str, traits: frozenset[str]) -> tuple[Mistake, ...]:
    """The usual mistakes with a layer, at most three; none where none is written down."""
    keys = (name, *sorted(traits))
    found = next((MISTAKES[key] for key in keys if key in MISTAKES), ())
    return tuple(
        one._replace(wrong=one.wrong.replace("{}", name), right=one.right.replace("{}", name)) for one in found[:MOST]
    )
