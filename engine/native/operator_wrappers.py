"""Compiled functions of objects: operators of a Python class, and functions that belong to some memory.

They get objects as addresses, and return the address of a new one, or 0 where a Python function shall do it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from .wrappers import I64, OBJECT, Api, call_compiled, check

OPERATORS = 4
"""How many there are: `symbol_0` and so on."""


def for_operators(context: Any, module: Any, callee: Any, signature: Any, symbol: str) -> None:
    """symbol_k(left, right) for each k, METH_O in Python's C API.

    The function gets the address of a table of objects, k and both operands; `gradviz_operators` is a table
    of the functions that stand in.
    """
    objects = ir.GlobalVariable(module, I64, "gradviz_objects")
    table = ir.GlobalVariable(module, ir.ArrayType(OBJECT, OPERATORS), "gradviz_operators")
    for k in range(OPERATORS):
        form = ir.FunctionType(OBJECT, [OBJECT, OBJECT])
        function = ir.Function(module, form, f"{symbol}_{k}")
        builder = ir.IRBuilder(function.append_basic_block())
        api = Api(module, builder)
        left, right = (builder.ptrtoint(each, I64) for each in function.args)
        given = [builder.ptrtoint(objects, I64), I64(k), left, right]
        found = call_compiled(context, builder, callee, signature, given)
        _return_found(api, found)
        stand_in = builder.load(builder.gep(table, [I64(0), I64(k)]))
        builder.ret(_call(api, stand_in, list(function.args)))


def for_memory(context: Any, module: Any, callee: Any, signature: Any, symbol: str) -> None:
    """symbol(self, [one, two], 2), METH_FASTCALL; `self` is an int, the address of some memory.

    The function gets that and both objects. The memory begins with the function that stands in and with what
    this gets before them, which owns the memory and is held; or with 0 twice: then None is returned.
    """
    function = ir.Function(module, ir.FunctionType(OBJECT, [OBJECT, OBJECT.as_pointer(), I64]), symbol)
    builder = ir.IRBuilder(function.append_basic_block())
    api = Api(module, builder)
    failed = function.append_basic_block("failed")
    memory = api("PyLong_AsLongLong", I64, function.args[0])
    check(api, builder.icmp_signed("==", function.args[2], I64(2)), failed, "2 arguments are needed")
    one, two = (builder.load(builder.gep(function.args[1], [I64(k)])) for k in range(2))
    words = builder.inttoptr(memory, OBJECT.as_pointer())
    stand_in, owner = (builder.load(builder.gep(words, [I64(k)])) for k in range(2))
    api("Py_IncRef", ir.VoidType(), owner)  # to make objects may run code that lets go of it
    given = [memory, builder.ptrtoint(one, I64), builder.ptrtoint(two, I64)]
    found = call_compiled(context, builder, callee, signature, given)
    usual, owned = builder.icmp_signed("!=", found, I64(0)), builder.icmp_unsigned("!=", owner, OBJECT(None))
    unusual = builder.and_(owned, builder.and_(builder.not_(usual), _nothing_raised(api)))
    with builder.if_then(unusual, likely=False):
        result = _call(api, stand_in, [owner, one, two])
        api("Py_DecRef", ir.VoidType(), owner)
        builder.ret(result)
    api("Py_DecRef", ir.VoidType(), owner)
    _return_found(api, found)
    nothing = api.object_at("gradviz_None")
    api("Py_IncRef", ir.VoidType(), nothing)
    builder.ret(nothing)
    builder.position_at_end(failed)
    builder.ret(OBJECT(None))


def _return_found(api: Api, found: Any) -> None:
    """Return the object at an address, or the error that there is; go on where there is neither."""
    builder = api.builder
    with builder.if_then(builder.icmp_signed("!=", found, I64(0)), likely=True):
        builder.ret(builder.inttoptr(found, OBJECT))
    with builder.if_then(builder.not_(_nothing_raised(api)), likely=False):
        builder.ret(OBJECT(None))  # no memory


def _nothing_raised(api: Api) -> Any:
    return api.builder.icmp_unsigned("==", api("PyErr_Occurred", OBJECT), OBJECT(None))


def _call(api: Api, function: Any, given: list[Any]) -> Any:
    """What a Python function returns."""
    builder = api.builder
    operands = builder.alloca(OBJECT, I64(len(given)))
    for place, each in enumerate(given):
        builder.store(each, builder.gep(operands, [I64(place)]))
    return api("PyObject_Vectorcall", OBJECT, function, operands, I64(len(given)), OBJECT(None))


OBJECT_WRAPPERS = {each.__name__: each for each in (for_operators, for_memory)}
