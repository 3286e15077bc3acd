"""The differential fuzzer: random models over the whole catalogue, built in the real Keras and read by seqshape.

``python -m tests.fuzz --models 20000 --seed 1`` runs as many as asked for; tests/test_fuzz.py runs a bounded number.
"""
