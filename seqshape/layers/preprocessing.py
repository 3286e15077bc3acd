"""Preprocessing: text, categories, numbers and sound made ready for a network. None of it needs TensorFlow here."""

from __future__ import annotations

from seqshape.declaration import Inner, Parameter
from seqshape.diagnostics import Fault, fails, is_running, remark, suggest
from seqshape.dims import UNKNOWN, Dim, Unknown, require, require_equal
from seqshape.kinds import Anything, Count, Flag, Integer, Number, Text
from seqshape.reach import Reach, see, together
from seqshape.records import NamedTuple
from seqshape.registry import layer
from seqshape.structure import listed
from seqshape.tensor import KEEP, Effect, Shape, Tensor, Tensors, show

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}  # how TensorFlow spelled two of them


def _chosen(value: Anything, arg: str, *words: str) -> Anything:
    """One of some words. Raises Fault on the argument."""
    if value in words:
        return value
    listed = ", ".join(f'"{word}"' for word in words)
    raise Fault(f"needs one of {listed} as {arg}, not {value!r}", arg=arg, help=suggest(str(value), list(words)))


def _mode(output_mode: str, *modes: str) -> str:
    return str(_chosen(_OLD_MODES.get(output_mode, output_mode), "output_mode", *modes))


def _one_hot(shape: Shape, depth: Dim) -> Shape:
    """A vector for each element; a last axis of length 1 gives way to it."""
    if len(shape) > 1 and not isinstance(shape[-1], Unknown) and shape[-1] == 1:
        return (*shape[:-1], depth)
    return (*shape, depth)


def _vector(shape: Shape, out: Shape) -> Reach:
    """Along the new last axis the element, or all elements of the old one."""
    if len(out) > len(shape):
        return see().insert(len(shape), out[-1])
    return see().mix(-1) if len(out) == len(shape) > 1 else see()


def _no_sparse(sparse: bool) -> None:
    if sparse:
        raise Fault("gives sparse tensors on the TensorFlow backend only", arg="sparse")


# --- vocabularies ----------------------------------------------------------------------------------------------------


class Lookup(NamedTuple):
    """What is looked up, and how: arguments of the layers with a vocabulary."""

    max_tokens: Anything = None
    num_oov_indices: Integer = 1
    mask_token: Anything = ""
    oov_token: Anything = "[UNK]"
    vocabulary: Anything = None
    idf_weights: Anything = None
    invert: Flag = False
    output_mode: Text = "int"
    pad_to_max_tokens: Flag = False
    sparse: Flag = False
    salt: Anything = None
    oov_method: Text = "floormod"
    vocabulary_size: Count | None = None

    def check(self) -> str:
        """The mode of the output. Raises Fault for what Keras refuses of a lookup, whatever its vocabulary."""
        mode, most = _mode(self.output_mode, *_MODES), self.max_tokens
        if most is not None:
            if isinstance(most, (str, float)):
                raise Fault(f"needs a whole number as max_tokens, not {most!r}", arg="max_tokens")
            require(most > 1, f"needs max_tokens greater than 1, but gets {most}", arg="max_tokens")
        if self.pad_to_max_tokens and most is None:
            raise Fault("needs max_tokens to pad to it", arg="pad_to_max_tokens")
        message = f"needs num_oov_indices of at least 0, but gets {self.num_oov_indices}"
        require(self.num_oov_indices >= 0, message, arg="num_oov_indices")
        if self.invert and mode != "int":
            raise Fault(f'needs output_mode "int" to turn numbers into words, but gets {mode!r}', arg="output_mode")
        if self.idf_weights is not None and mode != "tf_idf":
            raise Fault(f'takes idf_weights with output_mode "tf_idf" only, not {mode!r}', arg="idf_weights")
        return mode

    def special(self, mode: str) -> list[Anything]:
        """The tokens at the start of the vocabulary that are no words."""
        masks = [self.mask_token] if self.mask_token is not None and mode == "int" else []
        return masks + [self.oov_token] * self.num_oov_indices

    def size(self, mode: str) -> Dim:
        """Number of tokens, the special ones included; unknown without a vocabulary, or with one in a file."""
        if self.vocabulary is None or isinstance(self.vocabulary, str):
            return UNKNOWN
        words, special, weights = list(self.vocabulary), self.special(mode), self.idf_weights
        if not words:
            raise Fault("needs a vocabulary with at least one term", arg="vocabulary")
        terms = words[len(special) :] if special and words[: len(special)] == special else words
        _check_terms(terms, self.mask_token)
        if mode == "tf_idf" and weights is None:
            raise Fault('needs idf_weights for its vocabulary with output_mode "tf_idf"', arg="vocabulary")
        if weights is not None and len(weights) != len(words):
            complaint = f"needs {len(words)} idf_weights, one for each term, but gets {len(weights)}"
            raise Fault(complaint, arg="idf_weights")
        size = len(special) + len(terms)
        if self.max_tokens is not None:
            message = f"has {size} tokens, the special ones included, which is more than max_tokens {self.max_tokens}"
            require(self.max_tokens >= size, message, arg="vocabulary")
        return size

    def numbers(self, inputs: Tensor, size: Dim, mode: str) -> Effect:
        """Numbers in the shape of the input, or vectors as long as the vocabulary."""
        if mode == "int":
            return Effect(Tensor(inputs.shape, "int64"))
        depth: Dim = self.max_tokens if self.pad_to_max_tokens else size
        shape = _one_hot(inputs.shape, depth) if mode == "one_hot" else (*inputs.shape[:-1], depth)
        if isinstance(depth, Unknown):
            message = "does not know its vocabulary yet, so the last dim is unknown"
            remark(message, arg="vocabulary", help="call adapt() first")
        return Effect(Tensor(shape, "float32"), reach=_vector(inputs.shape, shape))

    def run(self, inputs: Tensor) -> Effect:
        """Each word or number looked up."""
        mode = self.check()
        size = self.size(mode)
        if self.invert and self.num_oov_indices > 1:
            remark("gives the same word for all its numbers of unknown words", arg="num_oov_indices")
        if self.mask_token is not None and mode != "int":
            remark("leaves its mask token out of vectors", arg="mask_token")
        if self.vocabulary_size is not None and isinstance(size, Unknown):
            size = self.vocabulary_size
        return self.numbers(inputs, size, mode)


