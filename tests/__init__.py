"""The tests of seqshape; ``tests.oracle`` asks the real Keras, ``tests.fuzz`` looks for disagreements."""
