"""From a call as written to a layer that can be run: arguments matched to the signature, checked, blamed on their place."""
