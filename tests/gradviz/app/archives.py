"""Recordings as files: made, compared, and spoilt in a chosen place."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from gradviz.engine.program import Program

from gradviz.app.recording import Iteration, Recording, metrics_of


def same_recording(a: Recording, b: Recording) -> bool:
    """Equal in everything, values bit for bit, NaNs included."""
    assert [f.name for f in fields(Program)] == [
        *("instrs", "slots", "values", "bindings", "contributions", "scopes", "loss"),
    ]
    plain = [f.name for f in fields(Recording) if f.name not in ("iterations", "lineage")]
    same = all(repr(getattr(a, name)) == repr(getattr(b, name)) for name in plain)
    same &= len(a.iterations) == len(b.iterations)
    for one, two in zip(a.iterations, b.iterations, strict=True):
        p, q = one.program, two.program
        same &= repr((one.number, one.metrics)) == repr((two.number, two.metrics))
        same &= repr((p.instrs, p.slots, p.bindings, p.contributions, p.scopes, p.loss)) == repr(
            (q.instrs, q.slots, q.bindings, q.contributions, q.scopes, q.loss)
        )
        for x, y in zip(p.values, q.values, strict=True):
            same &= x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
    return bool(same)


def recorded(*programs: Program, **more: Any) -> Recording:
    iterations = tuple(Iteration(i, p, metrics_of(p, i)) for i, p in enumerate(programs, 1))
    return Recording("LeNet · 数字", iterations, **more)


def rewrite(archive: bytes, path: Path, **members: bytes | None) -> Path:
    """A copy of an archive with some members replaced, or left out (None)."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            key = name.rpartition("/")[2].partition(".")[0]
            content = members.get(key, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return path


def edit(archive: bytes, path: Path, change: Callable[[Any], object]) -> Path:
    """A copy with recording.json changed."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        main = json.loads(old.read("recording.json"))
    change(main)
    return rewrite(archive, path, recording=json.dumps(main).encode())


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=True)
    return stream.getvalue()


def put(value: Any, *keys: Any) -> Callable[[Any], None]:
    """A change: main[key][key]… = value."""

    def change(main: Any) -> None:
        for key in keys[:-1]:
            main = main[key]
        main[keys[-1]] = value

    return change
