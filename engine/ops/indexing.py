"""`x[...]` and `x[...] = value`: what users write, taken apart into a basic index and one by tensors."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

from ..api import public
from ..convert import data_array
from ..dims import wrap_dim
from ..dtypes import bool_, uint8
from ..errors import ArgumentError, DimError, DTypeError, ShapeError
from ..mutation import check_in_place
from ..node import leaf
from ..tensor import Tensor, apply, as_tensor_operand
from .index import indexed_shape, put_index
from .slice import Item, put_slice, sliced_shape


class Parsed(NamedTuple):
    """A basic index, then tensors that index its result."""

    items: tuple[Item, ...]
    indices: tuple[Tensor, ...]
    at: tuple[int, ...]
    counts: tuple[int, ...]
    trivial: bool  # the basic part takes everything as it is

    def shape(self, whole: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of what is chosen from a tensor of shape `whole`."""
        basic = sliced_shape(whole, self.items)
        if not self.indices:
            return basic
        return indexed_shape(basic, [each._node.spec for each in self.indices], self.at, self.counts)

    @property
    def advanced(self) -> dict[str, Any]:
        """Attributes of the index op."""
        return {"at": self.at, "counts": self.counts}


def parse(shape: tuple[int, ...], key: Any) -> Parsed:
    """What `key`, as it stands in the brackets, chooses from a tensor of `shape`."""
    entries = [_entry(part) for part in (key if isinstance(key, tuple) else (key,))]
    entries = _without_ellipsis(entries, shape)
    items: list[Item] = []
    indices: list[Tensor] = []
    at: list[int] = []
    counts: list[int] = []
    dim = out = 0  # dimension of the tensor, and of the basic part's result
    for entry in entries:
        if entry is None or isinstance(entry, _NumberMask):
            items.append(None)
            if entry is not None:
                indices.append(entry.index)
                at.append(out)
                counts.append(-1)
            out += 1
        elif isinstance(entry, int):
            items.append(_position(entry, dim, shape))
            dim += 1
        elif isinstance(entry, slice):
            items.append(_slice(entry, shape[dim]))
            dim += 1
            out += 1
        else:
            mask = entry.dtype is bool_
            span = entry.ndim if mask else 1
            items += [(0, size, 1) for size in shape[dim : dim + span]]
            indices.append(entry)
            at.append(out)
            counts.append(int(np.count_nonzero(entry._node.array)) if mask else -1)
            dim += span
            out += span
    trivial = items == [(0, size, 1) for size in shape[: len(items)]]
    return Parsed(tuple(items), tuple(indices), tuple(at), tuple(counts), trivial)


def _entry(part: Any) -> Any:
    """An int, a slice, None, Ellipsis, or a tensor of whole numbers or truth values."""
    if part is None or part is Ellipsis or isinstance(part, slice):
        return part
    if isinstance(part, (bool, np.bool_)):
        return _number_mask(bool(part))
    if isinstance(part, Tensor):
        if part.dtype.rank == 2:
            raise DimError("tensors used as indices must be long, int, byte or bool tensors")
        if part.dtype is uint8:  # PyTorch's masks of old
            part = part.to(bool_)
        if part.dtype is bool_ and not part.ndim:
            return _number_mask(bool(part))
        return part.item() if part.ndim == 0 and part.dtype is not bool_ else part
    if isinstance(part, (list, tuple, np.ndarray, range)):
        array = data_array(list(part) if isinstance(part, range) else part)
        return _entry(Tensor._from_node(leaf(array if array.size else array.astype(np.int64))))
    try:
        return operator.index(part)
    except TypeError:
        kind = IndexError if isinstance(part, float) else TypeError
        raise kind(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
            f"indices (got {type(part).__name__})"
        ) from None


class _NumberMask:
    """A truth value as an index: a new dimension, with one entry if it is True and none otherwise."""

    def __init__(self, index: Tensor) -> None:
        self.index = index


def _number_mask(value: bool) -> _NumberMask:
    return _NumberMask(Tensor._from_node(leaf(np.zeros(int(value), np.int64))))


def _without_ellipsis(entries: list[Any], shape: tuple[int, ...]) -> list[Any]:
    used = sum(_span(entry) for entry in entries)
    if used > len(shape):
        raise DimError(f"too many indices for tensor of dimension {len(shape)}")
    places = [k for k, entry in enumerate(entries) if entry is Ellipsis]
    if not places:
        return entries
    if len(places) > 1:
        raise DimError("an index can only have a single ellipsis ('...')")
    k = places[0]
    return entries[:k] + [slice(None)] * (len(shape) - used) + entries[k + 1 :]


def _span(entry: Any) -> int:
    if entry is None or entry is Ellipsis or isinstance(entry, _NumberMask):
        return 0
    return entry.ndim if isinstance(entry, Tensor) and entry.dtype is bool_ else 1


