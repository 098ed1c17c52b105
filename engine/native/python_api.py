"""Functions of Python's C API that compiled code calls; objects are addresses, which are numbers here.

Whoever calls them holds the interpreter's lock. What a function returns is borrowed unless it says "new".
"""

from __future__ import annotations

from typing import Any

from numba import types

_WORD = types.int64


def _function(name: str, arguments: int) -> Any:
    return types.ExternalFunction(name, _WORD(*[_WORD] * arguments))


allocate = _function("PyType_GenericAlloc", 2)
"""(type, 0): a new object whose slots are all empty."""
is_subtype = _function("PyType_IsSubtype", 2)
"""(type, type); only the lower half of the word is meant."""
in_dict = _function("PyDict_GetItemWithError", 2)
"""(dict, key): the value, or 0."""
from_word = _function("PyLong_FromLongLong", 1)
"""A new int."""
to_word = _function("PyLong_AsLongLong", 1)
"""The number that an int holds."""
next_of = _function("PyIter_Next", 1)
"""A new object: an iterator's next."""
frame = _function("PyEval_GetFrame", 0)
"""The frame of the Python code that called."""
code_of = _function("PyFrame_GetCode", 1)
"""A new reference to a frame's code."""
instruction_of = _function("PyFrame_GetLasti", 1)
"""(frame): which instruction it is at; only the lower half of the word is meant."""
thread = _function("PyThreadState_Get", 0)
"""The state of the present thread, no object."""
number_of_thread = _function("PyThreadState_GetID", 1)
"""(state): a number that no other thread has or will have."""
keep = types.ExternalFunction("Py_IncRef", types.void(_WORD))
release = types.ExternalFunction("Py_DecRef", types.void(_WORD))
