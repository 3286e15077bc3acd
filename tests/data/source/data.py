# === mnist
import keras

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(60000, 784).astype("float32") / 255
y_train = keras.utils.to_categorical(y_train, 10)
model = keras.Sequential([keras.Input((x_train.shape[1],)), keras.layers.Dense(16), keras.layers.Dense(y_train.shape[1])])

# === cifar and a deferred model
import keras
from keras.datasets import cifar10

(x_train, y_train), _ = cifar10.load_data()
model = keras.Sequential([keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(10)])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x_train / 255.0, y_train, epochs=1)

# === imdb padded
from keras.datasets import imdb
from keras.preprocessing import sequence
import keras

max_features, maxlen = 5000, 80
(x_train, y_train), (x_test, y_test) = imdb.load_data(num_words=max_features)
x_train = sequence.pad_sequences(x_train, maxlen=maxlen)
model = keras.Sequential()
model.add(keras.layers.Embedding(max_features, 16))
model.add(keras.layers.LSTM(8))
model.add(keras.layers.Dense(1))
model.build(x_train.shape)

# === boston
from keras.datasets import boston_housing
import keras

(train_data, train_targets), (test_data, test_targets) = boston_housing.load_data()
mean = train_data.mean(axis=0)
train_data -= mean


def build_model():
    model = keras.Sequential([keras.Input((train_data.shape[1],)), keras.layers.Dense(64), keras.layers.Dense(1)])
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


model = build_model()

# === fashion mnist with a channel
import keras
import numpy as np

(images, labels), _ = keras.datasets.fashion_mnist.load_data()
images = np.expand_dims(images, -1)
classes = 10
model = keras.Sequential([keras.Input(images.shape[1:]), keras.layers.Conv2D(4, 3), keras.layers.GlobalMaxPooling2D(), keras.layers.Dense(classes)])

# === cifar100 shapes
import keras

(x, y), (xt, yt) = keras.datasets.cifar100.load_data(label_mode="fine")
input_shape = x.shape[1:]
model = keras.Sequential([keras.Input(shape=input_shape), keras.layers.SeparableConv2D(5, 3), keras.layers.Flatten(), keras.layers.Dense(yt.shape[-1])])

# === normalization with adapt
import numpy as np
import keras

data = np.random.rand(50, 4).astype("float32")
normalizer = keras.layers.Normalization(axis=-1)
normalizer.adapt(data)
model = keras.Sequential([keras.Input((4,)), normalizer, keras.layers.Dense(1)])

# === text vectorization free layers
import keras

inputs = keras.Input((1,))
x = keras.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])(inputs)
x = keras.layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")(x)
model = keras.Model(inputs, keras.layers.Dense(2)(x))

# === hashing and crossing free preprocessing
import keras
from keras import layers

augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1), layers.RandomZoom(0.2)], name="augment")
inputs = keras.Input((32, 32, 3))
x = augment(inputs)
x = layers.Rescaling(1.0 / 127.5, offset=-1)(x)
x = layers.Resizing(16, 16)(x)
x = layers.CenterCrop(12, 12)(x)
model = keras.Model(inputs, layers.Conv2D(2, 3)(x))

# === train and validation split
import numpy as np
import keras

data = np.zeros((1000, 30, 7))
split = int(0.8 * len(data))
train, val = data[:split], data[split:]
x, y = train[:, :-1, :], train[:, -1, 0]
model = keras.Sequential([keras.layers.GRU(5), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(x, y)
