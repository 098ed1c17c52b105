"""Hooks: functions that a module calls before and after its forward and backward pass."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from gradviz.engine.hooks import RemovableHandle

Hook = Callable[..., Any]
Table = OrderedDict[int, Any]


CALL_TABLES = (
    "_forward_pre_hooks",
    "_forward_hooks",
    "_backward_pre_hooks",
    "_backward_hooks",
)
TABLES = (
    *CALL_TABLES,
    "_forward_pre_hooks_with_kwargs",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_state_dict_pre_hooks",
    "_state_dict_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)


class Hooked:
    """The hooks of a module, in tables by the number of their handle."""

    _forward_pre_hooks: Table
    _forward_hooks: Table
    _backward_pre_hooks: Table
    _backward_hooks: Table
    _forward_pre_hooks_with_kwargs: Table
    _forward_hooks_with_kwargs: Table
    _forward_hooks_always_called: Table
    _state_dict_pre_hooks: Table
    _state_dict_hooks: Table
    _load_state_dict_pre_hooks: Table
    _load_state_dict_post_hooks: Table

    def __init__(self) -> None:
        for table in TABLES:
            object.__setattr__(self, table, OrderedDict())

    def _has_hooks(self) -> bool:
        """Whether a call has more to do than to run `forward`."""
        tables = self.__dict__
        return any(tables[name] for name in CALL_TABLES)

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before `forward`; a tuple or value that it returns replaces args.

        With `with_kwargs` it is `hook(module, args, kwargs)`, and returns both or None.
        """
        handle = enter_hook(self._forward_pre_hooks, hook, prepend)
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[handle.id] = True
        return handle

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after `forward`; what it returns replaces the output.

        With `with_kwargs` it is `hook(module, args, kwargs, output)`; with `always_call` it is called even if
        `forward` or a hook raises.
        """
        handle = enter_hook(self._forward_hooks, hook, prepend)
        if with_kwargs:
            self._forward_hooks_with_kwargs[handle.id] = True
        if always_call:
            self._forward_hooks_always_called[handle.id] = True
        return handle

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` before the module's backward pass; it may return another tuple.

        `grad_output` has a gradient for each output, None for those that are no tensors or got none.
        """
        return enter_hook(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients of the module's inputs are known.

        Both are tuples with an entry for each positional input and each output; a returned tuple replaces
        `grad_input`.
        """
        return enter_hook(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Not supported, as PyTorch has given it up: its gradients are those of the last op only."""
        raise RuntimeError(
            "register_backward_hook sees only the last op of a module, and is deprecated; "
            "use register_full_backward_hook"
        )

    def register_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before the module's state is collected."""
        return enter_hook(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` afterwards; it may change the dict."""
        return enter_hook(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
        error_msgs)` before the module's state is loaded."""
        return enter_hook(self._load_state_dict_pre_hooks, hook)

    def register_load_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` after it; it may change the lists of keys in place."""
        return enter_hook(self._load_state_dict_post_hooks, hook)


def enter_hook(hooks: Table, hook: Hook, prepend: bool = False) -> RemovableHandle:
    """Enter a hook at the end of a table, or at its beginning."""
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle
