"""Answers drawn from a walked network: nothing here is written per layer."""
