# === constants and arithmetic
import keras

UNITS = 2**5
RATE = 1 / 4
STEPS, FEATURES = 10, 3
model = keras.Sequential(
    [keras.Input((STEPS, FEATURES)), keras.layers.LSTM(UNITS // 3 + STEPS % 4), keras.layers.Dropout(RATE), keras.layers.Dense(int(UNITS * RATE))]
)

# === keywords by a dictionary
import keras

options = dict(filters=4, kernel_size=3, padding="same")
more = {"activation": "relu", **options}
model = keras.Sequential([keras.Input((8, 8, 2)), keras.layers.Conv2D(**more), keras.layers.Conv2D(**{**more, "filters": 6})])

# === partial
import keras
from functools import partial

conv = partial(keras.layers.Conv2D, kernel_size=3, padding="same", activation="relu")
model = keras.Sequential([keras.Input((8, 8, 2)), conv(4), conv(filters=8, strides=2), conv(2, kernel_size=1)])

# === keyword only and star arguments
import keras


def net(*units, activation="relu", **kwargs):
    model = keras.Sequential(**kwargs)
    model.add(keras.Input((4,)))
    for n in units:
        model.add(keras.layers.Dense(n, activation=activation))
    return model


model = net(8, 4, 2, name="net")
other = net(*[3, 3], activation="tanh")

# === closures
import keras


def maker(units):
    count = 0

    def make():
        nonlocal count
        count += 1
        return keras.layers.Dense(units * count, name=f"dense_no_{count}")

    return make


make = maker(3)
model = keras.Sequential([keras.Input((4,)), make(), make(), make()])

# === global
import keras

depth = 0


def deeper():
    global depth
    depth += 2
    return depth


model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(deeper()), keras.layers.Dense(deeper())])

# === decorators
import functools
import keras


def twice(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs) * 2

    return inner


@twice
def units(n):
    return n + 1


model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units(3))])

# === decorator with arguments
import keras

REGISTRY = {}


def register(name):
    def wrap(f):
        REGISTRY[name] = f
        return f

    return wrap


@register("small")
def small():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


@register("large")
def large():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(200)])


model = REGISTRY["large"]()

# === generators
import keras


def layers_of(n):
    for i in range(n):
        yield keras.layers.Dense(2**i)
        if i % 2:
            yield keras.layers.ReLU()


model = keras.Sequential([keras.Input((4,)), *layers_of(4)])

# === generator expression and next
import keras

widths = (n for n in [1, 2, 3, 4] if n % 2 == 0)
first = next(widths)
model = keras.Sequential([keras.Input((first,)), keras.layers.Dense(next(widths))])

# === yield from
import keras


def inner(n):
    yield keras.layers.Dense(n)
    yield keras.layers.Dropout(0.1)


def outer():
    yield from inner(3)
    yield from inner(5)


model = keras.Sequential([keras.Input((4,))] + list(outer()))

# === walrus
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(n := 6), keras.layers.Dense(n * 2)])
if (depth := len(model.layers)) > 1:
    model.add(keras.layers.Dense(depth))

# === match
import keras


def layer(kind, n):
    match kind:
        case "dense" | "fc":
            return keras.layers.Dense(n)
        case "drop":
            return keras.layers.Dropout(n)
        case _:
            return keras.layers.Activation(kind)


model = keras.Sequential([keras.Input((4,)), layer("fc", 3), layer("drop", 0.5), layer("relu", None)])

# === match on sequences and mappings
import keras

model = keras.Sequential([keras.Input((4,))])
for entry in [("dense", 3), {"kind": "dense", "units": 5}, ["drop"], ("dense", 2, "relu")]:
    match entry:
        case ("dense", n):
            model.add(keras.layers.Dense(n))
        case ("dense", n, activation):
            model.add(keras.layers.Dense(n, activation=activation))
        case {"kind": "dense", "units": n}:
            model.add(keras.layers.Dense(n))
        case [only]:
            model.add(keras.layers.Dropout(0.5))