def _check_terms(terms: list[Anything], mask_token: Anything) -> None:
    doubled = [term for term in dict.fromkeys(terms) if terms.count(term) > 1] if len(set(terms)) < len(terms) else []
    if doubled:
        raise Fault(f"has {doubled[0]!r} more than once in its vocabulary", arg="vocabulary")
    if mask_token is not None and mask_token in terms:
        raise Fault(f"has its mask token {mask_token!r} in the vocabulary", arg="vocabulary", help="leave it out")


# What Keras writes into files and takes in ``**kwargs``.
_BESIDE = (
    Parameter("oov_method", "Text", "floormod"),
    Parameter("vocabulary_size", "Count", None, True),
    Parameter("has_input_vocabulary", "Anything", None),
)


@layer(converts=False, beside=_BESIDE, kinds={"mask_token": "Text | None", "oov_token": "Text | None"})
def StringLookup(inputs: Tensor, lookup: Lookup) -> Effect:
    """Words to whole numbers, or to vectors as long as the vocabulary; ``invert`` turns numbers into words.

    Words that are not in the vocabulary share ``num_oov_indices`` numbers at its start.
    """
    _no_sparse(lookup.sparse)
    _chosen(lookup.oov_method, "oov_method", "floormod", "farmhash")
    _check_salt(lookup.salt)
    return lookup.run(inputs)


@layer(converts=False, beside=_BESIDE, kinds={"mask_token": "Integer | None", "oov_token": "Integer | None"})
def IntegerLookup(inputs: Tensor, lookup: Lookup, vocabulary_dtype: Text = "int64") -> Effect:
    """Any whole numbers to small ones, or to vectors as long as the vocabulary; ``invert`` goes the other way."""
    _no_sparse(lookup.sparse)
    _chosen(vocabulary_dtype, "vocabulary_dtype", "int64")
    _chosen(lookup.oov_method, "oov_method", "floormod", "farmhash")
    _check_salt(lookup.salt)
    if lookup.salt is not None and lookup.oov_method != "farmhash":
        raise Fault('takes a salt with oov_method "farmhash" only', arg="salt")
    return lookup.run(inputs)


