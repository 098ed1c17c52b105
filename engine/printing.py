"""Printing tensors as PyTorch prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .exports import Exports


def tensor_repr(tensor: Exports) -> str:
    """The text of a tensor."""
    return f"tensor({tensor.tolist()})"
