"""Functions of Python's C API that compiled code calls; objects are addresses, which are numbers here.

Whoever calls them holds the interpreter's lock. What a function returns is borrowed unless it says "new".
"""

from __future__ import annotations

from typing import Any

from numba import types

_WORD = types.int64


def _function(name: str, arguments: int, result: Any = _WORD) -> Any:
    return types.ExternalFunction(name, result(*[_WORD] * arguments))


allocate = _function("PyType_GenericAlloc", 2)
"""(type, 0): a new object whose slots are all empty."""
is_subtype = _function("PyType_IsSubtype", 2)
"""(type, type); only the lower half of the word is meant."""
in_dict = _function("PyDict_GetItemWithError", 2)
"""(dict, key): the value, or 0."""
dict_of = _function("PyObject_GenericGetDict", 2)
"""(object, 0): a new reference to the dictionary of its attributes, or 0 and an error."""
dict_size = _function("PyDict_Size", 1)
"""(dict)"""
list_size = _function("PyList_Size", 1)
"""(list)"""
list_item = _function("PyList_GetItem", 2)
"""(list, index)"""
append = _function("PyList_Append", 2)
"""(list, object)"""
put = _function("PyList_SetItem", 3)
"""(list, index, object), which takes a reference that is its caller's."""
tuple_size = _function("PyTuple_Size", 1)
"""(tuple)"""
tuple_item = _function("PyTuple_GetItem", 2)
"""(tuple, index)"""
new_tuple = _function("PyTuple_New", 1)
"""A new tuple of so many, to be filled."""
fill = _function("PyTuple_SetItem", 3)
"""(tuple, index, object), as `put`."""
attribute = _function("PyObject_GetAttr", 2)
"""(object, name): a new reference, or 0 and an error."""
call = _function("PyObject_CallNoArgs", 1)
"""(callable): a new reference, or 0 and an error."""
compare = _function("PyObject_RichCompareBool", 3)
"""(object, object, which way); only the lower half of the word is meant, -1 says that there is an error."""
weak_reference = _function("PyWeakref_NewRef", 2)
"""(object, 0): a new weak reference without a callback."""
clear_error = _function("PyErr_Clear", 0, types.void)
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
keep = _function("Py_IncRef", 1, types.void)
release = _function("Py_DecRef", 1, types.void)
