"""The button of the tool strip that chooses what the graph is coloured by."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from gradviz.app.graph.overlay import KINDS, NONE, overlay_title
from gradviz.app.i18n import tr

from .. import icons
from ..theme import Theme


class OverlayButton(QToolButton):
    """Opens a menu of all overlays; looks pressed while one is on."""

    kind_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setCheckable(True)
        self.setObjectName("graph-overlay")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._kind = NONE
        self._menu = QMenu(self)
        group = QActionGroup(self._menu)
        self.choices = {}
        for kind in KINDS:
            action = self._menu.addAction("")
            assert action is not None
            action.setCheckable(True)
            action.triggered.connect(partial(self._chosen, kind))
            group.addAction(action)
            self.choices[kind] = action
        self._menu.aboutToHide.connect(lambda: self.setChecked(self._kind != NONE))
        self.setMenu(self._menu)
        self.show_kind(NONE)
        self.retranslate()

    def retranslate(self) -> None:
        for kind, action in self.choices.items():
            action.setText(overlay_title(kind))
        text = tr("Colour the graph by…")
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setAccessibleDescription(overlay_title(self._kind))

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        self.setIcon(icons.icon("overlay", theme))

    def show_kind(self, kind: str) -> None:
        """Tell which overlay is on."""
        self._kind = kind
        self.choices[kind].setChecked(True)
        self.setChecked(kind != NONE)
        self.setAccessibleDescription(overlay_title(kind))

    def _chosen(self, kind: str, checked: bool = False) -> None:
        self.kind_chosen.emit(kind)
