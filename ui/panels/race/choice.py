"""Who takes part: a check box and a learning rate for each."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.race import ENTRANTS, Contender

from ...number_field import NumberField
from ...painting import painting
from ...theme import ThemeManager
from .looks import pens


class Swatch(QWidget):
    """A piece of a contender's line."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._place: tuple[int, int] | None = None
        self.setFixedSize(QSize(26, 14))
        themes.changed.connect(lambda _: self.update())

    def show_place(self, place: tuple[int, int] | None) -> None:
        """Whose line it is: the number, and of how many; None for one that does not take part."""
        self._place = place
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = self._themes.theme
        pen = QPen(theme.border, 1.5)
        if self._place is not None:
            number, count = self._place
            pen = pens(theme, count, 2.5)[number]
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen)
            painter.drawLine(0, 7, 26, 7)


class Choice(QWidget):
    """The contenders of a preset, of which some may be left out and all rates changed."""

    changed = pyqtSignal()
    refused = pyqtSignal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._offered: tuple[Contender, ...] = ()
        self.rows: list[tuple[Swatch, QCheckBox, NumberField]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)

    def offer(self, contenders: Sequence[Contender]) -> None:
        """Offer these, all of them taking part."""
        self._offered = tuple(contenders)
        while len(self.rows) < len(contenders):
            self._add()
        for place, (swatch, box, rate) in enumerate(self.rows):
            shown = place < len(contenders)
            for widget in (swatch, box, rate):
                widget.setVisible(shown)
            if shown:
                box.blockSignals(True)
                box.setChecked(True)
                box.blockSignals(False)
                box.setText(ENTRANTS[contenders[place].optimizer].title)
                rate.set_value(contenders[place].rate)
        self._change()

    def contenders(self) -> tuple[Contender, ...]:
        """Who takes part now."""
        rows = zip(self._offered, self.rows, strict=False)
        return tuple(
            Contender(each.optimizer, rate.value) for each, (_, box, rate) in rows if box.isChecked()
        )

    def _add(self) -> None:
        swatch, box = Swatch(self._themes), QCheckBox()
        rate = NumberField(0.01, 1e-9, 1e6)
        rate.setMaximumWidth(90)
        place = len(self.rows)
        for column, widget in enumerate((swatch, box, rate)):
            self._grid.addWidget(widget, place, column)
        box.toggled.connect(lambda _: self._change())
        rate.value_changed.connect(lambda _: self._change())
        rate.refused.connect(self.refused)
        self.rows.append((swatch, box, rate))
        self._name(box, rate)

    def _change(self) -> None:
        taking = [row for row, _ in zip(self.rows, self._offered, strict=False) if row[1].isChecked()]
        for row in self.rows:
            row[0].show_place((taking.index(row), len(taking)) if row in taking else None)
            row[2].setEnabled(row[1].isChecked())
            self._name(row[1], row[2])
        self.changed.emit()

    def _name(self, box: QCheckBox, rate: NumberField) -> None:
        rate.setAccessibleName(tr("Learning rate of {optimizer}").format(optimizer=box.text()))
        rate.setToolTip(rate.accessibleName())
        box.setToolTip(tr("Let {optimizer} take part").format(optimizer=box.text()))

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Contenders"))
        for _, box, rate in self.rows:
            self._name(box, rate)
