"""What a program may do in another way than it is read is never shown as if it were sure."""

from __future__ import annotations

import pytest

from seqshape.answers import analyse, models
from seqshape.diagnostics import SeqshapeError, Source
from seqshape.inputs import Inputs
from seqshape.mending import trial
from seqshape.mending.trial import Trials
from seqshape.network import Network
from seqshape.readers.keras_source.engine import Engine, Trace
from seqshape.readers.keras_source.face import Text
from seqshape.readers.spec import read_spec

HEAD = "import keras, data, random\nfrom keras import layers\nfrom keras.layers import Dense\n"
FIRST = "m = keras.Sequential([keras.Input((3,)), Dense(2)])\n"

# Of none of these anyone can tell what the model is, and what a reader might think: a size, a layer, whether it is trained.
OPEN = {
    "keywords of a layer": "m = keras.Sequential([keras.Input((3,)), Dense(4, **data.options)])",
    "keywords through a function": "def f(**more): return Dense(4, **more)\n"
    "m = keras.Sequential([keras.Input((3,)), f(**data.options)])",
    "keywords of a function": "def f(units=3): return Dense(units)\n"
    "m = keras.Sequential([keras.Input((3,)), f(**data.options)])",
    "keywords of a layer of the program": "class L(layers.Layer):\n    def __init__(self, **more):\n"
    "        super().__init__(**more)\n    def call(self, x): return x\n"
    "m = keras.Sequential([keras.Input((3,)), L(**data.options), Dense(2)])",
    "a flag of a module": "m = keras.Sequential([keras.Input((3,)), Dense(3, use_bias=data.bias)])",
    "a branch on a module": FIRST + "if data.deep:\n    m.add(Dense(2))",
    "an expression on a module": "m = keras.Sequential([keras.Input((3,)), Dense(2 if data.deep else 3)])",
    "or": "m = keras.Sequential([keras.Input((3,)), Dense(data.deep and 3 or 4)])",
    "not": "m = keras.Sequential([keras.Input((3,)), Dense(3 if not data.deep else 4)])",
    "is None": "m = keras.Sequential([keras.Input((3,)), Dense(3 if data.deep is None else 4)])",
    "a match": "n = 2\nmatch data.kind:\n    case 1: n = 3\n    case _: n = 4\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(n)])",
    "a match that returns": "def f():\n    match data.kind:\n        case 1: return 3\n    return 5\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(f())])",
    "return before an add": FIRST + "def f():\n    if data.q(): return\n    m.add(Dense(7))\nf()",
    "return before an append": "parts = [Dense(2)]\ndef f():\n    if data.q(): return\n    parts.append(Dense(7))\nf()\n"
    "m = keras.Sequential([keras.Input((3,)), *parts])",
    "return before an attribute": "class A:\n    n = 4\n    def go(self):\n        self.n = 4\n        if data.q(): return\n"
    "        self.n = 9\na = A()\na.go()\nm = keras.Sequential([keras.Input((3,)), Dense(a.n)])",
    "return before a global": "n = 3\ndef f():\n    global n\n    if data.q(): return\n    n = 5\nf()\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(n)])",
    "return in a loop": FIRST
    + "def f():\n    for i in range(3):\n        m.add(Dense(4))\n        if data.q(i): return\nf()",
    "return in an open loop": "def f():\n    for each in data.all():\n        return 3\n    return 4\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(f())])",
    "break": FIRST + "for i in range(3):\n    m.add(Dense(3))\n    if data.q(i): break",
    "continue": FIRST + "for i in range(3):\n    if data.q(i): continue\n    m.add(Dense(3))",
    "break in an open loop": FIRST + "for each in data.all():\n    if each.bad: break\n    m.add(Dense(3))",
    "continue in an open loop": FIRST + "for each in data.all():\n    if each.bad: continue\n    m.add(Dense(3))",
    "break in while": "n = 0\nwhile True:\n    n += 1\n    if data.q(n): break\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(n)])",
    "a count behind break": "n = 0\nfor i in range(5):\n    if data.q(i): break\n    n = i\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(n + 1)])",
    "a count behind continue": "n = 0\nfor i in range(5):\n    if data.q(i): continue\n    n += 1\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(n + 1)])",
    "the name of a loop": "for i in range(5):\n    if data.q(i): break\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(i + 1)])",
    "else of a loop": "n = 3\nfor i in range(5):\n    if data.q(i): break\nelse:\n    n = 8\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(n)])",
    "a list that may hold more": "parts = [Dense(2)]\nif data.q(): parts.append(Dense(3))\n"
    "m = keras.Sequential([keras.Input((3,))])\nfor each in parts: m.add(each)",
    "a generator that returns": "def g():\n    yield Dense(3)\n    if data.q(): return\n    yield Dense(4)\n"
    "m = keras.Sequential([keras.Input((3,)), *g()])",
    "a generator that may yield": "def g():\n    yield Dense(3)\n    if data.q(): yield Dense(4)\n"
    "m = keras.Sequential([keras.Input((3,)), *g()])",
    "a loop over such a generator": "def g():\n    yield Dense(3)\n    if data.q(): yield Dense(4)\n"
    "m = keras.Sequential([keras.Input((3,))])\nfor each in g(): m.add(each)",
    "layers up to a place": FIRST + "for each in m.layers[: data.n]: each.trainable = False",
    "a layer at a place": FIRST + "m.layers[data.n].trainable = False",
    "some of the layers": FIRST + "for each in m.layers:\n    if data.q(each): each.trainable = False",
    "a dict that is overwritten": "d = {'n': 3}\nd.update(data.options)\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(d['n'])])",
    "attributes that are overwritten": "class C: pass\nc = C()\nc.n = 3\nc.__dict__.update(data.options)\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(c.n)])",
    "names that are overwritten": "n = 3\nglobals().update(data.options)\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(n)])",
    "code that is run": "n = 3\nexec(data.code)\nm = keras.Sequential([keras.Input((3,)), Dense(n)])",
    "an argument of a layer that is set later": "d = Dense(3)\nd.units = 5\nm = keras.Sequential([keras.Input((3,)), d])",
    "weights that are changed later": FIRST + "m.layers[0].enable_lora(2)",
    "a class that makes classes": "class Meta(type):\n    def __call__(cls, *a):\n        made = super().__call__(*a)\n"
    "        made.n *= 3\n        return made\nclass C(metaclass=Meta):\n    def __init__(self, n): self.n = n\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(C(2).n)])",
    "a dict of the program": "class D(dict):\n    def __getitem__(self, k): return super().__getitem__(k) + 1\n"
    "d = D(a=4)\nm = keras.Sequential([keras.Input((3,)), Dense(d['a'])])",
    "an object that may be another's equal": "class E:\n    def __eq__(self, other): return data.q(other)\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(3 if E() == E() else 4)])",
    "an object that may be true": "class E:\n    def __bool__(self): return data.q()\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(3 if E() else 4)])",
    "a function that remembers what is not known": "import functools\n@functools.cache\ndef f(k): return Dense(4)\n"
    "m = keras.Sequential([keras.Input((3,)), f(data.a()), f(data.b())])",
    "a command line that the program writes with more": "import argparse\np = argparse.ArgumentParser()\n"
    "p.add_argument('--n', type=int, default=4)\na = p.parse_args(['--n', data.n])\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(a.n)])",
    "a layer that is held and built elsewhere": "class L(layers.Layer):\n    def __init__(self, d):\n"
    "        super().__init__()\n        self.d = d\n    def call(self, x): return x\nd = Dense(4)\nd(keras.Input((2,)))\n"
    "m = keras.Sequential([keras.Input((3,)), L(d), Dense(2)])",
    "the order of a set": "m = keras.Sequential([keras.Input((3,))])\nfor n in {33, 2, 65}: m.add(Dense(n))",
    "the order of a set in a list": "m = keras.Sequential([keras.Input((3,)), *[Dense(n) for n in {33, 2, 65}]])",
    "an item of a set": "m = keras.Sequential([keras.Input((3,)), Dense(list({33, 2, 65})[0])])",
    "a copy that is not followed": "import copy\nclass E:\n    n = 3\n    def __deepcopy__(self, memo): return data.other\n"
    "m = keras.Sequential([keras.Input((3,)), Dense(copy.deepcopy(E()).n)])",
    "a shuffled list": "n = [3, 4]\nrandom.shuffle(n)\nm = keras.Sequential([keras.Input((3,)), Dense(n[0])])",
}


