"""The ops: one entry each, with kernel, shape rule, gradients, formulas, explanation and samples."""

from . import arithmetic, plumbing

__all__ = ["arithmetic", "plumbing"]
