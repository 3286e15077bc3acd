# === a data class with changes
from dataclasses import dataclass, field, replace, asdict
import keras
from keras import layers
@dataclass
class Config:
    hidden: list = field(default_factory=lambda: [32, 16])
    dropout: float = 0.1
    n_out: int = 3
    n_in: int = 12
    @property
    def widest(self):
        return max(self.hidden)
    def __post_init__(self):
        self.hidden = [h + 1 for h in self.hidden]
def build(cfg: Config):
    inp = keras.Input((cfg.n_in,))
    x = inp
    for h in cfg.hidden:
        x = layers.Dense(h)(x)
        if cfg.dropout > 0:
            x = layers.Dropout(cfg.dropout)(x)
    x = layers.Dense(cfg.widest)(x)
    return keras.Model(inp, layers.Dense(cfg.n_out)(x))
base = Config()
model = build(base)
model2 = build(replace(base, n_out=5, dropout=0.0))
d = asdict(base)
model3 = build(Config(**{**d, "n_in": 4}))

# === an object with operators
import keras
from keras import layers
class Stack:
    def __init__(self, *items):
        self.items = list(items)
    def __len__(self): return len(self.items)
    def __getitem__(self, i): return self.items[i]
    def __iter__(self): return iter(self.items)
    def __add__(self, other): return Stack(*self.items, *other.items)
    def __mul__(self, n): return Stack(*(self.items * n))
    def __contains__(self, x): return x in self.items
    def __bool__(self): return bool(self.items)
    def __call__(self, x):
        for i in self: x = layers.Dense(i)(x)
        return x
    def __eq__(self, o): return self.items == o.items
    def __getattr__(self, n):
        if n.startswith("w"): return self.items[int(n[1:])]
        raise AttributeError(n)
s = Stack(2, 3) + Stack(4) * 2
i = keras.Input((5,))
x = s(i)
if 4 in s and Stack(1) == Stack(1) and not Stack():
    x = layers.Dense(len(s))(x)
x = layers.Dense(s[-1] + s.w1)(x)
m = keras.Model(i, x)

# === context managers
import contextlib
import keras
from keras import layers
log = []
@contextlib.contextmanager
def scope(name):
    log.append(name)
    yield "_".join(log)
    log.pop()
class Timer:
    n = 0
    def __enter__(self):
        Timer.n += 1
        return self
    def __exit__(self, *a): Timer.n += 10
m = keras.Sequential([keras.Input((2,))])
with scope("a") as n1:
    m.add(layers.Dense(3, name=n1))
    with scope("b") as n2, Timer() as t:
        m.add(layers.Dense(4, name=n2))
with contextlib.suppress(KeyError):
    m.add(layers.Dense(5))
    {}["x"]
    m.add(layers.Dense(6))
m.add(layers.Dense(Timer.n))

# === lists and copies of them
import copy
import keras
from keras import layers
a = [1, 2, 3, 4, 5]
b = a
b[1:3] = [7]
del a[0]
a.insert(1, 9)
a.remove(4)
c = a[:]
c.append(3)
a.extend(reversed(c))
n = [[1, 2], [3]]
s, dd = copy.copy(n), copy.deepcopy(n)
n[0].append(6)
first, *mid, last = a
g = [[0] * 2] * 3
g[0][1] = 5
u = b + s[0] + dd[0] + mid + [first, last] + [x for row in g for x in row if x] + sorted(a, reverse=True)[:2] + a[::-2]
u.sort(key=lambda v: (v % 2, -v))
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(n) for n in u])

# === class scope
import keras
from keras import layers
n = 5
class C:
    n = 3
    v = [n for _ in range(2)]
    w = [i * 2 for i in range(n)]
    def get(self): return n
    units = []
    def add(self, k):
        self.units.append(k)
        return self
a, b = C(), C()
a.add(2)
b.add(6)
b.units = b.units + [1]
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(k + 1) for k in (*C.v, *C.w, C().get(), *a.units, *b.units)])