def certain(text: str) -> list[str]:
    """The models of a program of which every number is shown without a doubt, as ``5 params``."""
    found = []
    try:
        for model in models(Source(HEAD + text)):
            network = analyse(model)
            totals = network.summary().totals
            if isinstance(totals.params, int) and not any(one.code in SAID for one in network.diagnostics):
                found.append(f"{totals.params} params")
    except SeqshapeError:
        pass
    return found


SAID = ("W148", "E142")


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_nothing_tells_is_not_shown_as_sure(text: str) -> None:
    assert certain(text) == []


# What looks like it and is sure: how many parameters the model has.
SURE = {
    "finally on the way out": (
        "def f():\n    try:\n        return Dense(3)\n    finally:\n        m.add(Dense(8))\n"
        "m = keras.Sequential([keras.Input((3,))])\nlast = f()\nm.add(last)",
        59,
    ),
    "finally behind continue": (
        "m = keras.Sequential([keras.Input((3,))])\nfor i in range(2):\n    try:\n        if i: continue\n"
        "        m.add(Dense(4))\n    finally:\n        m.add(Dense(2))",
        16 + 10 + 6,
    ),
    "a break of an inner loop": (
        FIRST + "if data.q():\n    for i in range(3):\n        break\nm.add(Dense(3))",
        8 + 9,
    ),
    "else of an open loop without break": (
        "n = 3\nfor each in data.all():\n    pass\nelse:\n    n = 8\nm = keras.Sequential([keras.Input((3,)), Dense(n)])",
        32,
    ),
    "names that are put there": (
        "n = 3\nglobals()['n'] = 4\nm = keras.Sequential([keras.Input((3,)), Dense(n)])",
        16,
    ),
    "attributes that are put there": (
        "class C: pass\nc = C()\nc.__dict__.update(n=5)\nm = keras.Sequential([keras.Input((3,)), Dense(c.n)])",
        20,
    ),
    "variables of an object": (
        "class C: pass\nc = C()\nvars(c)['n'] = 5\nm = keras.Sequential([keras.Input((3,)), Dense(c.n)])",
        20,
    ),
    "a training loop that may end": (
        FIRST + "for epoch in range(9):\n    m.fit(data.x, data.y)\n    if data.q(): break",
        8,
    ),
    "a class of a module that is not known": (
        "m = keras.Sequential([keras.Input((3,)), Dense(2, kernel_regularizer=data.parts.L1(3))])",
        8,
    ),
}


