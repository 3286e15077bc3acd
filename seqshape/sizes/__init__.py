"""Sizes as rules see them: formulas, their order, what is asked of them, their text. ``seqshape.dims`` is the face of it."""
