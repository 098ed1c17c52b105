"""Ops that are formulas of others, elementwise: their rows are those of the operators, in the order in which
the op itself computes, so that rounding is the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...op import REGISTRY
from ...program import Instr
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import View
from .reduce import summed
from .term import CODES, Term

Formula = Callable[..., Term]

_ROOT_HALF = math.sqrt(0.5)
_STEEP, _CUBIC = math.sqrt(2 / math.pi), 0.044715


def _clamp(x: Term, min: float | None, max: float | None) -> Term:
    x = x if min is None else x.of("maximum", min)
    return x if max is None else x.of("minimum", max)


def _clamp_grad(g: Term, x: Term, min: float | None, max: float | None) -> Term:
    inside = x.number(1) if min is None else x >= min
    return (inside if max is None else inside & (x <= max)).where(g, 0.0)


def _lerp(x: Term, end: Term, weight: Term) -> Term:
    way = end - x
    return (abs(weight) < 0.5).where(x + weight * way, end - way * (1 - weight))


def _logaddexp(x: Term, y: Term) -> Term:
    apart = x.of("maximum", y) + (-abs(x - y)).of("exp").of("log1p")
    return (x == y).where(x + math.log(2), apart)


def _gelu_tanh(x: Term) -> Term:
    return 0.5 * x * (1 + (_STEEP * (x + _CUBIC * x * x * x)).of("tanh"))


def _exponential(x: Term, right: float, left: float, rate: float) -> Term:
    return (x <= 0).where((x.of("minimum", 0.0) * rate).of("expm1") * left, x * right)


def _softplus(x: Term, beta: float, threshold: float) -> Term:
    scaled = x * beta
    return (scaled > threshold).where(x, scaled.of("exp").of("log1p") / beta)


def _log_sigmoid(x: Term) -> Term:
    return x.of("minimum", 0.0) - (-abs(x)).of("exp").of("log1p")


def _hard(x: Term) -> Term:
    return (x + 3).of("maximum", 0.0).of("minimum", 6.0)


def _softshrink(x: Term, lambd: float) -> Term:
    return (x > lambd).where(x - lambd, (x < -lambd).where(x + lambd, x * 0))


def _xlogy(x: Term, y: Term) -> Term:
    return (y != y).where(y, (x == 0).where(0.0, x * y.of("log")))


def _logit(x: Term, eps: float | None) -> Term:
    if eps is not None:
        low = float(x.view.dtype.type(eps))
        x = (x > 1 - low).where(1 - low, (x < low).where(low, x))
    return (x / (1 - x)).of("log")


def _first(x: Term, y: Term, best: Term) -> Term:
    """NaN loses."""
    return (x != x).where(y, (y != y).where(x, best))


def _sign(x: Term) -> Term:
    return (x > 0) - (x < 0)


def _smooth_l1(x: Term, y: Term, beta: float) -> Term:
    size = abs(x - y)
    beta = float(size.view.dtype.type(beta))
    return (size < beta).where(size * size / (2 * beta), size - beta / 2)


def _huber(x: Term, y: Term, delta: float) -> Term:
    size = abs(x - y)
    delta = float(size.view.dtype.type(delta))
    return (size <= delta).where(size * size / 2, delta * (size - delta / 2))


def _with_logits(x: Term, y: Term, weight: Term | None = None) -> Term:
    log = _log_sigmoid(x)
    return (1 - y) * x - (log if weight is None else ((weight - 1) * y + 1) * log)


def _round(x: Term, decimals: int) -> Term:
    if not decimals:
        return x.of("round")
    power = float(x.view.dtype.type(10.0 ** abs(decimals)))
    return (x / power).of("round") * power if decimals < 0 else (x * power).of("round") / power


def _sinc(x: Term) -> Term:
    angle = x * math.pi
    return (angle == 0).where(1.0, angle.of("sin") / angle)


FORMULAS: dict[str, Formula] = {
    **{
        name: (lambda *terms, name=name: terms[0].of(name, *terms[1:]))
        for name in CODES
        if name not in ("eq", "ne", "lt", "le", "pow", "round")
    },
    "addcdiv": lambda x, a, b, value: x + value * a / b,
    "addcmul": lambda x, a, b, value: x + value * a * b,
    "clamp": _clamp,
    "clamp_between": lambda x, low, high: x.of("maximum", low).of("minimum", high),
    "clamp_grad": _clamp_grad,
    "clamp_max": lambda x, high: x.of("minimum", high),
    "clamp_min": lambda x, low: x.of("maximum", low),
    "deg2rad": lambda x: x * (math.pi / 180),
    "exp2": lambda x: x.number(2).of("pow", x),
    "fmax": lambda x, y: _first(x, y, x.of("maximum", y)),
    "fmin": lambda x, y: _first(x, y, x.of("minimum", y)),
    "frac": lambda x: x - x.of("trunc"),
    "gelu": lambda x: x * ((1 + (x * _ROOT_HALF).of("erf")) * 0.5),
    "gelu_tanh": _gelu_tanh,
    "hardshrink": lambda x, lambd: ((x >= -lambd) & (x <= lambd)).where(0.0, x),
    "hardsigmoid": lambda x: _hard(x) / 6,
    "hardswish": lambda x: x * _hard(x) / 6,
    "hardtanh": lambda x, low, high: x.of("maximum", low).of("minimum", high),
    "heaviside": lambda x, y: (x == 0).where(y, x > 0),
    "ldexp": lambda x, y: x * x.number(2).of("pow", y),
    "leaky_relu": lambda x, slope: (x > 0).where(x, x * slope),
    "lerp": _lerp,
    "log_sigmoid": _log_sigmoid,
    "logaddexp": _logaddexp,
    "logit": _logit,
    "mish": lambda x: x * x.of("exp").of("log1p").of("tanh"),
    "prelu": lambda x, w: (x > 0).where(x, w * x),
    "rad2deg": lambda x: x * (180 / math.pi),
    "reciprocal": lambda x: 1 / x,
    "round": _round,
    "rsqrt": lambda x: 1 / x.of("sqrt"),
    "sgn": _sign,
    "sign": _sign,
    "silu": lambda x: x / (1 + (-x).of("exp")),
    "sinc": _sinc,
    "softplus": _softplus,
    "softshrink": _softshrink,
    "threshold": lambda x, threshold, value: (x <= threshold).where(value, x),
    "trunc_divide": lambda x, y: (x / y).of("trunc"),
    "where": lambda condition, x, y: condition.where(x, y),
    "winner_grad": lambda g, x, y: (x < y).where(0.0, (x == y).where(g / 2, g)),
    "xlogy": _xlogy,
}
"""By op: its result, made of its inputs and attributes."""

_EXPONENTIALS = ("celu", "elu", "selu")

LOSSES: dict[str, Formula] = {
    "binary_cross_entropy_with_logits": _with_logits,
    "huber_loss": _huber,
    "mse_loss": lambda x, y: (x - y) * (x - y),
    "smooth_l1_loss": _smooth_l1,
    "soft_margin_loss": lambda x, y: (-(y * x)).of("exp").of("log1p"),
}
"""By op: the loss of each element, before the reduction."""

QUESTIONS: dict[str, Formula] = {
    "eq": lambda x, y: x == y,
    "ge": lambda x, y: x >= y,
    "gt": lambda x, y: x > y,
    "isfinite": lambda x: abs(x) < math.inf,
    "isinf": lambda x: abs(x) == math.inf,
    "isnan": lambda x: x != x,
    "isneginf": lambda x: x == -math.inf,
    "isposinf": lambda x: x == math.inf,
    "le": lambda x, y: x <= y,
    "lt": lambda x, y: x < y,
    "ne": lambda x, y: x != y,
    "signbit": lambda x: x.number(1).of("copysign", x) < 0,
}
"""By op: 1 where it holds, else 0, for floating point."""

LOGIC: dict[str, Formula] = {
    "bitwise_and": lambda x, y: x & y,
    "bitwise_not": lambda x: ~x,
    "bitwise_or": lambda x, y: x | y,
    "bitwise_xor": lambda x, y: x != y,
    "logical_and": lambda x, y: x & y,
    "logical_not": lambda x: ~x,
    "logical_or": lambda x, y: x | y,
    "logical_xor": lambda x, y: x != y,
}
"""By op: the same of truth."""


def terms(lowering: Lowering, instr: Instr, dtype: np.dtype[Any]) -> list[Term] | None:
    """The inputs in a precision; None where they are something else in the op, or cannot be converted."""
    specs = [lowering.spec(slot) for slot in instr.inputs]
    wanted = REGISTRY[instr.op].compute_dtype(*specs, **instr.attrs)
    if dtype not in PRECISIONS or (wanted is not None and wanted.numpy != dtype):
        return None
    views = [lowering.operand(slot, dtype) for slot in instr.inputs]
    return [Term(lowering, view) for view in views if view is not None] if None not in views else None


def finish(lowering: Lowering, instr: Instr, result: Term) -> bool:
    """The result is the instruction's output."""
    shape = lowering.program.slots[instr.output].shape
    view = result.view if result.view.shape == shape else lowering.dense(result.reaches(shape).view)
    lowering.views[instr.output] = view
    return True