@pytest.mark.parametrize(("text", "params"), SURE.values(), ids=SURE)
def test_what_is_sure_is_shown_so(text: str, params: int) -> None:
    assert certain(text) == [f"{params} params"]


def test_sizes_that_are_named_alike_are_compared_by_how_they_are_written() -> None:
    """Whether two formulas are equal may have no answer; a reader of programs has one."""
    text = "w = data.best()\nfor i in range(2):\n    p = data.a() * w[i] + data.b() * (1 - w[i])\n"
    assert certain(text + FIRST) == ["8 params"]


# What the labels of a dataset tell, and the units of the layer that takes them; ``None`` where they tell nothing any more.
LABELS = {
    "np.unique": ("cifar10", "", "len(np.unique(y))", 10),
    "max": ("mnist", "", "y.max() + 1", 10),
    "np.max": ("fashion_mnist", "", "int(np.max(y)) + 1", 10),
    "to_categorical": ("cifar100", "y = keras.utils.to_categorical(y)", "y.shape[1]", 100),
    "of reuters": ("reuters", "", "keras.utils.to_categorical(y).shape[-1]", 46),
    "of a test set": ("imdb", "", "len(np.unique(yt))", 2),
    "of the test set of reuters": ("reuters", "", "len(np.unique(yt))", None),
    "in another shape and dtype": ("cifar10", "y = y.reshape(-1).astype('int32')", "np.max(y) + 1", 10),
    "written into": ("cifar10", "y[y == 9] = 0", "np.max(y) + 1", None),
    "written into under another name": ("cifar10", "z = y\nz[z == 9] = 0", "len(np.unique(y))", None),
    "changed in place": ("cifar10", "y -= 1", "np.max(y) + 1", None),
    "cut": ("cifar10", "y = y[:9]", "np.max(y) + 1", None),
    "clipped": ("cifar10", "y = y.clip(0, 3)", "np.max(y) + 1", None),
}


