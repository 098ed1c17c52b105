"""The plots draw the session's numbers, now, seldom in full, and only where somebody sees them."""

import csv
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.panels.plots.panel import TABS, PlotsPanel
from gradviz.ui.panels.plots.plot import room_for, settle
from gradviz.ui.panels.plots.style import PlotStyle, module_of, power_label
from gradviz.ui.theme import DARK, LIGHT, ThemeManager
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.recording import Metrics, parameter_slots
from gradviz.app.session import Session
from tests.ui.fakes import lenet


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


def canvas(panel: PlotsPanel):  # type: ignore[no-untyped-def]
    assert panel.figure.canvas is not None
    return panel.figure.canvas


def lines(panel: PlotsPanel, number: int = 0) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What the lines of a plot show."""
    panel.figure.draw_now()
    plot = panel.plots[number]
    return {line.get_label(): line.get_data() for line in plot.moving()}


def train(session: Session, count: int) -> None:
    first = len(session.metrics) + 1
    names = list(session.metrics[0].update_ratios)
    session.add_metrics(
        [Metrics(n, 2.0 / n, {}, dict.fromkeys(names, 1e-3 / n)) for n in range(first, first + count)]
    )


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
    panel.log.click()
    panel.figure.draw_now()
    (axes,) = {line.axes for line in panel.plots[0].moving()}
    assert axes.get_yscale() == "log"  # type: ignore[union-attr]
    panel.choose("updates")
    assert not panel.log.isVisible()


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
    assert panel.kernel.isVisible()
    assert panel.kernel.currentText() == "conv1.weight"
    images = [len(axes.images) for axes in panel.plots[0]._axes]  # type: ignore[attr-defined]
    assert images == [1, 0, 0, 0]
    session.timeline.end()
    panel.figure.draw_now()
    assert [len(axes.images) for axes in panel.plots[0]._axes] == [1, 1, 1, 1]  # type: ignore[attr-defined]
    panel.kernel.setCurrentIndex(1)
    panel.kernel.activated.emit(1)
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


# Reading, languages, export.


def test_the_pointer_reads_the_nearest_point(panel: PlotsPanel, session: Session) -> None:
    train(session, 10)
    panel.choose("loss")
    panel.figure.draw_now()
    (line,) = panel.plots[0].moving()
    x, y = line.axes.transData.transform((4, session.metrics[3].loss))  # type: ignore[union-attr]
    ratio = canvas(panel).device_pixel_ratio
    place = QPoint(round(x / ratio), round(canvas(panel).height() - y / ratio))
    QTest.mouseMove(canvas(panel), place)
    assert panel.readout.text() == "loss · iteration 4: 0.5"


def test_the_pointer_reads_kernels(panel: PlotsPanel, session: Session) -> None:
    panel.choose("kernels")
    panel.figure.draw_now()
    plot = panel.plots[0]
    axes = plot._axes[0]  # type: ignore[attr-defined]
    x, y = axes.transData.transform((0.5, 0.5))
    assert plot.read(axes, x, y).startswith("conv1.weight[0, 0, 0, 0] = ")


def test_every_tab_in_every_language(panel: PlotsPanel, session: Session) -> None:
    assert session.timeline is not None
    session.timeline.end()
    for language in ("zh_CN", "en"):
        set_language(language)
        for tab in TABS:
            panel.choose(tab)
            panel.figure.draw_now()
            assert canvas(panel).full_drawings


def test_empty_session_says_so(qtbot: QtBot, themes: ThemeManager) -> None:
    made = PlotsPanel(Session(), themes)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.figure.ready, timeout=30_000):
        made.show()
    for tab in TABS:
        made.choose(tab)
        made.figure.draw_now()
        for plot in made.plots:
            texts = [plot._text] if hasattr(plot, "_text") else plot._texts  # type: ignore[attr-defined]
            assert any(text.get_visible() and text.get_text() for text in texts)
    made.shut_down()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures_are_saved(
    qtbot: QtBot, panel: PlotsPanel, session: Session, tmp_path: Path, ending: str
) -> None:
    assert session.timeline is not None
    session.timeline.end()
    set_language("zh_CN")
    panel.save_picture()
    (dialog,) = [d for d in panel.findChildren(QFileDialog) if d.isVisible()]
    path = tmp_path / f"plot.{ending}"
    with qtbot.waitSignal(panel.told) as blocker:
        dialog.fileSelected.emit(str(path))
        dialog.close()
    assert blocker.args[1] == "info"
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending]
    assert path.read_bytes().startswith(start)
    panel.figure.draw_now()  # saving leaves the canvas in working order


def test_numbers_are_saved(qtbot: QtBot, panel: PlotsPanel, session: Session, tmp_path: Path) -> None:
    train(session, 3)
    panel.choose("loss")
    panel.save_numbers()
    (dialog,) = [d for d in panel.findChildren(QFileDialog) if d.isVisible()]
    path = tmp_path / "loss.csv"
    with qtbot.waitSignal(panel.told):
        dialog.fileSelected.emit(str(path))
        dialog.close()
    rows = list(csv.reader(io.StringIO(path.read_text())))
    assert rows[0] == ["iteration", "loss"]
    assert [float(row[1]) for row in rows[1:]] == [m.loss for m in session.metrics]


def test_picture_is_copied(panel: PlotsPanel) -> None:
    panel.copy()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.pixmap().width() == canvas(panel).width()


# Scales and looks.


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=20), st.booleans())
def test_settled_limits_hold_everything_and_stay(values: list[float], log: bool) -> None:
    array = np.array(values)
    limits = settle((0.5, 0.6), array, log)
    if limits is None:
        limits = (0.5, 0.6)
    assert limits[0] <= array.min()
    assert array.max() <= limits[1]
    assert settle(limits, array, log) is None


def test_nothing_to_settle_without_numbers() -> None:
    assert settle((0, 1), np.array([np.nan]), False) is None
    assert settle((0, 1), np.array([-1.0]), True) is None


@given(st.integers(1, 10**7))
def test_there_is_room_for_more_iterations(count: int) -> None:
    assert count < room_for(count) <= 2.2 * count + 3


def test_looks_go_by_module_and_kind() -> None:
    looks = PlotStyle(LIGHT).looks(["conv1.weight", "conv1.bias", "fc.weight", "w"])
    assert looks["conv1.weight"].colour == looks["conv1.bias"].colour != looks["fc.weight"].colour
    assert looks["conv1.weight"].dash == looks["fc.weight"].dash != looks["conv1.bias"].dash
    many = PlotStyle(DARK).looks([f"layer{i}.weight" for i in range(40)])
    assert len({look.colour for look in many.values()}) == 40
    assert module_of("layer1.0.conv1.weight") == "layer1.0.conv1"


def test_powers_of_ten() -> None:
    assert [power_label(10.0**n) for n in (-6, -3, 0, 3, 12)] == ["10⁻⁶", "0.001", "1", "1000", "10¹²"]
