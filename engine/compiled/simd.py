"""Vectors as numba values: `load(p, i) * y + z` in a kernel is one machine instruction an operator.

A pointer's element type says which vectors it loads: `p` is the arena, seen as float32 or float64, and every
function that makes a vector takes it first. The loops of a kernel are written for either precision at once;
operators and `select` work on vectors and on single numbers alike, so that the last few elements of a loop
use the same formula.

Nothing here lets the compiler reorder or contract, so elementwise results are those of numpy, bit for bit;
where a sum or a product may be contracted, `fma` says so.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic as numba_intrinsic
from numba.extending import models, register_model

from .cpu import vector_bytes

intrinsic: Any = numba_intrinsic  # a function of what it is called with, not of the context
BYTES = vector_bytes()

I1, I8, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 32, 64))
ELEMENTS = {types.float32: (ir.FloatType(), "f32"), types.float64: (ir.DoubleType(), "f64")}


class Vector(types.Type):
    """As many numbers of type `element` as fit into a register."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.lanes = BYTES * 8 // element.bitwidth
        super().__init__(name=f"vector{self.lanes}x{element}")


class Mask(types.Type):
    """One yes or no for each number of a vector."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        super().__init__(name=f"mask{lanes}")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        super().__init__(manager, kind, vector_type(kind))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Mask) -> None:
        super().__init__(manager, kind, ir.VectorType(I1, kind.lanes))


def vector_type(kind: Vector) -> ir.VectorType:
    """LLVM's type of a vector."""
    return ir.VectorType(ELEMENTS[kind.element][0], kind.lanes)


def suffix_of(kind: Vector) -> str:
    return f"v{kind.lanes}{ELEMENTS[kind.element][1]}"


def _of(pointer: Any) -> Vector:
    return Vector(pointer.dtype)


def _at(builder: Any, pointer: Any, index: Any, kind: Vector) -> Any:
    return builder.bitcast(builder.gep(pointer, [index]), vector_type(kind).as_pointer())


def _same(builder: Any, value: Any, lanes: int) -> Any:
    """All lanes hold one value."""
    kind = ir.VectorType(value.type, lanes)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(I32, 0))
    places = ir.Constant(ir.VectorType(I32, lanes), [0] * lanes)
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), places)


@intrinsic
def lanes(context: Any, pointer: Any) -> Any:
    """How many numbers a vector has, a constant."""
    count = _of(pointer).lanes
    return types.intp(pointer), lambda c, builder, s, args: ir.Constant(I64, count)


