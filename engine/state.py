"""What the current thread is doing: gradient mode, recorder, phase and the modules that it is inside of."""

from __future__ import annotations

import contextlib
import contextvars
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

import numpy as np

from .errors import find_lines_with
from .program import Phase, Scope

if TYPE_CHECKING:
    from .node import Node
    from .recorder import Recorder


class _State(threading.local):
    """Per-thread flags; each thread starts with gradients on and nothing recorded."""

    def __init__(self) -> None:
        self.grad_enabled = True
        self.recorder: Recorder | None = None
        self.phase = Phase.FORWARD
        self.module = ""
        self.depth = 0  # how many modules' forward we are inside of
        self.caller: object = None  # the module whose forward runs
        self.layer = False  # inside of a layer of the library, which is a box of its own already
        # Kernels run in it: numpy's warnings are off there (np.errstate takes longer than adding numbers).
        self.quiet = contextvars.copy_context()
        self.quiet.run(np.seterr, all="ignore")
        self.origin: Node | None = None  # the forward node that backward works on
        self.calling = False  # backward is inside of the user's own code: a hook


state = _State()


class GradMode(ContextDecorator):
    """Base of the context managers (and decorators) that turn recording for gradients on or off."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(state.grad_enabled)
        state.grad_enabled = self._enabled

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        state.grad_enabled = self._before.pop()


class no_grad(GradMode):  # noqa: N801  (PyTorch's name)
    """Inside, results do not require gradients: nothing is kept for backward."""

    def __init__(self) -> None:
        super().__init__(False)


class enable_grad(GradMode):  # noqa: N801  (PyTorch's name)
    """Inside, gradients are recorded, even within no_grad."""

    def __init__(self) -> None:
        super().__init__(True)


class set_grad_enabled(GradMode):  # noqa: N801  (PyTorch's name)
    """Turn gradients on or off, at once and until the end of a `with` block, if used as one."""

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        self._at_once = state.grad_enabled
        state.grad_enabled = bool(mode)

    def __enter__(self) -> None:
        self._before.append(self._at_once)
        state.grad_enabled = self._enabled


class inference_mode(GradMode):  # noqa: N801  (PyTorch's name)
    """Inside, results do not require gradients, as in no_grad."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)


def is_grad_enabled() -> bool:
    """Whether results of ops on tensors that require gradients will require them too."""
    return state.grad_enabled


@contextmanager
def phase(value: Phase) -> Iterator[None]:
    """Mark what runs inside as belonging to a phase of the training step."""
    before = state.phase
    state.phase = value
    try:
        yield
    finally:
        state.phase = before


@contextmanager
def scope(
    name: str, kind: str = "function", title: str = "", description: str = "", function: str = ""
) -> Iterator[None]:
    """Group what runs inside under `name`: a module, or a function that is composed of several ops.

    A second entry into the same path within one recording is told apart as `name#2`.
    """
    before = state.module
    path = f"{before}.{name}" if before else name
    if state.recorder is not None:
        path = state.recorder.enter_scope(Scope(path, kind, title or name, description, function))
    state.module = path
    try:
        yield
    finally:
        state.module = before


@contextmanager
def within(module: str) -> Iterator[None]:
    """Mark what runs inside as belonging to a module that has run before: the update of its parameters."""
    before = state.module
    state.module = module
    try:
        yield
    finally:
        state.module = before


@contextmanager
def function_scope(name: str, value: Phase | None = None) -> Iterator[None]:
    """`scope` for a function of several ops, unless the library's layer is a box already; and a phase."""
    before = state.phase
    state.phase = before if value is None else value
    try:
        if not state.layer:
            with scope(name, function=name):
                yield
            return
        if state.recorder is not None:
            state.recorder.compute(state.module, name)
        yield
    finally:
        state.phase = before


@contextmanager
def unrecorded() -> Iterator[None]:
    """What runs inside is no part of a recording: preparing batches, computing learning rates."""
    before = state.recorder
    state.recorder = None
    try:
        yield
    finally:
        state.recorder = before


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
_is_ours: dict[str, bool] = {}


def _ours(filename: str) -> bool:
    known = _is_ours.get(filename)
    if known is None:
        known = _is_ours[filename] = filename.startswith(_INSIDE) and not filename.startswith(_SHOWN)
    return known


def user_frame() -> FrameType | None:
    """The innermost frame outside of gradviz, or None."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _ours(frame.f_code.co_filename):
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
