"""Messages of Keras 1 to 3, TensorFlow, PyTorch and NumPy that people paste: what each means, and under which code.

A row is a code, a pattern, and a sentence that the named groups of the pattern fill. The first row that is found in the
text holds: special ones stand before general ones, and what Python itself says comes last. Patterns are searched in the
text with its colours taken away and its white space joined.
"""

from __future__ import annotations

import re

from seqshape.codes import CODES
from seqshape.records import NamedTuple

LONGEST = 1 << 14  # characters of a text that are looked at: of a long one the end, where a traceback has its message
LONGEST_GROUP = 120  # characters of it that a sentence quotes
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


Row = tuple[str, str, tuple[str, ...]]  # the code, the sentence, patterns of which one is found

# What a layer says of its inputs: axes, widths, numbers of tensors.
_INPUTS: tuple[Row, ...] = (
    ("E201", "the layer wants {wanted} dims, the batch among them, and its input has {found}", (
        r"expected ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)",
    )),
    ("E201", "the layer wants at least {wanted} dims, the batch among them, and its input has {found}", (
        r"expected min_ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)",
    )),
    ("E201", "the layer wants at most {wanted} dims, the batch among them, and its input has {found}", (
        r"expected max_ndim=(?P<wanted>\d+), found ndim=(?P<found>\d+)",
    )),
    ("E504", "the labels y have the shape {found}, and what {layer} gives wants {wanted}", (
        r"[Ee]rror when checking (?:model )?target: expected (?P<layer>\S+) to have (?:shape )?(?P<wanted>.+?),? "
        r"but got array with shape (?P<found>\([^()]*\))",
    )),
    ("E201", "the data X has the shape {found}, and the input wants {wanted} dims, the number of samples among them: "
     "reshape X, for example with X[..., None], or change the input of the network", (
        r"[Ee]rror when checking (?:model |test |train )?(?:input)? ?: expected (?P<layer>\S+) to have "
        r"(?P<wanted>\d+) dimensions, but got array with shape (?P<found>\([^()]*\))",
    )),
    ("E301", "the data X has the shape {found}, and the network was built for {wanted}: the first number is the "
     "samples, the others have to agree", (
        r"[Ee]rror when checking (?:model |test |train )?(?:input)? ?: expected (?P<layer>\S+) to have shape "
        r"(?P<wanted>\([^()]*\)),? but got array with shape (?P<found>\([^()]*\))",
    )),
    ("E205", "the weights were made for {wanted} along axis {axis}, and the input has the shape {found}", (
        r"expected axis (?P<axis>-?\d+) of input shape to have value (?P<wanted>\S+?),? but received input with "
        r"shape (?P<found>[\[(][^\])]*[\])])",
    )),
    ("E301", "the network was built for inputs of the shape {wanted}, and gets {found}", (
        r"expected shape=(?P<wanted>\([^()]*\)), found shape=(?P<found>\([^()]*\))",
    )),
    ("E301", "the network was built for inputs of the shape {wanted}, and gets {found}", (
        r"(?:Invalid input shape for input|Model was constructed with shape|Expected shape) "
        r".*?(?P<wanted>\([^()]*\)).*?incompatible shape (?P<found>\([^()]*\))",
    )),
    ("E202", "the layer takes {wanted} tensors and is called with {found}", (
        r"expects (?P<wanted>\d+) input\(?s?\)?, but it received (?P<found>\d+) input",
    )),
    ("E202", "the network has {wanted} inputs (or outputs), and as many arrays have to be given", (
        r"not the size the model expected.*?[Ee]xpected to see (?P<wanted>\d+)",
    )),
    ("E202", "the network has several inputs, and each needs its array", (
        r"Missing data for input", r"No data provided for",
        r"(?:structure of|The structure) .{0,80}(?:inputs?|does ?n.t match)",
        r"(?:inputs? .{0,60}|did(?: not|n't) )match the expected structure",
    )),
    ("E202", "the layer joins several tensors and has to be given a list of them: (x, y) > Add", (
        r"layer (?:should|must) be called on (?:a list|exactly|at least|\d)", r"[Ee]xpected as input a list/tuple",
        r"accepts inputs list of length", r"(?:should|must) be called on a list of", r"A merge layer should be",
        r"`?Merge`? (?:must|should|can only)", r"list of at least \d inputs?",
    )),
    ("E202", "tensors that are joined have to agree in every axis but the one along which they are joined", (
        r"matching shapes except for the conc", r"Sizes of tensors must match except in dim",
        r"Dimensions of inputs should match", r"all the input array dimensions .*must match exactly",
        r"invalid for input of .*concat",
    )),
    ("E203", "two tensors that have to be alike are not: they differ in an axis, and neither has 1 there", (
        r"Inputs have incompatible shapes", r"[Ii]ncompatible input shapes: axis values",
    )),
    ("E202", "the layer takes no tensor of a model at this place: what it makes is part of its own input", (
        r"is part of a cycle",
    )),
    ("E202", "two tensors that have to be alike are not: they differ in an axis, and neither has 1 there", (
        r"Only layers of same output shape can be merged", r"identical shapes", r"different batch sizes",
        r"Cannot merge tensors", r"[Oo]perands could not be broadcast together", r"Incompatible types for broadcasting",
        r"Incompatible shapes for broadcasting", r"must match the size of tensor", r"could not broadcast input array",
        r"All dimensions of `value` and `key`", r"last dimension of `query_shape`", r"must match exactly",
        r"arrays to stack", r"same spatial", r"Dimension incompatibility",
    )),
    ("E202", "two axes that have to be equal are {found} and {wanted}", (
        r"Dimensions must be equal, but are (?P<found>\S+) and (?P<wanted>\S+)",
    )),
    ("E202", "the states that a recurrent layer starts from have to have its units, one tensor for each state: two for"
     " an LSTM", (
        r"initial_state.{0,60}(?:not compatible|should|must|has)", r"Expected hidden\[\d\] size", r"hx should also be",
        r"initial state",
    )),
    ("E202", "the layer is called without {name}, which it needs beside its first input", (
        r"missing a required argument: '(?P<name>\w+)'",
    )),
    ("E202", "the layer takes more than one input, and a Sequential hands on just one", (
        r"can only have a single required positional argument",
    )),
    ("E202", "a layer of a Functional model is called with data where a tensor is meant: keras.Input(shape) begins a "
     "model", (
        r"Layer \S+ was called with an input that isn't a symbolic tensor", r"is not a symbolic tensor",
    )),
)  # fmt: skip