@layer(inner=Inner(lambda arguments: ("StringLookup",)), converts=False, beside=_BESIDE[1:])
def TextVectorization(
    inputs: Tensor,
    lookup: Lookup,
    standardize: Anything = "lower_and_strip_punctuation",
    split: Anything = "whitespace",
    ngrams: Anything = None,
    output_sequence_length: Anything = None,
    ragged: Flag = False,
) -> Effect:
    """Texts to sequences of word numbers, of ``output_sequence_length`` or as long as the longest; or to vectors.

    As a vector Keras says a dim for every text of the input, also where the input has one text for each sample.
    """
    _no_sparse(lookup.sparse)
    if ragged:
        raise Fault("gives ragged tensors on the TensorFlow backend only", arg="ragged")
    mode = _mode(lookup.output_mode, *_MODES)
    _check_text(standardize, split, ngrams, mode, output_sequence_length)
    lookup.check()
    size, number = lookup.size(mode), lookup.vocabulary_size
    _warn_of_text(inputs, split, ngrams, output_sequence_length)
    if mode == "int":
        return _sequences(inputs, lookup.vocabulary, number, output_sequence_length)
    if number is not None and isinstance(size, Unknown):
        size = number if number > len(lookup.special(mode)) else UNKNOWN
    texts = inputs.shape if split is None and inputs.rank > 1 else (*inputs.shape, 1 if split is None else UNKNOWN)
    return lookup.numbers(Tensor(texts), size, mode)


def _sequences(inputs: Tensor, vocabulary: Anything, vocabulary_size: Anything, length: Anything) -> Effect:
    if vocabulary is None and vocabulary_size is None:
        remark("has no vocabulary yet: every word would be unknown", arg="vocabulary", help="call adapt() first")
    shape = (inputs.shape[0], UNKNOWN if length is None else length)
    reach = see().mix(-1) if inputs.rank == 2 else see().reduce(*range(1, inputs.rank)) if inputs.rank > 1 else see()
    return Effect(Tensor(shape, "int64"), reach=reach if inputs.rank == 2 else reach.insert(1, shape[1]))


def _check_text(standardize: Anything, split: Anything, ngrams: Anything, mode: str, length: Anything) -> None:
    """The words that Keras knows; a function may stand in their place."""
    if isinstance(standardize, str):
        _chosen(standardize, "standardize", "lower_and_strip_punctuation", "lower", "strip_punctuation")
    if isinstance(split, str):
        _chosen(split, "split", "whitespace", "character")
    if ngrams is not None and not all(map(_is_int, listed(ngrams))):
        raise Fault(f"needs a whole number or a tuple of them as ngrams, not {ngrams!r}", arg="ngrams")
    if length is None:
        return
    if mode != "int":
        raise Fault(f'has a length with output_mode "int" only, not {mode!r}', arg="output_sequence_length")
    if isinstance(length, (str, float)):
        raise Fault(f"needs a whole number as output_sequence_length, not {length!r}", arg="output_sequence_length")
    require(length >= 0, f"needs a length of at least 0, but gets {length}", arg="output_sequence_length")


def _is_int(value: Anything) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _warn_of_text(inputs: Tensor, split: Anything, ngrams: Anything, length: Anything) -> None:
    if inputs.dtype != "string":
        remark(f"gets {inputs.dtype}, not texts: it fails when it runs", help='write Input(1, dtype="string")')
    one = inputs.rank < 2 or (not isinstance(inputs.shape[-1], Unknown) and inputs.shape[-1] == 1)
    if split is not None and (inputs.rank > 2 or not one):
        remark(f"splits one text for each sample, but gets {show(inputs.shape)}: it fails when it runs")
    for name, value in (("ngrams", ngrams), ("output_sequence_length", length)):
        if _is_int(value) and value == 0:
            remark(f"gives nothing with {name} 0", arg=name)


# --- hashing and bins ------------------------------------------------------------------------------------------------


