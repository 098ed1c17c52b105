"""Where the ops' functions appear: in the top-level namespace, in nn.functional, as methods, as in-place
methods."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

PLACES = ("torch", "F", "method", "inplace", "property")


@dataclass(frozen=True, slots=True)
class Public:
    """A function that users see, the names of its places, and the name it has there."""

    name: str
    function: Callable[..., Any]
    places: tuple[str, ...]


FUNCTIONS: list[Public] = []
"""Every public function; `methods.bind` and the namespaces are made from it."""


def public(
    *places: str, name: str | None = None, aliases: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Decorator: publish a function whose first parameter is the tensor.

    "torch": `gradviz.relu(x)`; "F": `gradviz.nn.functional.relu(x)`; "method": `x.relu()`; "inplace":
    `x.relu_()`; "property": `x.T`. As in PyTorch, `dim` and `keepdim` may be called `axis` and `keepdims`.
    """
    unknown = set(places) - set(PLACES)
    if unknown:
        raise ValueError(f"there are no places {sorted(unknown)}")

    def enter(function: Function) -> Function:
        names = (name or function.__name__, *aliases)
        shown = _with_numpy_names(function)
        FUNCTIONS.extend(Public(each, shown, places) for each in names)
        return shown

    return enter


_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def _with_numpy_names(function: Function) -> Function:
    parameters = inspect.signature(function).parameters
    known = {theirs: ours for theirs, ours in _NUMPY_NAMES.items() if ours in parameters}
    if not known:
        return function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {known.get(key, key): value for key, value in kwargs.items()}
        return function(*args, **kwargs)

    return cast(Function, call)