# === try and except
import keras

try:
    import math

    units = math.gcd(9, 6)
except ImportError:
    units = 50
try:
    size = int("seven")
except (TypeError, ValueError):
    size = 7
finally:
    units += 1
model = keras.Sequential([keras.Input((size,)), keras.layers.Dense(units)])

# === try else
import keras

sizes = {"small": 2}
try:
    n = sizes["large"]
except KeyError:
    n = sizes["small"]
else:
    n = 50
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(n)])

# === what Keras refuses is caught
import keras

model = keras.Sequential([keras.Input((4,))])
try:
    model.add(keras.layers.LSTM(3))
except ValueError:
    pass
other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])

# === with a name scope
import keras

with keras.name_scope("tower"):
    inputs = keras.Input((4,))
    x = keras.layers.Dense(3)(inputs)
model = keras.Model(inputs, x)

# === with a class of one's own
import keras


class Scope:
    def __init__(self, n):
        self.n = n

    def __enter__(self):
        return self.n * 2

    def __exit__(self, *args):
        return False


with Scope(4) as n:
    model = keras.Sequential([keras.Input((n,)), keras.layers.Dense(n)])

# === contextmanager
import contextlib
import keras


@contextlib.contextmanager
def sized(n):
    yield n + 1


with sized(4) as n:
    model = keras.Sequential([keras.Input((n,)), keras.layers.Dense(n)])

# === sorted zip enumerate map filter
import keras

pairs = zip(sorted([3, 1, 2], reverse=True), map(lambda n: n * 2, (1, 2, 3)))
model = keras.Sequential([keras.Input((4,))])
for i, (a, b) in enumerate(pairs, start=1):
    model.add(keras.layers.Dense(a + b, name=f"d{i}"))
for n in filter(lambda n: n > 1, [1, 2]):
    model.add(keras.layers.Dense(n))

# === sum min max any all
import keras

sizes = [3, 5, 8]
model = keras.Sequential(
    [
        keras.Input((max(sizes),)),
        keras.layers.Dense(sum(sizes)),
        keras.layers.Dense(min(sizes) if all(n > 2 for n in sizes) else 99),
        keras.layers.Dense(abs(-4) + round(2.6) + divmod(9, 4)[0] + pow(2, 3)),
    ]
)

# === strings
import keras

name = "My Model".lower().replace(" ", "_")
kinds = "relu,tanh".split(",")
model = keras.Sequential([keras.Input((4,))], name="-".join([name, str(len(kinds))]))
for kind in kinds:
    model.add(keras.layers.Dense(2, activation=kind.strip(), name=f"{kind.upper():>4}_{3:02d}_{1.5:.2f}"))

# === slices and negative indices
import keras

sizes = [1, 2, 3, 4, 5, 6]
model = keras.Sequential([keras.Input((sizes[-1],))])
for n in sizes[1:-1][::-2]:
    model.add(keras.layers.Dense(n))

# === unpacking
import keras

first, *middle, last = (8, 6, 4, 2)
(a, b), c = (1, 2), 3
model = keras.Sequential([keras.Input((first,)), *(keras.layers.Dense(n) for n in middle), keras.layers.Dense(last + a + b + c)])

# === comprehensions of several kinds
import keras

grid = {(i, j): i * j for i in range(1, 4) for j in range(1, 3) if i != j}
odd = {n for n in grid.values() if n % 2}
flat = [n for row in [[1, 2], [3]] for n in row]
model = keras.Sequential([keras.Input((len(grid),)), keras.layers.Dense(sum(odd)), *[keras.layers.Dense(n) for n in flat]])

# === while
import keras

n = 64
model = keras.Sequential([keras.Input((10,))])
while n > 4:
    n //= 2
    if n == 16:
        continue
    model.add(keras.layers.Dense(n))
else:
    model.add(keras.layers.Dense(1))

# === break and else
import keras

model = keras.Sequential([keras.Input((10,))])
for n in [8, 4, 2]:
    if n == 2:
        break
    model.add(keras.layers.Dense(n))