@layer(converts=False)
def Hashing(
    inputs: Tensor,
    num_bins: Number,
    mask_value: Anything = None,
    salt: Anything = None,
    output_mode: Text = "int",
    sparse: Flag = False,
    *,
    dtype: Anything = None,
) -> Effect:
    """Words or whole numbers to one of ``num_bins`` numbers without a vocabulary; two may get the same.

    As a vector it takes the place of the last axis, whatever its length.
    """
    require(num_bins > 0, f"needs at least one bin, but gets {num_bins}", arg="num_bins")
    mode = _chosen(output_mode, "output_mode", *_MODES[:4])
    if mode == "int" and dtype not in (None, "int32", "int64"):
        raise Fault(f"gives whole numbers, so its dtype is int32 or int64, not {dtype!r}", arg="dtype")
    if sparse and mode == "int":
        raise Fault("gives a sparse vector, not sparse numbers", arg="sparse")
    _check_salt(salt)
    _warn_of_hashing(inputs, num_bins, mask_value)
    given = None if dtype is not None else "int64" if mode == "int" else "float32"
    if mode == "int":
        return Effect(Tensor(inputs.shape, given))
    bins: Anything = num_bins
    shape = (*inputs.shape[:-1], bins)
    return Effect(Tensor(shape, given), reach=_vector(inputs.shape, shape))


def _check_salt(salt: Anything) -> None:
    if not (salt is None or _is_int(salt) or (isinstance(salt, (tuple, list)) and len(salt) == 2)):
        raise Fault(f"needs a whole number or two of them as salt, not {salt!r}", arg="salt")


def _warn_of_hashing(inputs: Tensor, num_bins: Anything, mask_value: Anything) -> None:
    if isinstance(num_bins, float):
        remark(f"fails when it runs with num_bins {num_bins}", arg="num_bins", help=f"write {int(num_bins)}")
    if mask_value is not None and num_bins == 1:
        remark("ignores its mask_value, as there is only one bin", arg="mask_value")
    if "float" in (inputs.dtype or ""):
        remark("cuts off what is after the point of its inputs", help="give it whole numbers or texts")


@layer(converts=False)
def HashedCrossing(
    inputs: Tensors, num_bins: Integer, output_mode: Text = "int", sparse: Flag = False, *, dtype: Anything = None
) -> Effect:
    """Two features to one of ``num_bins`` numbers for each combination; two combinations may get the same."""
    _no_sparse(sparse)
    mode = _chosen(output_mode, "output_mode", "int", "one_hot")
    shape = _crossed(inputs)
    if num_bins < 1:
        remark(f"fails when it runs with num_bins {num_bins}", arg="num_bins")
    if len(shape) > 2 or (len(shape) == 2 and not _is_one(shape[-1])):
        remark(f"crosses one value of each feature, but gets {show(shape)}: it fails when it runs")
    if any("float" in (tensor.dtype or "") for tensor in inputs):
        remark("crosses whole numbers and texts, but gets floats: it fails when it runs")
    given = None if dtype is not None or mode == "one_hot" else "int64"
    reach = together(see(0), see(1))
    if mode == "int":
        return Effect(Tensor(shape, given), reach=reach)
    out = (*shape[:-1], num_bins) if _is_one(shape[-1]) else (*shape, num_bins)
    return Effect(Tensor(out), reach=reach.mix(-1) if len(out) == len(shape) else reach.insert(len(shape), num_bins))


def _is_one(dim: Dim) -> bool:
    return not isinstance(dim, Unknown) and dim == 1


def _crossed(inputs: Anything) -> Shape:
    """The shape of both features. Raises Fault if there are not two or they differ in their last dim."""
    if isinstance(inputs, Tensor) or len(inputs) != 2:
        number = 1 if isinstance(inputs, Tensor) else len(inputs)
        raise Fault(f"crosses two features, but gets {number}", code="E202", help="write (a, b) > HashedCrossing(…)")
    first, second = inputs
    message = f"needs features of one shape, but gets {show(first.shape)} and {show(second.shape)}"
    require_equal(first.shape[-1], second.shape[-1], message)
    return first.shape  # type: ignore[no-any-return]


@layer()
def Discretization(
    inputs: Tensor,
    bin_boundaries: Anything = None,
    num_bins: Count | None = None,
    output_mode: Text = "int",
    sparse: Flag = False,
) -> Effect:
    """Numbers to the bin that they lie in: one bin more than boundaries, or ``num_bins`` that ``adapt()`` finds."""
    mode = _chosen(output_mode, "output_mode", *_MODES[:4])
    if sparse and mode == "int":
        raise Fault("gives a sparse vector, not sparse numbers", arg="sparse")
    if (bin_boundaries is None) == (num_bins is None):
        both = "num_bins or bin_boundaries" if num_bins is None else "num_bins or bin_boundaries, not both"
        raise Fault(f"needs {both}", arg=None if num_bins is None else "num_bins")
    _warn_of_bins(bin_boundaries, num_bins)
    if mode == "int":
        return Effect(Tensor(inputs.shape, "int32"))
    shape = _binned(inputs.shape, mode, _bins(bin_boundaries, num_bins))
    same_batch = mode == "one_hot" or inputs.rank < 3
    reach = _vector(inputs.shape, shape) if same_batch else see().reduce(1).insert(inputs.rank - 1, shape[-1])
    return Effect(Tensor(shape), reach=reach)


