"""A label for formulas: wraps between terms, shrinks a little when too wide, and then can be scrolled."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ..painting import painting
from .flow import Block, Ink, lay_out, paint

SMALLEST = 0.72  # formulas are not scaled down further than this
_SHRINK_FIRST = 0.88  # but are rather scaled down to this than broken in their middle
_FADE = 20  # pixels over which what is cut off fades out
_KEYS = {Qt.Key.Key_Left: -24, Qt.Key.Key_Right: 24}  # pixels


class MathLabel(QWidget):
    """Shows text with formulas between dollar signs; `\\mathbf` is painted in the strong colour.

    What mathtext cannot read appears as its source. The accessible text is set with `set_text`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._ink: Ink | None = None
        self._offset = 0.0
        self._grip: float | None = None
        self._laid_out: tuple[object, Block, float] | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def text(self) -> str:
        """The source of what is shown."""
        return self._text

    def set_text(self, text: str, spoken: str = "") -> None:
        """Show text with formulas; `spoken` is what a screen reader says instead of the source."""
        self.setAccessibleName(spoken or text)
        if text == self._text:
            return
        self._text = text
        self._offset = 0.0
        self._relayout()

    def set_colours(self, text: QColor, strong: QColor) -> None:
        """Paint in these colours instead of the palette's."""
        self._ink = Ink(text, strong)
        self.update()

    def is_cut(self) -> bool:
        """Whether the formula is wider than the widget even at its smallest, so that it can be scrolled."""
        return self._block(self.width())[0].width > self.width() + 0.5

    def scale(self) -> float:
        """How much the formula is scaled down to fit, 1 if it fits."""
        return self._block(self.width())[1]

    # Geometry.

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._height(self._block(width)[0])

    def sizeHint(self) -> QSize:
        block, _ = self._block(max(self.width(), 200))
        return QSize(round(block.width) + 2, self._height(block))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self._height(self._block(self.width())[0]))

    def _height(self, block: Block) -> int:
        return int(block.height) + 4 if self._text else 0

    def _block(self, width: int) -> tuple[Block, float]:
        key = (self._text, width, self.font().toString())
        if self._laid_out is None or self._laid_out[0] != key:
            self._laid_out = (key, *self._fitted(width))
        return self._laid_out[1], self._laid_out[2]

    def _fitted(self, width: int) -> tuple[Block, float]:
        block = lay_out(self._text, width, self.font())
        breaking = block.width * _SHRINK_FIRST > width
        if breaking:
            block = lay_out(self._text, width, self.font(), breaking=True)
        scale = min(1.0, max(SMALLEST, width / max(block.width, 1.0)))
        if scale < 1.0:
            block = lay_out(self._text, width, self.font(), scale, breaking=breaking)
        return block, scale

    def _relayout(self) -> None:
        self._laid_out = None
        self.setMinimumHeight(0)
        self.updateGeometry()
        self._fit()
        self.update()

    def _fit(self) -> None:
        cut = self.is_cut()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if cut else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor if cut else Qt.CursorShape.ArrowCursor)
        self._scroll_to(self._offset)

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._relayout()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._claim_height(event is None or event.oldSize().width() != self.width())
        self._fit()

    def _claim_height(self, shrink: bool) -> None:
        """Layouts may measure at another width than they give: insist on what is needed at this one."""
        needed = self.heightForWidth(self.width())
        if needed > self.height() or (shrink and self.minimumHeight() > needed):
            self.setMinimumHeight(needed)

    # Scrolling.

    def _scroll_to(self, offset: float) -> None:
        most = max(0.0, self._block(self.width())[0].width - self.width())
        self._offset = min(max(offset, 0.0), most)
        self.update()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        assert event is not None
        sideways = event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways = sideways or event.angleDelta().y()
        if sideways and self.is_cut():
            self._scroll_to(self._offset - sideways / 2)
        else:
            event.ignore()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            own = self.is_cut() and event.key() in _KEYS and not event.modifiers()
            event.setAccepted(own)  # these are shortcuts of the window
            return own
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        step = _KEYS.get(Qt.Key(event.key()))
        if step is not None and self.is_cut():
            self._scroll_to(self._offset + step)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if event.button() == Qt.MouseButton.LeftButton and self.is_cut():
            self._grip = event.position().x() + self._offset
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if self._grip is not None:
            self._scroll_to(self._grip - event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._grip = None
        super().mouseReleaseEvent(event)

    # Painting.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        block, scale = self._block(self.width())
        with painting(self) as painter:
            painter.save()
            painter.translate(QPointF(-self._offset, 2.0))
            paint(painter, block, self.font(), self._ink or self._palette_ink(), scale)
            painter.restore()
            self._fade_ends(painter, block)
            if self.hasFocus():
                painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _palette_ink(self) -> Ink:
        palette = self.palette()
        role = QPalette.ColorRole
        return Ink(palette.color(role.WindowText), palette.color(role.Highlight))

    def _fade_ends(self, painter: QPainter, block: Block) -> None:
        """Let cut ends fade into the ground, to say that there is more."""
        ground = self.palette().color(QPalette.ColorRole.Window)
        clear = QColor(ground)
        clear.setAlpha(0)
        if self._offset > 0.5:
            self._fade(painter, 0, ground, clear)
        if block.width - self._offset > self.width() + 0.5:
            self._fade(painter, self.width() - _FADE, clear, ground)

    def _fade(self, painter: QPainter, x: int, start: QColor, end: QColor) -> None:
        gradient = QLinearGradient(x, 0, x + _FADE, 0)
        gradient.setColorAt(0, start)
        gradient.setColorAt(1, end)
        painter.fillRect(QRectF(x, 0, _FADE, self.height()), gradient)
