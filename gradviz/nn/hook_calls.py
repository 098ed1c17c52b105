"""A call of a module that has hooks."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from .backward_hooks import Watch

if TYPE_CHECKING:
    from .module import Module


def forward_with_hooks(module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Pre-hooks, `forward`, hooks; where something raises, the hooks that are always called still are."""
    called: set[int] = set()
    try:
        args, kwargs = _before(module, args, kwargs)
        watch = Watch(module) if module._backward_hooks or module._backward_pre_hooks else None
        if watch is not None:
            args = watch.enter(args)
        result = module.forward(*args, **kwargs)
        for number, hook in list(module._forward_hooks.items()):
            called.add(number)
            replaced = _after(module, number, hook, args, kwargs, result)
            if replaced is not None:
                result = replaced
        return result if watch is None else watch.leave(result)
    except Exception:
        _call_always(module, called, args, kwargs)
        raise


def _before(
    module: Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    for number, hook in list(module._forward_pre_hooks.items()):
        if number in module._forward_pre_hooks_with_kwargs:
            both = hook(module, args, kwargs)
            if both is None:
                continue
            if not isinstance(both, tuple) or len(both) != 2:
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {both}."
                )
            args, kwargs = both
        else:
            news = hook(module, args)
            if news is not None:
                args = news if isinstance(news, tuple) else (news,)
    return args, kwargs


def _after(
    module: Module, number: int, hook: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
) -> Any:
    if number in module._forward_hooks_with_kwargs:
        return hook(module, args, kwargs, result)
    return hook(module, args, result)


def _call_always(module: Module, called: set[int], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """After an error: what these hooks raise is only warned of, as the first error goes on."""
    result = None
    for number in list(module._forward_hooks):
        if number in called or number not in module._forward_hooks_always_called:
            continue
        try:
            replaced = _after(module, number, module._forward_hooks[number], args, kwargs, result)
        except Exception as error:
            warnings.warn(
                "module forward hook with ``always_call=True`` raised an exception that was silenced as "
                f"another error was raised in forward: {error}",
                stacklevel=5,
            )
        else:
            result = result if replaced is None else replaced