# Labels and the output.
_LABELS: tuple[Row, ...] = (
    ("E504", "the output has the shape {wanted}, and the labels y {found}", (
        r"A target array with shape (?P<found>\([^()]*\)) was passed for an output of shape (?P<wanted>\([^()]*\))",
    )),
    ("E504", "the output has the shape {wanted}, and the labels y {found}", (
        r"target.{0,40}output.{0,40}must have the same "
        r"(?:shape|rank).*?target\.shape=(?P<found>\([^()]*\)).*?output\.shape=(?P<wanted>\([^()]*\))",
    )),
    ("E504", "the loss is given labels and an output of the shapes {found} and {wanted}, which do not fit", (
        r"Shapes (?P<found>\(.*?\)) and (?P<wanted>\(.*?\)) are incompatible",
    )),
    ("E504", "the labels y do not fit what the network gives, for this loss: --target SHAPE says whether they do, "
     "without the batch", (
        r"logits.{0,20}labels.{0,20}must (?:have the same|be broadcastable)", r"must have the same first dimension",
        r"same first dimension, got logits", r"You are passing a target array of shape",
        r"target size .{0,60}different (?:to|than|from) the input size", r"to match target batch_size",
        r"label value of \S+ which is outside", r"Can not squeeze dim", r"Shape mismatch: The shape of (?:labels|logits)",
        r"Target size .* must be the same as input size", r"only batches of spatial targets", r"multi-target not supported",
        r"Target \d+ is out of bounds", r"`?y_true`? and `?y_pred`? have different",
        r"Input arrays should have the same number of samples", r"Data cardinality is ambiguous",
        r"[Aa]ll (?:input|target) arrays .* same number of samples", r"0D or 1D target tensor expected",
        r"y_true.{0,60}y_pred.{0,60}(?:shape|rank)",
    )),
)  # fmt: skip

