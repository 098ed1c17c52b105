"""A sheet that slides over another widget, which stays as it is, and away again."""

from __future__ import annotations

from PyQt6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, Qt
from PyQt6.QtWidgets import QApplication, QFrame, QWidget

from ...graph.mover import DURATION


class Sheet(QFrame):
    """Covers `host` from `slide_in` to `slide_out`, which gives the keyboard back to who had it."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._before: QWidget | None = None
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        host.installEventFilter(self)
        self.hide()

    def slide_in(self, smooth: bool) -> None:
        """Come over the host, from the right."""
        self._before = QApplication.focusWidget()
        self._cover()
        self.show()
        self.raise_()
        if smooth:
            self._slide.setDuration(DURATION)
            self._slide.setStartValue(QPoint(self._host.width() // 3, 0))
            self._slide.setEndValue(QPoint(0, 0))
            self._slide.start()

    def slide_out(self) -> None:
        """Away with it; who has the keyboard elsewhere meanwhile keeps it."""
        focus = QApplication.focusWidget()
        has_focus = focus is None or self.isAncestorOf(focus)
        self._slide.stop()
        self.hide()
        before, self._before = self._before, None
        if has_focus:
            (before if before is not None and before.isVisible() else self._host).setFocus()

    def _cover(self) -> None:
        self._slide.stop()
        self.setGeometry(self._host.rect())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize and watched is self._host:
            self._cover()
        return False
