"""The architectures of keras.applications, each as the layers that it calls: compact, in Keras's order and with its names."""
