"""The ops: one entry each, with kernel, shape rule, gradients, formulas, explanation and samples."""

from . import arithmetic, choice, compare, math, plumbing, power, rounding

__all__ = ["arithmetic", "choice", "compare", "math", "plumbing", "power", "rounding"]
