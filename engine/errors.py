"""Errors of the engine: raised where the fault is known, in words that name shapes and the user's own line.

They derive from the built-in classes that PyTorch raises for the same mistakes, so that a learner's `except`
works.
"""

from __future__ import annotations

from collections.abc import Callable


class EngineError(Exception):
    """Base of every error that gradviz raises on purpose; `location` is the user's `file:line`, when
    known."""

    location: str | None = None

    located = False  # whether the message ends with the user's line as soon as it is raised

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        if self.located and (location := _Finder.find()):
            self.locate(location)

    def locate(self, location: str) -> None:
        """Append the user's file and line to the message, once."""
        if self.location is None and self.args:
            self.location = location
            self.args = (f"{self.args[0]}, at {location}", *self.args[1:])


class _Finder:
    """How the user's line is found; `state`, which knows whose code is whose, sets it when it is imported."""

    find: Callable[[], str] = staticmethod(lambda: "")


def find_lines_with(find: Callable[[], str]) -> None:
    """Let errors ask `find` for the user's `file:line` ("" where there is none)."""
    _Finder.find = staticmethod(find)


class ShapeError(EngineError, RuntimeError):
    """Shapes that do not fit an op (PyTorch raises RuntimeError)."""

    located = True


class DTypeError(EngineError, RuntimeError):
    """A dtype that an op does not take (PyTorch raises RuntimeError)."""

    located = True


class DimError(EngineError, IndexError):
    """A dimension or index out of range (PyTorch raises IndexError)."""


class ArgumentError(EngineError, ValueError):
    """An argument whose value makes no sense (PyTorch raises ValueError or RuntimeError)."""


class SettingError(EngineError, RuntimeError):
    """A setting out of its range, where PyTorch raises RuntimeError."""

    located = True


class UnsupportedError(EngineError, NotImplementedError):
    """A combination of arguments that does not exist (PyTorch raises NotImplementedError)."""


class GradError(EngineError, RuntimeError):
    """A request that autograd cannot serve: no graph, a freed graph, a non-scalar without a gradient."""

    located = True


class InPlaceError(EngineError, RuntimeError):
    """An in-place change where values are immutable; the message says what to write instead."""

    located = True


class ProgramError(EngineError, RuntimeError):
    """A recorded program that breaks the rules of its form, or cannot be read."""
