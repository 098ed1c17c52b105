"""A table (.csv) or arrays (.npz) of one's own as a data set. Nothing in such a file is ever run."""

from __future__ import annotations

import csv
import hashlib
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dataset import DataError, Dataset
from .labels import classes_of

SUFFIXES = (".csv", ".npz")
MOST_BYTES = 1 << 30  # of arrays; a damaged or hostile file can claim any size
FEWEST = 5  # samples: one of five is for the test
_LABELS = ("label", "target", "class", "y")  # names of the column that is to be predicted
_DELIMITERS = ",;\t"
_INPUTS, _TARGETS = ("x", "X", "images", "inputs", "data"), ("y", "Y", "labels", "targets", "label")

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class OwnData:
    """All samples of a file, and the places of those for training and test if the file itself says so.

    `features` are the names of a table's columns, () for arrays.
    """

    data: Dataset
    split: tuple[Places, Places] | None = None
    features: tuple[str, ...] = ()


def read_own(path: str | os.PathLike[str]) -> OwnData:
    """Read a file by its suffix.

    A table has a sample in each row and what is to be predicted in the column called label, target, class or
    y, else in the last one; its first row may hold names. An npz file has the arrays x and y, and may have
    x_test and y_test; x is (N, features), (N, height, width) or (N, channels, height, width), bytes count
    from 0 to 255. Whole numbers and words are classes, other numbers a regression.
    Errors: `DataError`, naming the file and the place in it.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    made = _read_table(path) if path.suffix.lower() == ".csv" else _read_arrays(path)
    if len(made.data) < FEWEST:
        raise DataError(f"{path}: {len(made.data)} samples; at least {FEWEST} are needed")
    return made


def fingerprint(path: str | os.PathLike[str]) -> str:
    """What changes with a file's contents. Errors: `DataError` if it cannot be read."""
    try:
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error


# Tables.


def _read_table(path: Path) -> OwnData:
    rows = _rows(path)
    if not rows:
        raise DataError(f"{path}: holds no rows")
    (_, first), *others = rows
    named = not any(_is_number(cell) for cell in first)
    names = [cell.strip() for cell in first] if named else [f"x{i + 1}" for i in range(len(first))]
    rows = others if named else rows
    if len(names) < 2:
        raise DataError(f"{path}: one column only; features and a label are needed")
    if not rows:
        raise DataError(f"{path}: holds names, but no rows")
    for line, cells in rows:
        if len(cells) != len(names):
            raise DataError(f"{path}:{line}: {len(cells)} cells, but the first row has {len(names)}")
    label = next((i for i, name in enumerate(names) if name.lower() in _LABELS), len(names) - 1)
    features = [i for i in range(len(names)) if i != label]
    inputs = np.array(
        [[_number(path, line, names[i], cells[i]) for i in features] for line, cells in rows], np.float32
    )
    targets, classes = classes_of(
        path, [cells[label].strip() for _, cells in rows], [line for line, _ in rows]
    )
    return OwnData(Dataset(path.name, inputs, targets, classes), None, tuple(names[i] for i in features))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its line."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path}: larger than {MOST_BYTES:,} bytes")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            head = stream.readline()
            delimiter = max(_DELIMITERS, key=head.count)
            stream.seek(0)
            reader = csv.reader(stream, delimiter=delimiter)
            return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: is no text in UTF-8 (byte {error.start})") from error
    except csv.Error as error:
        raise DataError(f"{path}: is no table ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(path: Path, line: int, name: str, cell: str) -> float:
    found = float(cell) if _is_number(cell) else float("nan")
    if not np.isfinite(found) or abs(found) > np.finfo(np.float32).max:
        raise DataError(f"{path}:{line}: column {name!r}: {cell.strip()!r} is no finite number")
    return found


# Arrays.


def _read_arrays(path: Path) -> OwnData:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MOST_BYTES:
            raise DataError(f"{path}: holds {size:,} bytes; the limit is {MOST_BYTES:,}")
        with np.load(path, allow_pickle=False) as found:
            return _from_arrays(path, {name: found[name] for name in found.files})
    except DataError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError) as error:
        raise DataError(f"{path}: is no npz file, or is damaged ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error


def _from_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> OwnData:
    parts = [(_pick(path, arrays, _INPUTS, ""), _pick(path, arrays, _TARGETS, ""))]
    if any(f"{name}_test" in arrays for name in (*_INPUTS, *_TARGETS)):
        parts.append((_pick(path, arrays, _INPUTS, "_test"), _pick(path, arrays, _TARGETS, "_test")))
    for (x_name, x), (y_name, y) in parts:
        if len(x) != len(y):
            raise DataError(f"{path}: {x_name} has {len(x)} samples, but {y_name} has {len(y)}")
    shapes = {x.shape[1:] for (_, x), _ in parts}
    if len(shapes) > 1:
        raise DataError(f"{path}: samples for training and test have different shapes: {sorted(shapes)}")
    inputs = _inputs(path, parts[0][0][0], np.concatenate([x for (_, x), _ in parts]))
    labels = np.concatenate([_flat(path, name, y) for _, (name, y) in parts])
    targets, classes = classes_of(path, labels)
    count = len(parts[0][0][1])
    split = (np.arange(count), np.arange(count, len(inputs))) if len(parts) > 1 else None
    return OwnData(Dataset(path.name, inputs, targets, classes), split)


def _pick(
    path: Path, arrays: dict[str, NDArray[Any]], names: tuple[str, ...], suffix: str
) -> tuple[str, NDArray[Any]]:
    for name in names:
        if f"{name}{suffix}" in arrays:
            found = arrays[f"{name}{suffix}"]
            if found.ndim == 0:
                raise DataError(f"{path}: {name}{suffix} is a single number")
            return f"{name}{suffix}", found
    there = ", ".join(sorted(arrays)) or "nothing"
    raise DataError(f"{path}: there is no array {names[0]}{suffix}; it holds {there}")


def _inputs(path: Path, name: str, x: NDArray[Any]) -> NDArray[np.float32]:
    if x.dtype.kind not in "buif":
        raise DataError(f"{path}: {name} holds {x.dtype}, no numbers")
    made = x.astype(np.float32)
    if x.dtype == np.uint8:
        made /= np.float32(255)
    wrong = np.flatnonzero(~np.isfinite(made.reshape(len(made), -1)).all(axis=1))
    if wrong.size:
        raise DataError(f"{path}: {name}[{int(wrong[0])}] holds a number that is not finite")
    if made.ndim == 1:
        return made[:, np.newaxis]
    if made.ndim == 3:
        return made[:, np.newaxis]
    if made.ndim == 4 and made.shape[3] == 1 != made.shape[1]:
        return np.ascontiguousarray(made.transpose(0, 3, 1, 2))
    if made.ndim > 4:
        raise DataError(f"{path}: {name} has {made.ndim} dimensions; 1 to 4 can be read")
    return made


def _flat(path: Path, name: str, y: NDArray[Any]) -> NDArray[Any]:
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise DataError(f"{path}: {name} has the shape {y.shape}; one label for each sample is needed")
    return y
