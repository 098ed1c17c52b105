"""The operations on scalars as small numbers: what a flat table of a graph holds."""

from __future__ import annotations

LEAF, NUMBER, OWN, ADD, MUL, POW, RPOW, RELU, TANH, EXP, LOG, SIGMOID = range(12)
"""A value of the user's, a plain number in an operation, an operation of the user's own, and ours."""

SYMBOLS = ("", "", "", "+", "*", "**", "**", "ReLU", "tanh", "exp", "log", "sigmoid")
"""How micrograd writes them."""

OPS = ("", "", "", "add", "mul", "pow", "pow", "relu", "tanh", "exp", "log", "sigmoid")
"""The engine's ops that do the same with tensors."""
