# === a chain
import keras
from keras import layers

inputs = keras.Input(shape=(32, 32, 3))
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
x = layers.MaxPooling2D(2)(x)
x = layers.Flatten()(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs=inputs, outputs=outputs, name="cnn")

# === two inputs and two outputs
import keras
from keras import layers

title = keras.Input((None,), name="title", dtype="int32")
tags = keras.Input((12,), name="tags")
t = layers.Embedding(1000, 16)(title)
t = layers.LSTM(8)(t)
x = layers.concatenate([t, tags])
priority = layers.Dense(1, name="priority")(x)
department = layers.Dense(4, name="department")(x)
model = keras.Model([title, tags], [priority, department])

# === dictionary of inputs
import keras
from keras import layers

inputs = {"a": keras.Input((3,), name="a"), "b": keras.Input((4,), name="b")}
x = layers.Concatenate()([inputs["a"], inputs["b"]])
model = keras.Model(inputs=inputs, outputs={"y": layers.Dense(1, name="y")(x)})

# === residual blocks
import keras
from keras import layers


def block(x, filters, strides=1):
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=strides)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    x = layers.Conv2D(filters, 3, strides=strides, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(filters, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.add([x, shortcut]))


inputs = keras.Input((32, 32, 3))
x = layers.Conv2D(8, 3, padding="same")(inputs)
for filters, strides in [(8, 1), (16, 2), (16, 1)]:
    x = block(x, filters, strides)
x = layers.GlobalAveragePooling2D()(x)
model = keras.Model(inputs, layers.Dense(10)(x))

# === shared layers
import keras
from keras import layers

embed = layers.Embedding(50, 4, name="embed")
lstm = layers.LSTM(6)
left, right = keras.Input((8,)), keras.Input((9,))
a, b = lstm(embed(left)), lstm(embed(right))
model = keras.Model([left, right], layers.Dot(axes=1, normalize=True)([a, b]))

# === encoder and decoder with states
import keras
from keras import layers

encoder_inputs = keras.Input((None, 7))
encoder = layers.LSTM(12, return_state=True)
encoder_outputs, state_h, state_c = encoder(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = keras.Input((None, 5))
decoder_lstm = layers.LSTM(12, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = layers.Dense(5, activation="softmax")
decoder_outputs = decoder_dense(decoder_outputs)
model = keras.Model([encoder_inputs, decoder_inputs], decoder_outputs)
encoder_model = keras.Model(encoder_inputs, encoder_states)
state_inputs = [keras.Input((12,)), keras.Input((12,))]
outputs, h, c = decoder_lstm(decoder_inputs, initial_state=state_inputs)
decoder_model = keras.Model([decoder_inputs] + state_inputs, [decoder_dense(outputs), h, c])

# === u-net with a list of skips
import keras
from keras import layers

inputs = keras.Input((64, 64, 1))
x, skips = inputs, []
for n in (4, 8, 16):
    x = layers.Conv2D(n, 3, padding="same")(x)
    skips.append(x)
    x = layers.MaxPooling2D()(x)
x = layers.Conv2D(32, 3, padding="same")(x)
for n, skip in zip((16, 8, 4), reversed(skips)):
    x = layers.Conv2DTranspose(n, 2, strides=2)(x)
    x = layers.Concatenate()([x, skip])
    x = layers.Conv2D(n, 3, padding="same")(x)
model = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))

# === a model as a layer
import keras
from keras import layers

vision = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.Flatten()], name="vision")
a, b = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
model = keras.Model([a, b], layers.Subtract()([vision(a), vision(b)]))

# === parts of a model by name
import keras
from keras import layers

inputs = keras.Input((16, 16, 3))
x = layers.Conv2D(4, 3, name="one")(inputs)
x = layers.Conv2D(6, 3, name="two")(x)
base = keras.Model(inputs, layers.GlobalMaxPooling2D()(x))
features = keras.Model(base.input, [base.get_layer("one").output, base.get_layer("two").output])
headless = keras.Model(base.inputs, base.layers[-2].output)
topped = keras.Model(base.input, layers.Dense(3)(base.output))

# === outputs by a comprehension over layers
import keras