# === a property that is set, an item that is set
import keras
from keras import layers
class Cfg:
    def __init__(self): self._u = 2
    @property
    def units(self): return self._u
    @units.setter
    def units(self, v): self._u = v + 1
    def __setitem__(self, k, v): setattr(self, k, v)
    def __getitem__(self, k): return getattr(self, k)
c = Cfg()
c.units = 4
c.units += 2
c["units"] = c["units"] * 2
c["other"] = 3
m = keras.Sequential([keras.Input((2,)), layers.Dense(c.units), layers.Dense(c._u), layers.Dense(c.other)])

# === functions that remember
import functools
import keras
from keras import layers
@functools.lru_cache(maxsize=None)
def shared(units):
    return layers.Dense(units)
@functools.cache
def other(u=3): return layers.Dense(u)
i = keras.Input((4,))
x = shared(4)(shared(4)(i))
x = shared(4)(x)
y = other()(other()(layers.Dense(3)(x)))
m = keras.Model(i, y)

# === a property that remembers
import functools
import keras
from keras import layers
class Enc:
    def __init__(self): self.calls = 0
    @functools.cached_property
    def dense(self):
        self.calls += 1
        return layers.Dense(4)
    @functools.singledispatchmethod
    def f(self, x): return 1
    @f.register
    def _(self, x: int): return 2
e = Enc()
i = keras.Input((4,))
m = keras.Model(i, layers.Dense(e.calls + 1)(e.dense(e.dense(i))))

# === arithmetic
import math
import keras
from keras import layers
u = [round(2.5), round(3.5), int(7.9), -(-7 // 2), math.ceil(7 / 2), 7 % 3, -7 % 3, int(-7 / 2) + 5, math.floor(math.log2(40)), divmod(17, 5)[1], pow(3, 4, 7), 5 & 3, 5 | 3, 5 ^ 3, True + 1, int("0x1f", 16), int(math.sqrt(50)), round(0.1 * 3 * 10), abs(-3), sum([1, 2], 3), max([3, 9, 2], key=lambda v: -v), min((), default=4), math.prod([2, 3]), 10 ** 2 // 7, int(1e2), round(14.7), math.gcd(12, 18), 1 << 3]
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(n) for n in u])

# === descriptors
import keras
from keras import layers
class Pos:
    def __set_name__(self, o, n): self.n = "_" + n
    def __get__(self, o, t=None): return getattr(o, self.n) * 2
    def __set__(self, o, v): setattr(o, self.n, v + 1)
class C:
    u = Pos()
    __slots__ = ("_u",)
    def __init__(self, u): self.u = u
m = keras.Sequential([keras.Input((2,)), layers.Dense(C(3).u)])

# === attributes that a class sets itself
import keras
from keras import layers
class T:
    def __setattr__(self, n, v): super().__setattr__(n, v * 2 if isinstance(v, int) else v)
    def __getattribute__(self, n):
        v = object.__getattribute__(self, n)
        return v + 1 if isinstance(v, int) else v
t = T()
t.units = 3
class D:
    def __delattr__(self, n): self.__dict__["gone"] = n
    def __missing__(self, k): return 1
m = keras.Sequential([keras.Input((2,)), layers.Dense(t.units)])

# === errors of Python that are caught
import keras
from keras import layers
u = [3, 4]
try:
    n = u[5]
except IndexError:
    n = 6
try:
    k = {"a": 1}["b"]
except KeyError as e:
    k = 7
z = 2
try:
    q = 1 / 0
except ZeroDivisionError:
    q = 5
try:
    assert n == 5, "no"
    w = 1
except AssertionError:
    w = 8
a = 4
try:
    "x" + 1
    v = 2
except (TypeError, ValueError):
    v = 9
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(i) for i in (n, k, z, q, w, a, v)])

# === kinds of layers
import keras
from keras import layers
base = keras.Sequential([keras.Input((6,)), layers.Dense(4, name="a"), layers.Dropout(.1), layers.Dense(3, name="b"), layers.Dropout(.2)])
x = base.inputs[0]
for l in base.layers:
    if isinstance(l, layers.Dropout): continue
    x = l(x)
    if l.name == "a": x = layers.BatchNormalization(name=l.name + "_bn")(x)