else:
    model.add(keras.layers.Dense(1000))

# === lambda and conditional expression
import keras

pick = lambda n, big=True: n * 10 if big else n
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(pick(2)), keras.layers.Dense(pick(2, big=False))])

# === recursion
import keras


def pyramid(x, n):
    if n < 2:
        return x
    return pyramid(keras.layers.Dense(n)(x), n // 2)


inputs = keras.Input((4,))
model = keras.Model(inputs, pyramid(inputs, 16))

# === a class that holds settings
import keras


class Config:
    units = 6
    rate = 0.3
    shape = (10, 2)


class Large(Config):
    units = Config.units * 2


model = keras.Sequential([keras.Input(Large.shape), keras.layers.LSTM(Large.units), keras.layers.Dropout(Large().rate)])

# === data class
from dataclasses import dataclass, field
import keras


@dataclass
class Settings:
    units: int = 4
    depth: int = 2
    widths: list = field(default_factory=lambda: [7, 8])
    name: str = "x"


settings = Settings(units=5)
model = keras.Sequential([keras.Input((3,))])
for i in range(settings.depth):
    model.add(keras.layers.Dense(settings.units))
for n in settings.widths:
    model.add(keras.layers.Dense(n))

# === named tuple
from collections import namedtuple
from typing import NamedTuple
import keras

Block = namedtuple("Block", ["units", "rate"])


class Spec(NamedTuple):
    n: int
    m: int = 3


one, two = Block(4, 0.5), Spec(2)
units, rate = one
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(one.units), keras.layers.Dropout(rate), keras.layers.Dense(two.n + two.m)])

# === enumeration
from enum import Enum, IntEnum
import keras


class Size(IntEnum):
    SMALL = 2
    LARGE = 8


class Kind(Enum):
    RELU = "relu"


model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(Size.LARGE), keras.layers.Activation(Kind.RELU.value), keras.layers.Dense(Size.SMALL.value)])

# === a builder class
import keras
from keras import layers


class Builder:
    def __init__(self, shape, units=(8, 4)):
        self.shape = shape
        self.units = units
        self.model = self._build()

    def _build(self):
        inputs = keras.Input(self.shape)
        x = self._body(inputs)
        return keras.Model(inputs, layers.Dense(1)(x))

    def _body(self, x):
        for n in self.units:
            x = self.dense(n)(x)
        return x

    @staticmethod
    def dense(n):
        return layers.Dense(n, activation="relu")

    @classmethod
    def default(cls):
        return cls((5,))

    @property
    def depth(self):
        return len(self.units)


builder = Builder.default()
model = builder.model
other = keras.Sequential([keras.Input((builder.depth,)), layers.Dense(2)])

# === inheritance of builders
import keras


class Base:
    units = 3

    def layers(self):
        return [keras.layers.Dense(self.units)]

    def build(self):
        return keras.Sequential([keras.Input((4,)), *self.layers()])


class Deep(Base):
    units = 5

    def layers(self):
        return super().layers() + [keras.layers.Dense(self.units * 2)]


model = Deep().build()

# === special methods
import keras


class Stack:
    def __init__(self, *sizes):
        self.sizes = list(sizes)

    def __len__(self):
        return len(self.sizes)

    def __getitem__(self, i):
        return self.sizes[i]

    def __iter__(self):
        return iter(self.sizes)

    def __call__(self, x):
        for n in self:
            x = keras.layers.Dense(n)(x)
        return x

    def __add__(self, other):
        return Stack(*self.sizes, *other.sizes)


inputs = keras.Input((len(Stack(1, 2)),))
model = keras.Model(inputs, (Stack(3, 4) + Stack(5))(inputs))

# === default dict and counter
from collections import OrderedDict, defaultdict, deque
import keras

groups = defaultdict(list)
for n in (1, 2, 3, 4):
    groups["odd" if n % 2 else "even"].append(n)
