"""What stands around a scalar graph: its title, the way that led to it, and whether its number is right."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.microscope import ElementGraph
from gradviz.app.inside.scope_texts import page_text, verdict

from ... import icons
from ...fonts import ui_font
from ...theme import Theme

CRUMBS = 4  # shown at once
Links = Qt.TextInteractionFlag
_BUTTONS = {"back": "step-back", "fit": "fit", "copy": "copy", "close": "close"}
_PAGES = {"previous": "step-back", "next": "step-forward"}


class Head(QWidget):
    """Title, buttons by name, and a link to each element on the way."""

    step_chosen = pyqtSignal(int)  # number of a step on the way

    def __init__(self) -> None:
        super().__init__()
        self.title = QLabel()
        self.title.setFont(ui_font(10.0, QFont.Weight.DemiBold))
        self.crumbs = QLabel(textFormat=Qt.TextFormat.RichText)
        self.crumbs.setFont(ui_font(9.0))
        self.crumbs.setTextInteractionFlags(Links.LinksAccessibleByMouse | Links.LinksAccessibleByKeyboard)
        self.crumbs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.crumbs.linkActivated.connect(lambda number: self.step_chosen.emit(int(number)))
        self.buttons = {name: QToolButton(autoRaise=True) for name in _BUTTONS}
        self.menu = QMenu(self)
        self.buttons["copy"].setMenu(self.menu)
        self.buttons["copy"].setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.title, 1)
        for button in self.buttons.values():
            top.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 8, 4)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.crumbs)

    def show_way(self, names: Sequence[str]) -> None:
        """The first element and the last few, each but the last a link."""
        first = max(1, len(names) - CRUMBS + 1)
        parts = [(0, names[0]), *((i, names[i]) for i in range(first, len(names)))]
        texts = [
            f"<b>{escape(name)}</b>" if i == len(names) - 1 else f'<a href="{i}">{escape(name)}</a>'
            for i, name in parts
        ]
        if first > 1:
            texts.insert(1, "…")
        self.crumbs.setText(" &nbsp;›&nbsp; ".join(texts))
        self.crumbs.setAccessibleName(tr("Way here: {names}").format(names=" › ".join(names)))
        self.buttons["back"].setEnabled(len(names) > 1)

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        for name, picture in _BUTTONS.items():
            self.buttons[name].setIcon(icons.icon(picture, theme))

    def retranslate(self) -> None:
        self.title.setText(tr("Element microscope"))
        texts = {
            "back": tr("Back to the element before (Backspace)"),
            "fit": tr("Show the whole graph (0)"),
            "copy": tr("Copy this graph"),
            "close": tr("Close the microscope (Escape)"),
        }
        for name, text in texts.items():
            self.buttons[name].setToolTip(text)
            self.buttons[name].setAccessibleName(text)


class Foot(QWidget):
    """The verdict, the pages of a long sum, and which keys there are."""

    def __init__(self) -> None:
        super().__init__()
        self.verdict = QLabel(wordWrap=True)
        self.verdict.setFont(ui_font(9.0))
        self.pages, self.hint = QLabel(), QLabel(wordWrap=True)
        for label in (self.pages, self.hint):
            label.setFont(ui_font(8.5))
            label.setProperty("tone", "muted")
        self.buttons = {name: QToolButton(autoRaise=True) for name in _PAGES}
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.verdict, 1)
        for widget in (self.buttons["previous"], self.pages, self.buttons["next"]):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 8, 6)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.hint)

    def show_graph(self, graph: ElementGraph) -> None:
        """Say how the graph's number compares with the engine's, and which terms are shown."""
        mark = "" if graph.trouble else "✓ " if graph.agrees else "⚠ "
        self.verdict.setText(mark + verdict(graph))
        pages = page_text(graph.nodes[0])
        self.pages.setText(pages)
        for widget in (self.pages, *self.buttons.values()):
            widget.setVisible(bool(pages))

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        for name, picture in _PAGES.items():
            self.buttons[name].setIcon(icons.icon(picture, theme))

    def retranslate(self) -> None:
        self.hint.setText(
            tr("Arrows: along the edges · Enter: go on · Backspace: back · PageDown: more terms · Esc: close")
        )
        texts = {"previous": tr("The terms before (PageUp)"), "next": tr("The next terms (PageDown)")}
        for name, text in texts.items():
            self.buttons[name].setToolTip(text)
            self.buttons[name].setAccessibleName(text)
