"""Words that can be asked for: a layer, an argument, a flag. What is told of an argument is derived: the rules that have
it are run on names with one value of it and with another."""

from __future__ import annotations

from collections.abc import Iterator

from seqshape.analysis.manual import ArgumentPage, Manual, argument_page, called, manual, on_names, shape_text
from seqshape.declaration import LayerType
from seqshape.diagnostics import suggest
from seqshape.dims import Dim, Unknown, pretty, product
from seqshape.kinds import ACTIVATIONS, KINDS
from seqshape.records import Record
from seqshape.registry import COMMON, FLAGS, SHORT, find_layer, layers, operations
from seqshape.tensor import Frozen, flatten

MOST_EFFECTS = 4  # values of an argument that are tried


class Effects(Record):
    """What one value of an argument does in one layer: shapes and count as formulas."""

    layer: str
    value: str
    output: str
    params: str


class Word(Record):
    """An argument, a flag or a weight: what it means, who has it and with which default, what its values do.

    ``everywhere``: every layer takes the argument. ``weights``: of a weight its shape, as a formula, in each layer that has it.
    """

    word: str
    name: str
    sets: str | None
    meaning: str | None
    sentences: tuple[tuple[str, str], ...]
    takes: tuple[tuple[str, str, tuple[str, ...]], ...]  # kind, default, layers
    effects: tuple[Effects, ...]
    inert: bool
    call: tuple[str, ...]
    everywhere: bool = False
    weights: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The object of ``explain WORD --json``."""
        return {
            "schema": "seqshape.word/1",
            "word": self.word,
            "argument": self.name,
            "sets": self.sets,
            "meaning": self.meaning,
            "manuals": [{"layer": layer, "text": text} for layer, text in self.sentences],
            "takes": [{"kind": kind, "default": default, "layers": list(names)} for kind, default, names in self.takes],
            "effects": [one._asdict() for one in self.effects],
            "inert": self.inert,
            "call_argument_of": list(self.call),
            "everywhere": self.everywhere,
            "weights": [{"layer": layer, "shape": shape} for layer, shape in self.weights],
        }


def find(word: str) -> Manual | Word | None:
    """The manual of the layer, or the page of the argument, flag or weight, that a word means; ``None`` if there is none."""
    from seqshape.layers.meanings import WEIGHTS

    kind = find_layer(word) or find_layer(f"ops.{word}")
    names = arguments()
    name = names.get(word) or names.get(word.lower())
    if kind is not None and not (kind.operation and not word.startswith("ops.") and name is not None):
        return manual(kind)
    if word in WEIGHTS:
        takes = _takes(word, _having(word))  # classes of older versions have arguments of these names
        return Word(word, word, None, WEIGHTS[word], (), takes, (), False, (), weights=tuple(_weights(word)))
    if name is not None:
        today = _today(name)
        if today is None:
            return _argument(word, name, None)
        page = _argument(word, today, f"{today}, in Keras 1")
        return page._replace(takes=(*page.takes, *_takes(name, _having(name))))
    for name, sets in _meant(word):
        return _argument(word, name, sets)
    return None


def _today(name: str) -> str | None:
    """The argument of today in the place of one that only classes of older versions have."""
    from seqshape.readers.keras1 import ARGUMENTS

    if name in COMMON or name not in ARGUMENTS or any(kind.keras == "3" for kind in _having(name)):
        return None
    return ARGUMENTS[name]


def near(word: str) -> str | None:
    """What to do with a word that means nothing here: what Keras has for one of PyTorch, or a word like it."""
    from seqshape.layers.meanings import OF_TORCH
    from seqshape.mending.torch_names import is_torch
    from seqshape.registry import spellings

    if is_torch(word):
        return f"{word} is a layer of PyTorch: summarize 'nn.Linear(10,2)' says what one with its sizes is in Keras"
    if word in OF_TORCH:
        return f"{word} is a word of PyTorch: {OF_TORCH[word][0]}"
    return suggest(word, [*dict.fromkeys(arguments().values()), *FLAGS, *spellings()])


def arguments() -> dict[str, str]:
    """Every argument of every layer and of its call, by its name and by how that looks in small letters."""
    found = dict.fromkeys(COMMON)
    for kind in layers().values():
        found |= dict.fromkeys(parameter.name for parameter in kind.parameters)
        found |= dict.fromkeys(kind.call_arguments)
    for kind in operations().values():
        found |= dict.fromkeys(parameter.name for parameter in kind.parameters)
    return {name.lower(): name for name in reversed(found)} | {name: name for name in found}


def _meant(word: str) -> Iterator[tuple[str, str]]:
    """The argument that a flag, a short keyword or an activation sets, and how."""
    if word in FLAGS:
        name, value = FLAGS[word]
        yield name, f"{name}={value}"
    elif word in SHORT:
        yield SHORT[word][0], f"{' or '.join(SHORT[word])}=…"
    elif word.lower() in ACTIVATIONS:
        yield "activation", f'activation="{word.lower()}"'
    elif (today := _today(word)) is not None:
        yield today, f"{today}, in Keras 1"
    else:
        for kind in layers().values():
            for parameter in kind.parameters:
                if parameter.takes(word):
                    yield parameter.name, f'{parameter.name}="{word}"'


def _in_order() -> list[LayerType]:
    """All layers, those that people know first."""
    from seqshape.layers.meanings import FIRST

    known = layers()
    return list(dict.fromkeys((*(known[one] for one in FIRST), *known.values())))


def _having(name: str) -> list[LayerType]:
    """The layers with an argument; operations where no layer has it."""
    having = [kind for kind in _in_order() if kind.parameter(name) is not None]
    return having or [kind for kind in operations().values() if kind.parameter(name) is not None]


def _argument(word: str, name: str, sets: str | None) -> Word:
    from seqshape.layers.meanings import MEANINGS

    everywhere = name in COMMON
    having = [] if everywhere else _having(name)
    inert = bool(having) and all(kind.parameter(name).kind is None for kind in having)  # type: ignore[union-attr]
    calls = tuple(kind.name for kind in _in_order() if name in kind.call_arguments)
    sentences = () if inert else tuple(_sentences(name, having))
    return Word(
        word, name, sets, MEANINGS.get(name), sentences, _takes(name, having), tuple(_effects(name, having)), inert, calls,
        everywhere,
    )  # fmt: skip


def _weights(name: str) -> Iterator[tuple[str, str]]:
    """The layers that have a weight of that name as they are written without options."""
    for kind in _in_order():
        found = on_names(kind) if kind.keras == "3" else None
        for path, weight in found[1].weights.items() if found is not None else ():
            shape = weight.shape if isinstance(weight, Frozen) else weight
            if path.rpartition("/")[2] == name:
                yield kind.name, shape_text(shape)
                break


def _takes(name: str, having: list[LayerType]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Kinds and defaults, each with the layers that have it so."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind in having:
        page = _page(kind, name)
        found.setdefault((page.takes, page.default), []).append(kind.name)
    return tuple((takes, default, tuple(names)) for (takes, default), names in found.items())


def _page(kind: LayerType, name: str) -> ArgumentPage:
    parameter = kind.parameter(name)
    assert parameter is not None
    if parameter.kind is None:
        return ArgumentPage(
            name, "what Keras takes", "required" if parameter.default is ... else repr(parameter.default)
        )
    return argument_page(parameter)


def _sentences(name: str, having: list[LayerType]) -> Iterator[tuple[str, str]]:
    """What manuals say of an argument, in the layers that name it: at most three."""
    import re

    number, said = 0, set()
    for kind in having:
        text = " ".join(kind.documentation.split())
        found = [one for one in re.split(r"(?<=[.;])\s+", text) if re.search(rf"\b{re.escape(name)}\b", one)]
        if found and number < MOST_EFFECTS - 1 and found[0] not in said:
            said.add(found[0])
            number += 1
            yield kind.name, f"{' '.join(found).rstrip(';.')}."


def _effects(name: str, having: list[LayerType]) -> Iterator[Effects]:
    """The first layer whose rule gives something else for another value: what it gives for each."""
    for kind in having:
        parameter = kind.parameter(name)
        assert parameter is not None
        known = KINDS.get(parameter.kind or "")
        if known is None:
            continue
        words = sorted(known.words - ACTIVATIONS)
        values = [False, True] if known.describe == "True or False" else words[:MOST_EFFECTS]
        found = [one for value in values for one in _effect(kind, name, value)]
        if len({(one.output, one.params) for one in found}) > 1:
            yield from found
            return


def _effect(kind: LayerType, name: str, value: object) -> Iterator[Effects]:
    found = on_names(kind, {name: value})
    if found is None:
        return
    _, effect = found
    shapes = [weight.shape if isinstance(weight, Frozen) else weight for weight in effect.weights.values()]
    total: Dim = 0
    for shape in shapes:
        total = total + product(shape)
    outputs = ", ".join(shape_text(out.shape) for out in flatten(effect.out))
    yield Effects(kind.name, repr(value), outputs, "?" if isinstance(total, Unknown) else pretty(total))


MOST_FOUND = 40  # of a kind, in a search


def search(word: str) -> dict[str, list[tuple[str, str]]]:
    """Where a word stands: in names of layers and operations, in their arguments, in manuals. Each with what is there."""
    part = word.lower()
    kinds = list(dict.fromkeys((*layers().values(), *operations().values())))
    found: dict[str, list[tuple[str, str]]] = {"names": [], "arguments": [], "manuals": []}
    having: dict[str, list[str]] = {}
    for kind in kinds:
        name, first = called(kind), kind.documentation.partition("\n")[0]
        if any(part in one.lower() for one in (name, *kind.aliases)):
            found["names"].append((name, first))
        elif part in " ".join(kind.documentation.split()).lower():
            found["manuals"].append((name, first))
        for parameter in kind.parameters:
            if part in parameter.name.lower():
                having.setdefault(parameter.name, []).append(name)
    found["arguments"] = [(name, _some(names)) for name, names in having.items()]
    return {where: hits[:MOST_FOUND] for where, hits in found.items() if hits}


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_EFFECTS])
    return f"of {shown}" + (f" and {len(names) - MOST_EFFECTS} more" if len(names) > MOST_EFFECTS else "")
