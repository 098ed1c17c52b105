"""MNIST from the four files of its authors, in a folder that the user names."""

import os
from pathlib import Path
from typing import Literal

import numpy as np

from .dataset import DataError, Dataset
from .idx import read_idx

IMAGE_SIZE = 28
CLASSES = tuple("0123456789")
_PREFIX = {"train": "train", "test": "t10k"}


def mnist(
    folder: str | os.PathLike[str],
    part: Literal["train", "test"] = "train",
    *,
    pad: bool = False,
    limit: int | None = None,
) -> Dataset:
    """MNIST's training or test digits, or any other set of the same layout (Fashion-MNIST).

    Looks for `train-images-idx3-ubyte` and its sisters, with or without `.gz`, in the folder itself and in
    `MNIST/raw` and `raw` below it. `pad` puts two pixels of paper round each image: LeNet's 32 x 32.
    `limit` keeps only the first samples.

    Shapes: inputs float32 (N, 1, 28, 28), or (N, 1, 32, 32), in [0, 1]; targets int64 (N,).
    Errors: `DataError`, naming the file, when one is missing, damaged, of another kind, or the counts differ.
    """
    images_path = _find(Path(folder), f"{_PREFIX[part]}-images", "idx3-ubyte")
    labels_path = _find(Path(folder), f"{_PREFIX[part]}-labels", "idx1-ubyte")
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise DataError(f"{images_path}: expected bytes (N, 28, 28), found {images.dtype} {images.shape}")
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise DataError(f"{labels_path}: expected bytes (N,), found {labels.dtype} {labels.shape}")
    if len(images) != len(labels):
        raise DataError(f"{images_path}: {len(images)} images, but {labels_path} has {len(labels)} labels")
    if len(images) == 0:
        raise DataError(f"{images_path}: holds no images")
    if labels.max() >= len(CLASSES):
        raise DataError(f"{labels_path}: a label is {labels.max()}; MNIST's go from 0 to 9")
    border = 2 if pad else 0
    inputs = np.pad(images[:limit], ((0, 0), (border, border), (border, border))).astype(np.float32)
    inputs /= np.float32(255)
    return Dataset(f"MNIST {part}", inputs[:, np.newaxis], labels[:limit].astype(np.int64), CLASSES)


def mnist_whole(folder: str | os.PathLike[str], *, pad: bool = False) -> tuple[Dataset, int | None]:
    """All of MNIST's digits, those for training first, and how many these are.

    The number is None where the folder has no test digits: then some of the others have to serve.
    Shapes and errors: those of `mnist`.
    """
    train = mnist(folder, "train", pad=pad)
    try:
        _find(Path(folder), f"{_PREFIX['test']}-images", "idx3-ubyte")
    except DataError:  # a folder with the training digits only is fine, one with half of the others is not
        return train, None
    test = mnist(folder, "test", pad=pad)
    inputs = np.concatenate([train.inputs, test.inputs])
    return Dataset("MNIST", inputs, np.concatenate([train.targets, test.targets]), CLASSES), len(train)


def _find(folder: Path, stem: str, kind: str) -> Path:
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder")
    names = [f"{stem}{dot}{kind}{suffix}" for dot in "-." for suffix in ("", ".gz")]
    for place in (folder, folder / "MNIST" / "raw", folder / "raw"):
        for name in names:
            if (place / name).is_file():
                return place / name
    raise DataError(f"{folder}: there is no {names[0]} or {names[1]} in it")
