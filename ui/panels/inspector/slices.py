"""Spin boxes that choose a slice of a tensor of many dimensions."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from gradviz.app.i18n import tr

Index = tuple[int, ...]


class SliceBar(QWidget):
    """One spin box for each of the first dimensions with more than one element; hidden if none."""

    changed = pyqtSignal(object)  # Index

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes: tuple[int, ...] = ()
        self._values: list[int] = []
        self._boxes: dict[int, tuple[QLabel, QSpinBox]] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self.hide()

    def value(self) -> Index:
        """The chosen index of the sliced dimensions."""
        return tuple(self._values)

    def boxes(self) -> list[QSpinBox]:
        """The spin boxes that are there, in the order of their dimensions."""
        return [box for _, box in self._boxes.values()]

    def set_sizes(self, sizes: tuple[int, ...]) -> None:
        """Slice dimensions of these sizes; values that still fit are kept."""
        if sizes == self._sizes:
            return
        old = self._values if len(self._values) == len(sizes) else []
        self._sizes = sizes
        self._values = [
            min(value, size - 1) for value, size in zip(old or [0] * len(sizes), sizes, strict=True)
        ]
        for widgets in self._boxes.values():
            for widget in widgets:
                self._row.removeWidget(widget)
                widget.deleteLater()
        while self._row.count():
            self._row.takeAt(0)
        self._boxes = {}
        for dimension, size in enumerate(sizes):
            if size > 1:
                self._boxes[dimension] = self._add(dimension, size)
        self._row.addStretch(1)
        self.setVisible(bool(self._boxes))
        self.retranslate()

    def set_value(self, index: Index) -> None:
        """Choose a slice without announcing it."""
        self._values = list(index[: len(self._sizes)])
        for dimension, (_, box) in self._boxes.items():
            box.blockSignals(True)
            box.setValue(self._values[dimension])
            box.blockSignals(False)

    def retranslate(self) -> None:
        for dimension, (label, box) in self._boxes.items():
            text = tr("dim {n}").format(n=dimension)
            label.setText(text)
            box.setAccessibleName(text)
            last = self._sizes[dimension] - 1
            box.setToolTip(
                tr("Which slice of dimension {n} is shown, 0 to {last}").format(n=dimension, last=last)
            )

    def _add(self, dimension: int, size: int) -> tuple[QLabel, QSpinBox]:
        label, box = QLabel(), QSpinBox()
        label.setProperty("tone", "muted")
        label.setBuddy(box)
        box.setRange(0, size - 1)
        box.setValue(self._values[dimension])
        box.setWrapping(True)
        box.valueChanged.connect(lambda value: self._choose(dimension, value))
        self._row.addWidget(label)
        self._row.addWidget(box)
        return label, box

    def _choose(self, dimension: int, value: int) -> None:
        self._values[dimension] = value
        self.changed.emit(self.value())
