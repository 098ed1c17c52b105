"""IDX, the file format of MNIST: a magic number, the sizes, then the plain numbers, perhaps under gzip.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", "The IDX file format".
"""

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from .dataset import DataError

MAX_BYTES = 1 << 30  # MNIST's largest file has 47 MB; a damaged header can ask for any size
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str], max_bytes: int = MAX_BYTES) -> NDArray[Any]:
    """The array in an IDX file, compressed or not, in the machine's byte order.

    Errors: `DataError` for a missing or unreadable file, another format, an unknown type of number, more or
    fewer numbers than declared, damaged compression, or more than `max_bytes` (which are never allocated).
    """
    path = Path(path)
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            if not compressed:
                return _read(raw, path, max_bytes)
            with gzip.GzipFile(fileobj=raw) as stream:
                return _read(stream, path, max_bytes)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path}: the compressed data is damaged or cut off ({error})") from error
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error


def _read(stream: BinaryIO | gzip.GzipFile, path: Path, max_bytes: int) -> NDArray[Any]:
    dtype, shape = _read_header(stream, path)
    expected = math.prod(shape) * dtype.itemsize
    if expected > max_bytes:
        sizes = " x ".join(map(str, shape))
        raise DataError(f"{path}: declares {sizes} numbers, {expected:,} bytes; the limit is {max_bytes:,}")
    content = _read_at_most(stream, expected + 1)
    if len(content) < expected:
        raise DataError(f"{path}: cut off, {len(content):,} of {expected:,} bytes of data are there")
    if len(content) > expected:
        raise DataError(f"{path}: has more than the declared {expected:,} bytes of data")
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _read_header(stream: BinaryIO | gzip.GzipFile, path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = _read_at_most(stream, 4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        found = f"it starts with {magic.hex(' ')}" if magic else "it is empty"
        raise DataError(f"{path}: not an IDX file ({found})")
    if magic[2] not in _TYPES:
        raise DataError(f"{path}: IDX has no type of number {magic[2]:#04x}")
    if not 1 <= magic[3] <= 8:
        raise DataError(f"{path}: {magic[3]} dimensions; 1 to 8 can be read")
    sizes = _read_at_most(stream, 4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DataError(f"{path}: cut off inside its header")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    return np.dtype(_TYPES[magic[2]]), shape


def _read_at_most(stream: BinaryIO | gzip.GzipFile, count: int) -> bytearray:
    """Up to `count` bytes, in pieces, so that a wrong header costs no more memory than the file has data."""
    content = bytearray()
    while len(content) < count and (piece := stream.read(min(_CHUNK, count - len(content)))):
        content += piece
    return content
