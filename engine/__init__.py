"""The autograd core: tensors, ops, the recorded program and its executors (numpy and numba only)."""

from . import autograd, methods, ops
from .tensor import Tensor

methods.bind()

__all__ = ["Tensor", "autograd", "ops"]
