"""The loss surface and the decision boundary are the engine's, and say when they are old."""

from collections.abc import Iterator

import numpy as np
import pytest
from gradviz.ui.panels.plots.panel import PlotsPanel
from gradviz.ui.theme import ThemeManager
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.decision import region
from gradviz.app.i18n import set_language
from gradviz.app.landscape import random_plane
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from gradviz.data import Dataset
from tests.ui.panels.plot_runs import Judge, MoonsRun


@pytest.fixture
def run() -> MoonsRun:
    return MoonsRun()


@pytest.fixture
def session(run: MoonsRun) -> Session:
    made = Session(Settings())
    made.load(run.recording())
    assert made.timeline is not None
    made.timeline.end()
    return made


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, session: Session, run: MoonsRun) -> Iterator[PlotsPanel]:
    made = PlotsPanel(session, ThemeManager("light"))
    qtbot.addWidget(made)
    made.resize(1200, 320)
    with qtbot.waitSignal(made.figure.ready, timeout=30_000):
        made.show()
    made.follow(run)
    yield made
    made.shut_down()
    set_language("en")


def test_the_decision_boundary_is_the_models(qtbot: QtBot, panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("boundary")
    qtbot.waitUntil(lambda: panel.maps.answers is not None and panel.maps._looking is None)
    panel.figure.draw_now()
    answers = panel.maps.answers
    assert answers is not None
    assert answers.iteration == 3
    program = run.iterations[-1].program
    weights = {name: program.values[program.bound(name, 0)] for name in run.log.parameters}  # type: ignore[index]
    expected = region(Judge(run.model), run.data.inputs, weights=weights)
    (plot,) = panel.plots
    (axes,) = plot.all_axes()
    (image,) = axes.images
    assert image.get_extent() == [expected.xs[0], expected.xs[-1], expected.ys[0], expected.ys[-1]]
    np.testing.assert_array_equal(answers.shown.classes, expected.classes)  # type: ignore[union-attr]
    pixels = np.asarray(image.get_array(), float)
    blue = pixels[..., 2] > pixels[..., 0]
    assert np.mean(blue == (expected.classes == 0)) > 0.95  # class 0 is blue, class 1 orange
    x, y = axes.transData.transform((expected.xs[5], expected.ys[7]))
    assert f"class {run.data.classes[expected.classes[7, 5]]}" in plot.read(axes, x, y)


def test_the_loss_surface_and_that_it_grows_old(qtbot: QtBot, panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("surface")
    panel.figure.draw_now()
    (plot,) = panel.plots
    assert any(text.get_visible() for text in plot.texts())
    with qtbot.waitSignal(panel.maps.computing_changed, check_params_cb=lambda computing: not computing):
        panel.header.compute.click()
        assert panel.header.progress.isVisible()
        assert panel.header.compute.text() == "Stop"
    panel.figure.draw_now()
    made = panel.maps.surface
    assert made is not None
    assert (made.iteration, made.kind) == (3, "random")
    middle = len(made.surface.alphas) // 2
    train = run.data.split()[0]
    origin = made.surface.plane.origin
    loss = Judge(run.model).loss(train.inputs, train.targets, origin)
    assert made.surface.losses[middle, middle] == loss
    d1, _ = random_plane(origin)
    assert np.array_equal(made.surface.plane.d1["0.weight"], d1["0.weight"])
    (axes,) = plot.all_axes()
    assert "now" not in axes.get_title("left")
    run.step()
    panel.figure.draw_now()
    assert axes.get_title("left").endswith("iteration 3; now 4")
    assert all(part.get_alpha() is None or part.get_alpha() < 1 for part in axes.collections)
    x, y = axes.transData.transform((0.0, 0.0))
    assert plot.read(axes, x, y).startswith("loss ")


def test_the_plane_of_gradient_and_momentum(qtbot: QtBot, panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("surface")
    panel.header.item.setCurrentIndex(1)
    panel.header.item.activated.emit(1)
    with qtbot.waitSignal(panel.maps.computing_changed, check_params_cb=lambda computing: not computing):
        panel.header.compute.click()
    made = panel.maps.surface
    assert made is not None
    assert made.kind == "gradient"
    program = run.iterations[-1].program
    slot = [row.slot for row in program.bindings if row.name == "0.weight.grad" and row.slot is not None][-1]
    gradient, d1 = program.values[slot], made.surface.plane.d1["0.weight"]
    cosine = np.sum(gradient * d1) / np.linalg.norm(gradient) / np.linalg.norm(d1)
    assert cosine == pytest.approx(1)


def test_computing_can_be_stopped(qtbot: QtBot, panel: PlotsPanel) -> None:
    panel.choose("surface")
    with qtbot.waitSignal(panel.maps.computing_changed, check_params_cb=lambda computing: not computing):
        panel.header.compute.click()
        panel.header.compute.click()
    assert panel.maps.surface is None
    assert panel.header.compute.text() == "Compute"


def test_another_run_forgets_the_maps(qtbot: QtBot, panel: PlotsPanel) -> None:
    panel.choose("boundary")
    qtbot.waitUntil(lambda: panel.maps.answers is not None and panel.maps._looking is None)
    panel.follow(None)
    assert panel.maps.answers is None
    panel.figure.draw_now()
    assert any(text.get_visible() for text in panel.plots[0].texts())


def test_the_fitted_curve_of_a_regression(qtbot: QtBot, panel: PlotsPanel) -> None:
    class Line(MoonsRun):
        """Three points of y = 3x - 1, and a model that knows it."""

        def __init__(self) -> None:
            super().__init__(1)
            x = np.array([[-1.0], [0.0], [2.0]], np.float32)
            self.data = Dataset("line", x, 3 * x - 1, ())

        def evaluator(self) -> Judge:
            class Sure(Judge):
                def outputs(self, inputs: np.ndarray, weights: object = None) -> np.ndarray:
                    return 3 * inputs - 1

            return Sure(self.model)

    panel.follow(Line())
    panel.choose("boundary")
    qtbot.waitUntil(lambda: panel.maps.answers is not None and panel.maps._looking is None)
    panel.figure.draw_now()
    (plot,) = panel.plots
    (axes,) = plot.all_axes()
    curve = max(axes.lines, key=lambda line: len(line.get_xdata()))
    assert np.allclose(curve.get_ydata(), 3 * curve.get_xdata() - 1, atol=1e-5)
    assert axes.collections[0].get_offsets().tolist() == [[-1, -4], [0, -1], [2, 5]]
    assert axes.get_title("left").startswith("Fitted curve")
    x, y = axes.transData.transform((0.0, 0.0))
    assert plot.read(axes, x, y).startswith("f(")
