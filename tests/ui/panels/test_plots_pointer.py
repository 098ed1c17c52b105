"""Legends switch lines, wheel and box zoom, a double click goes back, a click leads to an iteration."""

from collections.abc import Iterator

import pytest
from gradviz.ui.panels.plots.panel import PlotsPanel
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.ui.panels.plot_runs import MoonsRun
from tests.ui.panels.plotting import canvas

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run() -> MoonsRun:
    return MoonsRun(5)


@pytest.fixture
def session(run: MoonsRun) -> Session:
    made = Session(Settings())
    made.load(run.recording())
    return made


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, session: Session, run: MoonsRun) -> Iterator[PlotsPanel]:
    made = PlotsPanel(session, ThemeManager("light"))
    qtbot.addWidget(made)
    made.resize(1200, 320)
    with qtbot.waitSignal(made.figure.ready, timeout=30_000):
        made.show()
    made.follow(run)
    made.choose("norms")
    made.figure.draw_now()
    yield made
    made.shut_down()


def place(panel: PlotsPanel, x: float, y: float) -> QPoint:
    """A place in physical pixels from the bottom as the widget's own."""
    widget = canvas(panel)
    ratio = widget.device_pixel_ratio
    return QPoint(round(x / ratio), round(widget.height() - y / ratio))


def axes(panel: PlotsPanel):  # type: ignore[no-untyped-def]
    return panel.plots[0].all_axes()[0]


def visible(panel: PlotsPanel) -> set[str]:
    panel.figure.draw_now()
    return {line.get_label() for line in panel.plots[0].moving() if line.get_visible()}  # type: ignore[misc]


def click_legend(panel: PlotsPanel, label: str) -> None:
    panel.figure.draw_now()
    legend = axes(panel).get_legend()
    (text,) = [text for text in legend.get_texts() if text.get_text() == label]
    box = text.get_window_extent()
    QTest.mouseClick(canvas(panel), LEFT, pos=place(panel, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2))


def test_a_click_on_the_legend_hides_a_module_or_a_kind(panel: PlotsPanel, session: Session) -> None:
    everything = {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert visible(panel) == everything
    click_legend(panel, "2")
    assert visible(panel) == {"0.weight", "0.bias"}
    click_legend(panel, "bias")
    assert visible(panel) == {"0.weight"}
    assert session.settings.plots["hidden"] == ["2", "bias"]
    panel.choose("updates")  # the same in every plot
    assert visible(panel) == {"0.weight"}
    click_legend(panel, "2")
    click_legend(panel, "bias")
    assert visible(panel) == everything


def wheel(panel: PlotsPanel, at: QPoint, notches: int) -> None:
    widget = canvas(panel)
    event = QWheelEvent(
        QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_the_wheel_zooms_about_the_pointer_and_data_do_not_undo_it(panel: PlotsPanel, run: MoonsRun) -> None:
    before = axes(panel).get_xlim()
    x, y = axes(panel).transData.transform((3.0, 0.1))
    wheel(panel, place(panel, x, y), 2)
    zoomed = axes(panel).get_xlim()
    assert zoomed[1] - zoomed[0] == pytest.approx(0.64 * (before[1] - before[0]))
    share = lambda limits: (3.0 - limits[0]) / (limits[1] - limits[0])  # noqa: E731
    assert share(zoomed) == pytest.approx(share(before), abs=0.01)
    run.step()
    panel.figure.draw_now()
    assert axes(panel).get_xlim() == zoomed
    QTest.mouseDClick(canvas(panel), LEFT, pos=place(panel, x, y))
    panel.figure.draw_now()
    assert axes(panel).get_xlim()[0] == 0.5
    assert axes(panel).get_xlim()[1] >= 6


def test_a_box_is_zoomed_into_and_the_menu_goes_back(panel: PlotsPanel) -> None:
    before = axes(panel).get_xlim(), axes(panel).get_ylim()
    middle = sum(axes(panel).bbox.intervaly) / 2
    (x0, _), (x1, _) = (axes(panel).transData.transform((n, 1.0)) for n in (2.0, 4.0))
    low, high = middle - 40, middle + 40
    widget = canvas(panel)
    QTest.mousePress(widget, LEFT, pos=place(panel, x0, low))
    QTest.mouseMove(widget, place(panel, x1, high))
    assert widget.gestures._band.isVisible()
    QTest.mouseRelease(widget, LEFT, pos=place(panel, x1, high))
    assert not widget.gestures._band.isVisible()
    assert axes(panel).get_xlim() == pytest.approx((2.0, 4.0), abs=0.05)
    panel.files.unzoom()
    panel.figure.draw_now()
    assert (axes(panel).get_xlim(), axes(panel).get_ylim()) == before


def test_the_menu_zooms_for_those_without_a_wheel(panel: PlotsPanel) -> None:
    before = axes(panel).get_xlim()
    zoom_in, zoom_out, everything = panel.header.menu.actions()[-3:]
    zoom_in.trigger()
    inside = axes(panel).get_xlim()
    assert before[0] < inside[0] < inside[1] < before[1]
    zoom_out.trigger()
    assert axes(panel).get_xlim() == pytest.approx(before)
    everything.trigger()
    panel.figure.draw_now()
    assert not panel.plots[0].zoomed


def test_a_click_wants_the_nearest_iteration(qtbot: QtBot, panel: PlotsPanel) -> None:
    x, _ = axes(panel).transData.transform((3.7, 1.0))
    y = sum(axes(panel).bbox.intervaly) / 2
    with qtbot.waitSignal(panel.iteration_wanted) as blocker:
        QTest.mouseClick(canvas(panel), LEFT, pos=place(panel, x, y))
    assert blocker.args == [4]


def test_a_click_on_a_line_by_depth_wants_its_iteration(
    qtbot: QtBot, panel: PlotsPanel, run: MoonsRun
) -> None:
    panel.choose("depth")
    panel.figure.draw_now()
    norm = run.log.rows[0].gradient_norms["2.weight"]
    x, y = axes(panel).transData.transform((1.0, norm))
    with qtbot.waitSignal(panel.iteration_wanted) as blocker:
        QTest.mouseClick(canvas(panel), LEFT, pos=place(panel, x, y))
    assert blocker.args == [1]


def test_the_iteration_under_the_cursor_is_marked(panel: PlotsPanel, session: Session) -> None:
    assert session.timeline is not None
    (cursor,) = panel.plots[0].overlays()
    assert cursor.get_visible()
    assert list(cursor.get_xdata()) == [1, 1]  # type: ignore[attr-defined]
    session.timeline.end()
    panel.figure.draw_now()
    assert list(cursor.get_xdata()) == [5, 5]  # type: ignore[attr-defined]
