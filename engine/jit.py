"""Kernels: numba functions that are compiled at their first call and cached on disk, so that a second start
compiles nothing.

The cache folder is named after a hash of all kernel sources and of numba's version, because numba's own key
misses helpers in other files. With NUMBA_DISABLE_JIT=1 kernels run as plain Python and numba is not imported
at all.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

FASTMATH = frozenset({"contract", "reassoc", "nsz", "arcp"})
"""What may be reordered. Not `True`, which also assumes that there are no NaNs and no infinities."""

_lock = threading.RLock()


class Kernel(Generic[P, R]):
    """A function over contiguous, writable arrays and integers that numba compiles when it is first called.

    `signatures` lists the argument types that warm-up compiles, in numba's notation ("(float32[::1],
    float32[::1])"). Kernels do not call each other: each is compiled and cached for itself.
    """

    def __init__(self, function: Callable[P, R], signatures: tuple[str, ...], fastmath: bool) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = function.__qualname__
        self.signatures = signatures
        self._fastmath = fastmath
        self._call: Callable[P, R] = self._first_call
        self.dispatcher: Any = None  # numba's, once there is one

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._call(*args, **kwargs)

    def _first_call(self, *args: P.args, **kwargs: P.kwargs) -> R:
        self.prepare()
        return self._call(*args, **kwargs)

    def prepare(self) -> None:
        """Wrap the function for numba; nothing is compiled yet."""
        with _lock:
            if self.dispatcher is not None or self._call == self.function:
                return
            if jit_disabled():
                self._call = self.function
                return
            import numba  # 0.3 s: only when something is computed

            options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
            if self._fastmath:
                options["fastmath"] = set(FASTMATH)
            before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
            numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
            try:
                self.dispatcher = numba.njit(cache=True, **options)(self.function)
            finally:
                numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
            self._call = self.dispatcher

    def compile(self) -> None:
        """Compile (or load from the cache) every declared signature."""
        self.prepare()
        if self.dispatcher is not None:
            with _lock:
                for signature in self.signatures:
                    self.dispatcher.compile(signature)


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


class _Cache:
    folder: Path | None = None
    problem: str | None = None


def cache_problem() -> str | None:
    """Why compiled kernels cannot be kept for the next start, or None; known once a kernel has been
    prepared."""
    return _Cache.problem


def cache_folder() -> Path:
    """The folder for compiled kernels of this version; a temporary one if the user's cannot be written."""
    if _Cache.folder is None:
        _Cache.folder = writable_folder(f"kernels-{_source_hash()}")
    return _Cache.folder


def writable_folder(name: str) -> Path:
    """A folder of this name in the user's cache, or a temporary one if that cannot be written."""
    wanted = _user_cache() / name
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            pass
    except OSError as error:
        _Cache.problem = f"{wanted}: {error.strerror or error}"
        return Path(tempfile.mkdtemp(prefix="gradviz-kernels-"))
    return wanted


def _user_cache() -> Path:
    chosen = os.environ.get("GRADVIZ_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    import platformdirs  # only when something is compiled

    return Path(platformdirs.user_cache_dir("gradviz", appauthor=False))


def _source_hash() -> str:
    import numba  # its version is part of the key; imported already when this is called

    digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]}".encode())
    for path in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def warm_up(progress: Callable[[int, int, str], bool] | None = None) -> bool:
    """Compile every kernel, or load it from the cache; returns whether it got to the end.

    `progress(done, total, name)` is called before each kernel and at the end; it returns False to cancel.
    """
    from . import ops  # noqa: F401  (defines the kernels; imported here because ops import this module)
    from .compiled import routine  # the same

    work: list[tuple[str, Callable[[], object]]] = [(each.name, each.compile) for each in KERNELS]
    if not jit_disabled():
        work += [(name, functools.partial(routine.prepare, name)) for name in routine.usual()]
        work.append(("tapes", routine.taping))
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
