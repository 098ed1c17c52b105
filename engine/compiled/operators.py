"""The operators and functions of vectors: `x * y`, `x < y`, `root(x)`, `larger(x, y)`."""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

from .simd import ELEMENTS, I32, I64, Mask, Vector, intrinsic, suffix_of


def _of_one(name: str) -> Any:
    @intrinsic
    def function(context: Any, x: Any) -> Any:
        def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
            suffix = suffix_of(x) if isinstance(x, Vector) else ELEMENTS[x][1]
            form = ir.FunctionType(args[0].type, [args[0].type])
            call = cgutils.get_or_insert_function(builder.module, form, f"llvm.{name}.{suffix}")
            return builder.call(call, args)

        return x(x), build

    return function


root = _of_one("sqrt")
magnitude = _of_one("fabs")
nearest = _of_one("rint")
floored = _of_one("floor")
ceiling = _of_one("ceil")
truncated = _of_one("trunc")


@intrinsic
def times_power(context: Any, x: Any, n: Any) -> Any:
    """x 2ⁿ for whole n, in two steps, so that the result may underflow or be infinite."""
    double = x.element.bitwidth == 64
    bits, mantissa, bias = (I64, 52, 1023) if double else (I32, 23, 127)

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        whole, kind = ir.VectorType(I32, x.lanes), ir.VectorType(bits, x.lanes)
        name = f"llvm.fptosi.sat.v{x.lanes}i32.{suffix_of(x)}"  # NaN gives 0
        form = ir.FunctionType(whole, [args[1].type])
        exponent = builder.call(cgutils.get_or_insert_function(builder.module, form, name), [args[1]])
        if double:
            exponent = builder.sext(exponent, kind)

        def same(number: int) -> Any:
            return ir.Constant(kind, [number] * x.lanes)

        half = builder.ashr(exponent, same(1))
        found = args[0]
        for part in (half, builder.sub(exponent, half)):
            power = builder.shl(builder.add(part, same(bias)), same(mantissa))
            found = builder.fmul(found, builder.bitcast(power, found.type))
        return found

    return x(x, x), build


def _of_two(name: str) -> Any:
    @intrinsic
    def function(context: Any, x: Any, y: Any) -> Any:
        return x(x, x), lambda c, builder, s, args: getattr(builder, name)(*args)

    return function


# The operators once more, as functions that a loop can take for an argument.
plus, minus, times, over = (_of_two(name) for name in ("fadd", "fsub", "fmul", "fdiv"))


@intrinsic
def negative(context: Any, x: Any) -> Any:
    """−x: its sign flipped, also of 0 and NaN."""
    return x(x), lambda c, builder, s, args: builder.fneg(args[0])


def _of_both(sign: str) -> Any:
    @intrinsic
    def function(context: Any, x: Any, y: Any) -> Any:
        def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
            first = builder.fcmp_unordered("uno", args[0], args[0])
            taken = builder.or_(first, builder.fcmp_ordered(sign, *args))
            return builder.select(taken, *args)

        return x(x, x), build

    return function


larger = _of_both(">=")  # NaN if either is
smaller = _of_both("<=")


@intrinsic
def beats(context: Any, x: Any, y: Any) -> Any:
    """Where x > y, or x is NaN: a running maximum goes on to x."""

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        unknown = builder.fcmp_unordered("uno", args[0], args[0])
        return builder.or_(unknown, builder.fcmp_ordered(">", *args))

    return Mask(x.lanes)(x, x), build


def _shuffle(doc: str, places: Any) -> Any:
    @intrinsic
    def function(context: Any, x: Any, y: Any) -> Any:
        def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
            order = [places(i, x.lanes) for i in range(x.lanes)]
            return builder.shuffle_vector(*args, ir.Constant(ir.VectorType(I32, x.lanes), order))

        return x(x, x), build

    function.__doc__ = doc
    return function


evens = _shuffle("Every other lane of both, from the first on.", lambda i, n: 2 * i)
odds = _shuffle("Every other lane of both, from the second on.", lambda i, n: 2 * i + 1)
interleaved_low = _shuffle("x₀ y₀ x₁ y₁ …, the first half.", lambda i, n: i // 2 + (n if i % 2 else 0))
interleaved_high = _shuffle(
    "x₀ y₀ x₁ y₁ …, the second half.", lambda i, n: n // 2 + i // 2 + (n if i % 2 else 0)
)


# Operators on vectors.


def _operator(function: Any, instruction: str) -> None:
    class Rule(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if len(args) == 2 and isinstance(args[0], Vector) and args[0] == args[1]:
                return signature(args[0], *args)
            return None

    infer_global(function)(Rule)
    lower_builtin(function, Vector, Vector)(lambda c, builder, s, args: getattr(builder, instruction)(*args))


def _comparison(function: Any, sign: str, ordered: bool = True) -> None:
    class Rule(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if len(args) == 2 and isinstance(args[0], Vector) and args[0] == args[1]:
                return signature(Mask(args[0].lanes), *args)
            return None

    def build(c: Any, builder: Any, s: Any, args: Any) -> Any:
        return (builder.fcmp_ordered if ordered else builder.fcmp_unordered)(sign, *args)

    infer_global(function)(Rule)
    lower_builtin(function, Vector, Vector)(build)


for _function, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _operator(_function, _name)
for _function, _sign in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
):
    _comparison(_function, _sign)
_comparison(operator.ne, "!=", ordered=False)
