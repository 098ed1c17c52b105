"""Hooks around an optimizer's step, and around saving and loading its state."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradviz.engine.hooks import RemovableHandle
from gradviz.engine.program import Phase
from gradviz.engine.state import phase, state
from gradviz.nn.hooks import enter_hook

if TYPE_CHECKING:
    from .optimizer import Optimizer

Hook = Callable[..., Any]

_before_all: OrderedDict[int, Hook] = OrderedDict()
_after_all: OrderedDict[int, Hook] = OrderedDict()


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """`hook(optimizer, args, kwargs)` is called before the step of every optimizer."""
    return enter_hook(_before_all, hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """`hook(optimizer, args, kwargs)` is called after the step of every optimizer."""
    return enter_hook(_after_all, hook)


class Hooks:
    """The part of an optimizer that keeps its hooks."""

    def __init__(self) -> None:
        self._stepped = False
        self._before_step: OrderedDict[int, Hook] = OrderedDict()
        self._after_step: OrderedDict[int, Hook] = OrderedDict()
        self._before_saving: OrderedDict[int, Hook] = OrderedDict()
        self._after_saving: OrderedDict[int, Hook] = OrderedDict()
        self._before_loading: OrderedDict[int, Hook] = OrderedDict()
        self._after_loading: OrderedDict[int, Hook] = OrderedDict()

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """`hook(optimizer, args, kwargs)` is called before each step; it may return both, changed."""
        return enter_hook(self._before_step, hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """`hook(optimizer, args, kwargs)` is called after each step."""
        return enter_hook(self._after_step, hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer)` is called before `state_dict`."""
        return enter_hook(self._before_saving, hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer, state_dict)` is called after `state_dict`; it may return another one."""
        return enter_hook(self._after_saving, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer, state_dict)` is called before loading; it may return another one."""
        return enter_hook(self._before_loading, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """`hook(optimizer)` is called after loading."""
        return enter_hook(self._after_loading, hook, prepend)


def with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """An optimizer's `step` with the hooks around it."""

    @functools.wraps(step)
    def call(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        if not (_before_all or _after_all or self._before_step or self._after_step):  # nearly always
            return step(self, *args, **kwargs)
        given: tuple[Any, ...] = (self, *args)
        for hook in (*_before_all.values(), *self._before_step.values()):
            changed = hook(self, given, kwargs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"{step} must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                )
            given, kwargs = changed
        result = step(*given, **kwargs)
        for hook in (*self._after_step.values(), *_after_all.values()):
            hook(self, given, kwargs)
        return result

    return call


def users_step(step: Callable[..., Any]) -> Callable[..., Any]:
    """The `step` of a user's own optimizer: what it computes is the update, in a recording."""

    @functools.wraps(step)
    def call(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        self._stepped = False  # by super().step(), which tells the recorder itself
        with phase(Phase.UPDATE):
            result = step(self, *args, **kwargs)
        if state.recorder is not None and not self._stepped:
            state.recorder.mark("step")
        return result

    return with_hooks(call)
