"""Recordings made by hand, for the tests of the window and its panels."""

from __future__ import annotations

from gradviz.engine.program import Program

from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.programs import lenet_like


def recording(iterations: int = 1, title: str = "lenet", program: Program | None = None) -> Recording:
    """The same program, some times over."""
    made = program if program is not None else lenet_like()
    rows = tuple(Iteration(n, made, metrics_of(made, n)) for n in range(1, iterations + 1))
    return Recording(title, rows, sources={"lenet.py": "x = 1\n"}, description="Net()")


def session(iterations: int = 1, program: Program | None = None) -> Session:
    """A session with settings of its own, which shows such a recording (none: nothing)."""
    made = Session(Settings())
    if iterations:
        made.load(recording(iterations, program=program))
    return made
