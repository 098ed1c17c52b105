"""Shapes and devices that print as PyTorch prints them."""

from __future__ import annotations

import math
from typing import SupportsIndex, overload


class Size(tuple[int, ...]):
    """A shape: a tuple of sizes, printed as `torch.Size([2, 3])`."""

    __slots__ = ()

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return math.prod(self)

    @overload
    def __getitem__(self, key: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, key: slice) -> Size: ...
    def __getitem__(self, key: SupportsIndex | slice) -> int | Size:
        return Size(super().__getitem__(key)) if isinstance(key, slice) else super().__getitem__(key)

    def __add__(self, other: tuple[int, ...]) -> Size:  # type: ignore[override]
        return Size((*self, *other))

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