# Sizes.
_SIZES: tuple[Row, ...] = (
    ("E204", "a weight would have the shape {found}, and None is no size: an axis of the input has to be given", (
        r"Shapes used to initialize variables must be fully-defined.*?shape=(?P<found>\([^()]*\))(?: for variable "
        r"path='(?P<path>[^']*)')?",
    )),
    ("E204", "an axis is None, known only when the data comes, and a weight depends on it: give the input that size", (
        r"dimension.{0,60}(?:should be|must be|to be) defined", r"should have a defined dimension",
        r"must have a known shape", r"with unknown axis", r"[Ff]ound `?None`?\.", r"(?:is not|not) fully defined",
        r"partially known TensorShape", r"only support static input shapes", r'shape of the input to \"?Flatten',
        r"dimension of the inputs to `?\w+`? should be defined", r"with unknown rank",
    )),
    ("E200", "a stateful layer keeps a state for each sample, so the batch needs a number: Input(7,3,batch_size=25)", (
        r"stateful=?T?r?u?e?`?.{0,80}batch size", r"RNN is stateful, it needs to know", r"the batch size must be static",
    )),
    ("E203", "what is left of the input is shorter than the kernel, the window or the cropping: fewer or smaller ones,"
     " or padding=\"same\"", (
        r"[Cc]omputed output size would be (?:zero or )?negative", r"[Nn]egative dimension size caused by",
        r"Negative dimensions? .*caused", r"dimensions in the output is <= 0",
        r"Kernel size can't be greater than actual input size", r"Output size is too small",
        r"Calculated padded input size per channel", r"cropping.{0,80}(?:smaller|less|exceeds)",
        r"output size.{0,20}(?:too small|negative)", r"Error calculating output shape", r"non-positive (?:size|dim)",
        r"is too small\. Received",
    )),
    ("E203", "the file was saved from another network: {path} is {found} there, and {wanted} in the network that loads"
     " it", (
        r"size mismatch for (?P<path>\S+?): copying a param with shape (?:torch\.Size\()?(?P<found>\[[^\]]*\])\)? "
        r"from checkpoint, the shape in current model is (?:torch\.Size\()?(?P<wanted>\[[^\]]*\])",
    )),
    ("E203", "the weights in the file belong to another network: compare shows in which layers they differ", (
        r"[Ss]hape mismatch in layer", r"not compatible with provided weight shape",
        r"[Dd]imension 0 in both shapes must be equal", r"load a weight file containing",
        r"weights?.{0,40}(?:shape|dimensions?).{0,60}(?:mismatch|is not compatible|but the saved)",
        r"expected \d+ (?:variables|weights|layers).{0,60}(?:received|saved|but|found)", r"Layer count mismatch",
        r"could not be loaded", r"You called `set_weights",
        r"do(?:es)? not match the shape of the (?:saved|variable|target)",
        r"shape of the target variable and the shape of the target value", r"expecting \d+ weights",
        r"expects \d+ weight\(s\)", r"was expecting",
    )),
    ("E203", "a matrix product whose inner sizes differ: the layer was made for another number of features than comes "
     "in (Keras's Dense and LSTM take it from the input, PyTorch's need it written)", (
        r"size mismatch,? (?:\(?got|m1)",
        r"mat1 and mat2 shapes cannot be multiplied(?: \((?P<found>\S+) and (?P<wanted>\S+)\))?",
        r"mat1 dim 1 must match mat2 dim 0", r"Matrix size-incompatible", r"matmul: Input operand", r"not aligned",
        r"input\.size\(-1\) must be equal to input_size", r"must be equal to input_size",
        r"Last dimension of the input .*does not match",
    )),
    ("E203", "the convolution was made for {wanted} channels, and its input has {found}; PyTorch puts channels first, "
     "Keras last", (
        r"to have (?P<wanted>\d+) channels, but got (?P<found>\d+) channels",
    )),
    ("E205", "the kernel was made for another number of channels, or of axes, than its input has", (
        r"number of input channels does not match corresponding dimension of filter", r"Depth of input .*not a multiple",
        r"input channels? .*(?:evenly )?divisible by", r"corresponding dimension of filter",
    )),
    ("E203", "the numbers of the two shapes multiply to different totals: a reshape keeps every number", (
        r"[Tt]otal size of (?:new array|the tensor) must be unchanged", r"[Cc]annot reshape (?:array|a tensor)",
        r"Input to reshape is a tensor with", r"is invalid for input of size", r"input size cannot by? divided",
        r"[Dd]imension size must be evenly divisible", r"must be (?:evenly )?divisible by", r"cannot reshape",
    )),
    ("E203", "a size does not divide into as many equal parts as are asked for", (
        r"must be a multiple of the number of channels", r"cannot be more than the number of channels",
        r"evenly divisible by the number of groups", r"divisible by num_heads", r"must be divisible by",
    )),
    ("E201", "the kernel has an axis for each axis of the input, and the input has another number of them", (
        r"Kernel shape must have the same length as input",
    )),
    ("E201", "the input has too few axes or too many for the layer: summarize shows every layer's shape", (
        r"at least (?P<wanted>\d+) dimensions, received", r"Shape must be (?:at least )?rank (?P<rank>\d+) but is rank",
        r"Expected \d+-?D? ?(?:or \d+-?D?)?.{0,30}(?:input|tensor).{0,60}(?:but got|got)", r"Expected \d-dimensional input",
        r"input must have (?:at least )?\d dimensions?", r"must be at least rank", r"Invalid input rank",
        r"Full shape received", r"Inputs? (?:should|must) have (?:rank|shape) [\d(]", r"rank (?:must|should) be",
        r"non-nested tuple or list of rank-1", r"LSTM: Expected input to be", r"RNN: Expected input to be",
        r"wrong (?:rank|number of dim)", r"unsupported input rank", r"rank \d is not supported",
        r"too many indices for array", r"should be (?:\d|two|three|four)-dimensional", r"dimensions? expected \d",
    )),
    ("E208", "there is no room for a tensor {found}: summarize --macs --share shows which layer is so large; a smaller"
     " batch takes less too", (
        r"OOM when allocating tensor with shape ?(?P<found>\[[^\]]*\])", r"ResourceExhausted", r"CUDA out of memory",
        r"Unable to allocate", r"out of memory",
    )),
)  # fmt: skip

