# === a backbone with a head
import keras
from keras import layers

base = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None)
base.trainable = False
inputs = keras.Input((96, 96, 3))
x = base(inputs, training=False)
x = layers.GlobalAveragePooling2D()(x)
model = keras.Model(inputs, layers.Dense(5)(x))

# === vgg in a sequential
import keras
from keras.applications import VGG16

conv_base = VGG16(weights=None, include_top=False, input_shape=(48, 48, 3))
model = keras.Sequential([keras.Input((48, 48, 3)), conv_base, keras.layers.Flatten(), keras.layers.Dense(1)])

# === pooling and classes
import keras
from keras.applications.mobilenet import MobileNet

base = MobileNet(alpha=0.25, weights=None, include_top=False, pooling="avg", input_shape=(64, 64, 3))
inputs = keras.Input((64, 64, 3))
model = keras.Model(inputs, keras.layers.Dense(3)(base(inputs)))

# === frozen up to a layer
import keras

base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
for layer in base.layers:
    if layer.name == "block5_conv1":
        break
    layer.trainable = False
inputs = keras.Input((32, 32, 3))
model = keras.Model(inputs, keras.layers.Flatten()(base(inputs)))

# === preprocessing before a backbone
import keras

inputs = keras.Input((75, 75, 3))
x = keras.applications.mobilenet_v2.preprocess_input(inputs)
base = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(75, 75, 3), alpha=0.35, pooling="max")
model = keras.Model(inputs, keras.layers.Dense(2)(base(x)))
