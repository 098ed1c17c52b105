"""What makes layouts, without a process: at once, or when the test says so."""

from gradviz.ui.graph.panel import GraphPanel
from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.graph.model import GraphModel
from gradviz.app.layout.types import Layout

from .layouts import Sizes, rows


class FakeLayouts(QObject):
    """Answers at once unless `patient`; then `answer` sends what has been asked for."""

    finished = pyqtSignal(int, object)
    failed = pyqtSignal(int, str)

    def __init__(self, patient: bool = False) -> None:
        super().__init__()
        self.patient = patient
        self.asked: list[tuple[int, GraphModel, Layout]] = []

    def request(self, model: GraphModel, sizes: Sizes) -> int:
        token = len(self.asked) + 1
        self.asked.append((token, model, rows(model, sizes)))
        if not self.patient:
            self.answer(token)
        return token

    def answer(self, token: int) -> None:
        """Deliver the layout of an earlier request."""
        self.finished.emit(token, self.asked[token - 1][2])


def layouts_of(panel: GraphPanel) -> FakeLayouts:
    """The panel's source of layouts."""
    found = panel.findChild(FakeLayouts)
    assert found is not None
    return found
