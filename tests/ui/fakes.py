"""Recordings for the tests of the window and its panels: made by hand, or a real one of LeNet."""

from __future__ import annotations

from functools import lru_cache

from gradviz.engine.program import Program

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.programs import lenet_like


def recording(iterations: int = 1, title: str = "lenet", program: Program | None = None) -> Recording:
    """The same program, some times over."""
    made = program if program is not None else lenet_like()
    rows = tuple(Iteration(n, made, metrics_of(made, n)) for n in range(1, iterations + 1))
    return Recording(title, rows, sources={"lenet.py": "x = 1\n"}, description="Net()")


@lru_cache(maxsize=1)
def _lenet() -> tuple[Experiment, list[Iteration]]:
    return Experiment(ExperimentSpec()), []


def lenet(iterations: int = 1) -> Recording:
    """LeNet on its first digit, as the window records it; the first call may have to compile kernels."""
    experiment, made = _lenet()
    while len(made) < iterations:
        made.append(experiment.record())
    return experiment.recording(*made[:iterations])


def session(iterations: int = 1, program: Program | None = None) -> Session:
    """A session with settings of its own, which shows such a recording (none: nothing)."""
    made = Session(Settings())
    if iterations:
        made.load(recording(iterations, program=program))
    return made
