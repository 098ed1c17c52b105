"""Asking for layouts and keeping only the newest answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PyQt6.QtCore import QObject, QTimer, pyqtBoundSignal, pyqtSignal

from gradviz.app.graph.model import GraphModel
from gradviz.app.layout.types import Layout

PATIENCE = 200  # ms before one is told that the layout takes time

Sizes = Mapping[str, tuple[float, float]]


class Layouts(Protocol):
    """What makes layouts (ui/workers/layout.py): answers come as signals, with the token of the question."""

    @property
    def finished(self) -> pyqtBoundSignal: ...

    @property
    def failed(self) -> pyqtBoundSignal: ...

    def request(self, model: GraphModel, sizes: Sizes) -> int: ...


class Placing(QObject):
    """Requests layouts; an answer to any but the last request is dropped."""

    placed = pyqtSignal(object, object, str)  # GraphModel, Layout, the node to keep in place or ""
    troubled = pyqtSignal(str)  # Graphviz failed; a simple layout comes nevertheless
    waiting = pyqtSignal(bool)  # whether it takes noticeably long

    def __init__(self, layouts: Layouts, parent: QObject) -> None:
        super().__init__(parent)
        self._layouts = layouts
        self._model: GraphModel | None = None
        self._keep = ""
        self._token: int | None = None
        self._asking = False
        self._early: list[tuple[int, Layout]] = []  # answers that came while the question was being asked
        self._patience = QTimer(self, interval=PATIENCE, singleShot=True)
        self._patience.timeout.connect(lambda: self.waiting.emit(True))
        layouts.finished.connect(self._finished)
        layouts.failed.connect(self._failed)

    @property
    def pending(self) -> GraphModel | None:
        """The model whose layout is being made."""
        return self._model

    def request(self, model: GraphModel, sizes: Sizes, keep: str = "") -> None:
        """Ask for a layout of `model`; `keep` is the node or group that stays where it is on the screen."""
        self._model, self._keep = model, keep
        self._patience.start()
        self._early.clear()
        self._asking = True
        self._token = self._layouts.request(model, sizes)
        self._asking = False
        for token, layout in list(self._early):
            self._finished(token, layout)

    def forget(self) -> None:
        """The answer is no longer wanted."""
        self._model = self._token = None
        self._patience.stop()
        self.waiting.emit(False)

    def _finished(self, token: int, layout: Layout) -> None:
        if self._asking:  # from a cache, before the token is known
            self._early.append((token, layout))
            return
        if token != self._token or self._model is None:
            return
        model, keep = self._model, self._keep
        self.forget()
        self.placed.emit(model, layout, keep)

    def _failed(self, token: int, message: str) -> None:
        if self._asking or token == self._token:
            self.troubled.emit(message)
