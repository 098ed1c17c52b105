"""Object files as functions of this process, by LLVM's linker alone."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

METH_FASTCALL, METH_O = 0x80, 0x8
"""C functions (self, arguments, their number) and (self, argument), see Python's C API."""

OBJECTS = {"gradviz_None": None, "gradviz_TypeError": TypeError}
"""What machine code knows of Python's objects, by name. Python's own names for them mean something else as
soon as numba is imported."""


@cache
def engine() -> Any:
    """LLVM's, which owns the memory of all that is loaded."""
    import llvmlite.binding as llvm  # 50 ms: only when something is computed

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    for name, each in OBJECTS.items():
        llvm.add_symbol(name, id(each))
    triple = llvm.get_process_triple()
    module = llvm.parse_assembly(f'target triple = "{triple}"')
    machine = llvm.Target.from_triple(triple).create_target_machine()
    return llvm.create_mcjit_compiler(module, machine)


def load(code: bytes, *symbols: str) -> list[int]:
    """The addresses of the functions of these names in an object file.

    The file must be one that this version wrote, on this machine: LLVM ends the process where it is not.
    """
    from llvmlite.binding import ObjectFileRef  # see above

    made = engine()
    made.add_object_file(ObjectFileRef.from_data(code))
    made.finalize_object()
    return [int(made.get_function_address(symbol)) for symbol in symbols]


def name_memory(name: str, address: int) -> None:
    """Let code that is loaded from now on know some memory by a name; it must stay."""
    import llvmlite.binding as llvm  # see above

    engine()
    llvm.add_symbol(name, address)


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


def builtin(address: int, name: str, owner: int | None = None) -> Callable[..., Any]:
    """Machine code with the interface (self, arguments, their number) as a function that Python can call.

    `owner` is the address that it gets as `self`, an int; without one it gets none.
    """
    bound = None if owner is None else id(owner)
    return _new_function()(_definition(address, name), bound, None)  # type: ignore[no-any-return]


@cache
def _definition(address: int, name: str) -> Any:
    definition = _MethodDef(name.encode(), address, METH_FASTCALL, None)
    keep_for_good(definition)
    return ctypes.byref(definition)


def method(address: int, name: str, owner: type) -> Any:
    """Machine code with the interface (self, argument) as a method of a class, to be set there."""
    definition = _MethodDef(name.encode(), address, METH_O, None)
    keep_for_good(definition)
    make = ctypes.pythonapi.PyDescr_NewMethod
    make.restype = ctypes.py_object
    make.argtypes = ctypes.py_object, ctypes.POINTER(_MethodDef)
    return make(owner, ctypes.byref(definition))


def keep_for_good(thing: object) -> None:
    """Never free an object, not even when Python ends.

    A function's object points to its definition, and when it is freed it looks there. What modules hold goes
    away in an order of its own by then.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


@cache
def _new_function() -> Any:
    function = ctypes.pythonapi.PyCFunction_NewEx
    function.restype = ctypes.py_object
    function.argtypes = ctypes.POINTER(_MethodDef), ctypes.c_void_p, ctypes.c_void_p
    return function
