# === weights in build
import keras


class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.w) + self.b


inputs = keras.Input((6,))
model = keras.Model(inputs, Linear(3)(Linear(4, name="first")(inputs)))

# === weights in init
import keras


class Scale(keras.layers.Layer):
    def __init__(self, n):
        super().__init__()
        self.factor = self.add_weight(shape=(n,), initializer="ones", name="factor")
        self.total = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        return x * self.factor


model = keras.Sequential([keras.Input((6,)), Scale(6), keras.layers.Dense(2)])

# === layers inside
import keras
from keras import layers


class Block(layers.Layer):
    def __init__(self, units, rate=0.1, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units, activation="relu")
        self.norm = layers.LayerNormalization()
        self.drop = layers.Dropout(rate)

    def call(self, x, training=None):
        return self.norm(x + self.drop(self.dense(x), training=training))


inputs = keras.Input((7, 4))
x = Block(4)(inputs)
x = Block(4, name="second")(x)
model = keras.Model(inputs, x)

# === shape read inside call
import keras


class Flat(keras.layers.Layer):
    def call(self, x):
        batch, height, width, channels = keras.ops.shape(x)
        return keras.ops.reshape(x, (batch, height * width, channels))


inputs = keras.Input((4, 5, 3))
model = keras.Model(inputs, keras.layers.Dense(2)(Flat()(inputs)))

# === several inputs
import keras


class Merge(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)

    def call(self, inputs):
        a, b = inputs
        return self.dense(keras.ops.concatenate([a, b], axis=-1))


a, b = keras.Input((4,)), keras.Input((5,))
model = keras.Model([a, b], Merge()([a, b]))

# === several outputs
import keras


class Split(keras.layers.Layer):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(int(input_shape[-1]), 2), name="kernel")

    def call(self, x):
        y = keras.ops.matmul(x, self.kernel)
        return y, keras.ops.sum(x, axis=-1, keepdims=True)


inputs = keras.Input((6,))
y, total = Split()(inputs)
model = keras.Model(inputs, [y, keras.layers.Dense(3)(total)])

# === output shape said by the class
import keras


class Twice(keras.layers.Layer):
    def call(self, x):
        return keras.ops.concatenate([x, x], axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] * 2, *input_shape[2:])

    def get_config(self):
        return super().get_config()


model = keras.Sequential([keras.Input((5, 2)), Twice(), keras.layers.LSTM(3)])

# === lists of layers
import keras


class Stack(keras.layers.Layer):
    def __init__(self, sizes):
        super().__init__()
        self.blocks = [keras.layers.Dense(n) for n in sizes]
        self.extra = {"a": keras.layers.Dense(2), "b": keras.layers.Dense(1)}

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return self.extra["b"](self.extra["a"](x))


inputs = keras.Input((6,))
model = keras.Model(inputs, Stack([5, 4])(inputs))

# === attention with a context vector
import keras
from keras import layers


class Attention(layers.Layer):
    def build(self, input_shape):
        self.W = self.add_weight(name="att_weight", shape=(input_shape[-1], 1), initializer="normal")
        self.b = self.add_weight(name="att_bias", shape=(input_shape[1], 1), initializer="zeros")
        super().build(input_shape)

    def call(self, x):
        e = keras.ops.tanh(keras.ops.dot(x, self.W) + self.b)
        a = keras.ops.softmax(e, axis=1)
        return keras.ops.sum(x * a, axis=1)


inputs = keras.Input((9, 4))
h = layers.Bidirectional(layers.LSTM(5, return_sequences=True))(inputs)
model = keras.Model(inputs, layers.Dense(1)(Attention()(h)))

# === additive attention called with two
import keras
from keras import layers


