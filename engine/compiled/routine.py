"""Kernels as machine code behind an address: each compiled for itself, when it is first needed, and cached.

A kernel is a function `(memory, row)`: the arena as a pointer to numbers of its precision, and a pointer to
the operands of one instruction. All have this one form, so a table can hold their addresses and one loop can
call whatever is in it.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ..native.code import Code, Source
from . import cpu
from .tape_rows import ADD, DIV, MUL, SUB

FOLDER = Path(__file__).parent
_lock, _defining = threading.RLock(), threading.RLock()
_addresses: dict[tuple[str, str], int] = {}
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
                found = _addresses[key] = _load(name, precision)
    return found


USUAL = (
    *("add", "add_ints", "bordered", "cast", "columns", "columns1x4", "columns3x4", "columns_back"),
    *("columns_back_dense", "columns_dense", "conv2d", "conv2d_input_grad", "conv2d_input_grad_taps"),
    *("conv2d_lines", "conv2d_weight_grad", "conv2d_weight_grad_channels", "conv2d_weight_grad_lines"),
    *("conv2d_weight_grad_turned", "copy", "count_targets", "div", "lines_pool2d"),
    *("log_softmax", "log_softmax_backward", "max_pool2d_backward", "mul", "neg", "nest", "nll_loss"),
    *("nll_loss_backward", "number", "outer", "outer_descent", "pairs_pool2d", "pairs_pool2d_backward"),
    *("relu", "relu_backward", "repeat", "rows1x6", "rows4_wide", "rows4x3", "rows6x2", "rows8x1", "spread"),
    *("sqrt", "sub", "sub_scaled", "sum_columns", "sum_rows", "tanh", "turned"),
)
"""What the usual networks need in single precision: compiled ahead when the application starts for the first
time."""
WIDE = "columns4x4", "conv2d_channels", "conv2d_weight_grad_six_lines", "rows3x7", "rows8x2"
NARROW = ("conv2d_channel_pairs",)
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
    with _defining:
        if not ROUTINES:
            cpu.restrict()
            for path in sorted((FOLDER / "kernels").glob("*.py")):
                if path.stem != "__init__":
                    importlib.import_module(f"{__package__}.kernels.{path.stem}")


SIGNATURES = {each: f"void(CPointer({each}), CPointer(int64))" for each in PRECISIONS}
"""What kernels are called with: the arena, and a row."""


def _load(name: str, precision: str) -> int:
    return CODE.address(f"{name}_{precision}", SIGNATURES[precision], lambda: _defined(name))


def _defined(name: str) -> Callable[..., None]:
    define()
    return ROUTINES[name]


def is_made(name: str, precision: str) -> bool:
    """Whether a kernel is loaded, or has been compiled before by this version on this machine."""
    return (name, precision) in _addresses or CODE.has(f"{name}_{precision}")


@cache
def walk() -> Callable[[int, int, int], None]:
    """The function that runs the rows of a table between two addresses: arena, first, end."""
    return _function("walk", "void(int64, int64, int64)", "walk")


Step = Callable[..., int]


@cache
def crew() -> tuple[Step, Step]:
    """What the two threads of a crew run: announce and serve."""
    announce = _function("announce", "int64(int64, int64)", "relay")
    return announce, _function("serve", "int64(int64)", "relay")


@cache
def taping() -> tuple[Step, Step, dict[str, Step], dict[str, Step]]:
    """What tapes do: append, reach and, by the letter of their numbers' dtype, pull and pull_back."""
    append = _function("append", f"int64({', '.join(['int64'] * 6)})", "taping", True)
    reach = _function("reach", "int64(int64[:, ::1], uint8[::1], int64)", "taping", True)
    pulls, passes = {}, {}
    for each, letter in zip(PRECISIONS, "fd", strict=True):
        kinds = f"int64[:, ::1], {each}[:, ::1], {each}[:, ::1], uint8[::1], uint8[::1], int64, int64"
        pulls[letter] = _function("pull", f"void({kinds})", "taping", True, f"pull_{each}")
        kinds = f"int64, int64[:, ::1], {each}[:, ::1], {each}[:, ::1], uint8[::1], uint8[::1], int64, int64"
        passes[letter] = _function("pull_back", f"int64({kinds})", "taping", True, f"pull_back_{each}")
    return append, reach, pulls, passes


def _operators() -> Source:
    """The operators of small tensors."""
    endings = tuple([f"_{kind}" for kind in (ADD, SUB, MUL, DIV)])
    words = f"int64({', '.join(['int64'] * 4)})"
    return Source("operate", words, _python("tape_operators", "operate"), "for_operators", endings=endings)


def tape_operators(objects: int, stand_ins: list[Callable[..., Any]]) -> list[int] | None:
    """Where the code of `tape_operators.operate` lies for each kind of op; None with another numba."""
    return CODE.operators(_operators(), objects, stand_ins)


def compile_tapes() -> None:
    """Compile what tapes need, or load it; the operators are not put in place."""
    taping()
    CODE.keep(_operators())


ECHO = {"follow": "echo_calls", "unmoved": "echo_steps", "postpone": "echo_steps", "renew": "echo_steps"}
"""What follows a round of training, and the modules that it is in."""


def _of_echo(name: str) -> Source:
    return Source(name, "int64(int64, int64, int64)", _python(ECHO[name], name), "for_memory")


def of_echo(name: str) -> int | None:
    """Where the code of one of these functions lies; None if it has not been compiled yet, or cannot be."""
    return _loaded_of_echo(name) if CODE.has(name) else None


@cache
def _loaded_of_echo(name: str) -> int | None:
    found = CODE.objects(_of_echo(name))
    return None if found is None else found[0]


def compile_echo() -> None:
    """Compile what follows rounds of training; it is not loaded."""
    for name in ECHO:
        CODE.keep(_of_echo(name))


def _function(
    name: str, signature: str, module: str, keeps_lock: bool = False, kept_as: str = ""
) -> Callable[..., Any]:
    return CODE.function(kept_as or name, signature, _python(module, name), keeps_lock)


def _python(module: str, name: str) -> Callable[[], Callable[..., Any]]:
    """A function of one of the modules here that are not imported before they have to be compiled."""

    def python() -> Callable[..., Any]:
        define()
        return getattr(importlib.import_module(f"{__package__}.{module}"), name)  # type: ignore[no-any-return]

    return python


def cache_folder() -> Path:
    """Where compiled kernels are kept: another folder for other sources, versions or processors."""
    return CODE.store.folder


def _sources() -> list[Path]:
    """The files that take part in what kernels are compiled to."""
    helpers = (
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
        "tape_operators",
        "tape_objects",
        "echo_calls",
        "echo_rows",
        "echo_steps",
        "step_words",
    )
    return sorted([*(FOLDER / f"{name}.py" for name in helpers), *FOLDER.glob("kernels/*.py")])


CODE = Code("compiled", _sources)
"""The machine code of the kernels of tables."""