def _position(index: int, dim: int, shape: tuple[int, ...]) -> int:
    size = shape[dim]
    if not -size <= index < size:
        raise DimError(f"index {index} is out of bounds for dimension {dim} with size {size}")
    return index % size


def _slice(part: slice, size: int) -> tuple[int, int, int]:
    start, stop, step = (
        each.item() if isinstance(each, Tensor) else each for each in (part.start, part.stop, part.step)
    )
    if step is not None and step <= 0:
        raise ArgumentError("step must be greater than zero")
    start, stop, step = slice(start, stop, step).indices(size)
    return start, max(start, stop), step


@public("method", name="__getitem__")
def getitem(self: Tensor, key: Any) -> Tensor:
    """`self[key]`: a view for positions and slices, a copy where tensors index."""
    if type(key) is int and self._node.spec.shape:  # the usual case, quicker
        return apply("slice", (self,), {"items": (_position(key, 0, self._node.spec.shape),)})
    parsed = parse(self._node.spec.shape, key)
    if not parsed.indices:
        return apply("slice", (self,), {"items": parsed.items})
    part = self if parsed.trivial else apply("slice", (self,), {"items": parsed.items})
    return apply("index", (part, *parsed.indices), parsed.advanced)


@public("method", name="__setitem__")
def setitem(self: Tensor, key: Any, value: Any) -> None:
    """`self[key] = value`: the tensor gets a new value in place."""
    check_in_place(self, "__setitem__")
    parsed = parse(self._node.spec.shape, key)
    if _is_the_part(self, value, parsed):  # x[i] += 1 has changed the view x[i] already, and x with it
        return
    source = value if isinstance(value, Tensor) else _operand(value)
    source = _without_leading_ones(source, len(parsed.shape(self._node.spec.shape)))
    one_mask = len(parsed.indices) == 1 and parsed.counts[0] >= 0 and source.numel() == 1
    if parsed.indices and isinstance(value, Tensor) and value.dtype is not self.dtype and not one_mask:
        raise DTypeError(
            f"Index put requires the source and destination dtypes match, got {self.dtype} for the "
            f"destination and {value.dtype} for the source."
        )
    if not parsed.indices:
        new = put_slice(self, source, parsed.items)
    elif parsed.trivial:
        new = put_index(self, source, parsed.indices, parsed.at, parsed.counts)
    else:
        part = apply("slice", (self,), {"items": parsed.items})
        part = put_index(part, source, parsed.indices, parsed.at, parsed.counts)
        new = put_slice(self, part, parsed.items)
    self._assign(new, "__setitem__")


def _is_the_part(self: Tensor, value: Any, parsed: Parsed) -> bool:
    if parsed.indices or not isinstance(value, Tensor) or value._storage is None:
        return False
    path = value._path
    return (
        value._storage is self._storage
        and path is not None
        and path.before is self._path
        and path.op == "slice"
        and path.attrs["items"] == parsed.items
    )


def _operand(value: Any) -> Tensor:
    if isinstance(value, (list, tuple, np.ndarray)):
        return Tensor._from_node(leaf(data_array(value)))
    return as_tensor_operand(value)


def _without_leading_ones(value: Tensor, ndim: int) -> Tensor:
    """PyTorch lets a value have more dimensions than the part, if these have size 1."""
    shape = value._node.spec.shape
    while len(shape) > ndim and shape[0] == 1:
        shape = shape[1:]
    return value if shape == value._node.spec.shape else apply("reshape", (value,), {"shape": shape})


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` entries along `dim` from `start`."""
    shape = input._node.spec.shape
    at = wrap_dim(dim, len(shape))
    whole = tuple((0, size, 1) for size in shape[:at])
    return apply("slice", (input,), {"items": (*whole, (start, start + length, 1))})


@public("torch", "method", name="narrow")
def _narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """`length` entries along `dim` from `start`."""
    if not input.ndim:
        raise ShapeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise ShapeError("narrow(): length must be non-negative.")
    if isinstance(start, Tensor) and (start.ndim or start.dtype.rank != 1):
        raise ShapeError("start must be an 0-dim integral Tensor.")
    start = int(start)
    size = input.shape[wrap_dim(dim, input.ndim)]
    if not -size <= start <= size:
        raise DimError(f"start out of range (expected to be in range of [{-size}, {size}], but got {start})")
    first = start + size if start < 0 else start
    if first + length > size:
        raise ShapeError(f"start ({first}) + length ({length}) exceeds dimension size ({size}).")
    return narrow(input, dim, first, length)


@public("torch", "method")
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """Entry `index` along `dim`, which is dropped."""
    shape = input._node.spec.shape
    if not shape:
        raise DimError("select() cannot be applied to a 0-dim tensor.")
    at = wrap_dim(dim, len(shape))
    whole = tuple((0, size, 1) for size in shape[:at])
    return apply("slice", (input,), {"items": (*whole, _position(index, at, shape))})
