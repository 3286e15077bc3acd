"""Codes of what a person would want to know of a network that is sound."""

from seqshape.codes.code import Code

ADVICE = (
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
        "A115",
        "a mask that nobody uses",
        "Masking, or an Embedding with mask_zero, makes a mask, and no layer behind it looks at it: the masked steps "
        "count like all\nothers. Keras warns where a layer drops it. --masks shows what each layer does.",
        "summarize 'Masking()>Conv1D(4,3)>Flatten' -i 12,2",
    ),
    Code(
        "A116",
        "a file that Keras 3 refuses",
        "Keras 2 wrote arguments into files that Keras 3 does not take: time_major of recurrent layers, groups of depthwise "
        "ones.\nconvert --to keras-json writes the config without them.",
        'summarize \'{"class_name": "Sequential", "config": {"layers": [{"class_name": "LSTM", "config": {"units": 2, '
        '"time_major": false, "batch_input_shape": [null, 5, 1]}}]}}\'',
    ),
    Code(
        "A117",
        "an input that may have its samples in it",
        "-i is the shape of one sample. A first number of a thousand and more that no layer needs may be that of the samples, as "
        "in X.shape.",
        "summarize 'Dense(2)' -i 33500,2",
    ),
    Code(
        "A118",
        "a layer as PyTorch spells it",
        "Names are matched without regard to case, so Conv2d is Keras's Conv2D. PyTorch's Conv2d(3,8,3) has 3 channels in, 8 out "
        "and a 3x3 kernel.\nKeras's Conv2D(3,8,3) has 3 filters, an 8x8 kernel and strides of 3. Written Conv2D it is "
        "Keras's, and nothing is said.",
        "summarize 'Conv2d(3,8,3)' -i 28,28,3",
    ),
    Code(
        "A119",
        "a picture with its channels first",
        "PyTorch has a picture as (channels, rows, columns), Keras as (rows, columns, channels), unless data_format says "
        "channels_first.\nOf 3,224,224 a convolution makes 3 rows, 224 columns and 224 channels.",
        "summarize 'Conv2D(8,3)' -i 3,224,224",
    ),
    Code(
        "A401",
        "weights that could be counted",
        "The weights of classes that seqshape does not know stand in the file, and were counted only where h5py was "
        "installed.\nThey are read without it now.",
        retired=True,
    ),
)
