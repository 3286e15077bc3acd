"""The walk: every node of a graph once, in order, from tensors to tensors. It knows no layer by name."""
