"""Pointers as numba values: other views of the arena, calls through addresses, words that threads share."""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types

from . import operators  # noqa: F401  (vectors have operators from here on)
from .simd import I64, intrinsic

Memory = Any
"""The arena as a pointer to numbers of the kernel's precision; everything lies at offsets from it."""
Row = Any
"""The operands of one instruction, a pointer to int64: offsets (counted in elements) and sizes."""

INTS = types.CPointer(types.int64)
BYTES = types.CPointer(types.uint8)
SINGLES = types.CPointer(types.float32)
DOUBLES = types.CPointer(types.float64)


def _cast(target: Any) -> Any:
    @intrinsic
    def view(context: Any, pointer: Any) -> Any:
        def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
            return builder.bitcast(args[0], c.get_value_type(target))

        return target(pointer), build

    return view


ints = _cast(INTS)
octets = _cast(BYTES)
singles = _cast(SINGLES)
doubles = _cast(DOUBLES)


def from_address(target: Any) -> Any:
    @intrinsic
    def pointer(context: Any, address: Any) -> Any:
        def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], c.get_value_type(target))

        return target(types.int64), build

    return pointer


ints_at = from_address(INTS)
singles_at = from_address(SINGLES)


@intrinsic
def skip(context: Any, pointer: Any, count: Any) -> Any:
    """The pointer `count` elements on."""
    return pointer(pointer, types.intp), lambda c, builder, s, args: builder.gep(args[0], [args[1]])


@intrinsic
def acquire(context: Any, words: Any, index: Any) -> Any:
    """words[index]; what another thread wrote before it released the word can be seen from then on."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        return builder.load_atomic(builder.gep(args[0], [args[1]]), "acquire", 8)

    return types.int64(words, types.intp), build


@intrinsic
def release(context: Any, words: Any, index: Any, value: Any) -> Any:
    """words[index] = value, after everything that was written, and before anything is read."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        builder.store_atomic(args[2], builder.gep(args[0], [args[1]]), "seq_cst", 8)
        return c.get_dummy_value()

    return types.void(words, types.intp, types.int64), build


@intrinsic
def claim(context: Any, words: Any, index: Any, expected: Any, value: Any) -> Any:
    """Set words[index] to `value` if it is what is expected: of several threads, one succeeds."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        place = builder.gep(args[0], [args[1]])
        found = builder.cmpxchg(place, args[2], args[3], "seq_cst", "seq_cst")
        return builder.extract_value(found, 1)

    return types.boolean(words, types.intp, types.int64, types.int64), build


@intrinsic
def convert(context: Any, memory: Any, number: Any) -> Any:
    """A number in the memory's precision."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        return c.cast(builder, args[1], s.args[1], memory.dtype)

    return memory.dtype(memory, number), build


@intrinsic
def call(context: Any, address: Any, memory: Any, row: Any) -> Any:
    """Run the kernel at an address on a row of operands."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        form = ir.FunctionType(ir.VoidType(), [args[1].type, I64.as_pointer()])
        builder.call(builder.inttoptr(args[0], form.as_pointer()), args[1:])
        return c.get_dummy_value()

    return types.void(types.int64, memory, INTS), build


pause = types.ExternalFunction("sched_yield", types.int32())
"""Let another process have the core; not on Windows."""

inline = numba.njit(error_model="numpy", boundscheck=False)
"""Decorator for what kernels share; the compiler copies it into each of them."""
