"""The test samples behind a cell of the confusion matrix, as pictures that open the sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QImage, QPixmap
from PyQt6.QtWidgets import QLabel, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.app.i18n import ntr, tr
from gradviz.app.judged import Verdict
from gradviz.app.numerals import number
from gradviz.data import Dataset

from ...fonts import ui_font

MOST = 60  # pictures; the surest mistakes come first
SIDE = 44  # pixels


class Mistakes(QWidget):
    """Shows samples with what they are and what they are taken for; a click or Enter opens one."""

    chosen = pyqtSignal(int)  # the sample's place in the data set

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: Dataset | None = None
        self._found: Sequence[Verdict] = ()
        self._true: int | None = None
        self._said: int | None = None
        self.title = QLabel(wordWrap=True)
        self.title.setFont(ui_font(9.5))
        self.list = QListWidget()
        self.list.setFont(ui_font(8.5, tabular=True))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setSpacing(2)
        self.list.setMinimumHeight(170)
        self.list.setWordWrap(True)
        self.list.itemClicked.connect(self._open)
        self.list.itemActivated.connect(self._open)  # Enter
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.list)
        self.hide()

    def show_samples(
        self, data: Dataset | None, found: Sequence[Verdict], true: int | None = None, said: int | None = None
    ) -> None:
        """Show these samples of the data, found for this cell; nothing without data."""
        self._data, self._found, self._true, self._said = data, found, true, said
        self.setVisible(data is not None)
        self.retranslate()

    def retranslate(self) -> None:
        self.list.clear()
        if self._data is None:
            return
        self.title.setText(self._words(self._data))
        self.list.setAccessibleName(self.title.text())
        self.list.setVisible(bool(self._found))
        for verdict in self._found[:MOST]:
            self.list.addItem(_item(self._data, verdict))

    def _words(self, data: Dataset) -> str:
        count = len(self._found)
        if self._true is None:
            text = ntr(
                "{n} test sample is taken for a wrong class",
                "{n} test samples are taken for a wrong class",
                count,
            )
        elif self._said is None:
            text = ntr(
                "{n} of class {true} is taken for another", "{n} of class {true} are taken for another", count
            )
        elif self._true == self._said:
            text = ntr("{n} of class {true} is recognised", "{n} of class {true} are recognised", count)
        else:
            text = ntr(
                "{n} of class {true} is taken for {said}", "{n} of class {true} are taken for {said}", count
            )
        names = {
            "true": "" if self._true is None else data.classes[self._true],
            "said": "" if self._said is None else _class(data, self._said),
        }
        text = text.format(n=count, **names)
        if count > MOST:
            text += " " + tr("(the {n} surest are shown)").format(n=MOST)
        return text

    def _open(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def _class(data: Dataset, index: int) -> str:
    """A class's name; a model may have more outputs than there are classes."""
    return data.classes[index] if index < len(data.classes) else str(index)


def _item(data: Dataset, verdict: Verdict) -> QListWidgetItem:
    names = {"true": data.classes[verdict.true], "said": _class(data, verdict.said)}
    item = QListWidgetItem(tr("{true} → {said}").format(**names) + f"\n{100 * verdict.sure:.0f} %")
    sample = data.inputs[verdict.place]
    told = tr("Sample {place}: {true}, taken for {said} with a probability of {sure:.1f} %")
    told = told.format(place=verdict.place, sure=100 * verdict.sure, **names)
    if sample.ndim == 3:
        item.setIcon(QIcon(_picture(sample[0])))
    else:
        told += "\n" + tr(", ").join(number(float(x)) for x in sample.ravel()[:8])
    item.setToolTip(told + "\n" + tr("Click to record it and step through it"))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, told)
    item.setData(Qt.ItemDataRole.UserRole, verdict.place)
    item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
    return item


def _picture(ink: np.ndarray) -> QPixmap:
    """Ink (0 to 1) as black on white, in both themes: it is a picture of paper."""
    grey = np.ascontiguousarray(255 - np.clip(ink * 255, 0, 255)).astype(np.uint8)
    height, width = grey.shape
    image = QImage(grey.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()
    return QPixmap.fromImage(
        image.scaled(SIDE, SIDE, transformMode=Qt.TransformationMode.SmoothTransformation)
    )