@intrinsic
def load(context: Any, pointer: Any, index: Any) -> Any:
    """The vector that begins at p[index]."""
    kind = _of(pointer)

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        return builder.load(_at(builder, args[0], args[1], kind), align=kind.element.bitwidth // 8)

    return kind(pointer, types.intp), build


@intrinsic
def store(context: Any, pointer: Any, index: Any, value: Any) -> Any:
    """Put a vector at p[index] and after."""
    kind = _of(pointer)

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        builder.store(args[2], _at(builder, args[0], args[1], kind), align=kind.element.bitwidth // 8)
        return c.get_dummy_value()

    return types.void(pointer, types.intp, kind), build


@intrinsic
def splat(context: Any, pointer: Any, index: Any) -> Any:
    """p[index] in every lane."""
    kind = _of(pointer)

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        return _same(builder, builder.load(builder.gep(args[0], [args[1]])), kind.lanes)

    return kind(pointer, types.intp), build


@intrinsic
def fill(context: Any, pointer: Any, number: Any) -> Any:
    """A number, cast to p's precision, in every lane."""
    kind = _of(pointer)

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        value = c.cast(builder, args[1], s.args[1], kind.element)
        return _same(builder, value, kind.lanes)

    return kind(pointer, number), build


@intrinsic
def zeros(context: Any, pointer: Any) -> Any:
    """0 in every lane."""
    kind = _of(pointer)
    return kind(pointer), lambda c, b, s, a: ir.Constant(vector_type(kind), [0.0] * kind.lanes)


@intrinsic
def between(context: Any, pointer: Any, start: Any, stop: Any) -> Any:
    """The mask of the lanes start ≤ lane < stop."""
    count = _of(pointer).lanes

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        places = ir.Constant(ir.VectorType(I32, count), list(range(count)))
        low, high = (_same(builder, builder.trunc(arg, I32), count) for arg in args[1:])
        return builder.and_(builder.icmp_signed(">=", places, low), builder.icmp_signed("<", places, high))

    return Mask(count)(pointer, types.intp, types.intp), build


@intrinsic
def load_masked(context: Any, pointer: Any, index: Any, mask: Any) -> Any:
    """Like `load`, but 0 in the lanes that the mask leaves out, whose memory is not touched."""
    kind = _of(pointer)

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        vector = vector_type(kind)
        form = ir.FunctionType(vector, [vector.as_pointer(), I32, args[2].type, vector])
        call = cgutils.get_or_insert_function(builder.module, form, f"llvm.masked.load.{suffix_of(kind)}.p0")
        align = ir.Constant(I32, kind.element.bitwidth // 8)
        nothing = ir.Constant(vector, [0.0] * kind.lanes)
        return builder.call(call, [_at(builder, args[0], args[1], kind), align, args[2], nothing])

    return kind(pointer, types.intp, mask), build


@intrinsic
def store_masked(context: Any, pointer: Any, index: Any, value: Any, mask: Any) -> Any:
    """Like `store`, but the lanes that the mask leaves out stay as they are in memory. A full mask is told
    apart: before AVX-512, masked stores take a dozen cycles each."""
    kind = _of(pointer)

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        vector = vector_type(kind)
        form = ir.FunctionType(ir.VoidType(), [vector, vector.as_pointer(), I32, args[3].type])
        call = cgutils.get_or_insert_function(builder.module, form, f"llvm.masked.store.{suffix_of(kind)}.p0")
        align = kind.element.bitwidth // 8
        place = _at(builder, args[0], args[1], kind)
        bits = ir.IntType(kind.lanes)
        every = builder.icmp_unsigned("==", builder.bitcast(args[3], bits), ir.Constant(bits, -1))
        with builder.if_else(every, likely=True) as (whole, part):
            with whole:
                builder.store(args[2], place, align=align)
            with part:
                builder.call(call, [args[2], place, ir.Constant(I32, align), args[3]])
        return c.get_dummy_value()

    return types.void(pointer, types.intp, kind, mask), build


@intrinsic
def fma(context: Any, x: Any, y: Any, z: Any) -> Any:
    """x y + z, rounded once where the processor does that in one instruction."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        name = suffix_of(x) if isinstance(x, Vector) else ELEMENTS[x][1]
        kind = args[0].type
        form = ir.FunctionType(kind, [kind] * 3)
        return builder.call(
            cgutils.get_or_insert_function(builder.module, form, f"llvm.fmuladd.{name}"), args
        )

    return x(x, x, x), build


@intrinsic
def select(context: Any, condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y."""
    return x(condition, x, x), lambda c, builder, s, args: builder.select(*args)


@intrinsic
def total(context: Any, x: Any) -> Any:
    """The sum of the lanes."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        element = vector_type(x).element
        form = ir.FunctionType(element, [element, args[0].type])
        name = f"llvm.vector.reduce.fadd.{suffix_of(x)}"
        call = cgutils.get_or_insert_function(builder.module, form, name)
        return builder.call(call, [ir.Constant(element, 0.0), args[0]], fastmath=("reassoc",))

    return x.element(x), build


@intrinsic
def transpose(context: Any, pointer: Any, source: Any, apart: Any, target: Any, aside: Any) -> Any:
    """A square of as many lines as a vector has lanes: p[target + j aside + i] = p[source + i apart + j].

    Blocks off the diagonal change places, of half the lanes, then of a quarter, down to single numbers.
    """
    kind = _of(pointer)
    count, align = kind.lanes, kind.element.bitwidth // 8

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        memory, start, apart_, end, aside_ = args

        def line(begin: Any, step: Any, number: int) -> Any:
            return _at(builder, memory, builder.add(begin, builder.mul(step, ir.Constant(I64, number))), kind)

        lines = [builder.load(line(start, apart_, k), align=align) for k in range(count)]
        size = count // 2
        while size:
            low = [k if not k & size else count + k - size for k in range(count)]
            high = [k + size if not k & size else count + k for k in range(count)]
            for k in range(count):
                if not k & size:
                    one, two = lines[k], lines[k + size]
                    lines[k], lines[k + size] = (_mixed(builder, one, two, each) for each in (low, high))
            size //= 2
        for k, each in enumerate(lines):
            builder.store(each, line(end, aside_, k), align=align)
        return c.get_dummy_value()

    return types.void(pointer, *[types.intp] * 4), build


def _mixed(builder: Any, one: Any, two: Any, places: list[int]) -> Any:
    """Lanes of two vectors, the second's counted on from the first's."""
    return builder.shuffle_vector(one, two, ir.Constant(ir.VectorType(I32, len(places)), places))


@intrinsic
def settle(context: Any, pointer: Any) -> Any:
    """Nothing, but a border that the compiler moves no load across: at the end of a loop it keeps it from
    unrolling the loop and then fetching more than there are registers for."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        builder.asm(ir.FunctionType(ir.VoidType(), []), "", "~{memory}", [], side_effect=True)
        return c.get_dummy_value()

    return types.void(pointer), build
