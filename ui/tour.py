"""The tour: walks the LeNet lesson without a display and writes pictures, the graph and the numbers.

It drives the very window that a user sees, with the settings' defaults and without touching the user's own.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QApplication

from gradviz.app.i18n import tr
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.settings import Settings
from gradviz.app.tour_summary import numbers, summary

from .app import Gradviz

LESSON = "13-lenet"
SIZE = (1600, 1000)
POLL = 20  # ms between two looks at whether the window is ready
CALM = 0.6  # s without news before a picture is taken: plots are drawn a little after the cursor has moved
PATIENCE = 120.0  # s for one picture; a first start compiles kernels
GRAPH_WIDTH = 2400

Ready = Callable[[], bool]


class TourError(Exception):
    """The tour could not go on; the message says why."""


class Tour(QObject):
    """Takes one step after another as the window becomes ready for it; `run` returns the exit status."""

    def __init__(self, app: QApplication, running: Gradviz, folder: Path) -> None:
        super().__init__()
        self._app = app
        self._running = running
        self._folder = folder
        self._written: list[Path] = []
        self._steps = self._walk()
        self._ready: Ready = lambda: True
        self._deadline = 0.0
        self._calm_since = 0.0
        self._timer = QTimer(self, interval=POLL)
        self._timer.timeout.connect(self._go_on)
        self.problem: str | None = None

    @property
    def written(self) -> list[Path]:
        """The files that have been written."""
        return list(self._written)

    def begin(self) -> None:
        """Start walking; the application's event loop carries it on and is told to quit at the end."""
        self._running.window.show()
        self._wait_for(lambda: True)
        self._timer.start()

    def _go_on(self) -> None:
        try:
            if not self._ready():
                self._calm_since = time.monotonic()
                if time.monotonic() > self._deadline:
                    raise TourError(tr("The window was not ready in time."))
            elif time.monotonic() - self._calm_since >= CALM:
                self._wait_for(next(self._steps))
        except StopIteration:
            self._end()
        except (TourError, OSError) as error:
            self.problem = str(error)
            self._end()

    def _wait_for(self, ready: Ready) -> None:
        self._ready = ready
        self._calm_since = time.monotonic()
        self._deadline = time.monotonic() + PATIENCE

    def _end(self) -> None:
        self._timer.stop()
        self._running.window.close()
        self._app.quit()

    def _walk(self) -> Iterator[Ready]:
        """Each `yield` waits for its condition and for the window to come to rest."""
        window, session = self._running.window, self._running.session
        window.lesson.runner.failed.connect(self._fail)
        window.lesson.start_by_id(LESSON)
        yield lambda: window.lesson.player is not None
        player = window.lesson.player
        assert player is not None
        yield self._laid_out
        for index, phase in enumerate(_last_steps(player)):
            player.go(phase[1])
            player.reveal()
            yield self._laid_out
            self._save(f"{index}-{phase[0]}.png", lambda path: window.grab().save(str(path)))
        session.close_all()
        yield self._laid_out
        canvas = window.graph.canvas
        self._save("graph.svg", lambda path: canvas.render_svg(path))
        self._save("graph.png", lambda path: canvas.render_image(GRAPH_WIDTH).save(str(path)))
        recording = session.recording
        assert recording is not None
        self._save("numbers.md", lambda path: path.write_text(summary(recording), encoding="utf-8"))
        text = json.dumps(numbers(recording), indent=1, ensure_ascii=False)
        self._save("numbers.json", lambda path: path.write_text(text, encoding="utf-8"))

    def _laid_out(self) -> bool:
        graph, placing = self._running.session.graph, self._running.window.graph.placing
        shown = self._running.window.graph.canvas.scene.model
        return graph is not None and placing.pending is None and shown.key == graph.key

    def _fail(self, message: str, details: str) -> None:
        self.problem = message
        self._end()

    def stumble(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """End after an error that nobody caught; as `sys.excepthook`, since Qt would abort the process."""
        traceback.print_exception(kind, error, trace)
        self._fail(f"{kind.__name__}: {error}", "")

    def _save(self, name: str, write: Callable[[Path], object]) -> None:
        path = self._folder / name
        if write(path) is False:
            raise TourError(tr("{path} cannot be written.").format(path=path))
        self._written.append(path)


def _last_steps(player: LessonPlayer) -> list[tuple[str, int]]:
    """For the start and each phase the last step of the lesson that leaves the cursor there."""
    timeline = player.session.timeline
    assert timeline is not None
    found: dict[str, tuple[int, int]] = {}
    for index, step in enumerate(player.lesson.steps):
        place = step.question.reveal_at if step.question is not None and step.question.reveal_at else step.at
        if not place:
            continue
        moment = player.anchors.moment(place, step.iteration)
        segment = next((s for s in timeline.segments if s.start < moment <= s.stop), None)
        name = "start" if segment is None else segment.phase.value
        if step.iteration == 0:
            found[name] = max(found.get(name, (0, 0)), (moment, index))
    return [(name, index) for name, (_, index) in sorted(found.items(), key=lambda row: row[1])]


def main(folder: Path, language: str | None = None, theme: str | None = None) -> int:
    """Take the tour and write to `folder`; returns the exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # The offscreen plugin complains about size hints, which nobody who takes the tour can use.
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"gradviz: {error}", file=sys.stderr)  # noqa: T201
        return 1
    app = QApplication(["gradviz"])
    with tempfile.TemporaryDirectory(prefix="gradviz-tour-") as scratch:
        settings = Settings(folder=Path(scratch), welcome=False, reduced_motion=True)
        running = Gradviz(app, settings, language, theme or "light")
        running.window.resize(*SIZE)
        tour = Tour(app, running, folder)
        before, sys.excepthook = sys.excepthook, tour.stumble
        tour.begin()
        app.exec()
        sys.excepthook = before
        running.shut_down()
    for path in tour.written:
        print(path)  # noqa: T201
    if tour.problem is not None:
        print(f"gradviz: {tour.problem}", file=sys.stderr)  # noqa: T201
    return 0 if tour.problem is None else 1
