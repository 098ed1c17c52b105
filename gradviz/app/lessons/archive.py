"""A lesson in a zip file: unpacked as data into a folder of its own; nothing of it is run."""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from gradviz.app.i18n import tr
from gradviz.app.paths import data_dir

from .model import LessonError
from .reader import FILE_NAME

MOST_FILES = 500
MOST_BYTES = 20 * 2**20  # unpacked


def unpack(archive: Path, into: Path | None = None) -> Path:
    """The folder of the lesson in a zip file; the same file gets the same folder, so progress is kept.

    LessonError for what is no zip file, holds no lesson, is too large, or would write elsewhere.
    """
    try:
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()[:12]
        with zipfile.ZipFile(archive) as source:
            root, members = _members(archive, source)
            folder = (into or data_dir() / "lessons") / f"{archive.stem}-{digest}"
            if not (folder / FILE_NAME).is_file():
                _write(source, members, root, folder)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise LessonError(archive, None, tr("cannot be read: {error}").format(error=error)) from None
    return folder


def _members(archive: Path, source: zipfile.ZipFile) -> tuple[PurePosixPath, list[zipfile.ZipInfo]]:
    infos = [info for info in source.infolist() if not info.is_dir()]
    if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_BYTES:
        raise LessonError(archive, None, tr("the archive is too large for a lesson"))
    places = [PurePosixPath(info.filename.replace("\\", "/")) for info in infos]
    for info, place in zip(infos, places, strict=True):
        link = stat.S_ISLNK(info.external_attr >> 16)
        if place.is_absolute() or ".." in place.parts or ":" in place.parts[0] or link:
            raise LessonError(archive, None, tr("the archive wants to write outside of its folder"))
    roots = [place.parent for place in places if place.name == FILE_NAME]
    if len(roots) != 1:
        raise LessonError(archive, None, tr("the archive holds no lesson, or several"))
    return roots[0], infos


def _write(
    source: zipfile.ZipFile, members: list[zipfile.ZipInfo], root: PurePosixPath, folder: Path
) -> None:
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    left = MOST_BYTES
    for info in members:
        place = PurePosixPath(info.filename.replace("\\", "/"))
        if not place.is_relative_to(root):
            continue
        target = part.joinpath(*place.relative_to(root).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open(info) as stream:
            data = stream.read(left + 1)  # what the header says of the size need not be true
        left -= len(data)
        if left < 0:
            raise ValueError(tr("the archive is too large for a lesson"))
        target.write_bytes(data)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
