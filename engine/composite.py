"""Functions composed of several ops: each has an entry of its own, and is a box that opens in the graph."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from .program import Phase
from .state import function_scope, state

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Composite:
    """A composed function: its formula and its derivative in mathtext, and a sentence in "en"
    and "zh".

    `derivative` is what the ops inside amount to together; "" where nothing is to be differentiated; `module`
    is where the function is defined.
    """

    name: str
    formula: str
    derivative: str
    says: Mapping[str, str]
    module: str = ""


COMPOSITES: dict[str, Composite] = {}
"""Every composed function by its name; complete once `gradviz.engine.ops` has been imported."""


def composite(
    name: str, *, formula: str, derivative: str = "", en: str, zh: str, phase: Phase | None = None
) -> Callable[[Function], Function]:
    """Decorator: enter a function as the composite `name`, and group what it runs in a scope of that name.

    `phase` is given by functions that belong to one, as losses do. Inside of a layer of the library no scope
    is made, as the layer is a box already.
    """

    def enter(function: Function) -> Function:
        if name in COMPOSITES:
            raise ValueError(f"there is a composite {name!r} already")
        COMPOSITES[name] = Composite(name, formula, derivative, {"en": en, "zh": zh}, function.__module__)

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return call_in_scope(name, phase, function, args, kwargs)

        return cast(Function, call)

    return enter


def call_in_scope(
    name: str,
    value: Phase | None,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Any:
    """Call a function in a `function_scope`; where nobody records this is quicker than a `with` block."""
    now = state.__dict__
    if now["recorder"] is not None:
        with function_scope(name, value):
            return function(*args, **kwargs)
    module, before = now["module"], now["phase"]
    if value is not None:
        now["phase"] = value
    if not now["layer"]:
        now["module"] = f"{module}.{name}" if module else name
    try:
        return function(*args, **kwargs)
    finally:
        now["module"], now["phase"] = module, before
