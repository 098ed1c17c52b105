"""In words: what made a number that is not finite, or a gradient that explodes or vanishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath

import numpy as np

from gradviz.engine.program import Program

from ..graph.folding import Owners
from ..i18n import tr
from ..names import name_of
from ..numerals import index_text, number
from ..recording import ratio
from .origin import Origin

Values = tuple[float, ...]


def sentence(program: Program, origin: Origin) -> str:
    """What happened, where, and why."""
    if origin.norms != (0.0, 0.0) or origin.trouble in ("exploding", "vanishing"):
        return _of_gradient(program, origin)
    nan = origin.trouble == "nan"
    element = index_text(origin.element or ())
    if origin.instr < 0:
        text = (
            tr("NaN was in {name}{element} from the start: it comes from before this iteration")
            if nan
            else tr("An infinity was in {name}{element} from the start: it comes from before this iteration")
        )
        return text.format(name=name_of(program, origin.slot) or f"%{origin.slot}", element=element)
    words = {"place": place(program, origin.instr), "why": reason(program, origin), "element": element}
    if element:
        text = (
            tr("NaN begins at {place}, element {element}: {why}")
            if nan
            else tr("An infinity begins at {place}, element {element}: {why}")
        )
    else:
        text = tr("NaN begins at {place}: {why}") if nan else tr("An infinity begins at {place}: {why}")
    return text.format(**words)


def place(program: Program, index: int) -> str:
    """An instruction with its module and line: "conv1 · conv2d (lenet.py:27)"."""
    instr = program.instrs[index]
    module = Owners(program).paths[index]
    title = f"{module} · {instr.op}" if module else instr.op
    if not instr.site.file:
        return title
    return f"{title} ({PurePath(instr.site.file).name}:{instr.site.line})"


def _of_gradient(program: Program, origin: Origin) -> str:
    before, after = origin.norms
    words = {
        "before": number(before, 3),
        "after": number(after, 3),
        "place": place(program, origin.instr) if origin.instr >= 0 else tr("the loss"),
    }
    if after == 0:
        return tr("The gradient becomes zero at {place}: its norm falls from {before} to 0").format(**words)
    if origin.trouble == "exploding":
        words["factor"] = number(ratio(after, before), 3)
        return tr(
            "The gradient grows most at {place}: from a norm of {before} to {after}, {factor} times as large"
        ).format(**words)
    words["factor"] = number(ratio(before, after), 3)
    return tr(
        "The gradient shrinks most at {place}: from a norm of {before} to {after}, {factor} times smaller"
    ).format(**words)


def reason(program: Program, origin: Origin) -> str:
    """Why an instruction's element is not finite, from what it was computed from."""
    instr = program.instrs[origin.instr]
    result = float(program.values[instr.output][origin.element or ()])
    arrays = [program.values[slot] for slot in instr.inputs]
    explain = _REASONS.get(instr.op)
    values = _at(arrays, program.values[instr.output].shape, origin.element or ())
    if explain is not None and values is not None:
        said = explain(result, values)
        if said:
            return said
    if all(np.isfinite(array).all() for array in arrays if array.dtype.kind == "f"):
        if np.isinf(result):
            return _overflow(instr.op, program.slots[instr.output].dtype)
        return tr("{op} has no value there").format(op=_call(instr.op, values))
    return tr("{op} meets an infinity, and ∞ − ∞, 0 · ∞ and ∞ / ∞ have no value").format(op=instr.op)


def _at(arrays: list[np.ndarray], shape: tuple[int, ...], element: tuple[int, ...]) -> Values | None:
    """What the inputs hold at an element of the result, if they are broadcast to it."""
    found = []
    for array in arrays:
        try:
            found.append(float(np.broadcast_to(array, shape)[element]))
        except ValueError:
            return None
    return tuple(found)


def _call(op: str, values: Values | None) -> str:
    if values is None:
        return op
    listed = tr(", ").join(number(value) for value in values)
    return f"{op}({listed})"


def _overflow(op: str, dtype: str) -> str:
    largest = number(float(np.finfo(dtype).max), 3)
    return tr("the result of {op} is larger than {dtype} can hold ({largest})").format(
        op=op, dtype=dtype, largest=largest
    )


def _logarithm(result: float, values: Values) -> str:
    (x,) = values[:1]
    if x == 0:
        return tr("the logarithm of 0 is −∞")
    return tr("the logarithm of a negative number, {x}, does not exist").format(x=number(x)) if x < 0 else ""


def _log1p(result: float, values: Values) -> str:
    (x,) = values[:1]
    return _logarithm(result, (x + 1,)) if np.isfinite(x) else ""


def _root(result: float, values: Values) -> str:
    (x,) = values[:1]
    return (
        tr("the square root of a negative number, {x}, does not exist").format(x=number(x)) if x < 0 else ""
    )


def _reciprocal(result: float, values: Values) -> str:
    (x,) = values[:1]
    return tr("division by 0") if x == 0 else (_root(result, values) if np.isnan(result) else "")


def _quotient(result: float, values: Values) -> str:
    a, b = values[:2]
    if a == 0 and b == 0:
        return tr("0 / 0 has no value")
    if b == 0 and np.isfinite(a):
        return tr("{a} / 0 is infinite").format(a=number(a))
    return tr("∞ / ∞ has no value") if np.isinf(a) and np.isinf(b) else ""


def _exponential(result: float, values: Values) -> str:
    (x,) = values[:1]
    if not np.isfinite(x):
        return ""
    return tr("exp overflows: e to the power of {x} is larger than the type can hold").format(x=number(x))


def _product(result: float, values: Values) -> str:
    a, b = values[:2]
    if {0.0} & set(values) and (np.isinf(a) or np.isinf(b)):
        return tr("0 · ∞ has no value")
    if np.isfinite(a) and np.isfinite(b):
        return tr("{a} · {b} is larger than the type can hold").format(a=number(a), b=number(b))
    return ""


def _difference(result: float, values: Values) -> str:
    a, b = values[:2]
    if np.isinf(a) and np.isinf(b):
        return tr("∞ − ∞ has no value")
    if np.isfinite(a) and np.isfinite(b):
        return tr("{a} and {b}: the result is larger than the type can hold").format(a=number(a), b=number(b))
    return ""


def _power(result: float, values: Values) -> str:
    if len(values) < 2:
        return ""
    base, exponent = values[:2]
    words = {"base": number(base), "exponent": number(exponent)}
    if base == 0 and exponent < 0:
        return tr("0 to the power of {exponent} is a division by 0").format(**words)
    if base < 0 and np.isnan(result):
        return tr("{base} to the power of {exponent} is no real number").format(**words)
    return tr("{base} to the power of {exponent} is larger than the type can hold").format(**words)


def _softmax(result: float, values: Values) -> str:
    return tr("every score in its row is −∞: 0 / 0 has no value") if np.isinf(values[0]) else ""


_REASONS: Mapping[str, Callable[[float, Values], str]] = {
    "log": _logarithm,
    "log2": _logarithm,
    "log10": _logarithm,
    "log1p": _log1p,
    "sqrt": _root,
    "rsqrt": _reciprocal,
    "reciprocal": _reciprocal,
    "div": _quotient,
    "exp": _exponential,
    "mul": _product,
    "add": _difference,
    "sub": _difference,
    "pow": _power,
    "softmax": _softmax,
    "log_softmax": _softmax,
}
