# === mixed precision
import keras

keras.mixed_precision.set_global_policy("mixed_float16")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2, dtype="float32")])

# === channels first
import keras

keras.config.set_image_data_format("channels_first")
model = keras.Sequential([keras.Input((3, 16, 16)), keras.layers.Conv2D(4, 3), keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(2)])

# === compile and fit are passed over
import keras
import numpy as np

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss=keras.losses.MeanSquaredError(), metrics=["mae"])
history = model.fit(np.zeros((8, 4)), np.zeros((8, 3)), epochs=1, callbacks=[keras.callbacks.EarlyStopping(patience=1)], verbose=0)
other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

# === freeze by name and index
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(2, name="b"), keras.layers.Dense(1, name="c")])
model.get_layer("a").trainable = False
model.get_layer(index=1).trainable = False
model.layers[-1].trainable = True

# === freeze all but normalization
import keras
from keras import layers

base = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(3, 3), layers.BatchNormalization(), layers.Conv2D(2, 3)], name="base")
for layer in base.layers:
    if not isinstance(layer, layers.BatchNormalization):
        layer.trainable = False
model = keras.Sequential([base, layers.Flatten()])

# === default float type
import keras

keras.config.set_floatx("float16")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])

# === clone
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
copy = keras.models.clone_model(model)

# === from config
import keras

layer = keras.layers.Dense(3, name="first")
twin = keras.layers.Dense.from_config(layer.get_config())
model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dense.from_config({"units": 2})])

# === count and summary
import keras

model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
model.summary()
print(model.count_params(), len(model.layers), model.output_shape, model.input_shape)
other = keras.Sequential([keras.Input((model.count_params(),)), keras.layers.Dense(model.output_shape[-1] + len(model.weights))])

# === weights copied
import keras

a = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
b = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
b.set_weights(a.get_weights())
shapes = [w.shape for w in a.weights]
c = keras.Sequential([keras.Input((shapes[0][0],)), keras.layers.Dense(shapes[1][0])])


# === a model that is made untrained
import keras

inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="inner", trainable=False)
x = keras.Input((4,))
model = keras.Model(x, keras.layers.Dense(2)(inner(x)))
other = keras.Model(x, keras.layers.Dense(2)(x), trainable=False)
third = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], trainable=False)
third.trainable = True

# === input_dim of an embedding that can be turned round
import keras

model = keras.Sequential([keras.Input((4,)), keras.Sequential([keras.layers.ReversibleEmbedding(input_dim=8, output_dim=12)])])

# === names begin again
import keras
from keras import layers
def f():
    return keras.Sequential([keras.Input((2,)), layers.Dense(2)])
throw = f()
layers.Dense(3)
keras.utils.clear_session()
a = f()
b = f()
c = keras.Model(b.inputs, layers.Dense(1)(b.outputs[0]))
d = keras.Sequential([a, b, layers.Dense(3, name="dense_9"), layers.Dense(3)])
