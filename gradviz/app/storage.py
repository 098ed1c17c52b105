"""Recordings as files: one zip archive of strict JSON and .npy arrays, without pickle.

recording.json holds everything but the numbers of tensors; values/float32.npy (and so on) holds those, each
value once, however many iterations share it. What is read is checked: a file that is cut short, damaged or
made to do harm gives a StorageError, never a crash or a full memory.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .atomic import replaced
from .i18n import tr
from .recording import Iteration, Recording
from .storage_json import FormatError, Json, items, mapping, optional, text, whole
from .storage_program import metrics_from_json, metrics_to_json, program_from_json, program_to_json
from .storage_values import DTYPES, Pool, read_flat

SUFFIX = ".gradviz"
FORMAT = "gradviz recording"
VERSION = 1

_MAIN = "recording.json"
_BIG = 2**62


class StorageError(Exception):
    """A recording that cannot be saved or read; the message names the file and says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may unpack to, in bytes."""

    json: int = 128 * 2**20
    values: int = 8 * 2**30


def save_recording(recording: Recording, path: str | Path, limits: Limits | None = None) -> None:
    """Write a recording to a file, whole or not at all; StorageError if that cannot be done."""
    pool, limits = Pool(), limits or Limits()
    try:
        text = json.dumps(_recording_to_json(recording, pool), ensure_ascii=False, allow_nan=False)
        main = text.encode("utf-8", "backslashreplace")  # JSON's own way to write half a surrogate pair
        _bound(len(main), limits.json)
        _bound(pool.size(), limits.values)
        with replaced(Path(path)) as stream, zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(_MAIN, main, zipfile.ZIP_DEFLATED)
            for dtype in pool.dtypes():
                with archive.open(f"values/{dtype}.npy", "w", force_zip64=True) as member:
                    pool.write(dtype, member)
    except (OSError, TypeError, ValueError, MemoryError) as error:
        reason = _reason(error)
        raise StorageError(tr("{path} cannot be saved: {reason}").format(path=path, reason=reason)) from error


def load_recording(path: str | Path, limits: Limits | None = None) -> Recording:
    """Read a recording from a file; StorageError if it is none."""
    path = Path(path)
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            raise FormatError(tr("there is no such file") if not path.exists() else tr("not a file"))
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            main, flats = _unpack(archive, limits or Limits())
        return _recording_from_json(main, flats)
    except (
        Exception
    ) as error:  # for damaged bytes zipfile, zlib, json and numpy raise a dozen kinds between them
        reason = _reason(error)
        raise StorageError(tr("{path} cannot be read: {reason}").format(path=path, reason=reason)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, zipfile.BadZipFile):
        return tr("it is damaged or no recording of gradviz ({detail})").format(detail=error)
    if isinstance(error, KeyError):
        return tr("{name} is missing in it").format(name=error.args[0] if error.args else error)
    if isinstance(error, MemoryError):
        return tr("there is not enough memory for it")
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error) or type(error).__name__


def _unpack(archive: zipfile.ZipFile, limits: Limits) -> tuple[Json, dict[str, np.ndarray]]:
    names = {info.filename: info for info in archive.infolist()}
    if _MAIN not in names:
        raise FormatError(tr("it is no recording of gradviz"))
    wanted = {dtype: info for dtype in DTYPES if (info := names.get(f"values/{dtype}.npy")) is not None}
    # zipfile unpacks no more than the directory declares, so checking that bounds the memory.
    _bound(names[_MAIN].file_size, limits.json)
    _bound(sum(info.file_size for info in wanted.values()), limits.values)
    main = json.loads(archive.read(names[_MAIN]))
    header = mapping(main)
    if header.get("format") != FORMAT:
        raise FormatError(tr("it is no recording of gradviz"))
    if whole(header["version"], 1, _BIG, "version") > VERSION:
        raise FormatError(tr("it was made by a newer gradviz (format {n})").format(n=header["version"]))
    return main, {dtype: read_flat(dtype, archive.read(info)) for dtype, info in wanted.items()}


def _bound(size: int, limit: int) -> None:
    if size > limit:
        raise FormatError(tr("it is too big ({size} MB unpacked)").format(size=size // 2**20))


def _recording_to_json(recording: Recording, pool: Pool) -> Json:
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": recording.title,
        "description": recording.description,
        "classes": list(recording.classes),
        "sources": dict(recording.sources),
        "problem": recording.problem,
        "problem_file": recording.problem_file,
        "problem_line": recording.problem_line,
        "notes": list(recording.notes),
        "trained": [metrics_to_json(metrics) for metrics in recording.trained],
        "iterations": [
            {
                "number": iteration.number,
                "metrics": metrics_to_json(iteration.metrics),
                "program": program_to_json(iteration.program, pool),
            }
            for iteration in recording.iterations
        ],
    }


def _recording_from_json(main: Json, flats: Mapping[str, np.ndarray]) -> Recording:
    return Recording(
        title=text(main["title"]),
        iterations=tuple(_iteration(row, flats) for row in items(main["iterations"])),
        sources={file: text(source) for file, source in mapping(main["sources"]).items()},
        description=text(main["description"]),
        classes=tuple(text(name) for name in items(main["classes"])),
        problem=optional(text, main["problem"]),
        problem_file=optional(text, main["problem_file"]),
        problem_line=optional(lambda value: whole(value, 0, _BIG, "line"), main["problem_line"]),
        trained=tuple(metrics_from_json(row) for row in items(main["trained"])),
        notes=tuple(text(note) for note in items(main["notes"])),
    )


def _iteration(row: Json, flats: Mapping[str, np.ndarray]) -> Iteration:
    row = mapping(row)
    return Iteration(
        whole(row["number"], 0, _BIG),
        program_from_json(row["program"], flats),
        metrics_from_json(row["metrics"]),
    )