class Bahdanau(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.W1 = layers.Dense(units)
        self.W2 = layers.Dense(units)
        self.V = layers.Dense(1)

    def call(self, query, values):
        score = self.V(keras.ops.tanh(self.W1(keras.ops.expand_dims(query, 1)) + self.W2(values)))
        weights = keras.ops.softmax(score, axis=1)
        context = keras.ops.sum(weights * values, axis=1)
        return context, weights


query, values = keras.Input((6,)), keras.Input((7, 5))
context, weights = Bahdanau(4)(query, values)
model = keras.Model([query, values], [context, weights])

# === sampling
import keras
from keras import layers, ops


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        batch = ops.shape(z_mean)[0]
        dim = ops.shape(z_mean)[1]
        epsilon = keras.random.normal(shape=(batch, dim), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


inputs = keras.Input((8,))
mean = layers.Dense(2, name="z_mean")(inputs)
log_var = layers.Dense(2, name="z_log_var")(inputs)
z = Sampling()([mean, log_var])
encoder = keras.Model(inputs, [mean, log_var, z], name="encoder")

# === layer that inherits from Dense
import keras


class Wide(keras.layers.Dense):
    def __init__(self, factor, **kwargs):
        super().__init__(units=factor * 4, activation="relu", **kwargs)


model = keras.Sequential([keras.Input((3,)), Wide(2), Wide(1, name="narrow")])

# === layer that changes the call of Dense
import keras


class Doubled(keras.layers.Dense):
    def call(self, x):
        return super().call(x) * 2


model = keras.Sequential([keras.Input((3,)), Doubled(5)])

# === frozen custom layer
import keras


class Linear(keras.layers.Layer):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.n))

    def call(self, x):
        return x @ self.w


layer = Linear(3)
layer.trainable = False
model = keras.Sequential([keras.Input((4,)), layer, Linear(2)])

# === parent class of custom layers
import keras


class Base(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def make(self, shape):
        return self.add_weight(shape=shape)


class One(Base):
    def build(self, input_shape):
        self.kernel = self.make((input_shape[-1], self.units))

    def call(self, x):
        return x @ self.kernel


class Two(One):
    def call(self, x):
        return keras.ops.relu(super().call(x))


model = keras.Sequential([keras.Input((4,)), One(3), Two(2)])

# === registered
import keras


@keras.saving.register_keras_serializable(package="mine")
class Gain(keras.layers.Layer):
    def __init__(self, start=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        self.gain = self.add_weight(name="gain", shape=(1,), initializer=keras.initializers.Constant(self.start))

    def call(self, x):
        return x * self.gain

    def get_config(self):
        config = super().get_config()
        config.update({"start": self.start})
        return config


model = keras.Sequential([keras.Input((4,)), Gain(2.0), keras.layers.Dense(1)])

# === mask passed on
import keras
from keras import layers


class Pass(layers.Layer):
    def __init__(self):
        super().__init__()
        self.supports_masking = True
        self.dense = layers.Dense(3)

    def call(self, x):
        return self.dense(x)


inputs = keras.Input((9,))
x = layers.Embedding(20, 4, mask_zero=True)(inputs)
model = keras.Model(inputs, layers.LSTM(2)(Pass()(x)))

# === conditional sublayers
import keras
from keras import layers


class Residual(layers.Layer):
    def __init__(self, filters, use_conv=False, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.conv1 = layers.Conv2D(filters, 3, padding="same", strides=strides)
        self.conv2 = layers.Conv2D(filters, 3, padding="same")
        self.conv3 = None
        if use_conv:
            self.conv3 = layers.Conv2D(filters, 1, strides=strides)
        self.bn1 = layers.BatchNormalization()
        self.bn2 = layers.BatchNormalization()

    def call(self, x):
        y = keras.activations.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.conv3 is not None:
            x = self.conv3(x)
        return keras.ops.relu(y + x)


inputs = keras.Input((16, 16, 4))
x = Residual(4)(inputs)
x = Residual(8, use_conv=True, strides=2)(x)
model = keras.Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))

# === call with keyword mask argument
import keras
from keras import layers, ops


class MaskedMean(layers.Layer):
    def call(self, x, mask=None):
        if mask is None:
            return ops.mean(x, axis=1)
        weights = ops.expand_dims(ops.cast(mask, x.dtype), -1)
        return ops.sum(x * weights, axis=1) / ops.sum(weights, axis=1)


inputs = keras.Input((9,), dtype="int32")
x = layers.Embedding(20, 4)(inputs)
model = keras.Model(inputs, layers.Dense(1)(MaskedMean()(x)))

# === transformer block
import keras
from keras import layers


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1):
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential([layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs, training=False):
        attn_output = self.att(inputs, inputs)
        attn_output = self.dropout1(attn_output, training=training)
        out1 = self.layernorm1(inputs + attn_output)
        ffn_output = self.ffn(out1)
        ffn_output = self.dropout2(ffn_output, training=training)
        return self.layernorm2(out1 + ffn_output)


class Tokens(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        maxlen = keras.ops.shape(x)[-1]
        positions = keras.ops.arange(start=0, stop=maxlen, step=1)
        return self.token_emb(x) + self.pos_emb(positions)


inputs = layers.Input(shape=(20,))
x = Tokens(20, 100, 8)(inputs)
x = TransformerBlock(8, 2, 16)(x)
x = layers.GlobalAveragePooling1D()(x)
model = keras.Model(inputs, layers.Dense(2, activation="softmax")(x))

# === positional encoding with numpy
import numpy as np
import keras


class Positions(keras.layers.Layer):
    def __init__(self, length, depth):
        super().__init__()
        angles = np.arange(length)[:, np.newaxis] / np.power(10000, np.arange(depth)[np.newaxis, :] / depth)
        self.encoding = keras.ops.cast(np.concatenate([np.sin(angles), np.cos(angles)], axis=-1), "float32")
        self.embedding = keras.layers.Embedding(50, depth * 2)

    def call(self, x):
        length = x.shape[1]
        x = self.embedding(x)
        return x + self.encoding[None, :length, :]


inputs = keras.Input((12,), dtype="int32")
model = keras.Model(inputs, Positions(100, 4)(inputs))

# === a layer of layers of one's own
import keras
from keras import layers


class Inner(layers.Layer):
    def __init__(self, n):
        super().__init__()
        self.dense = layers.Dense(n)

    def call(self, x):
        return self.dense(x)


class Outer(layers.Layer):
    def __init__(self):
        super().__init__()
        self.first = Inner(4)
        self.second = Inner(2)

    def call(self, x):
        return self.second(self.first(x))


inputs = keras.Input((3,))
model = keras.Model(inputs, Outer()(Outer()(inputs)))

# === custom layer inside time distributed
import keras


class Linear(keras.layers.Layer):
    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], 3))

    def call(self, x):
        return keras.ops.matmul(x, self.w)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 3)