model = keras.Sequential([keras.Input((16,)), *[keras.layers.Dense(n) for n in (8, 4, 2)]])
extractor = keras.Model(inputs=model.inputs, outputs=[layer.output for layer in model.layers])

# === attention
import keras
from keras import layers

inputs = keras.Input((20, 16))
attended = layers.MultiHeadAttention(num_heads=2, key_dim=8)(inputs, inputs)
x = layers.LayerNormalization(epsilon=1e-6)(inputs + attended)
ff = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(16)])
x = layers.LayerNormalization()(x + ff(x))
x = layers.GlobalAveragePooling1D()(x)
model = keras.Model(inputs, layers.Dense(2)(x))

# === attention by hand
import keras
from keras import layers, ops

inputs = keras.Input((10, 8))
h = layers.LSTM(6, return_sequences=True)(inputs)
score = layers.Dense(1, activation="tanh")(h)
score = layers.Flatten()(score)
weights = layers.Activation("softmax")(score)
weights = layers.RepeatVector(6)(weights)
weights = layers.Permute([2, 1])(weights)
context = layers.multiply([h, weights])
model = keras.Model(inputs, layers.Dense(1)(layers.Lambda(lambda t: ops.sum(t, axis=1))(context)))

# === operators on tensors
import keras
from keras import layers

a, b = keras.Input((6, 4)), keras.Input((6, 4))
x = (a + b) * 2 - a / 3.0
x = -x
x = x ** 2
y = x @ keras.ops.transpose(b, (0, 2, 1))
model = keras.Model([a, b], [x, y])

# === slices
import keras
from keras import layers

inputs = keras.Input((10, 8))
last = inputs[:, -1, :]
some = inputs[:, 2:8:2]
head = inputs[:, :, 0]
new = inputs[:, :, None]
rest = inputs[..., 1:]
model = keras.Model(inputs, [last, some, head, new, rest])

# === functions of keras.ops
import keras
from keras import layers, ops

inputs = keras.Input((4, 6))
x = ops.concatenate([inputs, ops.zeros_like(inputs)], axis=-1)
x = ops.reshape(x, (-1, 48))
x = ops.expand_dims(x, 1)
x = ops.squeeze(x, axis=1)
x = ops.relu(x)
parts = ops.split(x, 2, axis=1)
y = ops.stack(parts, axis=1)
model = keras.Model(inputs, ops.mean(y, axis=-1, keepdims=True))

# === sizes out of x.shape
import keras
from keras import layers

