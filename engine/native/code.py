"""Functions as machine code: loaded where this version has compiled them before, else compiled.

numba is imported only when something has to be compiled.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from . import linker
from .store import Store

_lock = threading.RLock()
_OPERATORS = "for_operators"
_OTHER_NUMBA = "%s is compiled at each start, as this version of numba does not know how to keep it: %r"
log = logging.getLogger(__name__)


class CompilerError(RuntimeError):
    """What numba is here has other inner classes than those that are used."""


def _compiled(
    function: Callable[..., Any], signature: str, symbol: str, wrapper: str, fastmath: frozenset[str]
) -> bytes:
    try:
        from .compiler import object_code  # imports numba, 0.3 s

        return object_code(function, signature, symbol, wrapper, fastmath)
    except Exception as error:
        raise CompilerError from error


class Code:
    """The machine code that is made from some source files, and kept in a folder of its own."""

    def __init__(self, name: str, sources: Callable[[], Iterable[Path]]) -> None:
        self._name = name
        self.store = Store(name, sources)

    def has(self, name: str) -> bool:
        """Whether the code of a function has been kept."""
        return self.store.path(name).exists()

    def address(self, name: str, signature: str, function: Callable[[], Callable[..., Any]]) -> int:
        """Where the code lies that C can call with the numbers and pointers of a signature (numba's).

        `function` gives the Python function, and is called only if that has to be compiled.
        """
        try:
            return self._load(name, signature, function, "for_c")
        except CompilerError as error:
            log.warning(_OTHER_NUMBA, name, error.__cause__)
            from . import public  # imports numba

            return public.address(function(), signature)

    def function(
        self,
        name: str,
        signature: str,
        function: Callable[[], Callable[..., Any]],
        keeps_lock: bool = False,
        fastmath: frozenset[str] = frozenset(),
    ) -> Callable[..., Any]:
        """The code as a function of Python that takes numbers and contiguous, writable arrays.

        While it runs, other threads may use the interpreter, unless it keeps the lock: for what takes less
        than a microsecond. Errors: TypeError for another number or other kinds of arguments.
        """
        wrapper = "for_python_locked" if keeps_lock else "for_python"
        try:
            return linker.builtin(self._load(name, signature, function, wrapper, fastmath), name)
        except CompilerError as error:
            log.warning(_OTHER_NUMBA, name, error.__cause__)
            from . import public  # imports numba

            return public.callable_from_python(function(), signature, keeps_lock, fastmath)

    def operators(
        self,
        name: str,
        signature: str,
        function: Callable[[], Callable[..., Any]],
        objects: int,
        stand_ins: list[Callable[..., Any]],
    ) -> list[int] | None:
        """Addresses of operators of two objects, see `operator_wrappers`; None with another numba.

        The function's first argument is the address `objects`; each operator has a stand-in in Python.
        """
        table = (ctypes.c_void_p * len(stand_ins))(*map(id, stand_ins))
        linker.keep_for_good((table, stand_ins))
        linker.name_memory("gradviz_operators", ctypes.addressof(table))
        linker.name_memory("gradviz_objects", objects)
        endings = tuple(f"_{k}" for k in range(len(stand_ins)))
        try:
            return self._load_all(name, signature, function, _OPERATORS, frozenset(), endings)
        except CompilerError as error:
            log.warning(_OTHER_NUMBA, name, error.__cause__)
            return None

    def keep_operators(self, name: str, signature: str, function: Callable[[], Callable[..., Any]]) -> None:
        """Have their code in the folder, without loading it."""
        with _lock, contextlib.suppress(CompilerError):
            self._read(name, signature, function, _OPERATORS, frozenset())

    def _load(
        self,
        name: str,
        signature: str,
        function: Callable[[], Callable[..., Any]],
        wrapper: str,
        fastmath: frozenset[str] = frozenset(),
    ) -> int:
        return self._load_all(name, signature, function, wrapper, fastmath, ("",))[0]

    def _load_all(
        self,
        name: str,
        signature: str,
        function: Callable[[], Callable[..., Any]],
        wrapper: str,
        fastmath: frozenset[str],
        endings: tuple[str, ...],
    ) -> list[int]:
        with _lock:
            code = self._read(name, signature, function, wrapper, fastmath)
            return linker.load(code, *(f"{self._name}_{name}{ending}" for ending in endings))

    def _read(
        self,
        name: str,
        signature: str,
        function: Callable[[], Callable[..., Any]],
        wrapper: str,
        fastmath: frozenset[str],
    ) -> bytes:
        code = self.store.read(name)
        if code is None:
            code = _compiled(function(), signature, f"{self._name}_{name}", wrapper, fastmath)
            self.store.write(name, code)
        return code
