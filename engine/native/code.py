"""Functions as machine code: loaded where this version has compiled them before, else compiled.

numba is imported only when something has to be compiled.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import linker
from .store import Store

_lock = threading.RLock()
_OTHER_NUMBA = "%s is compiled at each start, as this version of numba does not know how to keep it: %r"
log = logging.getLogger(__name__)


class CompilerError(RuntimeError):
    """What numba is here has other inner classes than those that are used."""


@dataclass(frozen=True, slots=True)
class Source:
    """What becomes machine code: a function for the types of a signature (numba's), behind one of `wrappers`.

    `python` gives the function, and is called only if it has to be compiled; `endings` tell the wrapper's
    functions apart where there are several.
    """

    name: str
    signature: str
    python: Callable[[], Callable[..., Any]]
    wrapper: str
    fastmath: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ("",)

    def compiled(self, symbol: str) -> bytes:
        """An object file. Errors: CompilerError with another numba."""
        python = self.python()
        try:
            from .compiler import object_code  # imports numba, 0.3 s

            return object_code(python, self.signature, symbol, self.wrapper, self.fastmath)
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

    def address(self, name: str, signature: str, python: Callable[[], Callable[..., Any]]) -> int:
        """Where the code lies that C can call with the numbers and pointers of a signature; see `Source`."""
        try:
            return self._load(Source(name, signature, python, "for_c"))[0]
        except CompilerError as error:
            log.warning(_OTHER_NUMBA, name, error.__cause__)
            from . import public  # imports numba

            return public.address(python(), signature)

    def function(
        self,
        name: str,
        signature: str,
        python: Callable[[], Callable[..., Any]],
        keeps_lock: bool = False,
        fastmath: frozenset[str] = frozenset(),
    ) -> Callable[..., Any]:
        """The code as a function of Python that takes numbers and contiguous, writable arrays.

        While it runs, other threads may use the interpreter, unless it keeps the lock: for what takes less
        than a microsecond. Errors: TypeError for another number or other kinds of arguments.
        """
        wrapper = "for_python_locked" if keeps_lock else "for_python"
        try:
            return linker.builtin(self._load(Source(name, signature, python, wrapper, fastmath))[0], name)
        except CompilerError as error:
            log.warning(_OTHER_NUMBA, name, error.__cause__)
            from . import public  # imports numba

            return public.callable_from_python(python(), signature, keeps_lock, fastmath)

    def operators(
        self, source: Source, objects: int, stand_ins: list[Callable[..., Any]]
    ) -> list[int] | None:
        """Addresses of operators of two objects, see `operator_wrappers`; None with another numba.

        The function's first argument is the address `objects`; each operator has a stand-in in Python.
        """
        table = (ctypes.c_void_p * len(stand_ins))(*map(id, stand_ins))
        linker.keep_for_good((table, stand_ins))
        linker.name_memory("gradviz_operators", ctypes.addressof(table))
        linker.name_memory("gradviz_objects", objects)
        return self.objects(source)

    def objects(self, source: Source) -> list[int] | None:
        """Addresses of functions of Python objects; None with another numba."""
        try:
            return self._load(source)
        except CompilerError as error:
            log.warning(_OTHER_NUMBA, source.name, error.__cause__)
            return None

    def keep(self, source: Source) -> None:
        """Have its code in the folder, without loading it; with another numba it cannot be kept."""
        with _lock, contextlib.suppress(CompilerError):
            self._read(source)

    def _load(self, source: Source) -> list[int]:
        with _lock:
            symbols = [f"{self._name}_{source.name}{ending}" for ending in source.endings]
            return linker.load(self._read(source), *symbols)

    def _read(self, source: Source) -> bytes:
        code = self.store.read(source.name)
        if code is None:
            code = source.compiled(f"{self._name}_{source.name}")
            self.store.write(source.name, code)
        return code
