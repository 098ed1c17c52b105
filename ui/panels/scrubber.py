"""The scrubber: all moments of the recorded iterations on one line, with a handle to drag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip, QWidget

from gradviz.app.describe import Narrator, describe_moment
from gradviz.app.i18n import language_changed, tr
from gradviz.app.session import Session
from gradviz.app.timeline import Timeline

from ..fonts import ui_font
from ..theme import ThemeManager
from . import scrub_paint as paint
from .scrub_geometry import WHOLE, Run, Span, module_runs, visible_range

EDGE = 8.0  # room for the handle at both ends
BAND_HEIGHT = 22.0
GRIP_ROOM = 12.0
STRIP_HEIGHT = 6.0
STRIP_ROOM = 10.0
LABEL_ROOM = 16.0
MAX_LABELLED = 4000  # instructions on show beyond which modules are not marked


class Scrubber(QAbstractSlider):
    """A slider (also to a screen reader) whose value is the moment."""

    def __init__(self, session: Session, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self._runs: dict[int, tuple[Run, ...]] = {}  # by iteration
        self._narrators: dict[int, Narrator] = {}  # by iteration
        self._hover: float | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        session.recording_changed.connect(self._recording_changed)
        session.moment_changed.connect(self._moment_changed)
        session.breakpoints_changed.connect(self._repaint)
        themes.changed.connect(self._repaint)
        language_changed.connect(self.retranslate)
        self._recording_changed()

    # What the session says.

    def _recording_changed(self) -> None:
        self._runs.clear()
        self._narrators.clear()
        timeline = self._session.timeline
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
        if timeline is None:
            return describe_moment(None, 0)
        iteration, local = timeline.locate()
        return tr("Moment {moment} of {length}, iteration {iteration}: {sentence}").format(
            moment=local,
            length=len(timeline.programs[iteration]),
            iteration=iteration + 1,
            sentence=self._narrator(timeline, iteration).moment(local),
        )

    # Geometry.

    @property
    def has_overview(self) -> bool:
        """Whether there are so many iterations that only one is shown whole, below a strip of them all."""
        timeline = self._session.timeline
        return timeline is not None and len(timeline.programs) > WHOLE

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
        timeline, span = self._session.timeline, self.span()
        index = span.instruction_at(x) if span is not None else None
        if timeline is None or index is None:
            return self.toolTip()
        iteration, local = timeline.locate(index + 1)
        return self._narrator(timeline, iteration).moment(local)

    def _narrator(self, timeline: Timeline, iteration: int) -> Narrator:
        if iteration not in self._narrators:
            self._narrators[iteration] = Narrator(timeline.programs[iteration])
        return self._narrators[iteration]

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
        if timeline is None or span is None:
            painter.setPen(QPen(theme.border, 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(band, paint.RADIUS, paint.RADIUS)
            return
        if self.has_overview:
            ends = [
                (timeline.start_of(i), timeline.start_of(i) + len(p)) for i, p in enumerate(timeline.programs)
            ]
            paint.paint_overview(painter, theme, self.strip(), ends, timeline.length, timeline.moment)
        font, small = ui_font(9, QFont.Weight.Medium), ui_font(8)
        for segment in timeline.segments:
            if segment.stop > span.start and segment.start < span.stop:
                paint.paint_segment(painter, theme, segment, span, band, timeline.moment, font)
        if span.stop - span.start <= MAX_LABELLED:
            paint.paint_runs(painter, theme, self._visible_runs(timeline, span), band, small)
        paint.paint_iterations(painter, theme, self._iteration_names(timeline, span), band, small)
        for moment in self._stops(timeline, span):
            paint.paint_breakpoint(painter, theme, span.x_of(moment), band)
        if self._hover is not None and not self._dragging:
            x = span.x_of(span.moment_at(self._hover))
            painter.setPen(QPen(theme.muted, 1))
            painter.drawLine(QPointF(x, band.top() - 2), QPointF(x, band.bottom() + 2))
        paint.paint_cursor(painter, theme, span.x_of(timeline.moment), band, self.hasFocus())

    def _iterations(self, timeline: Timeline, span: Span) -> Iterator[int]:
        for iteration, program in enumerate(timeline.programs):
            start = timeline.start_of(iteration)
            if start < span.stop and start + len(program) > span.start:
                yield iteration

    def _iteration_names(self, timeline: Timeline, span: Span) -> Iterator[tuple[float, float, str]]:
        if len(timeline.programs) == 1 or self.has_overview:
            return
        for iteration, program in enumerate(timeline.programs):
            start = timeline.start_of(iteration)
            name = tr("iteration {n}").format(n=iteration + 1)
            yield span.x_of(start), span.x_of(start + len(program)), name

    def _visible_runs(self, timeline: Timeline, span: Span) -> Iterator[tuple[float, float, Run]]:
        for iteration in self._iterations(timeline, span):
            if iteration not in self._runs:
                self._runs[iteration] = module_runs(timeline.programs[iteration])
            start = timeline.start_of(iteration)
            named = len(timeline.programs) == 1 or self.has_overview
            for run in self._runs[iteration]:
                shown = run if named else replace(run, title="")
                yield span.x_of(start + run.start), span.x_of(start + run.stop), shown

    def _stops(self, timeline: Timeline, span: Span) -> Iterator[float]:
        """The middle of each instruction on show that has a breakpoint."""
        if timeline.breakpoints:
            for iteration in self._iterations(timeline, span):
                for index in timeline.stops(iteration).hits(timeline.breakpoints):
                    yield timeline.start_of(iteration) + index + 0.5
