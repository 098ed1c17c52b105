"""MNIST from the network: checked, with what was already loaded kept when a server dies."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pooch
import requests

from .dataset import DataError

FILES: Mapping[str, str] = MappingProxyType(
    {
        "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
        "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
        "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
    }
)
"""MNIST's files and their checksums, as torchvision publishes them."""

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
SIZE = 11_594_722  # bytes of all four, for a progress bar that does not jump
TIMEOUT = (5.0, 8.0)  # s to connect, and without a byte: a window that closes waits 10 s for its threads
_CHUNK = 1 << 14  # of what a broken connection has sent at most this much is lost
_NOT_SATISFIABLE = 416
_PARTIAL = 206

Told = Callable[[int, int], bool]


class DownloadCancelledError(Exception):
    """The user has stopped it; what is loaded so far is kept for the next time."""


def fetch_mnist(
    folder: str | os.PathLike[str],
    told: Told = lambda done, total: True,
    *,
    mirrors: Sequence[str] = MIRRORS,
    files: Mapping[str, str] = FILES,
    total: int = SIZE,
) -> Path:
    """Load what is missing of MNIST into `folder` (made if need be) and return it.

    `told(done, total)` hears of the bytes so far and returns False to stop. Mirrors are tried in turn; a file
    that was cut off is continued where it ends, from whichever mirror. Files appear under their names only
    when their checksums are right.
    Errors: `DownloadCancelledError`; `DataError` when no mirror gives a file, or when it cannot be written.
    """
    pooch.get_logger().setLevel(logging.WARNING)
    folder, done = Path(folder), 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, checksum in files.items():
            done += _fetch(folder, name, checksum, mirrors, _from(done, total, told))
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror or error})") from error
    return folder


def _from(before: int, total: int, told: Told) -> Callable[[int], None]:
    def tell(loaded: int) -> None:
        if not told(min(before + loaded, total), total):
            raise DownloadCancelledError

    return tell


def _fetch(
    folder: Path, name: str, checksum: str, mirrors: Sequence[str], tell: Callable[[int], None]
) -> int:
    """Have one file whole; its size."""
    part, problems = folder / f"{name}.part", list[str]()
    for mirror in mirrors:
        try:
            load = _Continued(part, tell)
            whole = pooch.retrieve(f"{mirror}{name}", checksum, fname=name, path=folder, downloader=load)
            part.unlink(missing_ok=True)
            return Path(whole).stat().st_size
        except requests.RequestException as error:
            problems.append(f"{mirror}: {_short(error)}")
        except ValueError:  # pooch's, for another checksum
            part.unlink(missing_ok=True)
            problems.append(f"{mirror}: the file has another checksum")
    raise DataError(f"{name} cannot be loaded: {'; '.join(problems)}")


def _short(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"{error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "no connection" if isinstance(error, requests.ConnectionError) else "the connection broke off"


class _Continued:
    """Loads a file for pooch by way of `part`, which stays when the connection breaks off."""

    def __init__(self, part: Path, tell: Callable[[int], None]) -> None:
        self._part, self._tell = part, tell

    def __call__(self, url: str, output_file: Any, pooch_: Any) -> None:
        have = self._part.stat().st_size if self._part.exists() else 0
        if not self._load(url, have):
            self._load(url, 0)
        shutil.copyfile(self._part, output_file)

    def _load(self, url: str, have: int) -> bool:
        """Append from byte `have` on; False if the server has no such bytes."""
        headers = {"Accept-Encoding": "identity"}
        self._tell(have)  # whoever stopped it while one mirror was silent does not wait for the next
        if have:
            headers["Range"] = f"bytes={have}-"
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if have and answer.status_code == _NOT_SATISFIABLE:
                return False
            answer.raise_for_status()
            if answer.status_code != _PARTIAL:  # the server begins anew
                have = 0
            self._tell(have)
            with self._part.open("ab" if have else "wb") as stream:
                for chunk in answer.iter_content(_CHUNK):
                    stream.write(chunk)
                    have += len(chunk)
                    self._tell(have)
        return True
