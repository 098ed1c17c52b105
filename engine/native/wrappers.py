"""How compiled functions are called: from C with their arguments as they are, or from Python with objects.

A function that numba has compiled returns a status, and its arrays are taken apart into their fields. Each
of these wrappers becomes a function of a given name around it, which needs nothing of numba's when it runs.
Kernels raise nothing, so the status is not looked at, and LLVM removes what makes it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array, populate_array

I8, I32, I64 = (ir.IntType(bits) for bits in (8, 32, 64))
OBJECT = I8.as_pointer()
WORDS = I64.as_pointer()

VIEW = ir.LiteralStructType([OBJECT, OBJECT, I64, I64, I32, I32, OBJECT, WORDS, WORDS, WORDS, OBJECT])
"""Py_buffer: buf, obj, len, itemsize, readonly, ndim, format, shape, strides, suboffsets, internal."""
_DATA, _OWNER, _DIMS, _FORMAT, _SHAPE, _STRIDES = 0, 1, 5, 6, 7, 8
_WRITABLE, _WITH_FORMAT, _CONTIGUOUS = 0x1, 0x4, 0x38  # PyBUF_WRITABLE, PyBUF_FORMAT, PyBUF_C_CONTIGUOUS

_FORMATS = {
    types.float32: "f",
    types.float64: "d",
    types.int64: "lq",
    types.uint64: "LQ",
    types.uint8: "B",
}
"""The letters of the struct module for an array's elements."""


def for_c(context: Any, module: Any, callee: Any, signature: Any, symbol: str) -> None:
    """symbol(arguments …), as a C function of numbers and pointers."""
    kinds = [context.get_value_type(each) for each in signature.args]
    nothing = signature.return_type == types.void
    returned = ir.VoidType() if nothing else context.get_value_type(signature.return_type)
    form = ir.FunctionType(returned, kinds)
    function = ir.Function(module, form, symbol)
    builder = ir.IRBuilder(function.append_basic_block())
    result = call_compiled(context, builder, callee, signature, function.args)
    if nothing:
        builder.ret_void()
    else:
        builder.ret(result)


def for_python(context: Any, module: Any, callee: Any, signature: Any, symbol: str) -> None:
    """symbol(self, arguments, their number), METH_FASTCALL in Python's C API; arrays come as buffers.

    While it runs, other threads may use the interpreter.
    """
    _for_python(context, module, callee, signature, symbol, lock=False)


def for_python_locked(context: Any, module: Any, callee: Any, signature: Any, symbol: str) -> None:
    """The same, but other threads wait: letting them in and getting the interpreter back takes 0.1 µs."""
    _for_python(context, module, callee, signature, symbol, lock=True)


def _for_python(context: Any, module: Any, callee: Any, signature: Any, symbol: str, lock: bool) -> None:
    function = ir.Function(module, ir.FunctionType(OBJECT, [OBJECT, OBJECT.as_pointer(), I64]), symbol)
    builder = ir.IRBuilder(function.append_basic_block())
    call = Api(module, builder)
    views = {
        k: builder.alloca(VIEW) for k, kind in enumerate(signature.args) if isinstance(kind, types.Array)
    }
    for view in views.values():
        builder.store(OBJECT(None), _field(builder, view, _OWNER))
    failed = function.append_basic_block("failed")
    wanted = len(signature.args)
    text = f"{wanted} arguments are needed"
    check(call, builder.icmp_signed("==", function.args[2], I64(wanted)), failed, text)
    values = []
    for k, kind in enumerate(signature.args):
        given = builder.load(builder.gep(function.args[1], [I64(k)]))
        if k in views:
            values.append(_array(context, call, kind, given, views[k], failed, k))
        else:
            values.append(_number(context, call, kind, given, failed))
    saved = None if lock else call("PyEval_SaveThread", OBJECT)
    result = call_compiled(context, builder, callee, signature, values)
    if saved is not None:
        call("PyEval_RestoreThread", ir.VoidType(), saved)
    for view in views.values():
        call("PyBuffer_Release", ir.VoidType(), view)
    builder.ret(_object(call, signature.return_type, result))
    builder.position_at_end(failed)
    for view in views.values():
        call("PyBuffer_Release", ir.VoidType(), view)  # does nothing where there is no buffer
    builder.ret(OBJECT(None))