queue = deque([9, 8])
queue.appendleft(10)
ordered = OrderedDict([("a", 2), ("b", 3)])
model = keras.Sequential([keras.Input((queue.popleft(),)), *[keras.layers.Dense(n) for n in groups["even"]], keras.layers.Dense(ordered["b"])])

# === itertools
import itertools
import keras

model = keras.Sequential([keras.Input((4,))])
for a, b in itertools.product([1, 2], [3, 4]):
    model.add(keras.layers.Dense(a * b))
for n in itertools.chain([1], [2]):
    model.add(keras.layers.Dense(n))
for n in itertools.islice(itertools.count(5), 2):
    model.add(keras.layers.Dense(n))

# === functools reduce
from functools import reduce
import keras

inputs = keras.Input((4,))
x = reduce(lambda x, layer: layer(x), [keras.layers.Dense(3), keras.layers.ReLU(), keras.layers.Dense(2)], inputs)
model = keras.Model(inputs, x)

# === math
import math
import keras

model = keras.Sequential([keras.Input((math.ceil(7 / 2),)), keras.layers.Dense(int(math.sqrt(50))), keras.layers.Dense(int(math.log2(64))), keras.layers.Dense(math.prod((2, 3)))])

# === numpy shapes
import numpy as np
import keras

x = np.random.rand(100, 20)
x = x.reshape((x.shape[0], 10, 2))
y = np.zeros((100, 3))
z = np.concatenate([x, x], axis=-1)
t = np.expand_dims(np.transpose(z, (0, 2, 1)), -1)
model = keras.Sequential([keras.Input(z.shape[1:]), keras.layers.LSTM(y.shape[-1]), keras.layers.Dense(int(np.prod(t.shape[1:])))])

# === sliding windows
import numpy as np
import keras


def windows(series, steps):
    xs, ys = [], []
    for i in range(len(series) - steps):
        xs.append(series[i : i + steps])
        ys.append(series[i + steps])
    return np.array(xs), np.array(ys)


series = [10, 20, 30, 40, 50, 60, 70, 80, 90]
x, y = windows(series, 3)
x = x.reshape((x.shape[0], x.shape[1], 1))
model = keras.Sequential([keras.Input((3, 1)), keras.layers.LSTM(5), keras.layers.Dense(1)])
other = keras.Sequential([keras.layers.LSTM(5), keras.layers.Dense(1)])
other.build((None, x.shape[1], x.shape[2]))

# === main guard
import keras


def build(units=3):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])


def main():
    global model
    model = build(8)


if __name__ == "__main__":
    main()

# === annotations
from __future__ import annotations

from typing import Optional
import keras

Units: type = int
rate: float = 0.2


def build(n: int, m: Optional[int] = None) -> keras.Model:
    m = m or n
    model: keras.Model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(n), keras.layers.Dense(m)])
    return model


model = build(3)

# === boolean logic
import keras

use_bias, deep, n = False, True, 0
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(n or 5, use_bias=use_bias and True)])
if deep and not use_bias:
    model.add(keras.layers.Dense(3))
if "a" in {"a": 1} and 3 not in [1, 2] and deep is not None:
    model.add(keras.layers.Dense(2))

# === getattr by name
import keras
from keras import layers

model = keras.Sequential([keras.Input((6, 3))])
for kind in ("LSTM", "GRU"):
    model.add(getattr(layers, kind)(4, return_sequences=True))
model.add(getattr(keras.layers, "Dense")(1))

# === classes in a dictionary
import keras
from keras.layers import GRU, LSTM, SimpleRNN

CELLS = {"lstm": LSTM, "gru": GRU, "rnn": SimpleRNN}
model = keras.Sequential([keras.Input((6, 3))])
for name, cell in CELLS.items():
    model.add(cell(3, return_sequences=name != "rnn", name=name))

# === isinstance and type
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dropout(0.1), keras.layers.Dense(2)])
dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
for layer in dense:
    layer.trainable = type(layer) is not keras.layers.Dense
