"""The plots draw the session's numbers, now, seldom in full, and only where somebody sees them."""

import threading
from collections.abc import Iterator

import pytest
from gradviz.ui.panels.plots.panel import PlotsPanel
from gradviz.ui.theme import DARK, LIGHT, ThemeManager
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.recording import parameter_slots
from gradviz.app.session import Session
from tests.ui.fakes import lenet
from tests.ui.panels.plotting import canvas, lines, train


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(lenet())
    return made


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


@pytest.fixture
def panel(qtbot: QtBot, session: Session, themes: ThemeManager) -> Iterator[PlotsPanel]:
    made = PlotsPanel(session, themes)
    qtbot.addWidget(made)
    made.resize(1200, 240)
    with qtbot.waitSignal(made.figure.ready, timeout=30_000):
        made.show()
    qtbot.waitUntil(lambda: canvas(made).full_drawings > 0)
    yield made
    made.shut_down()
    set_language("en")


def test_loss_by_iteration(panel: PlotsPanel, session: Session) -> None:
    train(session, 20)
    panel.choose("loss")
    ((x, y),) = lines(panel).values()
    assert x.tolist() == [row.iteration for row in session.metrics]
    assert y.tolist() == [row.loss for row in session.metrics]


def test_log_scale_can_be_switched(panel: PlotsPanel, session: Session) -> None:
    panel.choose("loss")
    panel.figure.draw_now()
    (axes,) = {line.axes for line in panel.plots[0].moving()}
    assert axes.get_yscale() == "linear"  # type: ignore[union-attr]
    panel.header.log.click()
    panel.figure.draw_now()
    (axes,) = {line.axes for line in panel.plots[0].moving()}
    assert axes.get_yscale() == "log"  # type: ignore[union-attr]
    panel.choose("kernels")
    assert not panel.header.log.isVisible()


def test_updates_of_every_parameter(panel: PlotsPanel, session: Session) -> None:
    train(session, 5)
    panel.choose("updates")
    shown = lines(panel)
    assert list(shown) == list(session.metrics[0].update_ratios)
    for name, (_, y) in shown.items():
        assert y.tolist() == [row.update_ratios[name] for row in session.metrics]


def test_gradients_appear_while_one_steps_through_backward(panel: PlotsPanel, session: Session) -> None:
    assert session.timeline is not None
    assert session.program is not None
    panel.choose("gradients")
    assert lines(panel) == {}
    session.timeline.end()
    shown = lines(panel)
    assert list(shown) == list(parameter_slots(session.program))
    for edges, shares in shown.values():
        assert len(edges) == len(shares)
        assert 99 < shares[:-1].sum() + 1 <= 101.1 or shares[:-1].sum() < 100  # the rest are zeros
    session.timeline.start()
    assert lines(panel) == {}


def test_kernels_before_and_after(panel: PlotsPanel, session: Session) -> None:
    assert session.timeline is not None
    panel.choose("kernels")
    panel.figure.draw_now()
    assert panel.header.item.isVisible()
    assert panel.header.item.currentText() == "conv1.weight"
    images = [len(axes.images) for axes in panel.plots[0]._axes]  # type: ignore[attr-defined]
    assert images == [1, 0, 0, 0]
    session.timeline.end()
    panel.figure.draw_now()
    assert [len(axes.images) for axes in panel.plots[0]._axes] == [1, 1, 1, 1]  # type: ignore[attr-defined]
    panel.header.item.setCurrentIndex(1)
    panel.header.item.activated.emit(1)
    panel.figure.draw_now()
    assert "conv2.weight" in panel.plots[0]._axes[0].get_title()  # type: ignore[attr-defined]


def test_a_parameter_has_one_look_in_all_plots(panel: PlotsPanel, session: Session) -> None:
    assert session.timeline is not None
    session.timeline.end()
    panel.figure.draw_now()
    gradients, updates = panel.plots[1].moving(), panel.plots[2].moving()
    looks = [
        {line.get_label(): (line.get_color(), line.get_linestyle()) for line in plot}
        for plot in (gradients, updates)
    ]  # type: ignore[attr-defined]
    assert looks[0] == looks[1]
    weights = {name: look for name, look in looks[0].items() if name.endswith("weight")}
    assert len({colour for colour, _ in weights.values()}) == len(weights)


# Drawing.


def test_new_numbers_are_drawn_without_drawing_everything(
    qtbot: QtBot, panel: PlotsPanel, session: Session
) -> None:
    train(session, 100)
    panel.figure.draw_now()
    full = canvas(panel).full_drawings
    for _ in range(20):
        before = panel.grab().toImage()
        train(session, 1)
        panel.figure.draw_now()
        assert panel.grab().toImage() != before
    assert canvas(panel).full_drawings <= full + 2


def test_many_changes_are_one_drawing(
    qtbot: QtBot, panel: PlotsPanel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    draw = panel.figure.draw_now
    monkeypatch.setattr(panel.figure, "draw_now", lambda: (drawn.append(len(session.metrics)), draw()))
    for _ in range(50):
        train(session, 1)
    qtbot.waitUntil(lambda: drawn[-1:] == [len(session.metrics)])
    assert len(drawn) <= 2


def test_hidden_plots_are_not_drawn(qtbot: QtBot, panel: PlotsPanel, session: Session) -> None:
    panel.hide()
    qtbot.waitUntil(lambda: not panel.figure._rest.isActive())
    background, full = canvas(panel)._background, canvas(panel).full_drawings
    train(session, 500)
    QApplication.processEvents()
    assert (canvas(panel)._background, canvas(panel).full_drawings) == (background, full)
    panel.show()
    qtbot.waitUntil(lambda: lines(panel)["loss"][0].size == len(session.metrics))


def test_resizing_draws_anew(qtbot: QtBot, panel: PlotsPanel) -> None:
    full = canvas(panel).full_drawings
    panel.resize(700, 300)
    qtbot.waitUntil(lambda: canvas(panel).full_drawings > full)


def test_plots_follow_the_theme(panel: PlotsPanel, themes: ThemeManager) -> None:
    for choice, theme in (("dark", DARK), ("light", LIGHT)):
        themes.set_choice(choice)
        panel.figure.draw_now()
        image = canvas(panel).grab().toImage()
        assert image.pixelColor(2, 2) == theme.panel


def test_matplotlib_is_not_loaded_before_it_is_seen(
    qtbot: QtBot, session: Session, themes: ThemeManager
) -> None:
    made = PlotsPanel(session, themes)
    qtbot.addWidget(made)
    QApplication.processEvents()
    assert made.figure.canvas is None
    assert made.figure._task is None
    made.shut_down()


def test_closing_while_loading_leaves_nothing(qtbot: QtBot, session: Session, themes: ThemeManager) -> None:
    made = PlotsPanel(session, themes)
    qtbot.addWidget(made)
    made.show()
    assert made.figure._task is not None
    made.shut_down()
    assert threading.active_count() >= 1  # the leak guard of all tests looks for the thread


def test_failure_to_load_is_told(
    qtbot: QtBot, session: Session, themes: ThemeManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(report: object) -> None:
        raise ImportError("no matplotlib")

    monkeypatch.setattr("gradviz.ui.panels.plots.figure_view.load_matplotlib", broken)
    made = PlotsPanel(session, themes)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.told) as blocker:
        made.show()
    assert "no matplotlib" in blocker.args[0]
    assert blocker.args[1] == "error"
    made.shut_down()
