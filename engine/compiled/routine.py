"""Kernels as machine code behind an address: each compiled for itself, when it is first needed, and cached.

A kernel is a function `(memory, row)`: the arena as a pointer to numbers of its precision, and a pointer to
the operands of one instruction. All have this one form, so a table can hold their addresses and one loop can
call whatever is in it.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ..jit import writable_folder
from . import cpu

FOLDER = Path(__file__).parent
_lock = threading.RLock()
_addresses: dict[tuple[str, str], int] = {}
_kept: list[Any] = []  # compiled functions, which must not be freed
ROUTINES: dict[str, Callable[..., None]] = {}
"""Kernels by name, entered when their module is imported."""

PRECISIONS = ("float32", "float64")


def kernel(function: Callable[..., None]) -> Callable[..., None]:
    """Decorator: enter a kernel under its name."""
    if function.__name__ in ROUTINES:
        raise ValueError(f"there is a kernel {function.__name__!r} already")
    ROUTINES[function.__name__] = function
    return function


def address(name: str, precision: str) -> int:
    """Where a kernel's machine code for a precision lies; compiles it or loads it from the cache, once."""
    key = (name, precision)
    found = _addresses.get(key)
    if found is None:
        with _lock:
            found = _addresses.get(key)
            if found is None:
                found = _addresses[key] = _compile(name, precision)
    return found


USUAL = (
    *("add", "add_ints", "bordered", "cast", "columns", "columns1x4", "columns3x4", "columns_back"),
    *("columns_back_dense", "columns_dense", "conv2d", "conv2d_input_grad", "conv2d_lines"),
    *("conv2d_weight_grad", "conv2d_weight_grad_channels", "conv2d_weight_grad_lines"),
    *("conv2d_weight_grad_turned", "copy", "count_targets", "div", "lines_pool2d"),
    *("log_softmax", "log_softmax_backward", "max_pool2d_backward", "mul", "neg", "nest", "nll_loss"),
    *("nll_loss_backward", "number", "outer", "pairs_pool2d", "pairs_pool2d_backward", "relu"),
    *("relu_backward", "repeat", "rows1x6", "rows4_wide", "rows4x3", "rows6x2", "rows8x1", "spread"),
    *("sqrt", "sub", "sub_scaled", "sum_columns", "sum_rows", "tanh", "turned"),
)
"""What the usual networks need in single precision: compiled ahead when the application starts for the first
time."""
WIDE, NARROW = ("columns4x4", "conv2d_channels", "rows8x2"), ("conv2d_channel_pairs",)
"""And what only the longest vectors need, or only others."""
SHARING = ("fetch", "offer") if os.name == "posix" else ()
"""And what two threads need; see `crew`."""


def usual() -> tuple[str, ...]:
    """What is compiled ahead on this machine."""
    return *USUAL, *SHARING, *(WIDE if cpu.level() == "avx512" else NARROW)


def prepare(name: str) -> None:
    """Compile a kernel for single precision, unless it is there."""
    address(name, "float32")


def define() -> None:
    """Import the modules that define kernels: numba is imported here, and only here."""
    with _lock:
        if not ROUTINES:
            cpu.restrict()
            for path in sorted((FOLDER / "kernels").glob("*.py")):
                if path.stem != "__init__":
                    importlib.import_module(f"{__package__}.kernels.{path.stem}")


def _compile(name: str, precision: str) -> int:
    define()
    import numba  # 0.3 s: only when something is compiled
    from numba import types

    number = types.float32 if precision == "float32" else types.float64
    form = types.void(types.CPointer(number), types.CPointer(types.int64))
    collecting = gc.isenabled()
    gc.disable()  # the compiler makes a million objects, and nearly all of them stay: a tenth of its time
    try:
        with in_folder():
            make: Any = numba.cfunc
            made = make(form, cache=True, error_model="numpy", boundscheck=False)(ROUTINES[name])
    finally:
        if collecting:
            gc.enable()
    _kept.append(made)
    _mark(name, precision).touch()
    return int(made.address)


def is_made(name: str, precision: str) -> bool:
    """Whether a kernel is loaded, or has been compiled before by this version on this machine."""
    return (name, precision) in _addresses or _mark(name, precision).exists()


def _mark(name: str, precision: str) -> Path:
    return cache_folder() / f"{name}-{precision}.made"


def walk(arena: int, start: int, stop: int) -> None:
    """Run the rows of a table between two addresses."""
    if not _walk:
        define()
        from .walk import walk as function  # compiles

        _walk.append(function)
    _walk[0](arena, start, stop)


_walk: list[Callable[[int, int, int], None]] = []

Step = Callable[..., int]


def crew() -> tuple[Step, Step]:
    """What the two threads of a crew run: announce and serve."""
    if not _crew:
        define()
        from .relay import announce, serve  # compiles

        _crew.append((announce, serve))
    return _crew[0]


_crew: list[tuple[Step, Step]] = []


def taping() -> ModuleType:
    """The functions of tapes; they keep the interpreter's lock."""
    define()
    from . import taping as module  # compiles

    return module


class in_folder:  # noqa: N801  (reads as words: with in_folder())
    """While it lasts, numba keeps what it compiles in the folder of this version, vectors and sources."""

    def __enter__(self) -> None:
        import numba  # see above

        _lock.acquire()
        self._before = numba.config.CACHE_DIR  # type: ignore[attr-defined]
        numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        import numba  # see above

        numba.config.CACHE_DIR = self._before  # type: ignore[attr-defined]
        _lock.release()


_folder: list[Path] = []


def cache_folder() -> Path:
    """Where compiled kernels are kept: another folder for other sources, numba, Python or vectors.

    numba's own key has the processor and the file of the kernel itself, but misses helpers in other files.
    """
    if not _folder:
        import numba  # its version is part of the key

        digest = hashlib.sha256(f"{numba.__version__} {sys.version_info[:2]} {cpu.level()}".encode())
        for path in sorted([*FOLDER.glob("*.py"), *FOLDER.glob("kernels/*.py")]):
            if path.parent != FOLDER or path.stem in (
                "simd",
                "operators",
                "memory",
                "cpu",
                "routine",
                "walk",
                "crew",
                "relay",
                "taping",
                "tape_rows",
            ):
                digest.update(path.read_bytes())
        _folder.append(writable_folder(f"compiled-{digest.hexdigest()[:16]}"))
    return _folder[0]
