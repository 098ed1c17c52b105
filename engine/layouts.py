"""PyTorch's names for ways to lie in memory. Here arrays lie as numpy lays them, so that they change nothing
but are checked."""

from __future__ import annotations

from typing import Any

from .errors import ArgumentError, ShapeError


class MemoryFormat:
    """An order of a tensor's elements in memory, such as `torch.channels_last`."""

    __slots__ = ("name", "rank")

    def __init__(self, name: str, rank: int | None = None) -> None:
        self.name = name
        self.rank = rank  # of the tensors that it exists for

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class Layout:
    """How elements are stored: `torch.strided`, one after another, is the only way here."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


contiguous_format = MemoryFormat("contiguous_format")
preserve_format = MemoryFormat("preserve_format")
channels_last = MemoryFormat("channels_last", 4)
channels_last_3d = MemoryFormat("channels_last_3d", 5)
strided = Layout("strided")


def check_format(memory_format: Any, ndim: int) -> None:
    """TypeError for what is no memory format, ShapeError for one that tensors of `ndim` dimensions do not
    have."""
    if memory_format is None:
        return
    if not isinstance(memory_format, MemoryFormat):
        raise TypeError(f"memory_format must be torch.memory_format, not {type(memory_format).__name__}")
    if memory_format.rank not in (None, ndim):
        raise ShapeError(f"required rank {memory_format.rank} tensor to use {memory_format.name} format")


def check_layout(layout: Any) -> None:
    """ArgumentError for any layout but `torch.strided`."""
    if layout is not None and layout is not strided:
        raise ArgumentError(f"gradviz stores all tensors as torch.strided, not as {layout}")
