# === built by data
import numpy as np
import keras


class Net(keras.Model):
    def __init__(self):
        super().__init__(name="my_net")
        self.lstm = keras.layers.LSTM(6, return_sequences=True)
        self.pool = keras.layers.GlobalMaxPooling1D()
        self.out = keras.layers.Dense(3)

    def call(self, x, training=False):
        return self.out(self.pool(self.lstm(x)))


net = Net()
net(np.zeros((2, 8, 5), "float32"))

# === called in a functional graph
import keras
from keras import layers


class Tower(keras.Model):
    def __init__(self, n):
        super().__init__()
        self.conv = layers.Conv2D(n, 3)
        self.pool = layers.GlobalAveragePooling2D()

    def call(self, x):
        return self.pool(self.conv(x))


inputs = keras.Input((10, 10, 3))
model = keras.Model(inputs, layers.concatenate([Tower(4)(inputs), Tower(5)(inputs)]))

# === functional by a subclass
import keras


class MLP(keras.Model):
    def __init__(self, shape, n):
        inputs = keras.Input(shape)
        x = keras.layers.Dense(n)(inputs)
        super().__init__(inputs=inputs, outputs=keras.layers.Dense(1)(x))


model = MLP((4,), 3)

# === sequential by a subclass
import keras


class Stack(keras.Sequential):
    def __init__(self, n):
        super().__init__()
        self.add(keras.Input((4,)))
        for i in range(n):
            self.add(keras.layers.Dense(3))


model = Stack(2)

# === encoder and decoder of classes
import keras
from keras import layers


class Encoder(layers.Layer):
    def __init__(self, n):
        super().__init__()
        self.hidden = layers.Dense(8)
        self.out = layers.Dense(n)

    def call(self, x):
        return self.out(self.hidden(x))


class Autoencoder(keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder(2)
        self.decoder = keras.Sequential([layers.Dense(8), layers.Dense(6)])

    def call(self, x):
        return self.decoder(self.encoder(x))


model = Autoencoder()
model(keras.Input((6,)))

# === weights of the model itself
import keras


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)
        self.scale = self.add_weight(shape=(3,), name="scale")

    def call(self, x):
        return self.dense(x) * self.scale


inputs = keras.Input((2,))
model = keras.Model(inputs, Net()(inputs))

# === train_step and metrics
import keras


class GAN(keras.Model):
    def __init__(self, discriminator, generator):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def call(self, x):
        return self.discriminator(self.generator(x))

    def train_step(self, data):
        return {"loss": self.loss_tracker.result()}


disc = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)], name="disc")
gen = keras.Sequential([keras.Input((2,)), keras.layers.Dense(6)], name="gen")
gan = GAN(disc, gen)
gan.compile(optimizer="adam")

# === shared twice in call
import keras


class Siamese(keras.Model):
    def __init__(self):
        super().__init__()
        self.embed = keras.layers.Dense(4)

    def call(self, pair):
        a, b = pair
        return keras.ops.sum(self.embed(a) * self.embed(b), axis=-1)


a, b = keras.Input((3,)), keras.Input((3,))
model = keras.Model([a, b], Siamese()([a, b]))

# === a model of a class
import keras
from keras import layers


class Net(keras.Model):
    def __init__(self, units=4):
        super().__init__()
        self.first = layers.Dense(units, activation="relu")
        self.second = layers.Dense(2)

    def call(self, inputs):
        return self.second(self.first(inputs))


model = Net()
model(keras.Input((5,)))

# === layers in a list
import keras


class Deep(keras.Model):
    def __init__(self, sizes):
        super().__init__()
        self.blocks = [keras.layers.Dense(n, activation="relu") for n in sizes]
        self.head = keras.layers.Dense(1)

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)


model = Deep([8, 4, 2])
model(keras.Input((3,)))

# === an unused layer
import keras


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = keras.layers.Dense(3)
        self.b = keras.layers.Dropout(0.3)

    def call(self, x, training=False):
        x = self.a(x)
        if training:
            x = self.b(x)
        return x


model = Net()
model(keras.Input((3,)))

# === several inputs
import keras
from keras import layers


class Wide(keras.Model):
    def __init__(self, units=6, activation="relu"):
        super().__init__()
        self.hidden1 = layers.Dense(units, activation=activation)
        self.hidden2 = layers.Dense(units, activation=activation)
        self.main_output = layers.Dense(1)
        self.aux_output = layers.Dense(1)

    def call(self, inputs):
        wide, deep = inputs
        hidden = self.hidden2(self.hidden1(deep))
        concat = layers.concatenate([wide, hidden])
        return self.main_output(concat), self.aux_output(hidden)


model = Wide()
model([keras.Input((5,)), keras.Input((6,))])

# === dictionary of inputs
import keras
from keras import layers


class Tickets(keras.Model):
    def __init__(self, departments):
        super().__init__()
        self.concat_layer = layers.Concatenate()
        self.mixing_layer = layers.Dense(16, activation="relu")
        self.priority_scorer = layers.Dense(1, activation="sigmoid")
        self.classifier = layers.Dense(departments, activation="softmax")

    def call(self, inputs):
        features = self.concat_layer([inputs["title"], inputs["body"], inputs["tags"]])
        features = self.mixing_layer(features)
        return self.priority_scorer(features), self.classifier(features)


model = Tickets(4)
model({"title": keras.Input((10,)), "body": keras.Input((10,)), "tags": keras.Input((3,))})

# === a subclass of a subclass
import keras


class Base(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.body = self.make_body()
        self.head = keras.layers.Dense(1)

    def make_body(self):
        raise NotImplementedError

    def call(self, x):
        return self.head(self.body(x))


class Small(Base):
    def make_body(self):
        return keras.Sequential([keras.layers.Dense(4), keras.layers.ReLU()])


model = Small(name="small")
model(keras.Input((3,)))

# === numbers of names go on
import keras


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(2)

    def call(self, x):
        return self.dense(x)


before = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
one = Net()
one(keras.Input((3,)))
two = Net()
two(keras.Input((4,)))
after = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
