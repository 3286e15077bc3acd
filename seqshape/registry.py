"""The catalogue: each layer is one decorated function, and all that the rest needs to know is read off its signature.

A parameter whose annotation begins with ``Tensor`` is an input; a parameter that Keras lists in ``call`` is a call
argument; every other one is a constructor argument whose annotation names its kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, TypeVar

from seqshape import catalogue
from seqshape.declaration import Inner, LayerType, Parameter, gathering, snake_case
from seqshape.signatures import ALIASES, SIGNATURES

Rule = TypeVar("Rule", bound=Callable[..., object])


# What every Keras layer takes, whatever its own signature says.
COMMON = (
    "name",
    "trainable",
    "dtype",
    "activity_regularizer",
    "autocast",
    "input_shape",
    "input_dim",
    "batch_input_shape",
)
# The files of seqshape/layers that declare layers and operations, in the order of the catalogue.
FAMILIES = (
    *("core", "convolutional", "pooling", "cells", "recurrent", "attention", "normalization", "reshaping", "merging"),
    *(
        "regularization",
        "activation",
        "preprocessing",
        "sound",
        "image",
        "augmentation",
        "wrappers",
        "applications",
        "bygone",
        "source",
        "vgsl",
    ),
)
OPERATIONS = (
    *(
        "elementwise",
        "reductions",
        "rearranging",
        "joining",
        "indexing",
        "creation",
        "products",
        "neural",
        "signals",
        "matrices",
    ),
    *("images", "control"),
)
# The short keywords of the spec language.
SHORT = {
    "k": ("kernel_size", "pool_size"),
    "s": ("strides",),
    "d": ("dilation_rate",),
    "g": ("groups",),
    "p": ("padding",),
}
# Flags that mean the same wherever a layer has the parameter.
FLAGS: dict[str, tuple[str, object]] = {
    "seq": ("return_sequences", True),
    "state": ("return_state", True),
    "back": ("go_backwards", True),
    "stateful": ("stateful", True),
    "unroll": ("unroll", True),
    "nobias": ("use_bias", False),
}


_LAYERS: dict[str, LayerType] = {}
_OPERATIONS: dict[str, LayerType] = {}  # by the name of the function
_OPERATION_CLASSES: dict[str, LayerType] = {}
_FOLDED: dict[str, str] = {}
_ALIASES: dict[str, str] = {}  # Keras's other names in lower case
_FOUND: dict[str, tuple[dict[str, LayerType], str]] = {}  # by the name as written


def layer(
    *aliases: str,
    pinned: tuple[str, ...] = (),
    keras: str = "3",
    keras2: dict[str, object] | None = None,
    quantizer: str = "",
    inner: Inner | None = None,
    instead: str = "",
    traced: bool = False,
    casts: bool = True,
    converts: bool = True,
    unnamed: bool = False,
    beside: tuple[Parameter, ...] = (),
    kinds: dict[str, str] | None = None,
    traits: str = "",
    rank: int | None = None,
    signature: dict[str, object] | None = None,
) -> Callable[[Rule], Rule]:
    """Declare a layer: the decorated rule takes inputs and arguments and gives an Effect. ``aliases`` are short names.

    The other words are those of :class:`LayerType`.
    """

    def declare(rule: Rule) -> Rule:
        declared = LayerType(
            rule, aliases, pinned, False, keras, signature.items() if signature else None, kinds, beside
        )
        declared.keras2, declared.quantizer, declared.inner = keras2 or {}, quantizer, inner
        declared.traced, declared.casts, declared.converts = traced, casts, converts
        declared.instead, declared.unnamed = instead, unnamed
        declared.traits, declared.rank = frozenset(traits.split()), rank
        _LAYERS[declared.name] = declared
        _FOUND.clear()
        for spelling in (declared.name, *aliases):
            _FOLDED[spelling.lower()] = declared.name
        return rule

    return declare


def by_rank(
    *names: str,
    first: dict[str, str] | None = None,
    first_traits: str = "",
    traits: str = "",
    kinds: dict[str, str] | None = None,
    **words: Any,
) -> Callable[[Rule], Rule]:
    """Declare layers that differ in the number of axes alone: the rule gets it as the keyword ``rank``.

    ``names``: the class name of each, and its short names. Its manual page is the part of the rule's docstring that
    begins with ``Name:``; its defaults are those of Keras's signature, where Keras has the class. ``first`` and
    ``first_traits``: kinds that the one of rank 1 has otherwise, and traits that it alone has. The other words are
    those of :func:`layer`.
    """

    def declare(rule: Rule) -> Rule:
        classes = {name.partition(" ")[0]: name.split()[1:] for name in names}
        for name, aliases in classes.items():
            rank = next(int(letter) for letter in name if letter.isdigit())
            made = _of_rank(rule, name, rank)
            own = f"{traits} {first_traits if rank == 1 else ''}"
            other = (kinds or {}) | (first or {} if rank == 1 else {})
            layer(*aliases, traits=own, rank=rank, kinds=other, **words)(made)
        return rule

    return declare


def _of_rank(rule: Any, name: str, rank: int) -> Any:
    """The rule for one number of axes: the same code under its own name, with its own defaults."""
    known = dict(SIGNATURES[name][1]) if name in SIGNATURES else {}
    code, defaults = rule.__code__, rule.__defaults__ or ()
    optional = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    own = tuple(known.get(argument, default) for argument, default in zip(optional, defaults, strict=True))
    made = _under(name, rule.__doc__, rule, own)
    made.__kwdefaults__ = (rule.__kwdefaults__ or {}) | {"rank": rank}
    made.__annotations__ = {argument: kind for argument, kind in rule.__annotations__.items() if argument != "rank"}
    return made


def _under(name: str, page: str | None, rule: Any, defaults: tuple[object, ...] | None) -> Any:
    """A rule under another name, with another manual page: the same code."""
    made = type(rule)(rule.__code__, rule.__globals__, name, defaults, rule.__closure__)
    made.__doc__, made.__annotations__, made.__kwdefaults__ = page, rule.__annotations__, rule.__kwdefaults__
    return made


def operation(*names: str, order: str = "", inner: Inner | None = None, **kinds: str) -> Callable[[Rule], Rule]:
    """Declare an operation of keras.ops; the rule is called as its class (``ExpandDims``), specs say
    ``ops.expand_dims``.

    ``names`` are functions of keras.ops that build it and are called otherwise (``swish`` builds ``Silu``). ``order``
    has the arguments of the function as it takes them, where its class, and so the rule, has operands first. ``inner``:
    see :class:`Inner`; it is asked with the literal operands too. ``kinds`` are those of arguments that its rule does
    not read, where they are not those of kinds.OPERATIONS_UNREAD.
    """
    from seqshape.operation_signatures import OPERATIONS as SIGNED

    def declare(rule: Rule) -> Rule:
        declared = LayerType(rule, names, (), True, "3", SIGNED.get(rule.__name__, ()), kinds)
        declared.inner = inner
        declared.order = tuple(order.split())
        _OPERATION_CLASSES[declared.name] = declared
        _FOUND.clear()
        for name in (snake_case(declared.name), *names):
            _OPERATIONS[name] = declared
        return rule

    return declare


def alike(pages: dict[str, str], *names: str, **words: Any) -> Callable[[Rule], Rule]:
    """Declare operations that differ in name alone: one rule for all. ``pages``: each class with its manual page.

    The other words are those of :func:`operation`.
    """

    def declare(rule: Rule) -> Rule:
        for name, page in pages.items():
            operation(*names, **words)(_under(name, page, rule, rule.__defaults__))
        return rule

    return declare


def forward(*names: str) -> Callable[[Rule], Rule]:
    """Declare the numpy forward pass of a layer, or of several, in the module of its family in layers/forward.

    The function is handed ``np``, the weights (a mapping of arrays by the paths of the rule's Effect), the first input
    of the rule, and by keyword its other inputs and all arguments of the layer, in records where the rule has records;
    it gives arrays in the structure of the rule's output. A layer among the arguments can be run:
    ``layer(weights, inputs)``; see analysis.forward.Runnable.
    """

    def place(function: Rule) -> Rule:
        for name in names:
            declared = _LAYERS[name]
            declared.forward = gathering(function, declared.records) if declared.records else function
        return function

    return place


def has(layer: object, trait: str) -> bool:
    """Whether a bound layer is of a class with a trait; nothing is known of models and of classes of a file."""
    return trait in getattr(getattr(layer, "type", None), "traits", ())


def named(trait: str, rank: int | None = None) -> str:
    """The class name of the one layer with a trait; of layers that differ in it, the one of that ``rank``."""
    names = catalogue.TRAITS[trait]
    (name,) = names if rank is None else (name for name in names if _declared(name).rank == rank)
    return name


def short(trait: str, rank: int | None = None) -> str:
    """The shortest name of that layer, as people write it in a spec."""
    found = _declared(named(trait, rank))
    return min((found.name, *found.aliases), key=len)


def is_small(name: str) -> bool:
    """Whether a name is that of a Keras layer but for a letter that PyTorch writes small: ``Conv2d``."""
    return name[-2:] in ("1d", "2d", "3d") or name == "MultiheadAttention"


def _declared(name: str) -> LayerType:
    found = find_layer(name)
    assert found is not None
    return found


def find_layer(name: str) -> LayerType | None:
    """The layer that a class name, a Keras alias or a short name means, without regard to case; ``ops.add`` an operation."""
    known = _FOUND.get(name)
    if known is None:
        known = _FOUND[name] = _operation_called(name) if name.startswith("ops.") else _layer_called(name)
    table, key = known
    return table.get(key)


def _layer_called(name: str) -> tuple[dict[str, LayerType], str]:
    """Where a layer stands in the catalogue, after the file that declares it has been imported."""
    prefix, _, last = name.rpartition(".")
    folded = (last if prefix.partition(".")[0] in ("keras", "layers", "tf") else name).lower()
    if not _ALIASES:
        _ALIASES.update((alias.lower(), real) for alias, real in ALIASES.items())
    real = _ALIASES.get(folded, "").lower()
    family = catalogue.LAYERS.get(folded) or catalogue.LAYERS.get(real)
    if family is None:
        load()
    else:
        import_module(f"seqshape.layers.{family}")
    return _LAYERS, _FOLDED.get(folded) or _FOLDED.get(real, "")


def _operation_called(name: str) -> tuple[dict[str, LayerType], str]:
    last = name.rpartition(".")[2]  # ops.image.resize is ops.resize
    snake = snake_case(last)
    kind = catalogue.OPERATIONS.get(last) or catalogue.OPERATIONS.get(snake)
    if kind is None:
        load_operations()
    else:
        import_module(f"seqshape.layers.operations.{kind}")
    return (_OPERATION_CLASSES, last) if last in _OPERATION_CLASSES else (_OPERATIONS, snake)


def layers() -> dict[str, LayerType]:
    """Every layer by class name, family by family."""
    load()
    return _in_order(_LAYERS, FAMILIES)


def operations() -> dict[str, LayerType]:
    """Every operation by its name in keras.ops, kind by kind."""
    load_operations()
    return _in_order(_OPERATIONS, OPERATIONS)


def operation_classes() -> dict[str, LayerType]:
    """Every operation by the name of its class; two have no function of their own."""
    load_operations()
    return _in_order(_OPERATION_CLASSES, OPERATIONS)


def _in_order(declared: dict[str, LayerType], files: tuple[str, ...]) -> dict[str, LayerType]:
    """In the order of the files, whichever a network has loaded first; then what no file of these declares."""
    place = {file: number for number, file in enumerate(files)}

    def where(item: tuple[str, LayerType]) -> int:
        return place.get(item[1].rule.__module__.rpartition(".")[2], len(files))

    return dict(sorted(declared.items(), key=where))


def spellings() -> tuple[str, ...]:
    """Every name that a spec can call a layer by, for suggestions and completion."""
    load()
    load_operations()
    return _spellings(len(_LAYERS), len(_OPERATIONS))


@lru_cache(maxsize=1)
def _spellings(layer_types: int, operation_types: int) -> tuple[str, ...]:
    """The same, put together once for what is declared."""
    known = layers()
    short = [alias for declared in known.values() for alias in declared.aliases]
    return (*known, *short, *ALIASES, *(f"ops.{name}" for name in operations()))


@lru_cache(maxsize=1)
def load() -> None:
    """Import the families of layers, each once. Another thread that is at it is waited for."""
    for family in FAMILIES:
        import_module(f"seqshape.layers.{family}")


@lru_cache(maxsize=1)
def load_operations() -> None:
    """Import the operations of keras.ops, each file once; most networks have none, so they need not wait for them."""
    for kind in OPERATIONS:
        import_module(f"seqshape.layers.operations.{kind}")
