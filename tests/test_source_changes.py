"""What a program changes where nothing tells whether or how often is not known afterwards: no count is guessed."""

from __future__ import annotations

from random import Random

import pytest

from seqshape import summarize_all
from seqshape.answers import analyse, models
from seqshape.diagnostics import Source, Span
from seqshape.graph import Call, Graph
from seqshape.network import Network
from seqshape.readers.keras_source.around import Around
from seqshape.readers.keras_source.face import Text

HEAD = "import keras\nfrom keras import layers\n"
THINGS = """
words, seen, index, total = [1], {1}, {'a': 1}, 1
class Vocabulary:
    def __init__(self):
        self.words, self.index, self.count = [1], {'a': 1}, 1
    def add(self, word):
        self.words.append(word)
        self.index[word] = 1
        self.count += 1
vocabulary = Vocabulary()
def grow(word):
    global total
    words.append(word)
    seen.add(word)
    index[word] = 1
    total += 1
def deeper(word):
    grow(word)
"""
# What changes one of the things, and the size that it changes.
CHANGES = {
    "words.append(word)": "len(words)",
    "words.extend([word, word])": "len(words)",
    "words += [word]": "len(words)",
    "words.insert(0, word)": "len(words)",
    "seen.add(word)": "len(seen)",
    "index[word] = 1": "len(index)",
    "index.update({word: 1})": "len(index)",
    "index['a'] += 1": "index['a']",
    "index.setdefault(word, 1)": "len(index)",
    "total += 1": "total",
    "grow(word)": "len(words)",
    "grow(word) ": "len(seen)",
    "grow(word)  ": "len(index)",
    "grow(word)   ": "total",
    "deeper(word)": "len(words)",
    "vocabulary.add(word)": "len(vocabulary.words)",
    "vocabulary.add(word) ": "len(vocabulary.index)",
    "vocabulary.add(word)  ": "vocabulary.count",
    "vocabulary.words.append(word)": "len(vocabulary.words)",
}
# Ways in which nothing tells whether or how often something is done.
WAYS = {
    "for": "for word in open('f'):\n    {}",
    "while": "word = get()\nwhile get():\n    {}",
    "if": "word = get()\nif get():\n    {}",
    "else": "word = get()\nif get():\n    pass\nelse:\n    {}",
    "many": "for word in range(5000):\n    {}",
    "inner": "for line in open('f'):\n    for word in line.split():\n        {}",
}
EXACT = {"many"}  # these would be known if they were read to their end


