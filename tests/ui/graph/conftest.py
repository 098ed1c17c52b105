"""Canvases and panels with small graphs, at rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gradviz.engine.program import Program
from gradviz.ui.fonts import load_fonts
from gradviz.ui.graph.canvas import GraphCanvas
from gradviz.ui.graph.panel import GraphPanel
from gradviz.ui.theme import LIGHT, ThemeManager
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.graph.build import build_graph
from gradviz.app.graph.model import GraphModel
from tests.programs import lenet_like
from tests.ui.fakes import session

from .fakes import FakeLayouts
from .layouts import rows


@pytest.fixture(scope="session")
def fonts(qapp: QApplication) -> None:
    load_fonts()


@pytest.fixture(scope="session")
def lenet() -> Program:
    return lenet_like()


@pytest.fixture
def graph(lenet: Program) -> GraphModel:
    """LeNet with conv2 open."""
    return build_graph(lenet, frozenset({"conv2"}))


@pytest.fixture
def canvas(qtbot: QtBot, fonts: None, graph: GraphModel) -> GraphCanvas:
    """A shown canvas of 800×600 with that graph as a whole, which does not glide."""
    made = GraphCanvas(LIGHT)
    qtbot.addWidget(made)
    made.set_reduced_motion(True)
    made.resize(800, 600)
    made.set_graph(graph, rows(graph, made.measure(graph)))
    with qtbot.waitExposed(made):
        made.show()
    made.fit()
    return made


MakePanel = Callable[..., GraphPanel]


@pytest.fixture
def make_panel(qtbot: QtBot, fonts: None) -> MakePanel:
    """A shown panel for `program` (0 iterations: nothing is recorded)."""

    def make(iterations: int = 1, program: Program | None = None, patient: bool = False) -> GraphPanel:
        layouts = FakeLayouts(patient)
        panel = GraphPanel(session(iterations, program), ThemeManager("light"), layouts)
        layouts.setParent(panel)
        qtbot.addWidget(panel)
        panel.canvas.set_reduced_motion(True)
        panel.resize(900, 640)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    return make


@pytest.fixture
def panel(make_panel: MakePanel) -> GraphPanel:
    return make_panel()


@pytest.fixture
def conv2d(canvas: GraphCanvas) -> str:
    """The op inside the open module."""
    return next(n.id for n in canvas.scene.model.nodes if n.title == "conv2d" and n.module == "conv2")
