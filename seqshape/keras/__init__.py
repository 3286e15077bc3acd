"""What Keras does with names, rows, masks, order and stored weights, and nothing else."""
