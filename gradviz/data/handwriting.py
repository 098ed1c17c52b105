"""The 1,797 handwritten digits that come with gradviz (assets/data/README.md says from where)."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

from .dataset import DataError, Dataset

RAW_SIZE = 8
RAW_INK = 16  # a pixel counts the inked dots of a 4 x 4 block
CLASSES = tuple("0123456789")


def digits(scale: int = 32) -> Dataset:
    """Handwritten digits as images of `scale` x `scale` pixels: LeNet's 32 by default, 8 for the raw samples.

    An enlarged digit is interpolated bilinearly and fills the middle three quarters of its frame, as LeNet-5
    expects (LeCun et al., 1998, II.B: strokes must be able to reach the centre of a receptive field).

    Shapes: inputs float32 (1797, 1, scale, scale) in [0, 1], targets int64 (1797,).
    Errors: `ValueError` when `scale` is below 8; `DataError` when the shipped file is damaged.
    """
    if scale < RAW_SIZE:
        raise ValueError(f"digits: scale must be {RAW_SIZE} or more, not {scale}")
    images, labels = load(files("gradviz.assets") / "data" / "digits.npz")
    inputs = images.astype(np.float32) / np.float32(RAW_INK)
    if scale > RAW_SIZE:
        inputs = enlarge(inputs, scale)
    return Dataset("digits", inputs[:, np.newaxis], labels.astype(np.int64), CLASSES)


def load(file: Traversable) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The raw images, uint8 (N, 8, 8), and labels, uint8 (N,), of an archive; `DataError` if damaged."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            images, labels = archive["images"], archive["labels"]
    except Exception as error:  # for damaged bytes zipfile, zlib and numpy raise a dozen kinds between them
        raise DataError(f"{file}: not a readable archive of digits ({error})") from error
    if images.dtype != np.uint8 or labels.dtype != np.uint8:
        raise DataError(f"{file}: expected bytes, found {images.dtype} images and {labels.dtype} labels")
    if images.shape != (len(images), RAW_SIZE, RAW_SIZE) or labels.shape != (len(images),):
        raise DataError(f"{file}: images {images.shape} and labels {labels.shape} do not belong together")
    if images.size and images.max() > RAW_INK:
        raise DataError(f"{file}: a pixel has the value {images.max()}, more than {RAW_INK}")
    return images, labels


def enlarge(images: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """Bilinear interpolation into the middle of a larger frame, with paper all round.

    out = A · image · Aᵀ,   A[i, j] = max(0, 1 − |x(i) − j|),   x(i) = where output pixel i lies in the source

    Shapes: (N, m, m) -> (N, scale, scale).
    """
    size = images.shape[-1]
    drawn = scale * 3 / 4
    place = (np.arange(scale) + 0.5 - (scale - drawn) / 2) * (size / drawn) - 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(place[:, np.newaxis] - np.arange(size))).astype(np.float32)
    result: NDArray[np.float32] = weights @ images @ weights.T
    return result
