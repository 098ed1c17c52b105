"""`gradviz.show(loss)`: open the graph behind a tensor in a window of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import gradviz
from gradviz.engine.program import Program
from gradviz.engine.recorder import Recorder
from gradviz.engine.tensor import Tensor
from gradviz.engine.user_code import user_frame
from gradviz.scalar.value import Value

from .behind import program_behind
from .cli import has_display
from .i18n import tr
from .paths import cache_dir
from .recording import Iteration, Recording, metrics_of
from .scalars import program_of_values
from .script_sources import gather
from .storage import SUFFIX, save_recording

KEPT = 20  # files of earlier calls

Showable = Tensor | Value | Recorder | Program | Recording


def show(*things: Showable, block: bool = False) -> None:
    """Open a window with the graph behind one or more tensors, or with what was recorded.

        loss = criterion(net(x), y)
        gradviz.show(loss)

    For a tensor or a `Value`, forward is shown as it ran, and backward is run for the picture; no `.grad`
    changes. A recorder (`with gradviz.record() as recorder:`) shows all that ran inside. The window is a
    process of its own: the script goes on at once, unless `block`.

    Errors: GradError for a tensor without a graph, TypeError for other things, StorageError if there is no
    room for the recording.
    """
    frame = user_frame()
    recording = make_recording(things, {} if frame is None else frame.f_locals)
    path = _new_file()
    save_recording(recording, path)
    _open(path, block)


def make_recording(things: tuple[Showable, ...], variables: Mapping[str, object]) -> Recording:
    """What `show` shows: tensors as one program, everything else as the iterations that follow."""
    if not things:
        raise TypeError("show: what? Give it a tensor that was computed from others, such as the loss")
    programs: list[Program] = []
    tensors = [thing for thing in things if isinstance(thing, Tensor)]
    values = [thing for thing in things if isinstance(thing, Value)]
    if tensors:
        programs.append(program_behind(tensors, variables))
    if values:
        programs.append(program_of_values(values, variables))
    for thing in things:
        if isinstance(thing, Recording):
            return thing
        if isinstance(thing, Recorder):
            programs.append(thing.program())
        elif isinstance(thing, Program):
            programs.append(thing)
        elif not isinstance(thing, (Tensor, Value)):
            raise TypeError(f"show: a tensor or a recorder, not {type(thing).__name__}")
    names = [name for name, value in variables.items() if any(value is thing for thing in things)]
    iterations = tuple(Iteration(i, p, metrics_of(p, i)) for i, p in enumerate(programs, 1))
    return Recording(f"show({', '.join(names)})", iterations, gather(programs))


def _new_file() -> Path:
    """A file for one window; those of long ago are removed."""
    folder = cache_dir() / "shown"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for path in old[: max(len(old) - KEPT, 0)]:
            path.unlink(missing_ok=True)
    except OSError:  # a read-only home: the system's folder for temporary files does as well
        folder = Path(tempfile.gettempdir())
    handle, name = tempfile.mkstemp(SUFFIX, "show-", folder)
    os.close(handle)
    return Path(name)


def command(path: Path) -> list[str]:
    """What opens a recording in a window; the script's own folder is not searched for modules."""
    return [sys.executable, "-P", "-m", "gradviz", str(path)]


def environment() -> dict[str, str]:
    """The variables for the window's process, which must find this gradviz even where it is not installed."""
    variables = dict(os.environ)
    root = Path(gradviz.__file__).resolve().parent.parent
    if (root / "pyproject.toml").exists():
        known = variables.get("PYTHONPATH")
        variables["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), known)))
    return variables


def _open(path: Path, block: bool) -> None:
    if not has_display():
        text = tr("gradviz: this machine has no display; the recording is in {path}").format(path=path)
        print(text, file=sys.stderr)  # noqa: T201
        return
    process = subprocess.Popen(
        command(path),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if block else subprocess.DEVNULL,
        start_new_session=True,  # closing the terminal, or Ctrl+C in it, leaves the window open
    )
    if block:
        process.wait()
    else:
        process.returncode = 0  # it lives on: Popen must not warn that nobody waits for it
