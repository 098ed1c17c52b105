"""Columns of numbers as comma-separated values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def csv_text(header: Sequence[str], columns: Sequence[np.ndarray]) -> str:
    """Columns of equal length as comma-separated values; NaN as an empty cell; texts may be among them."""
    rows = zip(*(column.tolist() for column in columns), strict=True)
    lines = [",".join(_quoted(name) for name in header)]
    lines += [",".join(map(_cell, row)) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return "" if value != value else repr(value)


def _quoted(text: str) -> str:
    quote = '"'
    return f"{quote}{text.replace(quote, quote * 2)}{quote}" if any(c in text for c in ',"\n') else text