@pytest.mark.parametrize(("dataset", "step", "units", "classes"), LABELS.values(), ids=LABELS)
def test_the_labels_of_a_dataset_tell_their_classes(dataset: str, step: str, units: str, classes: int | None) -> None:
    text = f"import numpy as np\n(x, y), (xt, yt) = keras.datasets.{dataset}.load_data()\n{step}\n"
    text += f"m = keras.Sequential([keras.Input((3,)), Dense({units})])"
    assert certain(text) == ([] if classes is None else [f"{4 * classes} params"])


def test_coarse_labels_of_cifar100_are_twenty() -> None:
    text = "(x, y), _ = keras.datasets.cifar100.load_data(label_mode='coarse')\n"
    assert certain(text + "m = keras.Sequential([keras.Input((3,)), Dense(y.max() + 1)])") == ["80 params"]


def test_a_loop_that_makes_no_layer_is_no_news_of_a_model_that_is_picked() -> None:
    """Of the whole program it is said."""
    text = (
        HEAD
        + "for each in data.all():\n    print(each)\n"
        + FIRST
        + "k = keras.Sequential([keras.Input((3,)), Dense(2)])"
    )
    whole = [found.code for model in models(Source(text)) for found in analyse(model).diagnostics]
    (picked,) = Text(text, None, wanted="k").models()
    assert ("W141" in whole, "W141" in [found.code for found in analyse(picked).diagnostics]) == (True, False)


def test_what_is_dear_to_read_is_seldom_tried_anew() -> None:
    """Mends are changed texts that are read again; a program of many steps would take minutes."""
    slow = "n = 0\nfor i in range(150):\n    for j in range(150):\n        n = n + 1\n"
    bad = "".join(
        f"m{i} = keras.Sequential([keras.Input((3, {i + 2})), layers.Flatten(), layers.LSTM(2)])\n" for i in range(3)
    )
    (first, *_) = models(Source(HEAD + slow + bad))
    network = Network(first.graph)
    assert first.graph.effort > 200
    trials = Trials(network)
    trials.changed(trials.text + "\n")
    assert trials.walked >= first.graph.effort


def test_no_edits_are_no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the text itself cannot be read once more, an empty group was halved for ever."""
    network = Network(read_spec("LSTM(2)>LSTM(2)"), Inputs((5, 1)))
    monkeypatch.setattr(trial, "reread", lambda *_: None)
    assert Trials(network).mended({}) == {}


def test_places_of_nodes_are_found_as_they_are_made() -> None:
    """A node made after another one is asked for has a place behind it."""
    trace = Trace(Engine())
    made = [trace.unknown().ref.node for _ in range(3)]
    assert [trace.position(node) for node in made] == [0, 1, 2]
    later = [trace.unknown().ref.node for _ in range(2)]
    assert [trace.position(node) for node in (later[1], later[0], made[1])] == [4, 3, 1]
