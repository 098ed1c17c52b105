"""The handle that registering a hook returns, as in `torch.utils.hooks`."""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from types import TracebackType
from typing import Any

_numbers = itertools.count()


class RemovableHandle:
    """Takes a hook away again: `handle.remove()`, or at the end of a `with` block.

    `id` is the hook's key in `hooks`, the table that it was entered into.
    """

    def __init__(self, hooks: OrderedDict[int, Any]) -> None:
        self.id = next(_numbers)
        self._hooks = weakref.ref(hooks)

    def remove(self) -> None:
        """Take the hook away; nothing happens if it is gone already."""
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def enter_hook(hooks: OrderedDict[int, Any], hook: Any, prepend: bool = False) -> RemovableHandle:
    """Enter a hook at the end of a table, or at its beginning."""
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle
