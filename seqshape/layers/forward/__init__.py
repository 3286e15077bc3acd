"""The layers on arrays: numpy forward passes, one file for each family, loaded when a network is run."""
