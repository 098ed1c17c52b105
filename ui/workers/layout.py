"""Layouts for the canvas: from a cache, from Graphviz in a child process, or simple ones if that fails."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from gradviz.app.graph.limits import LARGEST
from gradviz.app.graph.model import GraphModel
from gradviz.app.i18n import tr
from gradviz.app.layout.fallback import simple_layout
from gradviz.app.layout.job import Job, Placed, make_job, make_layout
from gradviz.app.layout.types import Layout

from .layout_process import WORKER, LayoutProcess
from .task import Task

Sizes = Mapping[str, tuple[float, float]]

KEPT = 64  # layouts in the cache
_PATIENCE = 250  # ms that a new request waits for an old one to end before that is killed


@dataclass(frozen=True)
class _Request:
    token: int
    model: GraphModel
    job: Job


class LayoutClient(QObject):
    """Answers the newest request only: `finished(token, Layout)`; older ones that are not done are dropped.

    When Graphviz is too slow (`time_limit`, in seconds; a child that has just been started gets
    `start_allowance` on top), crashes, or the graph is too large for it, `failed(token, message)` tells so,
    and `finished` brings a simple layout all the same. Call `close` at the end.
    """

    finished = pyqtSignal(int, object)
    failed = pyqtSignal(int, str)
    _ready = pyqtSignal(int, object)

    def __init__(
        self,
        parent: QObject | None = None,
        time_limit: float = 5.0,
        start_allowance: float = 5.0,
        largest: int = LARGEST,
        worker: Sequence[str] = WORKER,
    ) -> None:
        super().__init__(parent)
        self._limit = int(1000 * time_limit)
        self._allowance = int(1000 * start_allowance)
        self._largest = largest
        self._newest = 0
        self._cache: OrderedDict[Job, Placed] = OrderedDict()
        self._running: _Request | None = None
        self._waiting: _Request | None = None
        self._large: Task | None = None
        self._closed = False
        self._process = LayoutProcess(worker, self)
        self._process.answered.connect(self._answered)
        self._process.broken.connect(self._broken)
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self._time_is_up)
        # Queued: whoever asks shall know the token before the answer comes.
        self._ready.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def process_id(self) -> int:
        """The number of the child process, 0 if there is none at present."""
        return self._process.process_id

    def request(self, model: GraphModel, sizes: Sizes) -> int:
        """Ask for the layout of a graph whose nodes have these sizes; returns the token of the answer."""
        self._newest += 1
        token = self._newest
        self._waiting = None
        if self._closed:
            return token
        if len(model.nodes) > self._largest:
            self._begin_large(token, model, sizes)
            return token
        request = _Request(token, model, make_job(model, sizes))
        placed = self._cache.get(request.job)
        if placed is not None:
            self._cache.move_to_end(request.job)
            self._ready.emit(token, make_layout(model, placed))
        elif self._running is None:
            self._begin(request)
        elif self._running.job == request.job:
            self._running = request
        else:
            self._waiting = request
            if self._clock.remainingTime() > _PATIENCE:
                self._clock.start(_PATIENCE)
        return token

    def close(self) -> None:
        """End the child process; nothing is delivered any more."""
        self._closed = True
        self._clock.stop()
        self._running = self._waiting = None
        self._process.kill()
        self._drop_large()

    # One job in the child at a time.

    def _begin(self, request: _Request) -> None:
        self._running = request
        self._clock.start(self._limit + (0 if self._process.warm else self._allowance))
        self._process.send({"token": request.token, "job": request.job.to_json()})

    def _next(self) -> None:
        self._running = None
        self._clock.stop()
        request, self._waiting = self._waiting, None
        if request is not None:
            self._begin(request)

    def _answered(self, message: object) -> None:
        request = self._running
        if request is None:
            return
        try:
            if not isinstance(message, dict):
                raise TypeError(message)
            problem = message.get("error")
            placed = None if problem else Placed.from_json(message["placed"], request.job)
        except (KeyError, TypeError, ValueError):
            self._process.kill()
            self._give_up(tr("The layout process sent something that cannot be read"))
            return
        if placed is None:
            self._give_up(tr("Graphviz could not lay out this graph ({problem})").format(problem=problem))
            return
        self._keep(request.job, placed)
        self._deliver(request.token, make_layout(request.model, placed))
        self._next()

    def _time_is_up(self) -> None:
        self._process.kill()
        if self._waiting is not None:
            self._next()  # nobody waits for the old one any more
            return
        seconds = f"{self._limit / 1000:g}"
        self._give_up(tr("Graphviz took longer than {seconds} s for this graph").format(seconds=seconds))

    def _broken(self, message: str) -> None:
        if self._running is None:
            self.failed.emit(
                self._newest, tr("{problem}. It starts again when it is needed.").format(problem=message)
            )
        else:
            self._give_up(message, keep=False)

    def _give_up(self, message: str, keep: bool = True) -> None:
        """A simple layout for the running request; it is kept if another try would end alike."""
        request = self._running
        assert request is not None
        placed = simple_layout(request.job)
        if keep:
            self._keep(request.job, placed)
        if request.token == self._newest:
            self._apologise(request.token, message)
        self._deliver(request.token, make_layout(request.model, placed))
        self._next()

    def _apologise(self, token: int, message: str) -> None:
        self.failed.emit(token, tr("{problem}; a simpler layout is shown.").format(problem=message))

    # Graphs that are too large for Graphviz.

    def _begin_large(self, token: int, model: GraphModel, sizes: Sizes) -> None:
        self._drop_large()

        def work(report: object) -> Layout:
            return make_layout(model, simple_layout(make_job(model, sizes)))

        self._large = Task(work, self)
        self._large.finished.connect(lambda layout: self._deliver(token, layout))
        self._large.start()
        message = tr("{count} boxes are too many for Graphviz").format(count=len(model.nodes))
        self._apologise(token, message)

    def _drop_large(self) -> None:
        if self._large is not None:
            self._large.shut_down()
            self._large.deleteLater()
            self._large = None

    # Answers.

    def _keep(self, job: Job, placed: Placed) -> None:
        self._cache[job] = placed
        while len(self._cache) > KEPT:
            self._cache.popitem(last=False)

    def _deliver(self, token: int, layout: Layout) -> None:
        if token == self._newest and not self._closed:
            self.finished.emit(token, layout)
