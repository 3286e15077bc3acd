"""What arguments mean that many layers have, in a sentence each: what ``explain WORD`` says before what it derives.

Loaded when somebody asks. What only one layer has stands in that layer's manual.
"""

from __future__ import annotations

# Layers that show first what an argument does.
FIRST = ("LSTM", "Conv1D", "Dense", "Embedding", "Conv2D", "MultiHeadAttention")
MEANINGS = {
    "return_sequences": "whether every step's output is given, a sequence, or the last one's alone, a vector; the next "
    "recurrent layer and TimeDistributed need every step's",
    "return_state": "whether the last states are given too, after the output: one for a GRU, two for an LSTM",
    "go_backwards": "whether the steps are read from the last to the first; the output stays in that order",
    "stateful": "whether the states at the end of a batch are those that the next batch begins with; the batch then needs "
    "a number",
    "unroll": "whether the loop over the steps is written out: faster for a few steps, and of the same shapes",
    "units": "how many numbers the layer gives: for each sample, or for each step",
    "filters": "how many channels the layer gives, each with a kernel of its own over all channels of the input",
    "kernel_size": "how many steps, or rows and columns, the kernel covers at once",
    "pool_size": "how many steps, or rows and columns, go into one number",
    "strides": "by how much the window moves on: 2 gives half as many places",
    "padding": "valid: only where the whole window fits, so that the output is shorter; same: filled with zeros, so that it "
    "is as long; causal: filled before the first step only, so that no step sees a later one",
    "dilation_rate": "how far apart the places are that the kernel reads: 2 leaves one out between two",
    "data_format": "whether the channels are the last axis or the first after the batch",
    "groups": "into how many parts channels are split, each with kernels of its own",
    "depth_multiplier": "how many channels are made of each channel of the input",
    "activation": "a function that each number of the output goes through: relu, tanh, sigmoid, …; it has no weights",
    "recurrent_activation": "the function of the gates",
    "use_bias": "whether a number of its own is added to each unit or channel; the flag nobias leaves it out",
    "dropout": "the share of the inputs that is set to 0 in training",
    "recurrent_dropout": "the share of the states that is set to 0 in training",
    "rate": "the share that is set to 0 in training, from 0 to 1",
    "input_dim": "of an Embedding, how many different whole numbers there are: the largest plus 1; of a first layer in "
    "older code, the features of the input",
    "output_dim": "how many numbers stand for each word; in Keras 1 also what is called units now",
    "mask_zero": "whether 0 is padding: a mask goes along, which tells the layers after it which steps to skip",
    "mask_value": "the number that a step is full of where it is padding",
    "input_length": "how long sequences are, in code of before Keras 3; now the input says it",
    "input_shape": "the shape of the input without the batch, written on the first layer; an Input says it too",
    "batch_input_shape": "the shape of the input with the batch, in older code; now Input(5,1,batch_size=3)",
    "batch_shape": "the shape with the batch first, None where any number of samples goes",
    "batch_size": "the number of samples of a batch, where it has to be known",
    "shape": "the shape of one sample: no batch",
    "target_shape": "the new shape without the batch; one size may be -1, which is then worked out",
    "dims": "the axes in their new order, counted from 1: the batch is not among them",
    "axis": "which axis: 0 is the batch, -1 the last",
    "axes": "which axes: 0 is the batch, -1 the last",
    "n": "how often",
    "layer": "the layer inside, which is given as a layer and not as its name",
    "cell": "what makes one step, such as LSTMCell(32), or a list of such cells",
    "merge_mode": "how the two directions become one: concat (twice as wide), sum, mul, ave, or None for two outputs",
    "reset_after": "whether a GRU has two biases a gate, as cuDNN computes it: Keras's own choice",
    "num_heads": "how many attentions run side by side",
    "key_dim": "the width of one head, not of all together",
    "value_dim": "the width of a head's values; key_dim if not given",
    "epsilon": "a small number that keeps a division from failing; no shape hangs on it",
    "momentum": "how slowly the moving statistics change; no shape hangs on it",
    "center": "whether a number of its own is added to each feature (beta)",
    "scale": "whether each feature is multiplied by a number of its own (gamma); of a Rescaling, the factor",
    "name": "what the layer is called in the summary; Keras numbers those without one",
    "trainable": "whether training changes the weights; the counts of trainable parameters tell",
    "dtype": "the kind of numbers, such as float32 or mixed_float16: it decides how many bytes weights take",
    "seed": "where random numbers begin; a random layer keeps a state for it that is no parameter",
    "output_padding": "what a transposed convolution adds at the end, where more than one size fits",
    "cropping": "how much is cut off on each side",
    "size": "how often each step, or row and column, is repeated",
    "output_mode": "int: a number a word; one_hot, multi_hot, count, tf_idf: a vector as wide as the vocabulary",
    "max_tokens": "the most words that the vocabulary may have, those for unknown ones included",
    "output_sequence_length": "to how many words each text is cut or filled",
    "vocabulary": "the words, in order",
    "num_bins": "how many different numbers come out",
    "function": "code of the user, which is not run here",
    "weights": "arrays that the weights begin with, in older code; how many numbers a layer learns: seqshape explain params",
    "output_shape": "the shape that comes out, without the batch",
    "height": "rows of the picture that comes out",
    "width": "columns of the picture that comes out",
    "factor": "by how much at most, in both directions, or a pair of bounds",
    "autocast": "whether floats that come in are turned into the layer's dtype",
    "activity_regularizer": "a penalty on what the layer gives, for the loss; no shape hangs on it",
    # arguments of a call
    "initial_state": "of a call: the states that a recurrent layer begins with, one tensor for each",
    "mask": "of a call: True for each step that counts, False for padding",
    "training": "of a call: whether this is training, where dropout drops and statistics move",
    "attention_mask": "of a call: which places of the value each place of the query may look at",
    "use_causal_mask": "of a call: whether a step sees no later one",
}
# What weights are that many layers have.
WEIGHTS = {
    "kernel": "the numbers that the inputs are multiplied by",
    "recurrent_kernel": "the numbers that the output of the step before is multiplied by",
    "bias": "a number that is added to each unit or channel; use_bias=False, or the flag nobias, leaves it out",
    "gamma": "what each feature is multiplied by after it is normalized; scale=False leaves it out",
    "beta": "what is added to each feature after it is normalized; center=False leaves it out",
    "moving_mean": "the mean of each feature over the batches so far; training does not change it by gradients",
    "moving_variance": "the variance of each feature over the batches so far; training does not change it by gradients",
    "embeddings": "the table of an Embedding: a row for each whole number",
}
_FROM_INPUT = "Keras takes it from the input: leave it out"
# Arguments of PyTorch's layers: what Keras has for each, and the argument of Keras that is the same.
OF_TORCH: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(("in_features", "in_channels", "input_size", "num_features"), (_FROM_INPUT, None)),
    **dict.fromkeys(("out_features", "hidden_size"), ("in Keras it is units", "units")),
    "out_channels": ("in Keras it is filters", "filters"),
    "num_embeddings": ("in Keras it is input_dim", "input_dim"),
    "embedding_dim": ("in Keras it is output_dim", "output_dim"),
    "eps": ("in Keras it is epsilon", "epsilon"),
    "stride": ("in Keras it is strides", "strides"),
    "dilation": ("in Keras it is dilation_rate", "dilation_rate"),
    "batch_first": ("in Keras the batch is always first: (batch, steps, features); leave it out", None),
    "num_layers": ("in Keras each layer is written: LSTM(8,seq) > LSTM(8), or (LSTM(8,seq))*2", None),
    "bidirectional": ("in Keras it is a layer around: Bi(LSTM(8))", None),
    "inplace": ("Keras has nothing like it: leave it out", None),
    "embed_dim": ("Keras takes it from the input; key_dim is the width of one head", None),
    "padding_idx": ("in Keras 0 is the padding: mask_zero=True", None),
}
