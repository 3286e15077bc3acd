"""The tests of seqshape; ``tests.oracle`` asks the real Keras, ``tests.fuzz`` looks for disagreements."""

import os

os.environ["KERAS_BACKEND"] = "jax"  # before anything imports Keras