# Layers, names, models, files.
_MODELS: tuple[Row, ...] = (
    ("A111", "an Embedding has rows for 0 to input_dim - 1, and the data holds a number beyond: input_dim is the "
     "largest number plus 1", (
        r"is not in \[0, ?(?P<wanted>\d+)\)", r"index out of range in self", r"indices\[.*\] ?=",
        r"Embedding.*out of (?:range|bounds)",
    )),
    ("A108", "a mask arrives at a layer that does not carry masks on: layers after it read padded steps as data", (
        r"(?:does not support masking|doesn't support masking|attached to it)",
    )),
    ("E109", "two layers of a model go by one name", (
        r"(?:names?|operation names?) should be unique", r"is used \d+ times in the model", r"unique names?\.",
        r"already the name of a layer", r"is not unique",
    )),
    ("E131", "an output is not made of the inputs that the model was given: one is missing in Model(inputs, outputs), "
     "or a new Input was made where the old one was meant", (
        r"(?:is|be) not? connected to (?:`?inputs?`?|any)", r"Graph disconnected", r"Output with path",
        r"cannot obtain value for tensor", r"output tensor.{0,40}not connected",
    )),
    ("E130", "something that is no layer, or no tensor of the model, stands where one is needed: every step of a model"
     " is a layer or a function of keras.ops", (
        r"Output tensors to a (?:Model|Functional) must be", r"`?outputs`? values must be KerasTensors",
        r"outputs` argument cannot be empty", r"_inbound_nodes", r"must be an instance of class Layer",
        r"Only instances of `?keras\.Layer`? can be added",
        r"with a `?(?:keras\.layers\.|tf\.keras\.layers\.)?Layer`? instance", r"RNN cell should have",
        r"should have a `call` method", r"A KerasTensor cannot be used as input to a TensorFlow function",
        r"Iterating over a symbolic KerasTensor", r"not a Keras tensor", r"using a `?tf\.Tensor`? as a Python",
        r"not callable", r"TFOpLambda", r"does not have a `_keras_history", r"Could not build a TypeSpec",
    )),
    ("E126", "the file holds Python code of a Lambda, for one version of Python; seqshape reads such a file without "
     "running the code", (
        r"bad marshal data", r"[Dd]eserializ\w* (?:of )?(?:a )?`?[Ll]ambda", r"safe_mode",
        r"Lambda layer.{0,80}(?:unsafe|bytecode|deseriali)",
    )),
    ("E104", "there is no activation of that name: the names are in lower case, such as relu; one of somebody's own is given "
     "to Keras in custom_objects", (
        r"Unknown activation function",
    )),
    ("W401", "the file names a class of somebody's own; Keras needs it in custom_objects, and seqshape reads the rest "
     "without it", (
        r"Unknown (?:layer|object|initializer|regularizer|loss|metric)",
        r"Could not locate (?:class|function)", r"custom_objects", r"register_keras_serializable",
    )),
    ("W401", "the file holds weights of other names, or weights and no network: seqshape summarize FILE lists what is "
     "in it", (
        r"No model (?:config )?(?:was )?found", r"[Mm]issing key\(s\) in state_dict", r"[Uu]nexpected key\(s\)",
    )),
    ("E402", "the file is not there, is damaged, or is of another kind than its name says", (
        r"file signature not found", r"File format not supported", r"[Nn]ot a (?:zip|HDF5) file",
        r"Unable to (?:synchronously )?open (?:file|object)", r"SavedModel file does not exist",
        r"No such file or directory", r"truncated file", r"invalid load key", r"zip file",
        r"is not a (?:valid )?(?:zip|keras|hdf5)",
    )),
    ("E103", "the file, or the code, is of another version of Keras than the one that reads it: seqshape summarize "
     "FILE reads them all, and convert --to keras-json writes what Keras 3 takes", (
        r"could not be deserialized properly",
        r"[Uu]nrecognized keyword arguments? passed to \w+: "
        r"\{'(?:time_major|groups|implementation|batch_input_shape|batch_shape)'",
        r"[Uu]nrecognized keyword arguments: \['(?:batch_shape|optional)'",
    )),
    ("E103", "the layer has no such argument: seqshape layers NAME lists those that it has", (
        r"""[Uu]nrecognized keyword argument[^:]*: ?[\[{(]?['\"]?(?P<name>\w+)""",
        r"[Kk]eyword argument not understood",
        r"got an unexpected keyword argument '(?P<third>\w+)'", r"received an invalid keyword", r"Unrecognized arguments?",
    )),
    ("E105", "an argument that has no default is left out: {name}", (
        r"missing (?P<number>\d+) required (?:keyword-only |positional )?arguments?: (?P<name>.+?)(?:$| \S+Error)",
        r"You must pass a `shape`", r"argument must also be provided", r"must set `max_tokens`",
        r"must be (?:specified|provided)",
    )),
    ("E106", "an argument is given twice, or two that exclude each other", (
        r"got multiple values for (?:keyword )?argument '(?P<name>\w+)'", r"cannot pass both",
        r"should not be set\. Received",
    )),
    ("E202", "the layer is called with more than it takes: several tensors go to it as a list", (
        r"too many positional arguments",
    )),
    ("E103", "more arguments than the layer has: sizes of several axes go in a tuple", (
        r"takes (?:from )?\d+ (?:to \d+ )?positional arguments? but (?P<found>\d+) (?:was|were) given",
        r"takes \d+ positional",
    )),
    ("E102", "Python knows no such name: it is not imported, misspelt, or stands elsewhere in this version", (
        r"name '(?P<name>\w+)' is not defined", r"cannot import name '?(?P<other>\w+)",
        r"has no attribute '(?P<third>[A-Z]\w+)'", r"No module named",
    )),
    ("E301", "nothing tells the shape of the input, or two things do: a model starts with one Input(shape), and a "
     "spec takes -i SHAPE", (
        r"has not yet been (?:built|created)", r"has no defined inputs?", r"have not yet been created",
        r"[Bb]uild the model first", r"has never been called", r"first layer in a Sequential model must get",
        r"has no inbound nodes", r"hasn't been built", r"isn't built", r"already been configured to use input shape",
        r"model cannot be saved because", r"needs to be called",
    )),
    ("E104", "a shape has a size that is none: each dim is a whole number of at least 0, or None", (
        r"Cannot convert .{0,80} to a shape", r"Negative dimensions are not allowed", r"invalid dimension",
        r"Expected a `?shape`? ", r"negative dimensions",
    )),
    ("E202", "rows of different lengths make no array: pad them to one length, and let a Masking layer or "
     "mask_zero=True skip what was padded", (
        r"setting an array element with a sequence", r"Failed to convert a NumPy array to a Tensor", r"inhomogeneous shape",
        r"Unsupported object type", r"object of type 'float'",
    )),
)  # fmt: skip

