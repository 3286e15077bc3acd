# === literal list
import keras
from keras import layers

model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)])

# === add one by one
from keras.models import Sequential
from keras.layers import LSTM, Dense, Dropout

model = Sequential()
model.add(LSTM(50, return_sequences=True, input_shape=(60, 1)))
model.add(Dropout(0.2))
model.add(LSTM(50))
model.add(Dense(1))
model.compile(optimizer="adam", loss="mse")

# === pop and add again
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
model.pop()
model.add(keras.layers.Dense(5))

# === pop from layers
import keras

base = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
model = keras.Sequential(base.layers[:-1])
model.add(keras.layers.Dense(7, name="head"))

# === input layer objects
import keras
from keras.layers import InputLayer, Dense

model = keras.Sequential([InputLayer(shape=(7,)), Dense(2)])
other = keras.Sequential()
other.add(InputLayer(shape=(3, 2), name="start"))
other.add(Dense(4))

# === build later
import keras

model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
model.build((None, 20))

# === build by a call with data
import numpy as np
import keras

model = keras.Sequential([keras.layers.LSTM(6), keras.layers.Dense(1)])
model(np.zeros((2, 10, 3), dtype="float32"))

# === build by a symbolic call
import keras

inner = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(2)])
x = keras.Input((9,))
model = keras.Model(x, inner(x))

# === given names
import keras

model = keras.Sequential(
    [keras.Input((5,), name="features"), keras.layers.Dense(3, name="hidden"), keras.layers.Dense(1, name="out")],
    name="regressor",
)

# === automatic numbers through the file
import keras
from keras import layers

first = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(2)])
second = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dropout(0.1), layers.Dense(2)])
third = keras.Model(second.inputs, second.outputs)

# === names after clear_session
import keras

a = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
keras.backend.clear_session()
b = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

# === a layer of another model
import keras

shared = keras.layers.Dense(4, name="shared")
a = keras.Sequential([keras.Input((3,)), shared])
b = keras.Sequential([keras.Input((3,)), shared, keras.layers.Dense(1)])

# === a model in a model
import keras

encoder = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3)], name="encoder")
decoder = keras.Sequential([keras.Input((3,)), keras.layers.Dense(8)], name="decoder")
model = keras.Sequential([encoder, decoder])

# === frozen parts
import keras

base = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3), keras.layers.BatchNormalization()], name="base")
base.trainable = False
model = keras.Sequential([base, keras.layers.Dense(2)])

# === frozen layers one by one
import keras

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(3), keras.layers.Dense(4), keras.layers.Dense(5)])
for layer in model.layers[:-1]:
    layer.trainable = False

# === trainable said in the call
import keras

model = keras.Sequential([keras.Input((6,)), keras.layers.Embedding(100, 8, trainable=False), keras.layers.GRU(4)])

# === batch shape
import keras

model = keras.Sequential([keras.Input(batch_shape=(16, 20, 3)), keras.layers.LSTM(5, stateful=True)])

# === wrappers
import keras
from keras.layers import Bidirectional, Conv2D, Dense, Flatten, LSTM, MaxPooling2D, TimeDistributed

model = keras.Sequential()
model.add(keras.Input((4, 12, 12, 1)))
model.add(TimeDistributed(Conv2D(3, (3, 3), activation="relu")))
model.add(TimeDistributed(MaxPooling2D()))
model.add(TimeDistributed(Flatten()))
model.add(Bidirectional(LSTM(6, return_sequences=True), merge_mode="sum"))
model.add(TimeDistributed(Dense(2)))

# === list built before
import keras
from keras import layers

stack = [keras.Input((10,))]
stack.append(layers.Dense(5))
stack += [layers.ReLU(), layers.Dense(2)]
stack.extend([layers.Softmax()])
stack.insert(1, layers.Rescaling(1.0 / 255))
model = keras.Sequential(stack)

# === chained comparison decides
import keras

depth = 3
model = keras.Sequential([keras.Input((4,))])
if 1 < depth <= 3:
    model.add(keras.layers.Dense(6))
elif depth > 3:
    model.add(keras.layers.Dense(60))
else:
    model.add(keras.layers.Dense(600))

# === activation as object
import keras
from keras import activations

model = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(3, activation=activations.relu), keras.layers.Activation(keras.ops.tanh)]
)

# === regularizers and initializers
import keras
from keras import regularizers, initializers, constraints

model = keras.Sequential(
    [
        keras.Input((4,)),
        keras.layers.Dense(
            3,
            kernel_regularizer=regularizers.l2(0.01),
            bias_initializer=initializers.Constant(0.1),
            kernel_constraint=constraints.MaxNorm(2.0),
        ),
        keras.layers.Dense(2, kernel_regularizer=regularizers.L1L2(l1=1e-5, l2=1e-4), kernel_initializer="he_normal"),
    ]
)

# === a rebuilt Sequential with another first layer
import keras

model = keras.Sequential([keras.layers.Dense(3)])
model.add(keras.layers.Dense(2))
model.build(input_shape=(None, 5))
model.add(keras.layers.Dense(9))

# === cells
import keras
from keras import layers

cells = [layers.LSTMCell(8), layers.GRUCell(4), layers.SimpleRNNCell(2)]
model = keras.Sequential([keras.Input((None, 5)), layers.RNN(cells, return_sequences=True), layers.Dense(1)])

# === stacked cells by a comprehension
import keras
from keras import layers

model = keras.Sequential([keras.Input((7, 5)), layers.RNN(layers.StackedRNNCells([layers.LSTMCell(n) for n in (8, 4)]))])

# === a dictionary of layers
import keras

parts = {"a": keras.layers.Dense(4), "b": keras.layers.Dense(2)}
model = keras.Sequential([keras.Input((3,)), *parts.values()])

# === dtype policy of one layer
import keras

model = keras.Sequential([keras.Input((3,), dtype="float16"), keras.layers.Dense(4, dtype="mixed_float16")])

# === layers as attributes of the module
import keras as K

model = K.models.Sequential([K.layers.InputLayer(shape=(5, 5, 3)), K.layers.DepthwiseConv2D(3, depth_multiplier=2), K.layers.GlobalAveragePooling2D()])
