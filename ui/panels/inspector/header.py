"""The top of the inspector: what is looked at, in which phase, what it does, and its line of code."""

from __future__ import annotations

from pathlib import PurePath

from gradviz.engine.program import Phase
from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gradviz.app.facts import Facts
from gradviz.app.i18n import tr
from gradviz.app.narration import phase_title

from ... import icons
from ...fonts import mono_font, ui_font
from ...painting import painting
from ...phases import SIGNS
from ...theme import Theme, ThemeManager
from ...theme.palette import mix


class PhaseBadge(QWidget):
    """A pill with the sign, the colour and the name of a phase (or of what is no instruction)."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = themes.theme
        self._phase: Phase | None = None
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._set_theme)

    def show_phase(self, phase: Phase | None, text: str) -> None:
        self._phase, self._text = phase, text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        return self._text

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _font(self) -> QFont:
        return ui_font(8.5, QFont.Weight.DemiBold)

    def _label(self) -> str:
        return f"{SIGNS[self._phase]}  {self._text}" if self._phase is not None else self._text

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._font())
        return QSize(round(metrics.horizontalAdvance(self._label())) + 18, round(metrics.height()) + 6)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        hue = self._theme.phase(self._phase) if self._phase is not None else self._theme.muted
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(mix(self._theme.panel, hue, 0.55), 1))
            painter.setBrush(mix(self._theme.panel, hue, 0.14))
            area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
            painter.setFont(self._font())
            painter.setPen(mix(hue, self._theme.text, 0.25))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._label())


class Header(QWidget):
    """Name, phase, sentence, module and source line; a button lets go of the selection."""

    source_clicked = pyqtSignal(str, int)  # file, line
    follow_clicked = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file, self._line = "", 0
        self.badge = PhaseBadge(themes)
        self.title = QLabel(wordWrap=True)
        self.sentence = QLabel(wordWrap=True)
        self.module = QLabel(wordWrap=True)
        self.source = QToolButton(autoRaise=True, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.follow = QToolButton(autoRaise=True, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._lay_out()
        self.source.clicked.connect(lambda: self.source_clicked.emit(self._file, self._line))
        self.follow.clicked.connect(self.follow_clicked)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def _lay_out(self) -> None:
        self.title.setFont(ui_font(13.0, QFont.Weight.DemiBold))
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.module.setFont(mono_font(8.5))
        self.module.setProperty("tone", "muted")
        for button in (self.source, self.follow):
            button.setFont(ui_font(9.0))
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.badge)
        row.addWidget(self.source)
        row.addStretch(1)
        row.addWidget(self.follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        for widget in (self.title, self.sentence, self.module):
            column.addWidget(widget)

    def show_facts(self, facts: Facts) -> None:
        """Show an instruction, or a value from outside."""
        instr = facts.instr
        if instr is None:
            self.badge.show_phase(None, _kind_text(facts))
        else:
            self.badge.show_phase(instr.phase, phase_title(instr.phase))
        self.title.setText(_title(facts))
        self.sentence.setText(instr.sentence if instr is not None else "")
        self.sentence.setVisible(bool(self.sentence.text()))
        module = instr.module_description if instr is not None else ""
        self.module.setText(module)
        self.module.setVisible(bool(module))
        self._file, self._line = (instr.file, instr.line) if instr is not None else ("", 0)
        self.source.setVisible(bool(self._file))
        self.source.setText(f"{_short(PurePath(self._file).name)}:{self._line}")
        self.follow.setVisible(facts.selected)

    def retranslate(self) -> None:
        self.source.setToolTip(tr("Show this line in the code"))
        self.source.setAccessibleName(tr("Show this line in the code"))
        self.follow.setText(tr("Follow"))
        self.follow.setToolTip(tr("Let go of the selection and show the operation that has just run"))
        self.follow.setAccessibleName(tr("Follow the walk"))

    def _recolour(self, theme: Theme) -> None:
        self.source.setIcon(icons.icon("code", theme, theme.muted))
        self.follow.setIcon(icons.icon("follow", theme, theme.muted))


def _title(facts: Facts) -> str:
    """The user's name for the result comes first, if there is one."""
    name = facts.output.name
    if facts.instr is None or not name or facts.instr.module:
        return facts.title
    return f"{name} = {facts.title}"


def _kind_text(facts: Facts) -> str:
    return {
        "input": tr("input"),
        "parameter": tr("parameter"),
        "buffer": tr("buffer"),
        "gradient": tr("gradient from before"),
        "constant": tr("constant"),
    }.get(facts.output.kind.value, tr("value"))


def _short(name: str) -> str:
    """A file's name, without its middle if it would make the panel wider."""
    return name if len(name) <= 20 else f"{name[:9]}…{name[-10:]}"
