"""Nested data as JSON with the arrays beside it: what a file of `gradviz.save` holds.

`Packer` takes a tree of dicts, lists and tensors apart, `unpack` puts it together again. Numbers, texts, None
and lists stand for themselves in the JSON; everything else is an object whose only key names its kind.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradviz.engine import dtypes
from gradviz.engine.dtypes import DType
from gradviz.engine.node import leaf
from gradviz.engine.size import Device, Size
from gradviz.engine.tensor import Tensor
from gradviz.nn.module import Module
from gradviz.nn.parameter import Parameter

Json = Any
_MAX_DEPTH = 50


class UnknownContentError(ValueError):
    """A description that `Packer` does not write."""


class Packer:
    """`arrays` holds, by a readable name ("model.conv1.weight"), what `pack` has met."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self._known: dict[int, str] = {}  # by id: a tensor that is met twice is stored once

    def pack(self, value: Any, path: str = "") -> Json:
        """The JSON for a value; TypeError, which names the place, for what cannot be stored."""
        if isinstance(value, Tensor):
            kind = "parameter" if isinstance(value, Parameter) else "tensor"
            wants = value.requires_grad and value.is_leaf
            name = self._store(path, value._node.array, id(value))
            return {kind: [name, wants] if wants != (kind == "parameter") else [name]}
        if isinstance(value, np.ndarray):
            return {"array": [self._store(path, value, id(value))]}
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, np.integer)):
            return int(value)
        if isinstance(value, (float, np.floating)):
            return float(value) if math.isfinite(value) else {"float": str(float(value))}
        if isinstance(value, Mapping):
            return {_kind_of(value): [self._pair(key, item, path) for key, item in value.items()]}
        if isinstance(value, (tuple, list, set, frozenset)):
            items = [self.pack(item, f"{path}.{n}") for n, item in enumerate(value)]
            return items if isinstance(value, list) else {_kind_of_items(value): items}
        if isinstance(value, (DType, Device)):
            return {"dtype" if isinstance(value, DType) else "device": str(value).removeprefix("torch.")}
        raise TypeError(_refusal(value, path))

    def _pair(self, key: Any, item: Any, path: str) -> Json:
        if isinstance(key, (Tensor, np.ndarray)):
            raise TypeError(_refusal(key, f"{path} (a key)"))
        return [self.pack(key, path), self.pack(item, f"{path}.{key}" if path else str(key))]

    def _store(self, path: str, array: np.ndarray, key: int) -> str:
        if key in self._known:
            return self._known[key]
        if array.dtype.kind not in "fiub":
            raise TypeError(f"save: an array of dtype {array.dtype} cannot be stored, in {path or 'it'}")
        name = base = path.removeprefix(".") or "tensor"
        number = 2
        while name in self.arrays:
            name, number = f"{base}#{number}", number + 1
        self.arrays[name] = np.array(array, order="C")
        self._known[key] = name
        return name


def _kind_of(value: Mapping[Any, Any]) -> str:
    if isinstance(value, Counter):
        return "counter"
    return "ordered" if isinstance(value, OrderedDict) else "dict"


def _kind_of_items(value: Any) -> str:
    if isinstance(value, Size):
        return "size"
    return "tuple" if isinstance(value, tuple) else "set"


def _refusal(value: Any, path: str) -> str:
    place = f" (it is at {path.removeprefix('.')})" if path else ""
    if isinstance(value, Module):
        return f"save: a module is code and data; save its data, module.state_dict(){place}"
    return (
        f"save: a {type(value).__name__} cannot be stored{place}: files hold tensors, arrays, numbers, "
        "texts, and dicts, lists, tuples and sets of them"
    )


def unpack(data: Json, arrays: Mapping[str, np.ndarray]) -> Any:
    """What `pack` was given; UnknownContentError for anything that it does not write."""
    return _Unpacker(arrays).unpack(data, 0)


class _Unpacker:
    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = arrays
        self._made: dict[tuple[str, str], Any] = {}

    def unpack(self, data: Json, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            raise UnknownContentError("nested too deeply")
        if data is None or isinstance(data, (bool, str, int, float)):
            return data
        if isinstance(data, list):
            return [self.unpack(item, depth + 1) for item in data]
        if not isinstance(data, dict) or len(data) != 1:
            raise UnknownContentError(f"{data!r:.60} is no description of a value")
        ((kind, content),) = data.items()
        if kind in ("tensor", "parameter", "array"):
            return self._array(kind, content)
        if kind in _SPECIAL:
            return _special(kind, content)
        if not isinstance(content, list):
            raise UnknownContentError(f"{content!r:.60} is no list")
        if kind in ("dict", "ordered", "counter"):
            return _MAPPINGS[kind](self._pairs(content, depth))
        if kind in _SEQUENCES:
            return _SEQUENCES[kind]([self.unpack(item, depth + 1) for item in content])
        raise UnknownContentError(f"there is no kind {kind!r:.60}")

    def _pairs(self, content: list[Any], depth: int) -> list[tuple[Any, Any]]:
        pairs = []
        for pair in content:
            if not isinstance(pair, list) or len(pair) != 2:
                raise UnknownContentError(f"{pair!r:.60} is no pair of key and value")
            key = self.unpack(pair[0], depth + 1)
            try:
                hash(key)
            except TypeError:
                raise UnknownContentError(f"{key!r:.60} cannot be a key") from None
            pairs.append((key, self.unpack(pair[1], depth + 1)))
        return pairs

    def _array(self, kind: str, content: Json) -> Any:
        if not isinstance(content, list) or not content or content[0] not in self._arrays:
            raise UnknownContentError(f"there is no tensor {content!r:.60}")
        name = content[0]
        known = self._made.get((kind, name))
        if known is not None:
            return known
        array = self._arrays[name]
        flag = content[1] if len(content) > 1 else kind == "parameter"
        made: Any = array
        if kind != "array":
            made = Tensor._from_node(leaf(array))
            if kind == "parameter":
                made = Parameter(made, requires_grad=bool(flag))
            elif flag:
                made.requires_grad_()
        self._made[kind, name] = made
        return made


def _special(kind: str, content: Json) -> Any:
    if kind == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if kind == "dtype" and isinstance(getattr(dtypes, str(content).replace("bool", "bool_"), None), DType):
        return getattr(dtypes, content.replace("bool", "bool_"))
    if kind == "device":
        return Device("cpu")
    raise UnknownContentError(f"there is no {kind} {content!r:.60}")


_SPECIAL = ("float", "dtype", "device")
_MAPPINGS: dict[str, Callable[[list[tuple[Any, Any]]], Any]] = {
    "dict": dict,
    "ordered": OrderedDict,
    "counter": lambda pairs: Counter(dict(pairs)),
}
_SEQUENCES: dict[str, Callable[[list[Any]], Any]] = {"tuple": tuple, "set": set, "size": Size}
