"""Pointers as numba values: other views of the arena, calls through addresses, BLAS."""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils

from . import operators  # noqa: F401  (vectors have operators from here on)
from .simd import I8, I32, I64, intrinsic

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


def _from_address(target: Any) -> Any:
    @intrinsic
    def pointer(context: Any, address: Any) -> Any:
        def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], c.get_value_type(target))

        return target(types.int64), build

    return pointer


ints_at = _from_address(INTS)
singles_at = _from_address(SINGLES)


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


def _gemm(transpose_a: bool, transpose_b: bool) -> Any:
    @intrinsic
    def product(
        context: Any, memory: Any, m: Any, n: Any, k: Any, a: Any, lda: Any, b: Any, ldb: Any, add: Any,
        c: Any, ldc: Any,
    ) -> Any:  # fmt: skip
        """BLAS: C (m, n) = op(A) op(B), added to C if `add`; all row by row, by offset and row length."""

        def build(ctx: Any, builder: Any, s: Any, args: Any) -> Any:
            base, m_, n_, k_, a_, lda_, b_, ldb_, add_, c_, ldc_ = args
            element = ctx.get_value_type(memory.dtype)
            bytes_ = I8.as_pointer()

            def at(offset: Any) -> Any:
                return builder.bitcast(builder.gep(base, [offset]), bytes_)

            def kept(value: Any) -> Any:
                slot = cgutils.alloca_once(builder, element)
                builder.store(value, slot)
                return builder.bitcast(slot, bytes_)

            def letter(text: str) -> Any:
                return ir.Constant(I8, ord(text))

            one, nothing = ir.Constant(element, 1.0), ir.Constant(element, 0.0)
            beta = builder.select(builder.trunc(add_, ir.IntType(1)), one, nothing)
            sizes = [I64, I64, I64]
            form = ir.FunctionType(
                I32, [I8, I8, I8, *sizes, bytes_, bytes_, I64, bytes_, I64, bytes_, bytes_, I64]
            )
            function = cgutils.get_or_insert_function(builder.module, form, "numba_xxgemm")
            kind = letter("s" if memory.dtype is types.float32 else "d")
            # BLAS counts by columns: the transposed product of the swapped matrices.
            flags = [letter("t" if transpose_b else "n"), letter("t" if transpose_a else "n")]
            builder.call(
                function,
                [kind, *flags, n_, m_, k_, kept(one), at(b_), ldb_, at(a_), lda_, kept(beta), at(c_), ldc_],
            )
            return ctx.get_dummy_value()

        i = types.intp
        return types.void(memory, i, i, i, i, i, i, i, i, i, i), build

    return product


blas_nn = _gemm(False, False)
blas_tn = _gemm(True, False)
blas_nt = _gemm(False, True)

inline = numba.njit(error_model="numpy", boundscheck=False)
"""Decorator for what kernels share; the compiler copies it into each of them."""