model = keras.Sequential([keras.Input((5, 4)), keras.layers.TimeDistributed(Linear()), keras.layers.GRU(2)])


# === an initializer and a regularizer that nothing tells
import json

import keras
from keras import layers

start = keras.initializers.get(json.loads('"ones"'))
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, kernel_initializer=start, bias_regularizer=json.loads("null"))])

# === a mask that nothing tells, in the call of a layer
import json

import keras
from keras import layers


class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.attention = layers.MultiHeadAttention(2, 3)
        self.memory = layers.LSTM(5, return_sequences=True)

    def call(self, x):
        seen = keras.ops.convert_to_tensor(json.loads("[[true, true, false, true]]"))
        x = self.memory(x, mask=json.loads("null"))
        return self.attention(x, x, attention_mask=seen)


x = keras.Input((4, 6))
model = keras.Model(x, layers.Dense(1)(Block()(x)))

# === a layer that is not trained from the beginning
import keras
from keras import layers
class Frozen(layers.Layer):
    def __init__(self, n, **kw):
        super().__init__(trainable=False, **kw)
        self.d = layers.Dense(n)
    def call(self, x): return self.d(x)
class Part(layers.Layer):
    def __init__(self, n):
        super().__init__()
        self.a = layers.Dense(n, trainable=False)
        self.b = layers.Dense(n)
        self.c = self.add_weight(shape=(n, 2), name="c")
    def call(self, x): return self.b(self.a(x)) @ self.c
m = keras.Sequential([keras.Input((4,)), Frozen(3), Part(5)])

# === a layer that is not trained, with layers of its build
import keras
from keras import layers
class Frozen(layers.Layer):
    def __init__(self, n, **kw):
        super().__init__(**kw)
        self.n = n
    def build(self, s):
        self.d = layers.Dense(self.n)
        self.d.build(s)
        self.w = self.add_weight(shape=(2,), trainable=self.trainable)
    def call(self, x): return self.d(x)
a = Frozen(3, trainable=False)
b = Frozen(3)
b.trainable = False
c = Frozen(2)
m = keras.Sequential([keras.Input((4,)), a, b, c])
c.trainable = False
m2 = keras.Sequential([keras.Input((4,)), Frozen(4, trainable=False, name="z"), layers.Dense(2)])
m2.layers[0].trainable = True
