"""What an expression is made of: operands with their shapes, and Python values as source text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operand:
    """The source text of an input; `number` says that it is a Python number rather than a tensor."""

    text: str
    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    number: bool = False

    @property
    def tensor(self) -> str:
        """The text of a tensor, also for a number."""
        return f"torch.tensor({self.text})" if self.number else self.text


def source(value: Any) -> str:
    """An attribute as Python source: numbers, texts, None, tuples."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, (tuple, list)):
        inside = ", ".join(source(item) for item in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def keywords(attrs: Mapping[str, Any]) -> str:
    """`, dim=1, keepdim=True`."""
    return "".join(f", {name}={source(value)}" for name, value in attrs.items())