# Values of arguments, and what Python says of them.
_VALUES: tuple[Row, ...] = (
    ("E103", "the layer inside has not what the wrapper wants of it: Bidirectional takes a recurrent layer, "
     "SpectralNormalization one with a kernel", (
        r"'?(?P<name>\w+)'? object has no attribute 'go_backwards'", r"no attribute 'kernel' nor",
    )),
    ("E200", "the two layers of a Bidirectional have to be alike but for the way they go", (
        r"should have different `go_backwards`", r"same value for attribute", r"Forward layer and backward layer",
    )),
    ("E203", "two arguments do not go together: strides, dilation_rate and output_padding each want the others small", (
        r"not (?:supported|compatible) (?:in conjunction )?with .?`?dilation_rate", r"strictly less than `?strides",
    )),
    ("E200", "the backend has no such thing, or the layer does not know the argument's value", (
        r"not (?:supported|compatible) with this", r"only (?:be used|supported) with the TensorFlow", r"is only supported",
        r"does not support", r"not implemented for",
    )),
    ("E203", "the rate is a number from 0 to 1: the share that is set to 0, 0.2 and not 20", (
        r"Expected a float value between 0 and 1", r"argument `rate`",
    )),
    ("E200", "the tuple has another length than the layer has axes", (
        r"must be a tuple of (?P<wanted>\d+) integers?\. Received [^=]*=\([^()]*\)$",
        r"must be an? (?:integer|int) or tuple of", r"tuple must have length",
    )),
    ("E200", "the equation of an EinsumDense names axes that do not fit its input, its weight or its output", (
        r"einsum equation", r"output spec", r"input spec", r"shared dimension", r"but is not part of",
        r"Equations must be in the form",
    )),
    ("E200", "the axes or the sizes of the target are no shape that the input can take", (
        r"permutation argument", r"invalid einsum", r"target_shape", r"unknown dimension", r"must be at most one",
    )),
    ("E200", "an axis is named that the input does not have: axis 0 is the batch, -1 the last", (
        r"out of bounds for (?:input|axis|array)", r"must be in the range \[-ndim", r"axis .*is out of",
        r"[Aa]xis \S+ (?:is )?out of (?:bounds|range)", r"index .* is out of bounds",
    )),
    ("E104", "there is no {name} called {found}: the names are lower case, such as relu", (
        r"Could not interpret (?P<name>\w+)(?: function)? identifier: ?(?P<found>\S+)?",
    )),
    ("E104", "a value of another kind than the argument takes", (
        r"[Ii]nvalid (?:value|type|format|merge mode|dtype|data_format|window|keys?|mode|argument)",
        r"[Rr]eceived (?:an )?invalid", r"argument must be",
        r"""must be (?:`'int|a |an |either|one of|None|`None`|`int|'int|>=|greater|in|strictly|`?\"?one|not|`'in"""
        r"t|an? integer|a positive|positive|set|only)",
        r"should (?:be|have|only)", r"cannot be (?:negative|None|a negative|`None`|larger)", r"cannot contain",
        r"[Ee]xpected (?:`?\w+`? to be|an? (?:int|integer|float|boolean|list)|one of|a strictly)", r"has to be",
        r"[Uu]nknown (?:value|arg|`?\w+`?) (?:for|x|of)", r"Unknown `", r"Unknown arg", r"is invalid, it (?:must|should)",
        r"not a valid", r"to a mixed precision", r"Allowed values are", r"may only be true", r"vocabulary",
        r"need to set either", r"must be set", r"must not be set", r"must >= ", r"repeated term", r"is not a valid",
        r"unhashable", r"must have \d", r"state_size", r"should be (?:a|an|one)", r"can only be", r"have \d channels",
        r"Input images must", r"must be a tuple",
    )),
    ("E204", "a size is None where Keras reckons with it: give the input that size", (
        r"unsupported operand type\(s\) for .*NoneType", r"'NoneType' object",
    )),
    ("E104", "Python stumbles over a value of a kind that the layer does not take: a text or a list where a number "
     "belongs, a 0, a fraction", (
        r"unsupported operand type", r"not supported between instances", r"object is not (?:iterable|subscriptable)",
        r"object cannot be interpreted", r"must be a string, a bytes-like", r"must be real number", r"invalid literal for",
        r"indices must be integers", r"has no len\(\)", r"object has no attribute '[a-z_]+'", r"unsupported callable",
        r"not all arguments converted", r"cannot convert float", r"can't multiply sequence", r"division by zero",
        r"modulo by zero", r"math domain", r"to EagerTensor of dtype", r"expected str", r"must be str",
        r"Cannot convert \S+ to", r"could not convert string",
    )),
    ("E201", "Python looks for an axis, or an element of a tuple, that is not there: mostly an input with too few axes", (
        r"(?:tuple|list) (?:index|assignment index) out of range", r"pop from empty list", r"not enough values to unpack",
        r"too many values to unpack",
    )),
    ("E200", "the layer breaks when it is called on this input", (
        r"Could not automatically infer the output shape", r"Exception encountered when calling",
        r"compute_output_(?:spec|shape)", r"InconclusiveDimension", r"Error in \w+\.call",
    )),
)  # fmt: skip

