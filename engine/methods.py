"""Attach the public functions to `Tensor`: methods, in-place methods and operators."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from . import tape_operators  # noqa: F401  (waits until tapes are in use)
from .api import FUNCTIONS, guarded
from .direct import method_of_all, operator_of_two
from .mutation import check_in_place
from .op import REGISTRY
from .state import state
from .tensor import Tensor, apply

OPERATORS = {
    "__add__": "add",
    "__sub__": "sub",
    "__mul__": "mul",
    "__truediv__": "div",
    "__floordiv__": "floor_divide",
    "__mod__": "remainder",
    "__pow__": "pow",
    "__matmul__": "matmul",
    "__neg__": "neg",
    "__abs__": "abs",
    "__eq__": "eq",
    "__ne__": "ne",
    "__lt__": "lt",
    "__le__": "le",
    "__gt__": "gt",
    "__ge__": "ge",
    "__invert__": "bitwise_not",
    "__and__": "bitwise_and",
    "__or__": "bitwise_or",
    "__xor__": "bitwise_xor",
    "__lshift__": "bitwise_left_shift",
    "__rshift__": "bitwise_right_shift",
    "__pos__": "positive",
}
REFLECTED = {
    "__radd__": "add",
    "__rsub__": "sub",
    "__rmul__": "mul",
    "__rtruediv__": "div",
    "__rpow__": "pow",
    "__rfloordiv__": "floor_divide",
    "__rmod__": "remainder",
    "__rmatmul__": "matmul",
    "__rand__": "bitwise_and",
    "__ror__": "bitwise_or",
    "__rxor__": "bitwise_xor",
    "__rlshift__": "bitwise_left_shift",
    "__rrshift__": "bitwise_right_shift",
}
AUGMENTED = {
    "__iadd__": "add",
    "__isub__": "sub",
    "__imul__": "mul",
    "__itruediv__": "div",
    "__ipow__": "pow",
    "__ifloordiv__": "floor_divide",
    "__imod__": "remainder",
    "__iand__": "bitwise_and",
    "__ior__": "bitwise_or",
    "__ixor__": "bitwise_xor",
    "__ilshift__": "bitwise_left_shift",
    "__irshift__": "bitwise_right_shift",
}


def bind() -> None:
    """Give `Tensor` every method and operator; called once, when all ops are defined."""
    functions: dict[str, Callable[..., Any]] = {}
    for entry in FUNCTIONS:
        functions.setdefault(entry.name, entry.function)
        if "method" in entry.places:
            method = _method(entry.function)
            taped = entry.name in ("sum", "mean")
            setattr(Tensor, entry.name, method_of_all(entry.name, method) if taped else method)
        if "property" in entry.places:
            setattr(Tensor, entry.name, property(entry.function))
        if "inplace" in entry.places:
            setattr(Tensor, entry.name + "_", _in_place(entry.name + "_", entry.function))
    for dunder, name in OPERATORS.items():
        if name in functions:
            setattr(Tensor, dunder, _operator(functions[name], name))
    for dunder, name in REFLECTED.items():
        if name in functions:
            setattr(Tensor, dunder, _reflected(functions[name]))
    for dunder, name in AUGMENTED.items():
        if name in functions:
            setattr(Tensor, dunder, _augmented(name, functions[name]))


_PLAIN = ("add", "sub", "mul", "div")  # of two tensors: the op and nothing else


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Methods that take further tensors refuse lists and numbers in their place."""
    _, *others = inspect.signature(function).parameters.values()
    return (
        guarded(function) if any(str(each.annotation).startswith("Tensor") for each in others) else function
    )


def _operator(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    if name in _PLAIN:
        return operator_of_two(REGISTRY[name], function)

    def operator(self: Tensor, *other: Any) -> Any:
        try:
            return function(self, *other)
        except TypeError:
            if other and not isinstance(other[0], (Tensor, int, float)):
                return NotImplemented
            raise

    return operator


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    def operator(self: Tensor, other: Any) -> Any:
        try:
            return function(other, self)
        except TypeError:
            return NotImplemented

    return operator


def _in_place(name: str, function: Callable[..., Any]) -> Callable[..., Tensor]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        check_in_place(self, name)
        return _put(self, function(self, *args, **kwargs), name)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{function.__name__}`, changing this tensor in place."
    return method


def _put(self: Tensor, value: Tensor, name: str) -> Tensor:
    """Make `value` this tensor's; where it has no gradient (`x.eq_(y)`), what was there before gets 0."""
    if self.requires_grad and state.grad_enabled and not value.requires_grad:
        value = apply("copy", (self, value.to(self.dtype)))
    return self._assign(value, name)


def _augmented(name: str, function: Callable[..., Any]) -> Callable[..., Tensor]:
    def operator(self: Tensor, other: Any) -> Tensor:
        check_in_place(self, f"{name}_")
        return _put(self, function(self, other), f"{name}_")

    return operator
