"""Words of the tables and of messages that are no layer and no argument, such as MACs or ndim: what each means.

A term is one more entry; a word that an argument has too is the argument's.
"""

from __future__ import annotations

from seqshape.records import Record

WIDTH = 110  # columns of a page in a pipe


class Term(Record):
    """A word, how else it is written, what it means, and a command that shows it."""

    word: str
    also: tuple[str, ...]
    text: str
    example: str

    def page(self) -> str:
        """What ``explain`` prints."""
        from textwrap import fill

        also = f"  (also {', '.join(self.also)})" if self.also else ""
        return f"{self.word}{also}\n\n{fill(self.text, WIDTH)}\n\nFor example: seqshape {self.example}"

    def to_dict(self) -> dict[str, object]:
        """The object of ``explain WORD --json``."""
        return {"schema": "seqshape.term/1", **self._asdict(), "also": list(self.also)}


TERMS = (
    Term(
        "MACs",
        ("MAC", "FLOPs", "FLOP", "multiply-adds", "mult-adds"),
        "One MAC is one multiplication and one addition of a matrix product or a convolution. FLOPs are twice the MACs. "
        "Counts are for one sample. Biases, activations, normalizations and poolings count 0. A recurrent layer counts "
        "every step.",
        "summarize 'LSTM(64)>Dense(1)' -i 100,8 --columns params,macs,flops",
    ),
    Term(
        "params",
        ("parameters", "param", "trainable", "non-trainable"),
        "The numbers in the weights of a layer. A layer that is called several times counts once. Non-trainable are those"
        " that training does not change by gradients, such as the moving averages of BatchNormalization, and all of a "
        "frozen layer.",
        "explain 'LSTM(5,seq)>BN>Dense(1)' -i 5,1",
    ),
    Term(
        "None",
        ("null", "batch"),
        "A size in a shape that is known only when data comes. The first one is the batch: how many samples run at once. "
        "-i is the shape of one sample, without it. A size that is fixed but not said gets a name, such as T: then counts"
        " are formulas.",
        "summarize 'Conv1D(8,3)>LSTM(5)' -i None,4",
    ),
    Term(
        "ndim",
        ("rank", "axes", "dimensions"),
        "How many sizes a shape has, the batch among them: (None, 5, 1) has 3, (None, 5) has 2. LSTM wants 3: batch, "
        "steps, features. It gives 2, or 3 with return_sequences (flag seq).",
        "summarize 'LSTM(5)>LSTM(5)' -i 5,1",
    ),
    Term(
        "steps",
        ("timesteps", "time", "features"),
        "A sequence has the shape (steps, features): -i 100,8 is 100 steps with 8 numbers each. A recurrent layer runs "
        "over the steps. Data of the shape (samples, steps) wants one more axis: -i 100,1.",
        "timesteps 'LSTM(5,seq)>TD(Dense(1))' -i 5,1",
    ),
    Term(
        "multiple",
        ("?",),
        "Keras prints multiple, or ?, for the output shape of a layer that is called several times or has not been built."
        " seqshape shows the last call's shape, and all of them with --json. Here ? is what nobody can know, such as the "
        "output of a Lambda.",
        "summarize 'd = Dense(3); d > d' -i 3 --json",
    ),
    Term(
        "context",
        ("receptive_field", "receptive-field"),
        "receptive_field, of sweep and solve: how many input steps an output step sees. context, a column of --columns: "
        "the bytes that are carried from step to step. timesteps draws which steps see which.",
        "timesteps 'Conv1D(8,3,causal)>Conv1D(8,3,causal,d=2)' -i 12,1",
    ),
    Term(
        "activations",
        ("memory",),
        "The bytes of the tensors that a layer makes when it runs, for one sample. --memory estimates a whole run and a "
        "step of training, for a batch and an optimizer.",
        "summarize 'Conv1D(16,3)>LSTM(8)' -i 100,4 --columns params,activations --memory",
    ),
    Term(
        "Sequential",
        ("Functional", "Model"),
        "A Sequential is one chain: each layer takes what the one before it gives. In a spec that is layers with > between "
        "them. A Functional has branches, several inputs or outputs: [A | B] > Concat, or statements with names. Model: "
        "seqshape reads both from Keras code and from Keras's files.",
        "summarize 'keras.Sequential([LSTM(5, return_sequences=True), Dense(1)])' -i 5,1",
    ),
    Term(
        "fit",
        ("training", "compile", "loss", "epochs", "optimizer", "learning_rate", "lr", "metrics", "accuracy"),
        "Nothing is trained here: no shape, count or cost depends on the loss, the optimizer or the epochs. Two "
        "things ask for them: --target says whether labels fit the output, and --memory --optimizer adam estimates the "
        "memory of a step of training.",
        "summarize 'LSTM(5)>Dense(1)' -i 5,1 --target 1 --memory --optimizer adam",
    ),
)


def term(word: str) -> Term | None:
    """The term that a word is, without regard to case."""
    low = word.lower()
    return next((one for one in TERMS if low in (one.word.lower(), *map(str.lower, one.also))), None)
