"""What is mastered, topic by topic: a bar for each, and a button that practises it."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QProgressBar, QWidget

from gradviz.app.i18n import tr
from gradviz.app.lessons.practice.words import topic_words

from .buttons import Button
from .texts import STRONG, Label


class Topics(QFrame):
    """A table of all topics; `chosen` has the topic that is to be practised."""

    chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.buttons: dict[str, Button] = {}
        self.bars: dict[str, QProgressBar] = {}
        self._names: dict[str, Label] = {}
        self._counts: dict[str, Label] = {}
        self._heading = Label(9, STRONG, tone="muted")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 10, 12, 12)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self._heading, 0, 0, 1, 3)

    def show_mastery(self, mastery: Mapping[str, tuple[int, int, int]]) -> None:
        """For each topic: how many of its rules are mastered, were practised, and there are."""
        for row, (topic, (mastered, practised, count)) in enumerate(mastery.items(), 1):
            if topic not in self.buttons:
                self._add(topic, row)
            self.bars[topic].setRange(0, 2 * count)  # half a step for what was practised
            self.bars[topic].setValue(mastered + practised)
            name = topic_words(topic)
            self._names[topic].setText(name)
            self._counts[topic].setText(f"{mastered} / {count}")
            spoken = tr("{topic}: {mastered} of {count} mastered, {practised} practised").format(
                topic=name, mastered=mastered, count=count, practised=practised
            )
            self.bars[topic].setAccessibleName(spoken)
            self.bars[topic].setToolTip(spoken)
            self._counts[topic].setAccessibleName(spoken)
            self.buttons[topic].setText(tr("Practise"))
            self.buttons[topic].setToolTip(tr("Exercises about this topic alone"))
            self.buttons[topic].setAccessibleName(tr("Practise: {topic}").format(topic=name))
        self._heading.setText(tr("What you have mastered"))

    def _add(self, topic: str, row: int) -> None:
        name, count, bar, button = Label(), Label(9, tabular=True, tone="muted"), QProgressBar(), Button()
        bar.setTextVisible(False)
        bar.setFixedHeight(6)
        button.clicked.connect(lambda: self.chosen.emit(topic))
        self._names[topic], self._counts[topic] = name, count
        self.bars[topic], self.buttons[topic] = bar, button
        place = 2 * row
        self._grid.addWidget(name, place, 0)
        self._grid.addWidget(count, place, 1, Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(button, place, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(bar, place + 1, 0, 1, 2)
