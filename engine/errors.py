"""Errors of the engine: raised where the fault is known, in words that name shapes and the user's own line.

They derive from the built-in classes that PyTorch raises for the same mistakes, so that a learner's `except`
works.
"""

from __future__ import annotations


class EngineError(Exception):
    """Base of every error that gradviz raises on purpose; `location` is the user's `file:line`, when
    known."""

    location: str | None = None

    def locate(self, location: str) -> None:
        """Append the user's file and line to the message, once."""
        if self.location is None and self.args:
            self.location = location
            self.args = (f"{self.args[0]}, at {location}", *self.args[1:])


class ShapeError(EngineError, RuntimeError):
    """Shapes that do not fit an op (PyTorch raises RuntimeError)."""


class DTypeError(EngineError, RuntimeError):
    """A dtype that an op does not take (PyTorch raises RuntimeError)."""


class DimError(EngineError, IndexError):
    """A dimension or index out of range (PyTorch raises IndexError)."""


class ArgumentError(EngineError, ValueError):
    """An argument whose value makes no sense (PyTorch raises ValueError or RuntimeError)."""


class GradError(EngineError, RuntimeError):
    """A request that autograd cannot serve: no graph, a freed graph, a non-scalar without a gradient."""


class InPlaceError(EngineError, RuntimeError):
    """An in-place change where values are immutable; the message says what to write instead."""


class ProgramError(EngineError, RuntimeError):
    """A recorded program that breaks the rules of its form, or cannot be read."""