def _bins(boundaries: Anything, num_bins: Anything) -> Anything:
    if boundaries is None:
        return num_bins
    if not isinstance(boundaries, (tuple, list, str)):  # a string counts by its characters, and cannot run
        raise Fault(f"needs a list of bin_boundaries, not {boundaries!r}", arg="bin_boundaries")
    return len(boundaries) + 1


def _binned(shape: Shape, mode: str, depth: Dim) -> Shape:
    """One vector for each element, or one for all along axis 1."""
    if mode == "one_hot":
        return _one_hot(shape, depth)
    return (shape[0], *shape[2:], depth) if len(shape) > 1 else (depth,)


def _warn_of_bins(boundaries: Anything, num_bins: Anything) -> None:
    if boundaries is not None and not isinstance(boundaries, (tuple, list)):
        remark(f"fails when it runs with bin_boundaries {boundaries!r}", arg="bin_boundaries", help="write a list")
    elif boundaries is not None and not boundaries:
        remark("has no boundaries: everything is in one bin", arg="bin_boundaries")
    elif boundaries is not None and list(boundaries) != sorted(boundaries):
        remark("needs its boundaries in order: what comes out is wrong", arg="bin_boundaries", help="sort them")
    if _is_int(num_bins) and num_bins == 0:
        fails("has no bins", arg="num_bins")


@layer(converts=False, traits="rearranges")
def CategoryEncoding(
    inputs: Tensor,
    num_tokens: Integer | None = None,
    output_mode: Text = "multi_hot",
    sparse: Flag = False,
    *,
    count_weights: Tensor | None = None,
) -> Effect:
    """Whole numbers below ``num_tokens`` to vectors: one for each element, or one for all along the last axis.

    Of more than two dims Keras says that the last one is encoded, though it encodes axis 1.
    """
    mode = _mode(output_mode, "count", "one_hot", "multi_hot")
    if num_tokens is None:
        raise Fault("needs num_tokens", arg="num_tokens", help="IntegerLookup finds the numbers by itself")
    require(num_tokens >= 1, f"needs num_tokens of at least 1, but gets {num_tokens}", arg="num_tokens")
    if count_weights is not None and mode != "count":
        raise Fault(f'takes count_weights with output_mode "count" only, not {mode!r}')
    if sparse:
        remark("gives a sparse tensor, which few layers take", arg="sparse")
    if mode != "one_hot" and inputs.rank > 2:
        remark(f"reduces axis 1 of {show(inputs.shape)} when it runs, not the last one as Keras says")
        if is_running():
            return Effect(Tensor((inputs.shape[0], *inputs.shape[2:], num_tokens)))
    shape = _one_hot(inputs.shape, num_tokens) if mode == "one_hot" else (*inputs.shape[:-1], num_tokens)
    reach = _vector(inputs.shape, shape)
    return Effect(Tensor(shape), reach=reach if count_weights is None else together(reach, see(1).mix(-1)))


# --- numbers ---------------------------------------------------------------------------------------------------------


@layer()
def Rescaling(inputs: Tensor, scale: Anything, offset: Anything = 0.0) -> Effect:
    """``inputs·scale + offset``, such as ``Rescaling(1/255)`` for pictures. Lists are for the last axis."""
    for name, value in (("scale", scale), ("offset", offset)):
        if isinstance(value, (tuple, list)) and inputs.shape and not _fits(len(value), inputs.shape[-1]):
            fails(f"has {len(value)} numbers in {name} for {show(inputs.shape)}", arg=name)
    return Effect(Tensor(inputs.shape), mask=KEEP)


def _fits(number: int, dim: Dim) -> bool:
    return number == 1 or isinstance(dim, Unknown) or dim == number or dim == 1
