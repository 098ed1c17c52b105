"""The autograd core: tensors, ops, the recorded program and its executors (numpy and numba only)."""

from . import methods, ops
from .tensor import Tensor

methods.bind()

__all__ = ["Tensor", "ops"]
