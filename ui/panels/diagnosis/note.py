"""One finding as a note: what it is and where, its numbers, and on request all that there is to know."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QMouseEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gradviz.app.diagnosis.model import Finding, Severity
from gradviz.app.diagnosis.rules import RULES
from gradviz.app.i18n import tr

from ... import icons
from ...fonts import mono_font, ui_font
from ...theme import Theme, ThemeManager
from ..lesson.buttons import Button

_LEVELS = {Severity.HINT: "info", Severity.WARNING: "warning", Severity.ERROR: "error"}
SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


class Note(QFrame):
    """`wanted` is told when the user wants to see the place of the finding."""

    wanted = pyqtSignal(object)  # the Finding
    opened = pyqtSignal(QWidget)

    def __init__(self, finding: Finding, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding, self.rule = finding, RULES[finding.rule]
        self._causes: tuple[Finding, ...] = ()
        self.setProperty("surface", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.icon = QLabel()
        self.title = QLabel(wordWrap=True)
        self.title.setFont(ui_font(10.0, QFont.Weight.DemiBold))
        self.place = QLabel(wordWrap=True)
        self.place.setFont(ui_font(9.0))
        self.place.setProperty("tone", "muted")
        self.reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.reason.setFont(ui_font(9.0))
        self.reason.hide()
        self.numbers = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.numbers.setFont(mono_font(8.5))
        self.numbers.setTextInteractionFlags(SELECTABLE)
        self.explanation = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.explanation.setFont(ui_font(9.5))
        self.details = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self.details.setFont(ui_font(9.0))
        self.details.setTextInteractionFlags(SELECTABLE)
        self.go = Button()
        self.more = QToolButton(autoRaise=True, iconSize=QSize(14, 14))
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._lay_out()
        self.go.clicked.connect(lambda: self.wanted.emit(self.finding))
        self.more.clicked.connect(lambda: self.expand(not self.expanded))
        self.expand(False)
        themes.changed.connect(self.recolour)
        self.recolour(themes.theme)
        self.retranslate()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.place)
        head.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.go)
        buttons.addStretch(1)
        buttons.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.numbers)
        column.addWidget(self.reason)
        column.addLayout(buttons)
        column.addWidget(self.explanation)
        column.addWidget(self.details)

    def set_causes(self, causes: Sequence[Finding]) -> None:
        """Name other findings that may be the reason for this one."""
        self._causes = tuple(causes)
        self._tell_causes()

    def _tell_causes(self) -> None:
        names = tr(", ").join(RULES[cause.rule].title() for cause in self._causes)
        self.reason.setText(tr("Perhaps because of: {names}").format(names=names))
        self.reason.setVisible(bool(names))

    @property
    def expanded(self) -> bool:
        """Whether all is shown."""
        return not self.details.isHidden()

    def expand(self, on: bool) -> None:
        """Show all, or only what it is and where."""
        self.explanation.setVisible(on)
        self.details.setVisible(on)
        self._recolour_more()
        if on:
            self.opened.emit(self)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """A click anywhere else on the note leads to its place, too."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.wanted.emit(self.finding)
        else:
            super().mousePressEvent(event)

    def retranslate(self) -> None:
        rule, finding = self.rule, self.finding
        self.title.setText(rule.title())
        place = tr("from iteration {n} on").format(n=finding.iteration)
        if finding.place:
            place = tr("{place} · {name}").format(place=place, name=finding.place)
        self.place.setText(place)
        self.numbers.setText(rule.numbers(finding))
        self._tell_causes()
        self.explanation.setText(rule.explanation())
        rows = (
            (tr("What to try"), rule.advice()),
            (tr("Formula"), rule.formula),
            (tr("When it is found"), rule.condition()),
            (tr("What the rule cannot see"), rule.limits()),
            (tr("Source"), rule.source),
        )
        parts = (f"<p style='margin:0 0 6px 0'><b>{escape(a)}</b><br>{escape(b)}</p>" for a, b in rows)
        self.details.setText("".join(parts))
        self.go.setText(tr("Go to iteration {n}").format(n=finding.iteration))
        self.go.setToolTip(tr("Show this iteration as it was, at the node that shows it"))
        self.more.setText(tr("Why, and what to do"))
        self.more.setToolTip(tr("Explanation, advice, formula, threshold and source"))
        name = tr("{title}, {place}").format(title=rule.title(), place=place)
        self.setAccessibleName(name)
        self.setAccessibleDescription(self.numbers.text())
        self.go.setAccessibleName(tr("{action}: {note}").format(action=self.go.text(), note=rule.title()))
        self.more.setAccessibleName(tr("{action}: {note}").format(action=self.more.text(), note=rule.title()))
        self.icon.setAccessibleName(_level(finding.severity))
        self.icon.setToolTip(_level(finding.severity))

    def recolour(self, theme: Theme) -> None:
        self._theme = theme
        level = _LEVELS[self.finding.severity]
        colour = {"info": theme.accent, "warning": theme.warning, "error": theme.error}[level]
        self.icon.setPixmap(icons.pixmap(level, colour, 18, self.devicePixelRatioF()))
        self._recolour_more()

    def _recolour_more(self) -> None:
        theme: Theme | None = getattr(self, "_theme", None)
        if theme is not None:
            self.more.setIcon(icons.icon("fold-open" if self.expanded else "fold-closed", theme, theme.muted))


def _level(severity: Severity) -> str:
    return {
        Severity.HINT: tr("Hint"),
        Severity.WARNING: tr("Warning"),
        Severity.ERROR: tr("Error"),
    }[severity]
