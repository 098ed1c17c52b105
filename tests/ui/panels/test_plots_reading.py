"""The plots can be read with the pointer, saved and copied, in every language; their scales are sane."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.panels.plots.catalogue import PLOTS
from gradviz.ui.panels.plots.panel import PlotsPanel
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
from gradviz.app.session import Session
from tests.ui.fakes import lenet
from tests.ui.panels.plotting import canvas, train


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


def test_the_pointer_reads_the_nearest_point(panel: PlotsPanel, session: Session) -> None:
    train(session, 10)
    panel.choose("loss")
    panel.figure.draw_now()
    (line,) = panel.plots[0].moving()
    x, y = line.axes.transData.transform((4, session.metrics[3].loss))  # type: ignore[union-attr]
    ratio = canvas(panel).device_pixel_ratio
    place = QPoint(round(x / ratio), round(canvas(panel).height() - y / ratio))
    QTest.mouseMove(canvas(panel), place)
    assert panel.header.readout.text() == "loss · iteration 4: 0.5"


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
        for tab in PLOTS:
            panel.choose(tab)
            panel.figure.draw_now()
            assert canvas(panel).full_drawings


def test_empty_session_says_so(qtbot: QtBot, themes: ThemeManager) -> None:
    made = PlotsPanel(Session(), themes)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.figure.ready, timeout=30_000):
        made.show()
    for tab in PLOTS:
        made.choose(tab)
        made.figure.draw_now()
        for plot in made.plots:
            assert any(text.get_visible() and text.get_text() for text in plot.texts()), tab
    made.shut_down()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures_are_saved(
    qtbot: QtBot, panel: PlotsPanel, session: Session, tmp_path: Path, ending: str
) -> None:
    assert session.timeline is not None
    session.timeline.end()
    set_language("zh_CN")
    panel.files.save_picture()
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
    panel.files.save_numbers()
    (dialog,) = [d for d in panel.findChildren(QFileDialog) if d.isVisible()]
    path = tmp_path / "loss.csv"
    with qtbot.waitSignal(panel.told):
        dialog.fileSelected.emit(str(path))
        dialog.close()
    rows = list(csv.reader(io.StringIO(path.read_text())))
    assert rows[0] == ["iteration", "loss"]
    assert [float(row[1]) for row in rows[1:]] == [m.loss for m in session.metrics]


def test_picture_is_copied(panel: PlotsPanel) -> None:
    panel.files.copy()
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