_ROWS = (*_INPUTS, *_LABELS, *_MODELS[:1], *_SIZES, *_MODELS[1:], *_VALUES)
# Where a message names the layer.
_LAYERS = (
    r"of layer [\"']?(?P<layer>[\w.-]+)",
    r"[Ll]ayer [\"']?`?(?P<layer>\w+)[\"'`]? ?(?:expects|was called|is incompatible|has|does|\(type|weight|of type)",
    r"with layer (?P<layer>\w+)",
    r"expected (?P<layer>\w+) to have",
    r"variable path='(?:[^'/]*/)*(?P<layer>[^'/]+)/[^'/]+'",
    r"when calling (?:layer [\"']?)?(?P<layer>\w+)",
    r"(?P<layer>\w+)\.__init__\(\)",
    r"passed to (?P<layer>\w+):",
    r"size mismatch for (?P<layer>[\w.]+)\.\w+:",
    r"[`'\"](?P<layer>[A-Z]\w+)[`'\"] [Ll]ayer",
    r"(?P<layer>[A-Z]\w+) layer (?:must|accepts|cannot|should)",
)


class Told(NamedTuple):
    """A message that is known: its code, what it means here, and the layer that it names, if any."""

    code: str
    meaning: str
    layer: str | None = None

    def page(self) -> str:
        """What ``explain`` prints."""
        page = CODES[self.code]
        of = f" (the message names {self.layer})" if self.layer else ""
        return f"{page.name}  {page.title}\n\n{self.meaning}{of}.\n\n{page.text}"