@rule(*FORMULAS, *_EXPONENTIALS)
def formula(lowering: Lowering, instr: Instr) -> bool:
    """Of floating point; other dtypes are left to the interpreter."""
    inputs = terms(lowering, instr, np.dtype(lowering.program.slots[instr.output].dtype))
    if inputs is None:
        return False
    if instr.op in _EXPONENTIALS:
        parts = REGISTRY[instr.op].parts(**instr.attrs)  # type: ignore[attr-defined]
        return finish(lowering, instr, _exponential(inputs[0], *parts))
    return finish(lowering, instr, FORMULAS[instr.op](*inputs, **instr.attrs))


@rule(*LOSSES)
def loss(lowering: Lowering, instr: Instr) -> bool:
    """Of each element, or their sum or mean."""
    inputs = terms(lowering, instr, np.dtype(lowering.program.slots[instr.output].dtype))
    if inputs is None:
        return False
    attrs = dict(instr.attrs)
    reduction = attrs.pop("reduction")
    each = LOSSES[instr.op](*inputs, **attrs)
    if reduction == "none":
        return finish(lowering, instr, each)
    divisor = each.view.size if reduction == "mean" else 1
    return summed(lowering, instr, each.view, range(len(each.view.shape)), divisor)


@rule(*QUESTIONS)
def question(lowering: Lowering, instr: Instr) -> bool:
    """Of floating point."""
    specs = [lowering.spec(slot) for slot in instr.inputs]
    wanted = REGISTRY[instr.op].compute_dtype(*specs, **instr.attrs)
    inputs = terms(lowering, instr, (specs[0].dtype if wanted is None else wanted).numpy)
    return inputs is not None and answer(lowering, instr, QUESTIONS[instr.op](*inputs))


@rule(*LOGIC)
def logic(lowering: Lowering, instr: Instr) -> bool:
    """Of truth."""
    views = [lowering.view(slot) for slot in instr.inputs]
    if any(view.dtype != bool for view in views):
        return False
    found = [lowering.operand(slot, np.dtype(np.float32)) for slot in instr.inputs]
    inputs = [Term(lowering, view) for view in found if view is not None]
    return answer(lowering, instr, LOGIC[instr.op](*inputs))


def answer(lowering: Lowering, instr: Instr, truth: Term) -> bool:
    """The result is truth: it is put down in bytes, and kept as numbers for those that calculate with it."""
    out = lowering.out(instr.output)
    mask: View = lowering.dense(truth.reaches(out.shape).view)
    lowering.emit("truth", mask.dtype, mask.size, out.place, mask.place)
    lowering.remember(out, mask)
    return True
