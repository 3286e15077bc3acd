# === input_shape in the first layer
from keras.models import Sequential
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

model = Sequential()
model.add(Conv2D(8, kernel_size=(3, 3), activation="relu", input_shape=(28, 28, 1)))
model.add(Conv2D(8, (3, 3), activation="relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(10, activation="softmax"))

# === input_dim
from keras.models import Sequential
from keras.layers import Dense

model = Sequential()
model.add(Dense(12, input_dim=8, activation="relu"))
model.add(Dense(1, activation="sigmoid"))

# === names of keras.src
from keras.src.layers import Dense
from keras import Sequential, Input

model = Sequential([Input((3,)), Dense(2)])

# === star import
from keras import *
from keras.layers import *

model = Sequential([Input((3,)), Dense(2), BatchNormalization(), PReLU()])

# === aliases that Keras keeps
import keras
from keras.layers import MaxPool2D, AvgPool2D, GlobalAvgPool2D, Convolution2D, Conv2DTranspose

model = keras.Sequential([keras.Input((32, 32, 3)), Convolution2D(4, 3), MaxPool2D(), AvgPool2D(2), GlobalAvgPool2D()])

# === merging functions
import keras
from keras.layers import Input, Dense, add, average, concatenate, dot, maximum, minimum, multiply, subtract

a, b = Input((4,)), Input((4,))
x = [add([a, b]), average([a, b]), maximum([a, b]), minimum([a, b]), multiply([a, b]), subtract([a, b]), dot([a, b], axes=1)]
model = keras.Model([a, b], Dense(2)(concatenate(x)))

# === backend sizes
import keras
from keras import backend as K
from keras.layers import Dense

if K.image_data_format() == "channels_first":
    shape = (3, 8, 8)
else:
    shape = (8, 8, 3)
model = keras.Sequential([keras.Input(shape), keras.layers.Conv2D(2, 3), Dense(K.floatx() == "float32" and 4 or 5)])

# === batch_input_shape free stateful
from keras.models import Sequential
from keras.layers import LSTM, Dense, Input

batch = 4
model = Sequential()
model.add(Input(batch_shape=(batch, 10, 2)))
model.add(LSTM(3, stateful=True, return_sequences=True))
model.add(LSTM(3, stateful=True))
model.add(Dense(1))