m = keras.Model(base.inputs, x)
n_dense = sum(isinstance(l, layers.Dense) for l in base.layers)
last = next(l for l in reversed(base.layers) if isinstance(l, layers.Dense))
m2 = keras.Sequential([keras.Input((2,)), layers.Dense(n_dense), layers.Dense(last.units), layers.Dense(len({type(l) for l in base.layers}))])

# === a shape that is written as text
import keras
from keras import layers
shape = "(32, 32, 3)"
import ast
s = ast.literal_eval(shape)
t = eval(shape)
u = tuple(map(int, shape.strip("()").split(",")))
m = keras.Sequential([keras.Input(s), layers.Flatten(), layers.Dense(t[0]), layers.Dense(u[1] // 4)])

# === a method that remembers, a property that is set
import keras
from keras import layers
import functools
class Zoo:
    base = 4
    def __init__(self, *sizes): self.sizes = sizes
    @functools.lru_cache(None)
    def layer(self, n): return layers.Dense(n * self.base)
    @property
    def depth(self): return len(self.sizes)
    @depth.setter
    def depth(self, n): self.sizes = self.sizes[:n]
    def build(self):
        i = x = keras.Input((3,))
        for s in self.sizes: x = self.layer(s)(x)
        return keras.Model(i, x)
z = Zoo(1, 2, 1, 3)
z.depth = 2
m = z.build()
z.depth -= 1
m2 = z.build()

# === exceptions and the classes before theirs
import keras
from keras import layers
class A(Exception): pass
class B(A): pass
def f(n):
    try:
        if n == 0: raise B("b")
        if n == 1: raise KeyError("k")
        if n == 2: [][1]
        return 9
    except A:
        return 2
    except LookupError:
        return 3
def g():
    try:
        try:
            raise A("x")
        except A as e:
            raise ValueError("y") from e
    except ValueError:
        return 4
    finally:
        log.append(1)
log = []
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(f(i)) for i in range(4)] + [layers.Dense(g()), layers.Dense(len(log))])

# === a context that holds an exception back
import keras
from keras import layers
class Swallow:
    def __init__(self): self.n = 1
    def __enter__(self): return self
    def __exit__(self, t, v, tb):
        self.n += 1 if t is None else 5
        return True
def f():
    with Swallow() as s:
        return s
m = keras.Sequential([keras.Input((2,))])
with Swallow() as s:
    m.add(layers.Dense(3))
    raise ValueError
    m.add(layers.Dense(4))
m.add(layers.Dense(7))
m.add(layers.Dense(f().n))

# === a property of a layer that is set
import keras
from keras import layers
class L(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self._units = units
        self.d = layers.Dense(self.units)
    @property
    def units(self): return self._units * 2
    @units.setter
    def units(self, v): self._units = v
    def call(self, x): return self.d(x)
l = L(3)
l.units = l.units + 1
m = keras.Sequential([keras.Input((4,)), l, layers.Dense(l.units)])

# === a class that is a decorator
import keras
from keras import layers
class Repeat:
    def __init__(self, fn): self.fn, self.n = fn, 2
    def __call__(self, *a):
        return [self.fn(*a) for _ in range(self.n)]
@Repeat
def block(u): return layers.Dense(u)
m = keras.Sequential([keras.Input((2,)), *block(3)])
block.n = 1
for l in block(5): m.add(l)

# === objects that are compared
import keras
from keras import layers
class V:
    def __init__(self, *v): self.v = v
    def __lt__(self, o): return self.v < o.v
    def __le__(self, o): return self.v <= o.v
    def __eq__(self, o): return isinstance(o, V) and self.v == o.v
    def __ne__(self, o): return not self == o
m = keras.Sequential([keras.Input((2,)), layers.Dense(3 if V(1, 2) < V(1, 3) else 4), layers.Dense(5 if V(2) > V(1) else 6), layers.Dense(7 if V(1) <= V(1) <= V(0) else 8), layers.Dense(2 if V(1) != 3 else 9), layers.Dense(2 if V(1) in [V(3), V(1)] else 4)])

# === an object with a length
import keras
from keras import layers
class Q:
    def __init__(self, *a): self.a = list(a)
    def __len__(self): return len(self.a)
    def pop(self): return self.a.pop()
q = Q(1, 2, 3)
m = keras.Sequential([keras.Input((2,))])
while q:
    m.add(layers.Dense(q.pop()))
m.add(layers.Dense(4 if not q else 5))

# === copies of objects
import copy
import keras
from keras import layers
class Cfg:
    def __init__(self): self.u = [4, 5]; self.sub = {"k": [1]}
a = Cfg()
b, c = copy.deepcopy(a), copy.copy(a)
a.u.append(6)
a.sub["k"].append(2)
a.new = 9
b.u[0] = 7
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(n) for n in (*a.u, *b.u, *c.u, *b.sub["k"], len(c.sub["k"]), 3 if hasattr(c, "new") else 8)])
base = [layers.Dense(3), layers.Dense(2)]

