"""The catalogue of layers, one file a family, as in Keras. registry.FAMILIES names them; each is loaded when it is asked for."""
