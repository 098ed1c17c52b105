"""What is to be predicted: classes, or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dataset import DataError

MOST_CLASSES = 100  # more different whole numbers are amounts, not classes


def classes_of(
    path: Path, labels: Sequence[str] | NDArray[Any], lines: Sequence[int] | None = None
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The targets and classes of a data set.

    Words, booleans and at most `MOST_CLASSES` different whole numbers are classes, sorted; int64 (N,).
    Other numbers are a regression, float32 (N, 1), without classes. `lines`: where the labels stand.
    Errors: `DataError` for an empty label, a number that is not finite, or one class only.
    """
    array = np.asarray(labels)
    if array.dtype.kind not in "buifUS":
        raise DataError(f"{path}: labels of {array.dtype} cannot be read")
    if array.dtype.kind in "US":
        words = [word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in array]
        empty = next((i for i, word in enumerate(words) if not word.strip()), None)
        if empty is not None:
            raise DataError(f"{_place(path, lines, empty)}: the label is empty")
        numbers = _numbers(words)
        if numbers is None:
            return _indices(path, np.array(words))
        array = numbers
    wrong = np.flatnonzero(~np.isfinite(array.astype(np.float64)))
    if wrong.size:
        raise DataError(f"{_place(path, lines, int(wrong[0]))}: the label is no finite number")
    whole = array.dtype.kind in "bui" or bool((array == np.round(array)).all())
    if whole and len(np.unique(array)) <= MOST_CLASSES:
        return _indices(path, array.astype(np.int64))
    return array.astype(np.float32)[:, np.newaxis], ()


def _place(path: Path, lines: Sequence[int] | None, index: int) -> str:
    return f"{path}:{lines[index]}" if lines is not None else f"{path}: sample {index}"


def _numbers(words: Sequence[str]) -> NDArray[np.float64] | None:
    try:
        return np.array([float(word) for word in words])
    except ValueError:
        return None


def _indices(path: Path, values: NDArray[Any]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    classes, indices = np.unique(values, return_inverse=True)
    if len(classes) < 2:
        raise DataError(f"{path}: all samples have the same label, {classes[0]}")
    if len(classes) > max(MOST_CLASSES, len(values) // 2):
        raise DataError(f"{path}: {len(classes)} different labels for {len(values)} samples are no classes")
    return indices.astype(np.int64), tuple(str(item) for item in classes)
