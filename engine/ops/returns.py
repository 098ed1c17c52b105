"""The named tuples that functions of several results return; they print as PyTorch's do."""

from __future__ import annotations

from collections import namedtuple
from typing import Any


def _text(self: Any) -> str:
    fields = ",\n".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
    return f"torch.return_types.{type(self).__name__}(\n{fields})"


def _kind(name: str, *fields: str) -> type:
    base = namedtuple(name, fields)  # type: ignore[misc]
    return type(name, (base,), {"__slots__": (), "__repr__": _text})


_PAIRS = ("max", "min", "sort", "topk", "kthvalue", "median", "nanmedian", "mode", "cummax", "cummin")
RETURNS: dict[str, Any] = {name: _kind(name, "values", "indices") for name in _PAIRS}
RETURNS["aminmax"] = _kind("aminmax", "min", "max")
"""By the function's name, a class that takes the results."""
