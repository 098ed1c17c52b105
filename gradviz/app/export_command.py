"""`gradviz export model.py --to pytorch`: run a script, and write what it recorded as a PyTorch script."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .i18n import language, tr
from .pytorch.expressions import ExportError
from .pytorch.script import export_pytorch
from .recording import Recording
from .show import environment
from .storage import SUFFIX, StorageError, load_recording

ITERATIONS = 3


def export(script: Path, arguments: Sequence[str], out: Path, iterations: int = ITERATIONS) -> int:
    """Run `script` (or read a recording) and write it; returns the exit status: 0 done, 1 failed.

    A script that ends with an error is exported as far as it was recorded, and the error is told.
    """
    try:
        recording = (
            load_recording(script) if script.suffix == SUFFIX else _record(script, arguments, iterations)
        )
        written = export_pytorch(recording, out)
    except (ExportError, StorageError, OSError) as error:
        _tell(tr("gradviz: {path} cannot be exported: {reason}").format(path=script, reason=error))
        return 1
    for note in filter(None, (recording.problem, *recording.notes)):
        _tell(f"gradviz: {note}")
    _tell(tr("Written: {files}").format(files=", ".join(str(path) for path in written)))
    return 0


def _record(script: Path, arguments: Sequence[str], iterations: int) -> Recording:
    """What the script's first iterations recorded, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="gradviz-", ignore_cleanup_errors=True) as folder:
        result = Path(folder) / f"recording{SUFFIX}"
        command = [sys.executable, "-P", "-m", "gradviz.app.script_child", "--keep", str(iterations)]
        command += [str(script), "--out", str(result), *arguments]
        variables = {**environment(), "GRADVIZ_LANGUAGE": language(), "PYTHONUNBUFFERED": "1"}
        subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, check=False)
        if not result.exists():
            raise ExportError(tr("it was stopped before anything was recorded"))
        return load_recording(result)


def default_target(script: str | os.PathLike[str]) -> Path:
    """The file beside the script that is written if no other is named: "model_pytorch.py"."""
    path = Path(script)
    return path.with_name(f"{path.stem}_pytorch.py")


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201  (what the script prints is on the standard output)
