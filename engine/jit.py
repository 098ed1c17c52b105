"""Kernels: functions that numba compiles at their first call, and that are kept on disk, so that a second
start compiles nothing and does not even import numba.

With NUMBA_DISABLE_JIT=1 kernels run as plain Python.
"""

from __future__ import annotations

import functools
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

from .native.code import Code
from .native.store import cache_problem, writable_folder

__all__ = [
    "CODE",
    "Kernel",
    "cache_problem",
    "dense",
    "is_warm",
    "jit_disabled",
    "kernel",
    "warm_up",
    "writable_folder",
]

P = ParamSpec("P")
R = TypeVar("R")

FASTMATH = frozenset({"contract", "reassoc", "nsz", "arcp"})
"""What may be reordered. Not `True`, which also assumes that there are no NaNs and no infinities."""

CODE = Code("kernels", lambda: sorted((Path(__file__).parent / "kernels").glob("*.py")))
"""The machine code of the kernels of this layer."""

_lock = threading.RLock()


class Kernel(Generic[P, R]):
    """A function over contiguous, writable arrays and integers that is machine code from its first call on.

    `signatures` lists the types of arguments that there is code for, in numba's notation ("(float32[::1],
    float32[::1])"); several differ in their arrays. Kernels do not call each other: each is compiled and
    kept for itself.
    """

    def __init__(self, function: Callable[P, R], signatures: tuple[str, ...], fastmath: bool) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = function.__qualname__
        self.signatures = signatures
        self._fastmath = FASTMATH if fastmath else frozenset[str]()
        kinds = [_kinds(signature) for signature in signatures]
        differ = (k for k, each in enumerate(zip(*kinds, strict=True)) if len(set(each)) > 1)
        self._telling = next(differ, 0)  # the argument whose elements tell signatures apart
        self._elements = [each[self._telling].partition("[")[0] for each in kinds]
        self._made = _Made(self._code)  # by that argument's elements

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._made[args[self._telling].dtype.char](*args, **kwargs)  # type: ignore[attr-defined,no-any-return]

    def _code(self, letter: str) -> Callable[P, R]:
        """What to call for arrays of a type: machine code from the cache, or compiled now."""
        if jit_disabled():
            return self.function
        elements = np.dtype(letter).name
        if elements not in self._elements:
            raise TypeError(f"{self.name} has no code for arrays of {elements}, only {self.signatures}")
        signature = self.signatures[self._elements.index(elements)]
        return CODE.function(
            f"{self.name}_{elements}", f"void{signature}", lambda: self.function, fastmath=self._fastmath
        )

    def compile(self) -> None:
        """Compile (or load from the cache) every declared signature."""
        for elements in self._elements:
            self._made[np.dtype(elements).char]


class _Made(dict[str, Callable[..., Any]]):
    """What has been asked for; what has not is made, once."""

    def __init__(self, make: Callable[[str], Callable[..., Any]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, letter: str) -> Callable[..., Any]:
        with _lock:
            if letter not in self:
                self[letter] = self._make(letter)
        return self[letter]


def _kinds(signature: str) -> list[str]:
    """The types of a signature's arguments: "(float32[:, ::1], int64)" has two."""
    return re.findall(r"\w+(?:\[[^\]]*\])?", signature)


KERNELS: list[Kernel[..., Any]] = []
"""Every kernel, in the order of definition: what warm-up walks."""


def kernel(*signatures: str, fastmath: bool = True) -> Callable[[Callable[P, R]], Kernel[P, R]]:
    """Decorator: make a `Kernel`; `fastmath` lets sums be reordered so that they vectorise."""

    def wrap(function: Callable[P, R]) -> Kernel[P, R]:
        made = Kernel(function, signatures, fastmath)
        KERNELS.append(made)
        return made

    return wrap


def for_floats(signature: str) -> tuple[str, str]:
    """The signature for float32 and for float64, written with F: "(F[::1], int64)"."""
    return signature.replace("F", "float32"), signature.replace("F", "float64")


def dense(array: np.ndarray) -> np.ndarray:
    """The array itself or a copy that is contiguous and writable: the one memory layout that kernels are
    compiled for."""
    flags = array.flags
    return array if flags.c_contiguous and flags.writeable and flags.aligned else np.array(array, order="C")


def jit_disabled() -> bool:
    """Whether NUMBA_DISABLE_JIT asks for plain Python."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def cache_folder() -> Path:
    """The folder for compiled kernels of this version; a temporary one if the user's cannot be written."""
    return CODE.store.folder


def warm_up(progress: Callable[[int, int, str], bool] | None = None) -> bool:
    """Compile every kernel, or load it from the cache; returns whether it got to the end.

    `progress(done, total, name)` is called before each kernel and at the end; it returns False to cancel.
    """
    from . import ops  # noqa: F401  (defines the kernels; imported here because ops import this module)
    from .compiled import routine  # the same

    work: list[tuple[str, Callable[[], object]]] = [(each.name, each.compile) for each in KERNELS]
    if not jit_disabled():
        work += [(name, functools.partial(routine.prepare, name)) for name in routine.usual()]
        work += [("walk", routine.walk), ("tapes", routine.compile_tapes), ("echo", routine.compile_echo)]
    total = len(work)
    for done, (name, compile_it) in enumerate(work):
        if progress is not None and not progress(done, total, name):
            return False
        compile_it()
    if progress is not None:
        progress(total, total, "")
    return True


def is_warm() -> bool:
    """Whether kernels of this version have been compiled before on this machine (a marker that `mark_warm`
    wrote)."""
    return jit_disabled() or all((folder / "complete").is_file() for folder in _folders())


def mark_warm() -> None:
    """Note that warm-up got to its end."""
    for folder in _folders():
        (folder / "complete").touch()


def _folders() -> tuple[Path, Path]:
    from .compiled import routine  # which imports this module

    return cache_folder(), routine.cache_folder()
