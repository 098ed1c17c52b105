"""Printing tensors as PyTorch prints them: aligned, in nested brackets, large ones without their middle."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .dtypes import bool_, get_default_dtype, int64

if TYPE_CHECKING:
    from .exports import Exports


@dataclass
class PrintOptions:
    """How tensors are printed; see `set_printoptions`."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


OPTIONS = PrintOptions()
_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors are printed.

    `precision`: digits after the point; `threshold`: with more elements only `edgeitems` at each end are
    shown; `linewidth`: characters in a line; `sci_mode`: True or False instead of deciding by the numbers;
    `profile`: "default", "short" or "full".
    """
    if profile is not None:
        base = _PROFILES[profile]
        OPTIONS.precision, OPTIONS.threshold = base.precision, base.threshold
        OPTIONS.edgeitems, OPTIONS.linewidth = base.edgeitems, base.linewidth
    for name, value in (
        ("precision", precision),
        ("threshold", threshold),
        ("edgeitems", edgeitems),
        ("linewidth", linewidth),
    ):
        if value is not None:
            setattr(OPTIONS, name, value)
    OPTIONS.sci_mode = sci_mode


def tensor_repr(tensor: Exports, prefix: str = "tensor(") -> str:
    """`tensor([1., 2.], grad_fn=<AddBackward0>)`."""
    array, dtype = tensor._node.array, tensor._node.spec.dtype
    notes = []
    if array.size == 0:
        text = "[]"
        if array.ndim != 1:
            notes.append(f"size={array.shape}")
        if dtype is not get_default_dtype():
            notes.append(f"dtype={dtype}")
    else:
        text = array_text(array, len(prefix))
        if dtype not in (get_default_dtype(), int64, bool_):
            notes.append(f"dtype={dtype}")
    grad_fn = tensor.grad_fn
    if grad_fn is not None:
        notes.append(f"grad_fn=<{grad_fn.name().rsplit('::', 1)[-1]}>")
    elif tensor._requires_grad:
        notes.append("requires_grad=True")
    return _with_notes(prefix + text, notes, len(prefix))


def _with_notes(text: str, notes: list[str], indent: int) -> str:
    """Add the notes behind the numbers, each on a new line if it does not fit on the last one."""
    used = len(text) - text.rfind("\n") + 1
    for note in notes:
        if used + len(note) + 2 > OPTIONS.linewidth:
            text += ",\n" + " " * indent + note
            used = indent + len(note)
        else:
            text += ", " + note
            used += len(note) + 2
    return text + ")"


def array_text(array: np.ndarray, indent: int) -> str:
    """The numbers of an array in brackets; lines after the first are indented by `indent`."""
    shorten = array.size > OPTIONS.threshold
    width, show = _number_format(_edges(array) if shorten else array)
    if array.ndim == 0:
        return show(array.item())
    return _brackets(array, indent, shorten, width, show)


def _edges(array: np.ndarray) -> np.ndarray:
    """Only what will be shown: the ends of each long dimension."""
    for axis, size in enumerate(array.shape):
        if size > 2 * OPTIONS.edgeitems:
            ends = np.r_[0 : OPTIONS.edgeitems, size - OPTIONS.edgeitems : size]
            array = array.take(ends, axis=axis)
    return array


def _brackets(array: np.ndarray, indent: int, shorten: bool, width: int, show: Callable[[Any], str]) -> str:
    edge = OPTIONS.edgeitems
    cut = shorten and len(array) > 2 * edge
    if array.ndim == 1:
        if cut:
            words = [
                *map(show, array[:edge].tolist()),
                " ...",
                *map(show, array[-edge:].tolist() if edge else []),
            ]
        else:
            words = [show(value) for value in array.tolist()]
        in_line = max(1, (OPTIONS.linewidth - indent) // (width + 2))
        lines = [", ".join(words[at : at + in_line]) for at in range(0, len(words), in_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    rows = [*range(edge), None, *range(len(array) - edge, len(array))] if cut else range(len(array))
    parts = [
        "..." if row is None else _brackets(array[row], indent + 1, shorten, width, show) for row in rows
    ]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _number_format(array: np.ndarray) -> tuple[int, Callable[[Any], str]]:
    """One width and one way to write numbers for the whole tensor."""
    if array.dtype.kind != "f":
        width = max(len(str(value)) for value in array.ravel().tolist())
        return width, lambda value: str(value).rjust(width)
    values = array.astype(np.float64).ravel()
    values = values[np.isfinite(values) & (values != 0)]
    if not len(values):
        return 1, _whole
    size = np.abs(values)
    with np.errstate(over="ignore"):
        wide = size.max() / size.min() > 1000 or size.max() > 1e8 or size.min() < 1e-4
    write: Callable[[Any], str]
    if OPTIONS.sci_mode if OPTIONS.sci_mode is not None else wide:
        write = f"{{:.{OPTIONS.precision}e}}".format
    elif (values == np.ceil(values)).all():
        write = _whole
    else:
        write = f"{{:.{OPTIONS.precision}f}}".format
    width = max(len(write(value)) for value in values.tolist())
    return width, lambda value: write(value).rjust(width)


def _whole(value: float) -> str:
    """A whole number with the point that tells it from an integer."""
    return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
