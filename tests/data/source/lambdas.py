# === expand and squeeze
import keras
from keras import layers, ops

model = keras.Sequential(
    [
        keras.Input((8,)),
        layers.Lambda(lambda x: ops.expand_dims(x, axis=-1)),
        layers.Conv1D(3, 2),
        layers.Lambda(lambda x: x * 2.0),
        layers.Lambda(lambda x: x[:, -1, :]),
        layers.Dense(1),
    ]
)

# === a named function with arguments
import keras
from keras import layers, ops


def crop(x, start, stop=3):
    return x[:, start:stop]


inputs = keras.Input((8, 2))
x = layers.Lambda(crop, arguments={"start": 1, "stop": 6})(inputs)
model = keras.Model(inputs, layers.Lambda(crop, arguments={"start": 0})(x))

# === several inputs of a lambda
import keras
from keras import layers, ops

a, b = keras.Input((4,)), keras.Input((4,))
distance = layers.Lambda(lambda t: ops.sqrt(ops.sum(ops.square(t[0] - t[1]), axis=1, keepdims=True)))([a, b])
model = keras.Model([a, b], layers.Dense(1)(distance))

# === a lambda with output_shape
import keras
from keras import layers, ops

inputs = keras.Input((4, 3))
x = layers.Lambda(lambda t: ops.reshape(t, (-1, 12)), output_shape=(12,))(inputs)
model = keras.Model(inputs, layers.Dense(2)(x))

# === a lambda that closes over a size
import keras
from keras import layers, ops


def repeat(n):
    return layers.Lambda(lambda x: ops.repeat(x, n, axis=1), name=f"repeat_{n}")


inputs = keras.Input((4, 3))
model = keras.Model(inputs, repeat(2)(repeat(3)(inputs)))

# === random normal in a lambda
import keras
from keras import layers, ops


def sampling(args):
    mean, log_var = args
    noise = keras.random.normal(shape=(ops.shape(mean)[0], 2))
    return mean + ops.exp(log_var / 2) * noise


inputs = keras.Input((5,))
mean, log_var = layers.Dense(2)(inputs), layers.Dense(2)(inputs)
model = keras.Model(inputs, layers.Lambda(sampling, output_shape=(2,))([mean, log_var]))

# === several outputs of a lambda
import keras
from keras import layers, ops

inputs = keras.Input((6,))
left, right = layers.Lambda(lambda x: (x[:, :2], x[:, 2:]))(inputs)
model = keras.Model(inputs, [left, layers.Dense(1)(right)])
# === one hot and argmax
import keras
from keras import layers, ops

inputs = keras.Input((6,), dtype="int32")
x = layers.Lambda(lambda t: ops.one_hot(t, 10))(inputs)
x = layers.LSTM(4)(x)
model = keras.Model(inputs, layers.Lambda(lambda t: ops.argmax(t, axis=-1))(x))

