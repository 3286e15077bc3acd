"""The operations of keras.ops that a Functional model can hold, one file a kind; registry.OPERATIONS names them.

An operation is a rule like a layer's: parameters annotated ``Tensor…`` are the operands of a call, the others the
arguments of Keras's Operation class; the order is that of the function in keras.ops where its first argument is an
operand. Shapes and dtypes are those of the class's ``compute_output_spec`` in Keras 3 on JAX, oddities included.
Operations have no weights and carry no mask on.
"""
