"""The real window for tests: made, shown, and closed again without a trace."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradviz.ui.app import Gradviz
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import language_changed, set_language
from gradviz.app.settings import Settings
from tests.ui.fakes import lenet


@contextmanager
def running(
    qtbot: QtBot, folder: Path, *, load: int = 1, language: str = "en", theme: str = "light"
) -> Iterator[Gradviz]:
    """A shown window with settings in `folder` that shows LeNet's first `load` iterations (0: nothing).

    Nothing is recorded by itself, as the event that begins it is replaced by the loading.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    font, sheet, palette = app.font(), app.styleSheet(), app.palette()
    made = Gradviz(app, Settings.load(folder), language, theme)
    window = made.window
    try:
        with qtbot.waitActive(window):
            window.resize(1280, 800)
            window.show()
            window.activateWindow()
        if load:
            made.session.load(lenet(load))
            qtbot.waitUntil(lambda: len(window.graph.canvas.scene) > 0)
        yield made
    finally:
        set_language("en")  # while everybody who listens is still there
        language_changed.disconnect()  # a failed test keeps its widgets' wrappers, which shall hear no more
        window.close()
        while not made.shut_down():  # a kernel takes its time to compile on a busy machine
            pass
        window.deleteLater()
        made = window = None  # type: ignore[assignment]
        for _ in range(3):  # psygnal's signals hold listeners weakly; none shall hear of the next language
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            QApplication.processEvents()
            gc.collect()
        app.setStyleSheet(sheet)
        app.setPalette(palette)
        app.setFont(font)
