"""Parameters for layers to initialise."""

from __future__ import annotations

import numpy as np

from gradviz.engine.dtypes import DType, get_default_dtype
from gradviz.engine.node import leaf
from gradviz.engine.tensor import Tensor

from .parameter import Parameter


def empty_parameter(*shape: int, dtype: DType | None = None) -> Parameter:
    """A parameter of zeros, to be filled by `init`."""
    return Parameter(filled(0.0, *shape, dtype=dtype))


def filled(value: float, *shape: int, dtype: DType | None = None) -> Tensor:
    """A tensor of one value, for buffers; no instruction is recorded."""
    return Tensor._from_node(leaf(np.full(shape, value, (dtype or get_default_dtype()).numpy)))
