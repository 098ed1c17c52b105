"""Plain JSON for the values in a recording, and checked reading of what should be there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Json = Any
T = TypeVar("T")

_SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_MAX_DEPTH = 20


class FormatError(ValueError):
    """A part of a recording that is not what it should be."""


def to_json(value: object) -> Json:
    """An op's attribute as strict JSON; TypeError for what no op has.

    Numbers, text, None and lists stand for themselves; all else is an object whose only key names its kind.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return number_to_json(value)
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, slice):
        return {"slice": [to_json(part) for part in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, Mapping):
        return {"mapping": {text(key): to_json(item) for key, item in value.items()}}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def from_json(value: Json, depth: int = 0) -> Any:
    """What `to_json` was given; FormatError for anything that it does not write."""
    if depth > _MAX_DEPTH:
        raise FormatError("nested too deeply")
    if value is None or isinstance(value, (bool, str, int, float)):
        return value
    if isinstance(value, list):
        return [from_json(item, depth + 1) for item in value]
    if isinstance(value, dict) and len(value) == 1:
        ((kind, content),) = value.items()
        if kind == "float":
            return number(value)
        if kind == "tuple":
            return tuple(from_json(item, depth + 1) for item in items(content))
        if kind == "slice":
            return slice(*(from_json(part, depth + 1) for part in items(content, 3)))
        if kind == "ellipsis":
            return ...
        if kind == "mapping":
            return {key: from_json(item, depth + 1) for key, item in mapping(content).items()}
    raise FormatError(f"{str(value)[:60]} is not a value")


def number_to_json(value: float) -> Json:
    """A float; JSON has no NaN and no infinities, so those are written by name."""
    return float(value) if math.isfinite(value) else {"float": str(float(value))}


# Checked reading: each returns its argument if it is what it should be, and raises FormatError otherwise.


def number(value: Json) -> float:
    """A float."""
    if isinstance(value, dict) and value.get("float") in _SPECIAL:
        return _SPECIAL[value["float"]]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FormatError(f"{str(value)[:60]} is not a number")
    return float(value)


def whole(value: Json, low: int, high: int, what: str = "number") -> int:
    """An integer from low to high - 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < high:
        raise FormatError(f"{what} {str(value)[:60]} is not from {low} to {high - 1}")
    return value


def flag(value: Json) -> bool:
    """True or False."""
    return _of(bool, value)


def text(value: Json) -> str:
    """A text."""
    return _of(str, value)


def items(value: Json, count: int | None = None) -> list[Json]:
    """A list, of `count` items."""
    found: list[Json] = _of(list, value)
    if count is not None and len(found) != count:
        raise FormatError(f"a list of {len(found)} instead of {count}")
    return found


def mapping(value: Json) -> dict[str, Json]:
    """An object."""
    found: dict[str, Json] = _of(dict, value)
    return found


def optional(read: Callable[[Json], T], value: Json) -> T | None:
    """None, or what `read` takes."""
    return None if value is None else read(value)


def _of(kind: type[T], value: Json) -> T:
    if not isinstance(value, kind):
        raise FormatError(f"{str(value)[:60]} where a {kind.__name__} should be")
    return value
