"""The strip below the scrubber: what is in memory after each instruction, and how much work it is."""

from __future__ import annotations

from typing import Any

from gradviz.engine.program import Program
from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QFocusEvent, QMouseEvent, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.inside.cost import measure
from gradviz.app.inside.profile import Profile
from gradviz.app.session import Session

from ..listening import listen
from ..painting import painting
from ..theme import ThemeManager
from ..workers.task import Report, Task
from .memory_paint import paint_memory, paint_peak, paint_work
from .scrubber import Scrubber

PEAK_ROOM, MEMORY, GAP, WORK = 6.0, 20.0, 2.0, 8.0  # pixels from above
LONGEST = 20_000  # instructions of an iteration; beyond, the tables would take the window's time


class MemoryStrip(QWidget):
    """Drawn where the scrubber's instructions are; times are measured when somebody first looks closer."""

    measured = pyqtSignal()

    def __init__(
        self, session: Session, themes: ThemeManager, scrubber: Scrubber, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._themes, self._scrubber = session, themes, scrubber
        self._profiles: dict[int, Profile] = {}  # by iteration
        self._task: Task | None = None
        self._hover: float | None = None
        self._picture = QPixmap()  # all but the cursor
        self._picture_key: tuple[object, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        listen(self, session.recording_changed, self._recording_changed)
        listen(self, session.moment_changed, self._moment_changed)
        themes.changed.connect(lambda theme: self.update())
        listen(self, language_changed, self.retranslate)
        self.retranslate()

    # What it knows.

    def profile(self, iteration: int | None = None) -> Profile | None:
        """Memory and cost of an iteration (of the current one); None if there is none, or it is too long."""
        timeline = self._session.timeline
        if timeline is None:
            return None
        number = timeline.locate()[0] if iteration is None else iteration
        program = timeline.programs[number]
        if len(program) > LONGEST:
            return None
        known = self._profiles.get(number)
        if known is None or known.program is not program:
            known = self._profiles[number] = Profile(program)
        return known

    def text(self, moment: int | None = None) -> str:
        """What is to be said of a moment (of the current one), line by line."""
        timeline = self._session.timeline
        if timeline is None:
            return ""
        iteration, local = timeline.locate(moment)
        profile = self.profile(iteration)
        if profile is None:
            return tr("Too many instructions to count the memory of each")
        return "\n".join(profile.lines(local))

    def summary(self) -> str:
        """What is in memory now and at most; "" where nobody knows, or the strip is hidden."""
        timeline = self._session.timeline
        if timeline is None or self.isHidden():
            return ""
        profile = self.profile()
        return profile.short(timeline.locate()[1]) if profile is not None else ""

    def go_to_peak(self) -> None:
        """Move the cursor to where this iteration has most in memory."""
        timeline, profile = self._session.timeline, self.profile()
        if timeline is not None and profile is not None:
            timeline.go(timeline.start_of(timeline.locate()[0]) + profile.memory.peak)

    # Times.

    def measure(self) -> None:
        """Run the current iteration's instructions again, in the background, and note how long each takes."""
        profile = self.profile()
        if profile is None or profile.seconds is not None or self._task is not None:
            return
        program = profile.program

        def work(report: Report) -> list[float] | None:
            try:
                return measure(program, progress=lambda done, of: report((done, of)))
            except AbandonedError:
                return None

        self._task = Task(work, self)
        self._task.finished.connect(lambda seconds: self._found(program, seconds))
        self._task.failed.connect(lambda message, details: None)  # times are a luxury
        self._task.ended.connect(self._ended)
        self._task.start()

    def _found(self, program: Program, seconds: Any) -> None:
        for profile in self._profiles.values():
            if profile.program is program and seconds is not None:
                profile.seconds = seconds
        self.retranslate()
        self.measured.emit()

    def _ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
            self._task = None

    def shut_down(self) -> bool:
        """Stop measuring."""
        return self._task is None or self._task.shut_down()

    # Events.

    def _recording_changed(self) -> None:
        timeline = self._session.timeline
        programs = timeline.programs if timeline is not None else ()
        kept = {n: p for n, p in self._profiles.items() if n < len(programs) and programs[n] is p.program}
        self._profiles = kept
        if self._task is not None and not kept:
            self._task.cancel()
        self.retranslate()

    def _moment_changed(self, moment: int) -> None:
        if self.isVisible():
            self.retranslate()

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Memory and cost"))
        self.setAccessibleDescription(self.text() if self.isVisible() else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, round(PEAK_ROOM + MEMORY + GAP + WORK + 4))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        self._hover = event.position().x()
        QToolTip.showText(event.globalPosition().toPoint(), self.tip_at(self._hover), self)
        self.update()

    def tip_at(self, x: float) -> str:
        """What is to be said of the instruction that is drawn at a place."""
        span, marks = self._scrubber.span(), self._scrubber.marks
        index = span.instruction_at(x) if span is not None else None
        if index is None or marks is None:
            return tr("Memory and cost of each instruction")
        return "\n".join([marks.sentence(index + 1), self.text(index + 1)])

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        timeline, span = self._session.timeline, self._scrubber.span()
        if event is None or timeline is None or span is None or event.button() != Qt.MouseButton.LeftButton:
            return
        index = span.instruction_at(event.position().x())
        if index is not None:
            timeline.go(index + 1)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self.measure()

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hover = None
        self.update()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self.measure()
        self.retranslate()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        timeline, span, theme = self._session.timeline, self._scrubber.span(), self._themes.theme
        if timeline is None or span is None:
            return
        memory = QRectF(span.left, PEAK_ROOM, span.width, MEMORY)
        work = QRectF(span.left, memory.bottom() + GAP, span.width, WORK)
        shown = [
            (timeline.start_of(n), profile)
            for n, program in enumerate(timeline.programs)
            if timeline.start_of(n) < span.stop and timeline.start_of(n) + len(program) > span.start
            if (profile := self.profile(n)) is not None
        ]
        most = max((int(profile.memory.total.max()) for _, profile in shown), default=0)
        ratio = self.devicePixelRatioF()
        parts = ((start, profile, profile.seconds is None) for start, profile in shown)
        key = (span, self.width(), self.height(), ratio, theme, most, *parts)
        if self._picture_key != key:  # a step moves the cursor only
            self._picture, self._picture_key = QPixmap(self.size() * ratio), key
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            with painting(self._picture) as painter:
                for start, profile in shown:
                    paint_memory(painter, theme, span, profile.memory.bytes, start, most, memory)
                    amounts = profile.seconds or [float(cost.count) for cost in profile.costs]
                    paint_work(painter, theme, span, amounts, start, work)
                    paint_peak(painter, theme, span.x_of(start + profile.memory.peak - 0.5), memory)
        with painting(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            painter.setPen(QPen(theme.text, 1))
            x = span.x_of(timeline.moment)
            painter.drawLine(QPointF(x, memory.top()), QPointF(x, work.bottom()))
            if self._hover is not None:
                x = span.x_of(span.moment_at(self._hover))
                painter.setPen(QPen(theme.muted, 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(x, memory.top()), QPointF(x, work.bottom()))
            if self.hasFocus():
                painter.setPen(QPen(theme.accent, 1))
                painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
