"""Values that come from outside of a recording: new parameters and buffers, and new values for old ones."""

from __future__ import annotations

import numpy as np

from gradviz.engine.dtypes import DType, get_default_dtype
from gradviz.engine.node import leaf
from gradviz.engine.program import SlotKind
from gradviz.engine.state import no_grad, state
from gradviz.engine.tensor import Tensor

from .parameter import Parameter


def empty_parameter(*shape: int, dtype: DType | None = None) -> Parameter:
    """A parameter of zeros, to be filled by `init`."""
    return Parameter(filled(0.0, *shape, dtype=dtype))


def filled(value: float, *shape: int, dtype: DType | None = None) -> Tensor:
    """A tensor of one value, for buffers; no instruction is recorded."""
    if min(shape, default=0) < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    return Tensor._from_node(leaf(np.full(shape, value, (dtype or get_default_dtype()).numpy)))


def set_values(tensor: Tensor, array: np.ndarray) -> None:
    """Give a tensor new values; a recording takes them for an input, no instruction is recorded."""
    node = leaf(array)
    name = "" if state.recorder is None else state.recorder.name_of(tensor)
    if name:
        node.name = name
        node.kind = SlotKind.PARAMETER if isinstance(tensor, Parameter) else SlotKind.BUFFER
    with no_grad():
        tensor._point_to(node)
