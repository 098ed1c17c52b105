"""Compiled functions as operators of a Python class: METH_O in Python's C API.

The function gets the address of a table of objects, the operator's number, and the addresses of both
operands. It returns the address of a new object, or 0 where the operator's Python function shall do it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from .wrappers import I64, OBJECT, Api, call_compiled

OPERATORS = 4
"""How many there are: `symbol_0` and so on."""


def for_operators(context: Any, module: Any, callee: Any, signature: Any, symbol: str) -> None:
    """symbol_k(left, right) for each k; `gradviz_operators` is a table of the functions that stand in."""
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
        with builder.if_then(builder.icmp_signed("!=", found, I64(0)), likely=True):
            builder.ret(builder.inttoptr(found, OBJECT))
        with builder.if_then(
            builder.icmp_unsigned("!=", api("PyErr_Occurred", OBJECT), OBJECT(None)), likely=False
        ):
            builder.ret(OBJECT(None))  # no memory
        operands = builder.alloca(OBJECT, I64(2))
        for place, each in enumerate(function.args):
            builder.store(each, builder.gep(operands, [I64(place)]))
        stand_in = builder.load(builder.gep(table, [I64(0), I64(k)]))
        builder.ret(api("PyObject_Vectorcall", OBJECT, stand_in, operands, I64(2), OBJECT(None)))