inputs = keras.Input((12, 12, 5))
x = layers.Conv2D(7, 3)(inputs)
height, width, channels = x.shape[1:]
x = layers.Reshape((height * width, channels))(x)
x = layers.Dense(x.shape[-1] // 2)(x)
model = keras.Model(inputs, x)

# === squeeze and excite
import keras
from keras import layers


def squeeze_excite(x, ratio=4):
    filters = x.shape[-1]
    s = layers.GlobalAveragePooling2D()(x)
    s = layers.Reshape((1, 1, filters))(s)
    s = layers.Dense(filters // ratio, activation="relu", use_bias=False)(s)
    s = layers.Dense(filters, activation="sigmoid", use_bias=False)(s)
    return layers.Multiply()([x, s])


inputs = keras.Input((9, 9, 16))
model = keras.Model(inputs, squeeze_excite(squeeze_excite(inputs), ratio=8))

# === inception by a list
import keras
from keras import layers

inputs = keras.Input((14, 14, 8))
branches = [layers.Conv2D(n, k, padding="same")(inputs) for n, k in ((4, 1), (6, 3), (2, 5))]
branches.append(layers.Conv2D(3, 1)(layers.MaxPooling2D(3, 1, "same")(inputs)))
model = keras.Model(inputs, layers.concatenate(branches, axis=-1))

# === outputs by a dictionary comprehension
import keras
from keras import layers

inputs = keras.Input((5,))
heads = {name: layers.Dense(n, name=name)(inputs) for name, n in {"age": 1, "sex": 2}.items()}
model = keras.Model(inputs, list(heads.values()))

# === a node that no output needs
import keras
from keras import layers

inputs = keras.Input((5,))
unused = layers.Dense(99)(inputs)
model = keras.Model(inputs, layers.Dense(2)(inputs))

# === masks
import keras
from keras import layers

inputs = keras.Input((9,), dtype="int32")
x = layers.Embedding(30, 4, mask_zero=True)(inputs)
x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
x = layers.Dropout(0.5)(x)
model = keras.Model(inputs, layers.Dense(2)(layers.GRU(3)(x)))

# === loops with a counter in the name
import keras
from keras import layers

x = inputs = keras.Input((40, 3))
for i in range(3):
    x = layers.Conv1D(4 * 2**i, 3, dilation_rate=2**i, padding="causal", name=f"conv_{i + 1}")(x)
    x = layers.BatchNormalization(name="bn_%d" % i)(x)
    x = layers.SpatialDropout1D(0.1, name="drop_{}".format(i))(x)
model = keras.Model(inputs, x)

# === wavenet
import keras
from keras import layers


def residual(x, rate):
    gate = layers.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="sigmoid")(x)
    signal = layers.Conv1D(4, 2, padding="causal", dilation_rate=rate, activation="tanh")(x)
    merged = layers.Multiply()([gate, signal])
    skip = layers.Conv1D(4, 1)(merged)
    return layers.Add()([skip, x]), skip


inputs = keras.Input((50, 1))
x, skips = layers.Conv1D(4, 1)(inputs), []
for rate in [2**i for i in range(4)] * 2:
    x, skip = residual(x, rate)
    skips.append(skip)
model = keras.Model(inputs, layers.Conv1D(1, 1)(layers.Add()(skips)))

# === patches and class tokens
import keras
from keras import layers, ops

inputs = keras.Input((32, 32, 3))
patches = layers.Conv2D(16, 8, strides=8)(inputs)
tokens = layers.Reshape((-1, 16))(patches)
positions = layers.Embedding(16, 16)(ops.arange(16))
model = keras.Model(inputs, layers.Dense(2)((tokens + positions)[:, 0]))

# === autoencoder in three models
import keras
from keras import layers

latent = 3
enc_in = keras.Input((28, 28, 1))
x = layers.Conv2D(4, 3, strides=2, padding="same")(enc_in)
shape = x.shape
x = layers.Flatten()(x)
z = layers.Dense(latent)(x)
encoder = keras.Model(enc_in, z, name="encoder")
dec_in = keras.Input((latent,))
y = layers.Dense(shape[1] * shape[2] * shape[3])(dec_in)
y = layers.Reshape(shape[1:])(y)
y = layers.Conv2DTranspose(1, 3, strides=2, padding="same")(y)
decoder = keras.Model(dec_in, y, name="decoder")
autoencoder = keras.Model(enc_in, decoder(encoder(enc_in)), name="autoencoder")

# === generator and frozen discriminator
import keras
from keras import layers

discriminator = keras.Sequential([keras.Input((6,)), layers.Dense(4), layers.LeakyReLU(0.2), layers.Dense(1)])
discriminator.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.0002))
generator = keras.Sequential([keras.Input((2,)), layers.Dense(6), layers.BatchNormalization(momentum=0.8)])
discriminator.trainable = False
noise = keras.Input(shape=(2,))
combined = keras.Model(noise, discriminator(generator(noise)))

# === comparisons and logic of tensors
import operator
import keras

a, b = keras.Input((4,)), keras.Input((4,))
larger = (a > b) | (a == b)
neither = ~(a < 0) & (b != 1)
model = keras.Model([a, b], [larger, neither, a ^ b, operator.neg(a), operator.getitem(b, (Ellipsis, None)), operator.pow(a, 2), abs(a)])

# === dropout in a frozen model
import keras

base = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3), keras.layers.SpatialDropout2D(0.2)], name="base")
base.trainable = False
model = keras.Sequential([base, keras.layers.Flatten()])

# === operations of any number of tensors
import keras
from keras import ops

a = keras.Input((3, 4))
b = keras.Input((4, 5))
product = ops.einsum("bij,bjk->bik", a, b)
turned = ops.einsum("bij->bji", product)
model = keras.Model([a, b], [product, turned])
