"""How each op becomes rows of a table; importing this package enters all rules."""

from . import (
    convolution,
    elementwise,
    folds,
    formulas,
    joining,
    lines,
    matmul,
    naming,
    placing,
    pooling,
    reduce,
    windows,
)

__all__ = [
    "convolution",
    "elementwise",
    "folds",
    "formulas",
    "joining",
    "lines",
    "matmul",
    "naming",
    "placing",
    "pooling",
    "reduce",
    "windows",
]
