"""The child process that runs a user's script and records it: `python -m gradviz.app.script_child`.

    script_child [--keep N] [--memory MB] SCRIPT --out FILE [the script's own arguments]

The script runs as `__main__`, as `python SCRIPT` would run it, but standard input is empty. Whatever happens
to it, what was recorded until then is written to FILE, with the error and its place. `torch` means gradviz,
also where PyTorch is installed: what PyTorch computes could not be recorded. The exit status is the script's.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import gradviz

from . import i18n
from .i18n import tr
from .recording import Recording
from .script_recorder import BUDGET, KEEP, ScriptRecorder, recording
from .script_run import Outcome, run_script
from .script_sources import gather
from .storage import StorageError, save_recording
from .torch_alias import stand_in_for_torch

FAILED_TO_SAVE = 74  # EX_IOERR


def main(argv: Sequence[str] | None = None) -> int:
    """Run and record a script; returns its exit status."""
    options, arguments = _parse(list(sys.argv[1:] if argv is None else argv))
    i18n.set_language(os.environ.get("GRADVIZ_LANGUAGE", "en"))
    _prepare_process()
    stand_in_for_torch()
    title = Path(options.script).name
    recorder = ScriptRecorder(options.keep, options.memory * 2**20)
    # Long training goes on for minutes: what is recorded can be looked at even if the process is killed.
    recorder.when_full = lambda: _save(_recorded(title, recorder, Outcome(), options.script), options.out)
    with recording(recorder):
        outcome = run_script(options.script, arguments)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what is recorded shall be saved
        recorder.finish(outcome.namespace)
    result = _recorded(title, recorder, outcome, options.script)
    return outcome.status if _save(result, options.out) else FAILED_TO_SAVE


def _parse(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our options up to `SCRIPT --out FILE`; all that follows is the script's."""
    parser = argparse.ArgumentParser(prog="script_child", allow_abbrev=False)
    parser.add_argument("--keep", type=int, default=KEEP)
    parser.add_argument("--memory", type=int, default=BUDGET // 2**20)
    parser.add_argument("script")
    parser.add_argument("--out", required=True)
    end = argv.index("--out") + 2 if "--out" in argv else len(argv)
    options = parser.parse_args(argv[:end])
    if options.keep < 1 or options.memory < 1:
        parser.error("--keep and --memory must be 1 or more")
    return options, argv[end:]


def _prepare_process() -> None:
    os.environ.setdefault("MPLBACKEND", "Agg")  # plt.show() must not open a window, or wait for one
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  (for as long as the script runs)
    signal.signal(signal.SIGTERM, _stop)
    root = str(Path(gradviz.__file__).resolve().parent.parent)
    if (Path(root) / "pyproject.toml").exists():  # a checkout's engine/ and ui/ are not for scripts to import
        sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != root]


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _recorded(title: str, recorder: ScriptRecorder, outcome: Outcome, script: str) -> Recording:
    iterations = tuple(recorder.iterations)
    programs = [iteration.program for iteration in iterations]
    return Recording(
        title=title,
        iterations=iterations,
        sources=gather(programs, os.path.abspath(script), outcome.file),
        description=recorder.description,
        problem=outcome.problem,
        problem_file=outcome.file,
        problem_line=outcome.line,
        trained=tuple(recorder.meter.metrics),
        notes=tuple(_notes(recorder, outcome)),
    )


def _notes(recorder: ScriptRecorder, outcome: Outcome) -> list[str]:
    count, notes = len(recorder.iterations), []
    if recorder.limit == "memory":
        notes.append(
            tr(
                "Recording stopped after {n} iterations, because they fill the memory set aside for it"
            ).format(n=count)
        )
    elif recorder.meter.count > count:
        notes.append(
            tr("The first {n} of {total} iterations are recorded").format(n=count, total=recorder.meter.count)
        )
    if not count and outcome.problem is None:
        notes.append(tr("The script computed nothing with tensors, so nothing was recorded"))
    return notes


def _save(result: Recording, path: str) -> bool:
    try:
        save_recording(result, path)
    except StorageError as error:
        print(f"gradviz: {error}", file=sys.__stderr__)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