_PROSE = re.compile(r"[a-z]{2,}['\"`.,:)]* (?:[`'\"(]*[A-Za-z]{2,}|\S+ [a-z]{2,}|\d+ [a-z]{2,})|ndim=\d")


def looks_like(text: str) -> bool:
    """Whether a text may be a message: no spec and no path has two words of small letters with a space between them."""
    return _PROSE.search(text) is not None


def told(text: str) -> Told | None:
    """What a message means, ``None`` if no row has it."""
    flat = " ".join(_COLOR.sub("", text[-LONGEST:]).split())
    for code, meaning, patterns in _ROWS:
        found = next(filter(None, (re.search(pattern, flat) for pattern in patterns)), None)
        if found is not None:
            return Told(code, _filled(meaning, found.groupdict()), _layer(flat))
    return None


def _filled(meaning: str, groups: dict[str, object]) -> str:
    """The sentence with the groups of the pattern; what none of them has is left out with the word before it."""
    known = {name: str(value)[:LONGEST_GROUP] for name, value in groups.items() if value is not None}

    def filled(place: re.Match[str]) -> str:
        return known.get(place[1], "")

    text = re.sub(r"\{(\w+)\}", filled, meaning)
    text = re.sub(r"\s+(?=[.,:;]|$)", "", re.sub(r" {2,}", " ", text)).rstrip(":, ")
    return text[:1].upper() + text[1:]


def _layer(flat: str) -> str | None:
    for pattern in _LAYERS:
        found = re.search(pattern, flat)
        if found is not None and found["layer"] not in ("a", "the", "with", "layer", "None"):
            return found["layer"]
    return None
