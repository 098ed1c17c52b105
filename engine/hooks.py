"""Hooks: the user's functions that backward calls, and that may change gradients on their way.

Hooks on a tensor belong to the node that holds its value, so they stay with the value that they were
registered for; a leaf's go with it when it is updated. `Tensor.register_hook` runs when the gradient of a
tensor is complete, before it goes on; hooks on `grad_fn` run before and after the rule of an op.
"""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .errors import GradError
from .state import state

if TYPE_CHECKING:
    from .node import Node
    from .tensor import Tensor

    Gradients = tuple[Tensor | None, ...]

Hook = Callable[..., Any]

_numbers = itertools.count()


class HookDict(dict[int, Hook]):
    """Hooks by the number of their handle, in the order of registration; handles hold it weakly."""

    __slots__ = ("__weakref__",)


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away, as leaving a `with` block does."""

    def __init__(self, hooks: HookDict | OrderedDict[int, Any]) -> None:
        self.id = next(_numbers)
        self._hooks: weakref.ref[dict[int, Any]] = weakref.ref(hooks)

    def remove(self) -> None:
        """Take the hook away; doing so twice does nothing."""
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


class Hooks:
    """The hooks of one node: on the gradient of its value, before and after its rule, after accumulation."""

    __slots__ = ("accumulated", "after", "before", "gradient")

    def __init__(self) -> None:
        self.gradient = HookDict()
        self.before = HookDict()
        self.after = HookDict()
        self.accumulated = HookDict()


def add(hooks: HookDict, hook: Hook) -> RemovableHandle:
    """Register one hook more."""
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def hooks_of(node: Node) -> Hooks:
    """The hooks of a node, made when the first one is registered."""
    if node.hooks is None:
        node.hooks = Hooks()
        node.pin()
    return node.hooks


@contextmanager
def _as_the_users() -> Iterator[None]:
    """What a hook computes comes from the user's lines, not from the op whose gradient it looks at."""
    before, state.calling = state.calling, True
    try:
        yield
    finally:
        state.calling = before


def change_gradient(hooks: HookDict, grad: Tensor) -> Tensor:
    """The gradient after all hooks on a tensor have seen it."""
    with _as_the_users():
        for hook in list(hooks.values()):
            grad = _checked(hook, hook(grad), grad)
    return grad


def change_gradients(hooks: HookDict, grads: Gradients, *others: Gradients) -> Gradients:
    """The gradients after all hooks of a grad_fn have seen them; `others` are shown to each as well."""
    with _as_the_users():
        for hook in list(hooks.values()):
            result = hook(grads, *others)
            if result is None:
                continue
            listed = (result,) if hasattr(result, "_node") else tuple(result)
            if len(listed) != len(grads):
                raise GradError(f"hook '{_name(hook)}' has returned an incorrect number of values")
            grads = tuple(
                new if old is None or new is None else _checked(hook, new, old)
                for new, old in zip(listed, grads, strict=True)
            )
    return grads


def notify(hooks: HookDict, tensor: Tensor) -> None:
    """The `.grad` of a leaf is complete."""
    with _as_the_users():
        for hook in list(hooks.values()):
            if hook(tensor) is not None:
                raise GradError("Tensor post accumulate grad hooks should return None.")


def _checked(hook: Hook, new: Any, old: Tensor) -> Tensor:
    if new is None:
        return old
    if not hasattr(new, "_node"):
        raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
    if new.dtype is not old.dtype:
        raise GradError(
            f"hook '{_name(hook)}' has changed the type of value (was {old.dtype} got {new.dtype})"
        )
    if new.shape != old.shape:
        raise GradError(f"hook '{_name(hook)}' has changed the size of value")
    checked: Tensor = new
    return checked


def _name(hook: Hook) -> str:
    return str(getattr(hook, "__name__", "<unknown>"))
