"""What the real Keras says, as data, and how a seqshape Summary is held against it."""
