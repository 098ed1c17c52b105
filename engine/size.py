"""Shapes and devices that print as PyTorch prints them."""

from __future__ import annotations

import math


class Size(tuple[int, ...]):
    """A shape: a tuple of sizes, printed as `torch.Size([2, 3])`."""

    __slots__ = ()

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(str(size) for size in self)}])"


class Device:
    """Where a tensor lives; gradviz computes on the CPU, so "cpu" is the one device."""

    __slots__ = ("type",)
    index = None

    def __init__(self, type: str | Device = "cpu") -> None:
        name = str(type)
        if name.split(":")[0] != "cpu":
            raise RuntimeError(f"gradviz computes on the CPU; there is no device {name!r}")
        self.type: str = "cpu"

    def __repr__(self) -> str:
        return "device(type='cpu')"

    def __str__(self) -> str:
        return "cpu"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device)

    def __hash__(self) -> int:
        return hash("cpu")


CPU = Device()
