"""Which operands may be numbers: PyTorch takes one for a tensor in some functions, not in others."""

from __future__ import annotations

from typing import Any

from .tensor import Tensor, as_tensor_operand


def check_tensor(name: str, argument: str, position: int, value: Any) -> None:
    """TypeError, as from PyTorch, for anything but a tensor."""
    if not isinstance(value, Tensor):
        kind = type(value).__name__
        raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {kind}")


def two_tensors(name: str, input: Any, other: Any, second: str = "other") -> tuple[Tensor, Tensor]:
    """Both, which must be tensors."""
    check_tensor(name, "input", 1, input)
    check_tensor(name, second, 2, other)
    return input, other


def tensor_first(name: str, input: Any, other: Any) -> tuple[Tensor, Tensor]:
    """A tensor, and a tensor or number."""
    check_tensor(name, "input", 1, input)
    return input, as_tensor_operand(other)


def one_tensor(name: str, input: Any, other: Any) -> tuple[Tensor, Tensor]:
    """Two of which one may be a number."""
    if not isinstance(other, Tensor):
        check_tensor(name, "input", 1, input)
    return as_tensor_operand(input), as_tensor_operand(other)
