"""The scrubber: all moments of the recorded iterations on one line, with a handle to drag."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from gradviz.app.describe import describe_moment
from gradviz.app.i18n import language_changed, tr
from gradviz.app.session import Session
from gradviz.app.timeline import Timeline

from ..fonts import ui_font
from ..listening import listen
from ..theme import ThemeManager
from . import scrub_paint as paint
from .scrub_geometry import Span, visible_range
from .scrub_marks import Marks

EDGE = 8.0  # room for the handle at both ends
BAND_HEIGHT = 22.0
GRIP_ROOM = 12.0
STRIP_HEIGHT = 6.0
STRIP_ROOM = 10.0
LABEL_ROOM = 16.0


class Scrubber(QAbstractSlider):
    """A slider (also to a screen reader) whose value is the moment."""

    def __init__(self, session: Session, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self.marks: Marks | None = None
        self._hover: float | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        listen(self, session.recording_changed, self._recording_changed)
        listen(self, session.moment_changed, self._moment_changed)
        listen(self, session.veil.changed, self.retranslate)
        listen(self, session.breakpoints_changed, self._repaint)
        themes.changed.connect(self._repaint)
        listen(self, language_changed, self.retranslate)
        self._recording_changed()

    # What the session says.

    def _recording_changed(self) -> None:
        timeline = self._session.timeline
        self.marks = Marks(timeline, self._session.veil) if timeline is not None else None
        self.setEnabled(timeline is not None)
        self.setRange(0, timeline.length if timeline is not None else 0)
        self._moment_changed()
        self.updateGeometry()

    def _moment_changed(self, moment: int = 0) -> None:
        timeline = self._session.timeline
        self.setValue(timeline.moment if timeline is not None else 0)
        self.retranslate()

    def _repaint(self, change: object = None) -> None:
        self.update()

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Timeline"))
        self.setAccessibleDescription(self.value_text())
        if self._session.timeline is None:
            self.setToolTip(tr("The timeline of an iteration, once one is recorded"))
        else:
            self.setToolTip("")
        self.update()

    def value_text(self) -> str:
        """The moment in words, for a screen reader."""
        timeline = self._session.timeline
        if timeline is None or self.marks is None:
            return describe_moment(None, 0)
        iteration, local = timeline.locate()
        return tr("Moment {moment} of {length}, iteration {iteration}: {sentence}").format(
            moment=local,
            length=len(timeline.programs[iteration]),
            iteration=timeline.numbers[iteration],
            sentence=self.marks.sentence(timeline.moment),
        )

    # Geometry.

    @property
    def has_overview(self) -> bool:
        """Whether there are so many iterations that only one is shown whole, below a strip of them all."""
        return self.marks is not None and self.marks.overview

    def band(self) -> QRectF:
        """Where the phases are painted."""
        top = (STRIP_ROOM if self.has_overview else 0.0) + GRIP_ROOM
        return QRectF(EDGE, top, max(self.width() - 2 * EDGE, 1.0), BAND_HEIGHT)

    def strip(self) -> QRectF:
        """Where the overview is painted."""
        return QRectF(EDGE, 2.0, max(self.width() - 2 * EDGE, 1.0), STRIP_HEIGHT)

    def span(self) -> Span | None:
        """Which moments lie where; None while nothing is recorded."""
        timeline = self._session.timeline
        if timeline is None:
            return None
        start, stop = visible_range(timeline)
        return Span(start, stop, self.band().left(), self.band().width())

    def sizeHint(self) -> QSize:
        return QSize(640, round(STRIP_ROOM + GRIP_ROOM + BAND_HEIGHT + LABEL_ROOM))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    # Pointer.

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        timeline = self._session.timeline
        if event is None or timeline is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if self.has_overview and event.position().y() < STRIP_ROOM:
            self._jump(timeline, event.position().x())
        else:
            self._dragging = True
            self._follow(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        self._hover = event.position().x()
        if self._dragging:
            self._follow(event.position().x())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._dragging = False

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hover = None
        self.update()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        timeline = self._session.timeline
        if event is not None and timeline is not None and (turn := event.angleDelta().y()):
            timeline.step(-1 if turn > 0 else 1)
            event.accept()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """The instruction that is drawn at a place, in words."""
        span = self.span()
        index = span.instruction_at(x) if span is not None else None
        if self.marks is None or index is None:
            return self.toolTip()
        return self.marks.sentence(index + 1)

    def _follow(self, x: float) -> None:
        timeline, span = self._session.timeline, self.span()
        if timeline is not None and span is not None:
            timeline.go(span.moment_at(x))

    def _jump(self, timeline: Timeline, x: float) -> None:
        strip = self.strip()
        share = (x - strip.left()) / strip.width()
        iteration, _ = timeline.locate(max(round(share * timeline.length), 1))
        timeline.go(timeline.start_of(iteration) + 1)

    # Keyboard: the same keys as in the whole window, for where no window is around it.

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        timeline = self._session.timeline
        if event is None or timeline is None or not self._move(timeline, event):
            super().keyPressEvent(event)

    def _move(self, timeline: Timeline, event: QKeyEvent) -> bool:
        by_module = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        to_the_end = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                timeline.step_module(-1) if by_module else timeline.step(-1)
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                timeline.step_module(1) if by_module else timeline.step(1)
            case Qt.Key.Key_Home:
                timeline.start() if to_the_end else timeline.phase_start()
            case Qt.Key.Key_End:
                timeline.end() if to_the_end else timeline.phase_end()
            case Qt.Key.Key_PageUp:
                timeline.phase_jump(-1)
            case Qt.Key.Key_PageDown:
                timeline.phase_jump(1)
            case _:
                return False
        return True

    # Painting.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        timeline, span, band, theme = self._session.timeline, self.span(), self.band(), self._themes.theme
        marks = self.marks
        if timeline is None or span is None or marks is None:
            painter.setPen(QPen(theme.border, 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(band, paint.RADIUS, paint.RADIUS)
            return
        if self.has_overview:
            ends, moment = marks.ends(), timeline.moment
            paint.paint_overview(painter, theme, self.strip(), ends, timeline.length, moment)
        font, small = ui_font(9, QFont.Weight.Medium), ui_font(8)
        for segment in timeline.segments:
            if segment.stop > span.start and segment.start < span.stop:
                paint.paint_segment(painter, theme, segment, span, band, timeline.moment, font)
        paint.paint_ticks(painter, theme, marks.ticks(span), band)
        paint.paint_gaps(painter, theme, marks.gaps(span), band)
        paint.paint_names(painter, theme, marks.names(span), band, small)
        for x in marks.breakpoints(span):
            paint.paint_breakpoint(painter, theme, x, band)
        if self._hover is not None and not self._dragging:
            x = span.x_of(span.moment_at(self._hover))
            painter.setPen(QPen(theme.muted, 1))
            painter.drawLine(QPointF(x, band.top() - 2), QPointF(x, band.bottom() + 2))
        paint.paint_cursor(painter, theme, span.x_of(timeline.moment), band, self.hasFocus())