class Api:
    """Calls of functions of Python's C API, declared when they are first called."""

    def __init__(self, module: Any, builder: Any) -> None:
        self.module, self.builder = module, builder

    def __call__(self, name: str, result: Any, *args: Any) -> Any:
        found = self.module.globals.get(name)
        if found is None:
            found = ir.Function(self.module, ir.FunctionType(result, [arg.type for arg in args]), name)
        return self.builder.call(found, args)

    def object_at(self, name: str) -> Any:
        """One of the objects that `linker` gives a name."""
        found = self.module.globals.get(name) or ir.GlobalVariable(self.module, I8, name)
        return self.builder.bitcast(found, OBJECT)

    def text(self, text: str) -> Any:
        """A C string."""
        data = bytearray(text.encode() + b"\0")
        kind = ir.ArrayType(I8, len(data))
        name = self.module.get_unique_name("text")
        variable = ir.GlobalVariable(self.module, kind, name)
        variable.initializer, variable.global_constant, variable.linkage = kind(data), True, "private"
        return self.builder.bitcast(variable, OBJECT)


def call_compiled(context: Any, builder: Any, callee: Any, signature: Any, values: Any) -> Any:
    """Call a function that numba has compiled, and leave its status alone."""
    kinds = signature.args
    return context.call_conv.call_function(builder, callee, signature.return_type, kinds, values)[1]


def _field(builder: Any, view: Any, number: int) -> Any:
    return builder.gep(view, [I32(0), I32(number)])


def check(call: Api, good: Any, failed: Any, text: str) -> None:
    """Go on where a condition holds, else raise a TypeError."""
    with call.builder.if_then(call.builder.not_(good), likely=False):
        call("PyErr_SetString", ir.VoidType(), call.object_at("gradviz_TypeError"), call.text(text))
        call.builder.branch(failed)


def _array(context: Any, call: Api, kind: Any, given: Any, view: Any, failed: Any, place: int) -> Any:
    """numba's form of an array whose memory is another's."""
    builder = call.builder
    flags = I32(_WRITABLE | _WITH_FORMAT | _CONTIGUOUS)
    with builder.if_then(
        builder.icmp_signed("!=", call("PyObject_GetBuffer", I32, given, view, flags), I32(0)), likely=False
    ):
        builder.branch(failed)
    letter = builder.load(builder.load(_field(builder, view, _FORMAT)))
    known = [builder.icmp_signed("==", letter, I8(ord(each))) for each in _FORMATS[kind.dtype]]
    same = builder.icmp_signed("==", builder.load(_field(builder, view, _DIMS)), I32(kind.ndim))
    good = builder.and_(same, known[0] if len(known) == 1 else builder.or_(*known))
    text = f"argument {place + 1} must be a contiguous array of {kind.dtype} with {kind.ndim} dimensions"
    check(call, good, failed, text)
    shape, strides = (
        [builder.load(builder.gep(words, [I64(d)])) for d in range(kind.ndim)]
        for words in (builder.load(_field(builder, view, each)) for each in (_SHAPE, _STRIDES))
    )
    made = make_array(kind)(context, builder)
    element = context.get_data_type(kind.dtype)
    populate_array(
        made,
        data=builder.bitcast(builder.load(_field(builder, view, _DATA)), element.as_pointer()),
        shape=shape,
        strides=strides,
        itemsize=kind.dtype.bitwidth // 8,
        meminfo=None,
    )
    return made._getvalue()


def _number(context: Any, call: Api, kind: Any, given: Any, failed: Any) -> Any:
    """A C number; -1 may stand for an error, so that is asked for."""
    builder = call.builder
    if isinstance(kind, types.Integer):
        value = call("PyLong_AsLongLong", I64, given)
        odd = builder.icmp_signed("==", value, I64(-1))
        made = _fitted(builder.trunc, context, kind, value)
    else:
        value = call("PyFloat_AsDouble", ir.DoubleType(), given)
        odd = builder.fcmp_ordered("==", value, ir.DoubleType()(-1.0))
        made = _fitted(builder.fptrunc, context, kind, value)
    with builder.if_then(odd, likely=False):
        raised = builder.icmp_unsigned("!=", call("PyErr_Occurred", OBJECT), OBJECT(None))
        with builder.if_then(raised, likely=False):
            builder.branch(failed)
    return made


def _fitted(narrow: Any, context: Any, kind: Any, value: Any) -> Any:
    return value if kind.bitwidth == 64 else narrow(value, context.get_value_type(kind))


def _object(call: Api, kind: Any, value: Any) -> Any:
    """A Python object for what a function returns."""
    if isinstance(kind, types.Integer):
        return call("PyLong_FromLongLong", OBJECT, value)
    if isinstance(kind, types.Float):
        return call("PyFloat_FromDouble", OBJECT, value)
    nothing = call.object_at("gradviz_None")
    call("Py_IncRef", ir.VoidType(), nothing)
    return nothing


WRAPPERS = {each.__name__: each for each in (for_c, for_python, for_python_locked)}
