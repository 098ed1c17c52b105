"""`DataLoader`: batches of a data set."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, repeat
from typing import Any, Generic, TypeVar

from gradviz.engine.random import Generator
from gradviz.engine.state import unrecorded

from .collate import default_collate, default_convert
from .dataset import IterableDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler

T_co = TypeVar("T_co", covariant=True)
_FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


def get_worker_info() -> None:
    """None: samples are loaded in the process itself."""
    return


class DataLoader(Generic[T_co]):
    """Iterates over a data set in batches, in order or shuffled.

    Samples are taken one by one and put together by `collate_fn`; a `batch_size` of None gives single ones.
    Everything runs in this process: `num_workers` and the options that belong to it are accepted so that
    scripts run unchanged, and change neither the batches nor their order. In a recording batches are inputs.
    Errors: ValueError for options that exclude each other.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        streams = isinstance(dataset, IterableDataset)
        if streams:
            _check_stream(shuffle, sampler, batch_sampler)
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and "
                    "drop_last"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError(
                "batch_size=None option disables auto-batching and is mutually exclusive with drop_last"
            )
        if sampler is None:
            if streams:
                sampler = repeat(None)
            else:
                sampler = (
                    RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
                )
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        values = {
            "dataset": dataset,
            "batch_size": batch_size,
            "drop_last": drop_last,
            "sampler": sampler,
            "batch_sampler": batch_sampler,
            "generator": generator,
            "num_workers": num_workers,
            "prefetch_factor": 2 if num_workers and prefetch_factor is None else prefetch_factor,
            "pin_memory": pin_memory,
            "pin_memory_device": pin_memory_device,
            "timeout": timeout,
            "worker_init_fn": worker_init_fn,
            "multiprocessing_context": multiprocessing_context,
            "persistent_workers": persistent_workers,
            "in_order": in_order,
        }
        vars(self).update(values)
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self._streams = streams
        self._told: int | None = None  # the length that an iterable data set has told of itself

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and name in vars(self):
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:  # for type checkers: the options set in __init__
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __iter__(self) -> Iterator[Any]:
        return _Iterator(self)

    def __len__(self) -> int:
        if not self._streams:
            order: Any = self.sampler if self.batch_sampler is None else self.batch_sampler
            return len(order)
        length: int = len(self.dataset)
        self._told = length
        if self.batch_size is None:
            return length
        parts = length / self.batch_size
        return int(parts) if self.drop_last else math.ceil(parts)


class _Iterator:
    """One pass through the data."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._loader = loader
        batched = loader.batch_sampler is not None
        if loader._streams:
            self._source: Iterator[Any] = iter(loader.dataset)
            size = loader.batch_size if batched else None
            self._batches = self._stream(size)
        else:
            self._batches = self._chosen(iter(loader.batch_sampler if batched else loader.sampler), batched)
        self._count = 0

    def __iter__(self) -> _Iterator:
        return self

    def __len__(self) -> int:
        return len(self._loader)

    def __next__(self) -> Any:
        with unrecorded():
            batch = next(self._batches)
        self._count += 1
        told = self._loader._told
        if told is not None and self._count > told:
            warnings.warn(
                f"Length of IterableDataset {self._loader.dataset} was reported to be {told}(when accessing "
                f"len(dataloader)), but {self._count} samples have been fetched. ",
                stacklevel=2,
            )
        return batch

    def _chosen(self, indices: Iterator[Any], batched: bool) -> Iterator[Any]:
        dataset, collate = self._loader.dataset, self._loader.collate_fn
        several = getattr(dataset, "__getitems__", None)
        for index in indices:
            if not batched:
                yield collate(dataset[index])
            elif several:
                yield collate(several(index))
            else:
                yield collate([dataset[each] for each in index])

    def _stream(self, size: int | None) -> Iterator[Any]:
        collate = self._loader.collate_fn
        if size is None:
            yield from map(collate, self._source)
            return
        while batch := list(islice(self._source, size)):
            if self._loader.drop_last and len(batch) < size:
                return
            yield collate(batch)


def _check_workers(
    workers: int, timeout: float, prefetch: int | None, persistent: bool, context: Any
) -> None:
    if workers < 0:
        raise ValueError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing."
        )
    if timeout < 0:
        raise ValueError("timeout option should be non-negative")
    if workers == 0 and prefetch is not None:
        raise ValueError(
            "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
            "multiprocessing, otherwise set prefetch_factor to None."
        )
    if prefetch is not None and prefetch < 0:
        raise ValueError("prefetch_factor option should be non-negative")
    if persistent and workers == 0:
        raise ValueError("persistent_workers option needs num_workers > 0")
    if context is not None and workers == 0:
        raise ValueError(
            "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got "
            f"num_workers={workers}"
        )


def _check_stream(shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
    unwanted = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in unwanted.items():
        if value is not None:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
            )