other = keras.Sequential([keras.Input((len(dense),)), keras.layers.Dense(sum(layer.units for layer in dense))])

# === json settings
import json
import keras

settings = json.loads('{"units": [4, 2], "rate": 0.1, "deep": true}')
model = keras.Sequential([keras.Input((3,)), *[keras.layers.Dense(n) for n in settings["units"]]])
if settings.get("deep", False):
    model.add(keras.layers.Dropout(settings["rate"]))

# === dictionary methods
import keras

settings = {"units": 4}
settings.setdefault("rate", 0.5)
settings.update(depth=2, units=6)
n = settings.pop("depth")
settings |= {"more": 1}
model = keras.Sequential([keras.Input((3,))] + [keras.layers.Dense(settings["units"]) for _ in range(n)])
model.add(keras.layers.Dropout(settings.get("rate")))
del settings["more"]
model.add(keras.layers.Dense(len(settings)))

# === list methods
import keras

sizes = [5, 3, 9]
sizes.sort()
sizes.reverse()
sizes.remove(3)
copy = sizes.copy()
last = copy.pop()
model = keras.Sequential([keras.Input((sizes.index(5) + sizes.count(9),)), *[keras.layers.Dense(n) for n in copy], keras.layers.Dense(last)])

# === starred call of a layer
import keras

args = (4, (3, 3))
model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(*args, **{"padding": "same"})])

# === nested functions and early return
import keras


def build(kind="b"):
    def head(n):
        return keras.layers.Dense(n)

    if kind == "a":
        return keras.Sequential([keras.Input((1,)), head(1)])
    for n in (2, 3):
        if n == 3:
            return keras.Sequential([keras.Input((n,)), head(n)])
    return None


model = build()

# === assert and pass and del
import keras

n = 5
assert n > 3, "too small"
junk = 1
del junk
model = keras.Sequential([keras.Input((n,)), keras.layers.Dense(n)])

# === class attribute counters
import keras


class Counter:
    made = 0

    def __init__(self):
        Counter.made += 1
        self.number = Counter.made


a, b = Counter(), Counter()
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(b.number + Counter.made)])

# === string keys by f-string
import keras

sizes = {f"layer_{i}": 2 * i + 1 for i in range(3)}
model = keras.Sequential([keras.Input((3,))])
for i in range(3):
    model.add(keras.layers.Dense(sizes[f"layer_{i}"], name=f"{'dense'!s}-{i:03}"))

# === augmented attributes and items
import keras


class Box:
    pass


box = Box()
box.n = 3
box.n += 2
sizes = [1, 2]
sizes[0] += 5
sizes[1:] = [8, 9]
model = keras.Sequential([keras.Input((box.n,)), *[keras.layers.Dense(n) for n in sizes]])
setattr(box, "m", 4)
model.add(keras.layers.Dense(getattr(box, "m") + getattr(box, "none", 1) + hasattr(box, "n")))

# === functions as values
import keras


def wide():
    return 9


def narrow():
    return 2


model = keras.Sequential([keras.Input((3,)), *[keras.layers.Dense(f()) for f in (wide, narrow, lambda: 4)]])

# === bytes and complex corners
import keras

n = len(b"abc") + 0x10 - 0b11 + 0o7 + 1_0
model = keras.Sequential([keras.Input((n,)), keras.layers.Dense(True + 1), keras.layers.Dense(n & 6 | 1), keras.layers.Dense(1 << 3), keras.layers.Dense(~-5)])
# === numpy more shapes
import numpy as np
import keras

a = np.arange(24).reshape(2, 3, 4)
b = np.stack([a, a], axis=1)
c = np.array([[1, 2, 3], [4, 5, 6]])
d = np.vstack([c, c])
e = d[:, 1:]
f = np.eye(5)[np.array([0, 1, 2])]
model = keras.Sequential([keras.Input((b.ndim,)), keras.layers.Dense(d.shape[0]), keras.layers.Dense(e.shape[1]), keras.layers.Dense(f.shape[1]), keras.layers.Dense(len(c))])