# === a command line that the program writes
import argparse
import keras
from keras import layers
def parse(argv=None):
    p = argparse.ArgumentParser()
    p.add_argument("-u", "--units", type=int, default=4)
    p.add_argument("--name", default="net")
    p.add_argument("--flag", action="store_true")
    p.add_argument("--no-bias", dest="bias", action="store_false")
    return p.parse_args(argv)
a = parse(["-u", "9", "--flag", "--name=abc"])
m = keras.Sequential([keras.Input((2,)), layers.Dense(a.units, use_bias=a.bias)], name=a.name)
if a.flag: m.add(layers.Dense(len(a.name)))

# === a frozen data class that sets
from dataclasses import dataclass
import keras
from keras import layers
@dataclass(frozen=True)
class C:
    n: int = 3
    k: int = 0
    def __post_init__(self):
        object.__setattr__(self, "k", self.n * 2)
m = keras.Sequential([keras.Input((2,)), layers.Dense(C(4).k)])

# === walrus in comprehension
import keras
from keras import layers
last = 2
u = [last := last + n for n in (1, 2)]
m = keras.Sequential([keras.Input((2,)), layers.Dense(last)])

# === a generator that is made later
import keras
from keras import layers
k = 2
g = (n * k for n in (1, 2))
k = 5
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(n) for n in g])

# === decorators of classes
import keras
from keras import layers
def scaled(cls):
    cls.n = cls.n * 2
    return cls
def other(cls):
    class New(cls):
        n = 7
    return New
@scaled
class A: n = 3
@other
class B: n = 3
m = keras.Sequential([keras.Input((2,)), layers.Dense(A.n), layers.Dense(B().n)])

# === decorators that are methods
import keras
from keras import layers
import functools
class Reg:
    def __init__(self): self.fs = {}
    def add(self, name):
        def deco(f):
            self.fs[name] = f
            return lambda: f() + 1
        return deco
    def plain(self, f): return lambda: f() * 3
r = Reg()
@r.add("x")
def f(): return 4
@r.plain
def g(): return 2
def times(k, f): return lambda: f() * k
@functools.partial(times, 5)
def h(): return 1
m = keras.Sequential([keras.Input((2,)), layers.Dense(f()), layers.Dense(r.fs["x"]()), layers.Dense(g()), layers.Dense(h())])

# === what classes behind a class are told
import keras
from keras import layers
class Plug:
    subs = []
    units = 2
    def __init_subclass__(cls, units=1, **kw):
        super().__init_subclass__(**kw)
        cls.units = units
        Plug.subs.append(cls)
class P1(Plug, units=7): pass
class P2(Plug): pass
m = keras.Sequential([keras.Input((2,)), layers.Dense(P1.units), layers.Dense(P2().units), layers.Dense(len(Plug.subs) + 1)])

# === truth and equality of objects
import keras
from keras import layers
from dataclasses import dataclass
class B:
    def __bool__(self): return False
