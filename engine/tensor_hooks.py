"""The methods with which users register hooks on tensors."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from .api import public
from .errors import GradError
from .hooks import RemovableHandle, add, hooks_of
from .tensor import Tensor


@public("method")
def register_hook(self: Tensor, hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(grad)` whenever backward has computed the gradient of this tensor.

    A tensor that it returns takes the gradient's place; it must not change its argument. Hooks run in the
    order of registration, before `.grad` receives the gradient. Errors: RuntimeError for a tensor that does
    not require a gradient.
    """
    _check(self)
    return add(hooks_of(self._node).gradient, hook)


@public("method")
def register_post_accumulate_grad_hook(self: Tensor, hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(tensor)` whenever backward has added to the `.grad` of this leaf.

    Errors: RuntimeError for a tensor that does not require a gradient, or is not a leaf.
    """
    _check(self)
    if not self.is_leaf:
        raise GradError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    return add(hooks_of(self._node).accumulated, hook)


def _check(tensor: Tensor) -> None:
    if not tensor.requires_grad:
        raise GradError("cannot register a hook on a tensor that doesn't require gradient")


@public("method")
def retain_grad(self: Tensor) -> None:
    """Keep the gradient of this tensor in `.grad` when backward runs, also if it is not a leaf.

    Errors: RuntimeError for a tensor that does not require a gradient.
    """
    if not self.requires_grad:
        raise GradError("can't retain_grad on Tensor that has requires_grad=False")
    if not self.is_leaf:
        self._node.owner = weakref.ref(self)
        self._node.pin()


@public("property")
def retains_grad(self: Tensor) -> bool:
    """Whether this is no leaf, and keeps its gradient all the same."""
    return not self.is_leaf and self._node.owner is not None and self._node.owner() is self
