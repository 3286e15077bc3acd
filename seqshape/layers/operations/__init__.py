"""The operations of keras.ops that a Functional model can hold, one file a kind. Importing this declares them all.

An operation is a rule like a layer's: parameters annotated ``Tensor…`` are the operands of a call, the others the
arguments of Keras's Operation class; the order is that of the function in keras.ops where its first argument is an
operand. Shapes and dtypes are those of the class's ``compute_output_spec`` in Keras 3 on JAX, oddities included.
Operations have no weights and carry no mask on.
"""

from __future__ import annotations

from importlib import import_module

KINDS = (
    "elementwise",
    "reductions",
    "rearranging",
    "indexing",
    "creation",
    "products",
    "neural",
    "signals",
    "matrices",
    "images",
    "control",
)

for _kind in KINDS:
    import_module(f"seqshape.layers.operations.{_kind}")
