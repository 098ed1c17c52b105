"""Object files in the user's cache folder.

What is damaged, or was not written by this version on this machine, counts as not there.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from . import key

_MARK = b"gradviz machine code 1\n"
_SUM = hashlib.sha256().digest_size

log = logging.getLogger(__name__)


class Store:
    """The object files that are made from some source files, each under the name of its function."""

    def __init__(self, name: str, sources: Callable[[], Iterable[Path]]) -> None:
        self._name, self._sources = name, sources

    @cached_property
    def _key(self) -> str:
        return key.key(self._sources())

    @cached_property
    def folder(self) -> Path:
        """Where they are kept: another folder for other sources, versions and processors."""
        return writable_folder(f"{self._name}-{self._key}")

    def path(self, name: str) -> Path:
        """The file of a function."""
        return self.folder / f"{name}.code"

    def read(self, name: str) -> bytes | None:
        """The object file with this function; None if it is missing or not whole, which is logged."""
        try:
            data = self.path(name).read_bytes()
        except OSError:
            return None
        head, code = data[: len(_MARK) + _SUM], data[len(_MARK) + _SUM :]
        if head != _MARK + self._sum(name, code):
            log.info("%s is damaged or of another version and is made again", self.path(name))
            return None
        return code

    def write(self, name: str, code: bytes) -> None:
        """Keep an object file for the next start: whole or not at all. `cache_problem` tells what fails."""
        try:
            part = self.folder / f"{name}.{os.getpid()}.part"
            try:
                part.write_bytes(_MARK + self._sum(name, code) + code)
                os.replace(part, self.path(name))
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        except OSError as error:
            _note(self.folder, error)

    def _sum(self, name: str, code: bytes) -> bytes:
        """LLVM ends the process on an object file that it cannot read, so nothing else ever gets there."""
        return hashlib.sha256(f"{self._key} {name}\n".encode() + code).digest()


_problems: list[str] = []


def cache_problem() -> str | None:
    """Why compiled kernels cannot be kept for the next start, or None; known once one has been needed."""
    return _problems[0] if _problems else None


def _note(folder: Path, error: OSError) -> None:
    _problems.append(f"{folder}: {error.strerror or error}")


def writable_folder(name: str) -> Path:
    """A folder of this name in the user's cache, or a temporary one if that cannot be written."""
    wanted = _user_cache() / name
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if not os.access(wanted, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        _note(wanted, error)
        return Path(tempfile.mkdtemp(prefix="gradviz-kernels-"))
    return wanted


def _user_cache() -> Path:
    chosen = os.environ.get("GRADVIZ_CACHE_DIR") or os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    import platformdirs  # only when something is compiled

    return Path(platformdirs.user_cache_dir("gradviz", appauthor=False))
