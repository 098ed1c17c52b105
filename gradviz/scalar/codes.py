"""The operations on scalars as small numbers: what a flat table of a graph holds."""

from __future__ import annotations

from gradviz.engine.kernels.scalars import (
    ADD,
    EXP,
    LEAF,
    LOG,
    MUL,
    NUMBER,
    OWN,
    POW,
    RELU,
    RPOW,
    SIGMOID,
    TANH,
)

__all__ = [
    "ADD",
    "EXP",
    "FOLDED",
    "LEAF",
    "LOG",
    "MUL",
    "NUMBER",
    "OPS",
    "OWN",
    "POW",
    "RELU",
    "RPOW",
    "SIGMOID",
    "SYMBOLS",
    "TANH",
]

FOLDED = 12
"""A weighted sum whose steps are not values yet; see `folded`. Tables show the steps."""

SYMBOLS = ("", "", "", "+", "*", "**", "**", "ReLU", "tanh", "exp", "log", "sigmoid")
"""How micrograd writes them."""

OPS = ("", "", "", "add", "mul", "pow", "pow", "relu", "tanh", "exp", "log", "sigmoid")
"""The engine's ops that do the same with tensors."""
