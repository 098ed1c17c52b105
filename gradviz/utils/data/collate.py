"""From a list of samples to one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from copy import copy
from typing import Any

import numpy as np

from gradviz.engine.dtypes import float64
from gradviz.engine.ops.create import as_tensor, tensor
from gradviz.engine.ops.join import stack
from gradviz.engine.tensor import Tensor

_WRONG = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def default_collate(batch: Any) -> Any:
    """Tensors and arrays are stacked, numbers become a tensor, texts stay a list; tuples, lists and dicts are
    collated entry by entry.

    Errors: TypeError for other things, RuntimeError for lists of different lengths.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch, 0)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SaUO":
            raise TypeError(_WRONG.format(first.dtype))
        return stack([as_tensor(each) for each in batch], 0)
    if isinstance(first, (np.bool_, np.number)):
        return as_tensor(np.array(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _like_mapping(first, lambda key: default_collate([each[key] for each in batch]))
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(each) for each in zip(*batch, strict=False)))
    if isinstance(first, Sequence):
        if any(len(each) != len(first) for each in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        return _like_sequence(first, [default_collate(each) for each in zip(*batch, strict=True)])
    raise TypeError(_WRONG.format(type(first)))


def default_convert(data: Any) -> Any:
    """One sample that is not put into a batch: arrays become tensors, everything else stays as it is."""
    if isinstance(data, Tensor):
        return data
    if isinstance(data, np.ndarray) and data.dtype.kind in "SaUO":
        return data
    if isinstance(data, (np.ndarray, np.bool_, np.number)):
        return as_tensor(np.asarray(data))
    if isinstance(data, Mapping):
        return _like_mapping(data, lambda key: default_convert(data[key]))
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(each) for each in data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _like_sequence(data, [default_convert(each) for each in data])
    return data


def _like_mapping(first: Mapping[Any, Any], value: Callable[[Any], Any]) -> Any:
    """A mapping of the same kind and keys; a plain dict where its class cannot be made that way."""
    found = {key: value(key) for key in first}
    try:
        if isinstance(first, MutableMapping):
            new = copy(first)
            new.update(found)
            return new
        return type(first)(found)  # type: ignore[call-arg]
    except TypeError:
        return found


def _like_sequence(first: Sequence[Any], found: list[Any]) -> Any:
    """A sequence of the same kind; a list for tuples, and where its class cannot be made that way."""
    if isinstance(first, tuple):
        return found
    try:
        if isinstance(first, MutableSequence):
            new = copy(first)
            for place, each in enumerate(found):
                new[place] = each
            return new
        return type(first)(found)  # type: ignore[call-arg]
    except TypeError:
        return found
