"""Keras source code: what models a program builds, read from its text. Nothing in it is ever executed.

An abstract interpreter: values are numbers, strings, containers, functions, classes, layers, symbolic tensors, or not
known, with the place where the knowledge ended. It makes the same Graph as the other readers, one for each model. The
other rooms see ``face``.
"""
