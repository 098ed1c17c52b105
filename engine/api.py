"""Where the ops' functions appear: in the top-level namespace, in nn.functional, as methods, as in-place
methods."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from .layouts import check_layout
from .state import state

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
        shown = _with_layouts(_with_numpy_names(function))
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


_BY_DATA = ("tensor", "asarray", "as_tensor", "new_tensor")  # they have no layout in PyTorch


def _with_layouts(function: Function) -> Function:
    """Functions that make tensors take PyTorch's `layout` and `pin_memory`, which change nothing here."""
    signature = inspect.signature(function)
    if "requires_grad" not in signature.parameters or "device" not in signature.parameters:
        return function
    more = {"layout": "Any", "pin_memory": "bool"}
    if function.__name__ in _BY_DATA:
        del more["layout"]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for name in more.keys() & kwargs.keys():
            value = kwargs.pop(name)
            if name == "layout":
                check_layout(value)
        return function(*args, **kwargs)

    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None if kind == "Any" else False, annotation=kind
        )
        for name, kind in more.items()
    ]
    call.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *added])  # type: ignore[attr-defined]
    return cast(Function, call)


@functools.cache
def guarded(function: Function) -> Function:
    """The function as the namespaces offer it: TypeError where a list or number is given for a tensor."""
    parameters = [*inspect.signature(function).parameters.values()]
    if not any(str(each.annotation).startswith("Tensor") for each in parameters):
        return function

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            echo = state.__dict__["echo"]
            if echo is not None and not kwargs:
                foreseen = echo.call(function, args)
                if foreseen is not NotImplemented:
                    return foreseen
            return function(*args, **kwargs)
        except AttributeError:
            _check_tensors(function, parameters, args, kwargs)
            raise

    return cast(Function, call)


def _check_tensors(
    function: Callable[..., Any],
    parameters: list[inspect.Parameter],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    given = inspect.signature(function).bind(*args, **kwargs).arguments
    for position, each in enumerate(parameters, 1):
        value, wanted = given.get(each.name), str(each.annotation)
        optional = wanted != "Tensor" and value is None
        if wanted.startswith("Tensor") and not optional and not hasattr(value, "_node"):
            raise TypeError(
                f"{function.__name__}(): argument '{each.name}' (position {position}) must be Tensor, "
                f"not {type(value).__name__}"
            ) from None
