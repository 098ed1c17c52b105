"""Warnings that name the user's line, however many of our own functions lie between."""

from __future__ import annotations

import warnings

from .user_code import user_frame


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn as if the innermost line outside of gradviz had done it."""
    frame = user_frame()
    if frame is None:
        warnings.warn(message, category, stacklevel=2)
        return
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    module = frame.f_globals.get("__name__")
    warnings.warn_explicit(
        message, category, frame.f_code.co_filename, frame.f_lineno, module=module, registry=registry
    )
