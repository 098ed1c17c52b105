"""Which line of the user's code is running: for the places of instructions and of errors."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import FrameType

from .errors import find_lines_with

# Code of the package is skipped when looking for the user's line; the model zoo and the lessons are read as
# if the user had written them. In a checkout engine/ lies beside gradviz/, in an installed package inside it.
_ENGINE = Path(__file__).resolve().parent
_ROOT = _ENGINE.parent
_CHECKOUT = (_ROOT / "gradviz").is_dir()
_LIBRARY = _ROOT / "gradviz" if _CHECKOUT else _ROOT
_INSIDE = (
    *(f"{folder}{os.sep}" for folder in (_ENGINE, _LIBRARY, _ROOT / "ui")),
    contextlib.__file__,  # stands between our context managers and the user
)
_SHOWN = tuple(f"{folder}{os.sep}" for folder in (_LIBRARY / "models", _ROOT / "assets"))
OURS: dict[str, bool] = {}
"""By file name what `is_ours` has found out."""


def is_ours(filename: str) -> bool:
    """Whether a source file is the library's own."""
    known = OURS.get(filename)
    if known is None:
        known = OURS[filename] = filename.startswith(_INSIDE) and not filename.startswith(_SHOWN)
    return known


def user_frame() -> FrameType | None:
    """The innermost frame outside of gradviz, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def user_line() -> tuple[str, int]:
    """File and line of the innermost frame outside of gradviz, or ("", 0)."""
    frame = user_frame()
    return ("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def user_place() -> str:
    """`file:line` of the innermost frame outside of gradviz, or ""."""
    file, line = user_line()
    return f"{file}:{line}" if file else ""


find_lines_with(user_place)