def units(code: str, size: str) -> object:
    """The width of a Dense of this size at the end of a program."""
    found = models(Source(f"{HEAD}{THINGS}{code}\nm = keras.Sequential([keras.Input((3,)), layers.Dense({size})])\n"))
    summary = analyse(found[-1]).summary()
    return summary.layers[-1].output_shapes[0][-1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_size_that_may_have_changed_is_not_known(change: str, way: str) -> None:
    assert not isinstance(units(WAYS[way].format(change.strip()), CHANGES[change]), int)


@pytest.mark.parametrize("change", CHANGES)
def test_a_size_that_is_changed_for_certain_is_known(change: str) -> None:
    assert isinstance(units(f"for word in ('x', 'y', 'z'):\n    {change.strip()}", CHANGES[change]), int)


@pytest.mark.parametrize(
    ("code", "size"),
    [
        ("a = [1]\na.extend(get())", "len(a)"),
        ("a = [1]\na += get()", "len(a)"),
        ("a = {'x': 1}\na.update(get())", "len(a)"),
        ("a = {'x': 1}\na[get()] = 2", "len(a)"),
        ("a = {1}\na.add(get())", "len(a)"),
        ("a = [1]\na.extend(get())\nb = a + [2]", "len(b)"),
        ("a = [1]\na.extend(get())\nb = list(a)", "len(b)"),
        ("a = [1]\na.extend(get())\nb = [x for x in a]", "len(b)"),
        ("a = [1]\na.extend(get())\nb = sorted(set(a))", "len(b)"),
        ("a = [1]\na.extend(get())\nb = sum(a)", "b"),
        ("a = [1]\na.extend(get())\nb = max(a)", "b"),
        ("a = [1]\na.extend(get())\nb = a[-1]", "b"),
        ("a = {'x': 1}\na.update(get())\nb = list(a.values())", "len(b)"),
        ("a = {'x': 1}\na.update(get())\nb = a.get('y', 3)", "b"),
        ("a = {'x': 1}\na.update(get())\nb = dict(a)", "len(b)"),
        ("a = [1]\na.extend(get())\nb = dict(zip(a, a))", "len(b)"),
        ("a = [1]\na.extend(get())\nb = 5 if 4 in a else 6", "b"),
        ("a = [1]\na.extend(get())\nb = a.index(4) + 1 if len(a) > 1 else 2", "b"),
        ("a = [1]\na.extend(get())\nb = [*a, 3]", "len(b)"),
        ("a = [1]\na.extend(get())\nb = {**dict.fromkeys(a)}", "len(b)"),
        ("a = {'x': 1}\na.update(get())\nb = {**a}", "len(b)"),
        ("a = [1]\na.extend(get())\nb = a[:4]", "len(b)"),
        ("a = [1]\na.extend(get())\nb = a.copy()", "len(b)"),
        ("a = [1]\na.extend(get())\nb = a * 2", "len(b)"),
        ("a = [1]\na.extend(get())\nb = len([1 for x in enumerate(a)])", "b"),
        ("a = [1]\na.extend(get())\nb = a.pop()", "b"),
        ("a = [1]\na.extend(get())\nb = a.count(1)", "b"),
        ("a = [1]\na.extend(get())\nb = tuple(a)", "len(b)"),
        ("a = [1]\na.extend(get())\nb = len(tuple(reversed(a)))", "b"),
        ("a = [1]\na.extend(get())\nc, b = 1, 7\nif a == [1]:\n    b = 8", "b"),
    ],
)
def test_what_is_made_of_it_is_not_known_either(code: str, size: str) -> None:
    assert not isinstance(units(code, size), int)


@pytest.mark.parametrize("library", ["tf", "np", "keras", "tf.keras"])
def test_a_model_may_be_kept_in_a_library(library: str) -> None:
    code = f"import keras\nimport numpy as np\nimport tensorflow as tf\n{library}.model = tf.keras.Sequential()\n"
    code += f"{library}.model.add(tf.keras.layers.Dense(4, input_dim=3))\n{library}.model.summary()\n"
    (found,) = models(Source(code))
    assert (found.name, analyse(found).summary().totals.params) == ("model", 16)


UNCOUNTED = """
import keras, os
from keras import layers
n = int(os.environ["N"])
class Stack(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(4)
        self.others = [layers.Dense(4) for _ in range(n)]
    def call(self, x):
        x = self.first(x)
        for layer in self.others:
            x = layer(x)
        return x
class Loop(layers.Layer):
    def __init__(self):
        super().__init__()
        self.parts = []
        for _ in range(n):
            self.parts.append(layers.Dense(4))
    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x
stack = Stack()
stack.build((None, 4))
looped = keras.Sequential([keras.Input((4,)), Loop()], name="shown")
"""


def shown(name: str) -> Network:
    """The one model of UNCOUNTED that a name picks."""
    (found,) = Text(UNCOUNTED, None, wanted=name).models()
    return analyse(found)


def test_a_list_of_an_unknown_number_of_layers_leaves_the_totals_open() -> None:
    """What such a class holds is at least what is listed."""
    totals = shown("stack").summary().totals
    assert totals.params == 20
    assert totals.at_least


def test_a_loop_inside_a_class_that_nothing_counts_is_said_of_each_model_with_the_class() -> None:
    """As one in the program itself is."""
    assert "W148" in [found.code for found in shown("looped").diagnostics]


def test_the_name_that_keras_shows_picks_a_model_too() -> None:
    """The heading has it, so it is what one types."""
    assert shown("shown").summary().name == "shown"


def test_a_note_that_is_only_in_another_model_is_not_said() -> None:
    """What is called in one class is no news of another."""
    assert not [found for found in shown("looped").diagnostics if found.code == "W147"]
    assert [found for found in shown("stack").diagnostics if found.code == "W147"]


def test_the_size_that_stands_for_every_unknown_one_is_never_shown() -> None:
    """Inside a traced call sizes bear a name of the backend's; a message says None, as Keras does."""
    text = UNCOUNTED.replace("n = int", "n = 2 or int")
    found = summarize_all(text)
    said = [label.text or "" for summary in found for one in summary.diagnostics for label in one.labels]
    assert any("(None, 4)" in text for text in said)
    assert not any("dynamic" in text for text in said)


def test_a_deconvolution_of_keras_1_is_todays_and_its_output_shape_is_not_used() -> None:
    """Keras 3 has no class that is told its output shape; that another shape may come out is said."""
    code = "from keras.layers import Deconvolution2D\nfrom keras.models import Sequential\nm = Sequential()\n"
    code += "m.add(Deconvolution2D(2, 2, 2, (None, 9, 9, 2), subsample=(2, 2), input_shape=(4, 4, 1)))\n"
    (network,) = map(analyse, models(Source(code)))
    (row,) = network.summary().layers
    assert (row.class_name, row.output_shapes[0][1:], row.params) == ("Conv2DTranspose", (8, 8, 2), 10)
    assert "W146" in [found.code for found in network.diagnostics]


def test_the_places_of_graphs_are_found_as_by_a_look_at_each() -> None:
    """Random stretches, one in the other or overlapping, of several graphs."""
    random = Random("places")
    for _ in range(200):
        graphs = [Graph("Functional", "") for _ in range(3)]
        for graph in graphs:
            for _ in range(random.randrange(5)):
                start = random.randrange(12)
                graph.calls.append(Call("Dense", (), Span(start, start + random.randrange(8))))
        places = Around(graphs)
        for start in range(12):
            for stop in range(start, 20):
                around = {g for g in graphs if any(c.span.start <= start and stop <= c.span.stop for c in g.calls)}
                assert places.holders(Span(start, stop)) == around
