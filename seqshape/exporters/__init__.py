"""Out again: a network as a spec, as Keras's JSON, as Keras code or as a PyTorch module. Each exporter is one file."""