class L:
    def __len__(self): return 0
class E:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
@dataclass
class D:
    n: int = 2
u = [3 if B() else 4, 5 if L() else 6, 7 if E(1) == E(1) else 8, 9 if D() == D(2) else 2, 3 if not B() else 1, 4 if E(2) in [E(2)] else 5, (B() or 6), len({D(1).n, D(1).n}), 3 if D() != D() else 5]
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(n) for n in u])

# === property as a function
import keras
from keras import layers
class P:
    def get(self): return self._n * 2
    def set(self, v): self._n = v + 1
    n = property(get, set)
p = P()
p.n = 3
m = keras.Sequential([keras.Input((2,)), layers.Dense(p.n)])

# === classes in a registry
import keras
from keras import layers
REG = {}
def register(name=None):
    def deco(cls):
        REG[name or cls.__name__.lower()] = cls
        return cls
    return deco
@register()
class Small:
    def make(self): return [layers.Dense(2)]
@register("large")
class Big(Small):
    def make(self): return super().make() + [layers.Dense(3), layers.Dense(4)]
m = keras.Sequential([keras.Input((2,)), *REG["small"]().make(), *REG["large"]().make()])

# === one object only
import keras
from keras import layers
class S:
    _i = None
    def __new__(cls, *a):
        if cls._i is None:
            cls._i = super().__new__(cls)
            cls._i.n = 0
        cls._i.n += 2
        return cls._i
S(); S()
m = keras.Sequential([keras.Input((2,)), layers.Dense(S().n)])

# === sets whose order does not matter
import keras
from keras import layers
text = "hello world"
chars = sorted(list(set(text)))
ix = {c: i for i, c in enumerate(set(text))}
vocab = list(set(text))
vocab.sort()
k = max(set([3, 4, 5])) + sum({1, 2})
names = {"x"}
m = keras.Sequential([keras.Input((4,)), layers.Dense(len(chars)), layers.Dense(len(ix)), layers.Dense(len(vocab)), layers.Dense(k)])
for n in names: m.add(layers.Dense(2, name=n))
for c in vocab: m.add(layers.Dense(len(c)))

# === iterables that are used up
import keras
from keras import layers
z = zip([1, 2, 3], "abc")
first = next(z)
rest = [n for n, _ in z]
again = [n for n, _ in z]
mp = map(lambda v: v + 1, [1, 2])
s1, s2 = sum(mp), sum(mp)
en = enumerate([5, 6], 1)
d = dict(en)
fl = filter(None, [0, 3, 0, 4])
rv = reversed([1, 2, 3])
m = keras.Sequential([keras.Input((2,))] + [layers.Dense(n) for n in (first[0], *rest, len(again) + 2, s1, s2 + 1, d[2], *fl, next(rv), len(list(rv)))])

# === classes that change themselves
import keras
from keras import layers
reg = []
class A:
    for k in range(3):
        reg.append(k + 1)
    size = sum(reg)
    def __init__(self): self.size += 1
    sizes = {n: n * 2 for n in (1, 2)}
    if size > 5: extra = 3
    else: extra = 4
m = keras.Sequential([keras.Input((2,)), layers.Dense(A().size), layers.Dense(A.size), layers.Dense(A.sizes[2]), layers.Dense(A.extra)])

# === generators behind each other
import keras
from keras import layers
def pairs(xs):
    prev = None
    for x in xs:
        if prev is not None: yield prev, x
        prev = x
def scan(xs, f, acc):
    for x in xs:
        acc = f(acc, x)
        yield acc
ws = list(scan([1, 2, 3], lambda a, b: a * b + 1, 2))
m = keras.Sequential([keras.Input((ws[0],))])
for i, o in pairs(ws): m.add(layers.Dense(o, use_bias=i < o))
first, *rest = pairs(range(4))
m.add(layers.Dense(len(rest) + first[1]))
it = iter(ws)
for w in it:
    m.add(layers.Dense(w + next(it, 0)))
    break
m.add(layers.Dense(next(it)))
