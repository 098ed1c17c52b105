"""The child process that records a hunt: `python -m gradviz.app.lessons.bughunt.child BUG SCENE --out FILE`.

BUG is the id of a bug, or "-" for the scene as it should be. Only this process has the bug.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from gradviz.app import i18n
from gradviz.app.recording import Recording
from gradviz.app.script_recorder import ScriptRecorder, recording
from gradviz.app.script_run import run_script
from gradviz.app.script_sources import gather
from gradviz.app.storage import save_recording

from .bugs import BUGS, Bug
from .planting import planted, planted_source, scene_path

ITERATIONS = 3


def record(scene: str, bug: Bug | None) -> Recording:
    """Run a scene with a bug, and record it; the sources are those without the bug."""
    path = scene_path(scene)
    recorder = ScriptRecorder(ITERATIONS)
    source = path.read_bytes() if bug is None else planted_source(bug).encode()
    with planted(bug) if bug is not None else planted(_NONE), recording(recorder):
        outcome = run_script(str(path), (), source)
        recorder.finish(outcome.namespace)
    iterations = tuple(recorder.iterations)
    return Recording(
        title=path.name,
        iterations=iterations,
        sources=gather([iteration.program for iteration in iterations], str(path), None),
        problem=outcome.problem,
        problem_file=outcome.file,
        problem_line=outcome.line,
        trained=tuple(recorder.meter.metrics),
    )


_NONE = Bug("", "", 0, "")


def main(arguments: list[str]) -> int:
    """Record and save; returns the exit status."""
    name, scene, _, out = arguments
    i18n.set_language(os.environ.get("GRADVIZ_LANGUAGE", "en"))
    made = record(os.path.splitext(os.path.basename(scene))[0], BUGS.get(name))
    save_recording(replace(made, title=""), out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
