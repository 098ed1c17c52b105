"""The ledger of an update in the inspector: its stages from the gradient to the new weight."""

from __future__ import annotations

from gradviz.engine.program import Program
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gradviz.app.facts import Facts
from gradviz.app.i18n import tr
from gradviz.app.inside.update_ledger import UNKNOWN, Index, Stage, UpdateLedger, Updates
from gradviz.app.inside.veil import HIDDEN
from gradviz.app.numerals import index_text, number
from gradviz.app.state import StateView

from ... import icons
from ...fonts import mono_font, ui_font
from ...theme import Theme, ThemeManager
from .update_row import StageRow
from .update_texts import stage_purpose, stage_title


class UpdatePart(QWidget):
    """Hidden where no update is looked at; `rows` are the stages."""

    element_chosen = pyqtSignal(int, object)  # slot, and the index of the element in it or None
    told = pyqtSignal(str, str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._updates: Updates | None = None
        self._state: StateView | None = None
        self._current = -1
        self.element: Index | None = None
        self.shown: UpdateLedger | None = None
        self.rows: list[StageRow] = []
        self.title = QLabel(wordWrap=True)
        self.title.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.title.setProperty("tone", "muted")
        self.whole = QToolButton(checkable=True, text="‖·‖")
        self.whole.setFont(mono_font(9.0))
        self.copy = QToolButton(autoRaise=True)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        for button in (self.whole, self.copy):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(head)
        self.whole.toggled.connect(lambda _: self._show())
        self.copy.clicked.connect(self._copy)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)
        self.hide()

    def show_facts(self, facts: Facts, state: StateView) -> None:
        """Show the update that the value that is looked at belongs to, once it has begun."""
        updates = self._updates_of(facts.program)
        slot = facts.output.slot
        found = updates.around(slot)
        begun = found is not None and any(state.written(stage.slot) for stage in found.stages[1:])
        begun = begun and not state.hidden  # the step tells the gradient, and the other way round
        self.setVisible(begun)
        if found is None or not begun:
            self.shown = None
            return
        self._follow_element(found, facts)
        self._state = state
        self._current = slot
        self.shown = found
        self._show()

    def _updates_of(self, program: Program) -> Updates:
        if self._updates is None or self._updates.program is not program:
            self._updates = Updates(program)
        return self._updates

    def _follow_element(self, found: UpdateLedger, facts: Facts) -> None:
        """The element that was chosen last stays, also where another stage is looked at; else the first."""
        shape = found.program.slots[found.after].shape
        if facts.element is not None and facts.output.shape == shape:
            self.element = facts.element
        elif self.shown is None or self.shown.name != found.name or not _inside(self.element, shape):
            self.element = (0,) * len(shape) if 0 not in shape else None

    @property
    def _chosen(self) -> Index | None:
        return None if self.whole.isChecked() else self.element

    def _show(self) -> None:
        ledger, state = self.shown, self._state
        if ledger is None or state is None:
            return
        self._make_rows(len(ledger.stages))
        element = self._chosen
        text = tr("How {weight} is updated") if element is not None else tr("How {weight} is updated (norms)")
        self.title.setText(text.format(weight=ledger.name + index_text(element or ())))
        for row, stage in zip(self.rows, ledger.stages, strict=False):
            self._show_row(row, ledger, stage, state, element)
        self.whole.setVisible(state.program.values[ledger.after].size > 1)

    def _show_row(
        self, row: StageRow, ledger: UpdateLedger, stage: Stage, state: StateView, element: Index | None
    ) -> None:
        value = ledger.result(stage, state, element)
        hidden = stage.slot in state.hidden and state.written(stage.slot)
        result = HIDDEN if hidden else UNKNOWN if value is None else number(value, 6)
        numbers = "" if value is None else ledger.numbers(stage, state, element)
        row.show_stage(stage_title(stage.kind), ledger.formula(stage), numbers, result)
        producer = state.program.producers[self._current]
        current = stage.slot == self._current or producer in stage.instrs
        row.show_state(state.value(stage.slot), current)
        row.setToolTip(stage_purpose(stage.kind))

    def _make_rows(self, count: int) -> None:
        """As many rows as there are stages; those that are there already are used again."""
        while len(self.rows) < count:
            row = StageRow(self._themes)
            place = len(self.rows)
            row.chosen.connect(lambda place=place: self._choose(place))
            self._column.addWidget(row)
            self.rows.append(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < count)

    def _choose(self, place: int) -> None:
        if self.shown is None or self._state is None:
            return
        slot = self.shown.stages[place].slot
        shape = self._state.program.slots[slot].shape
        self.element_chosen.emit(slot, self.element if _inside(self.element, shape) else None)

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        if self.shown is not None and self._state is not None and clipboard is not None:
            titles = [stage_title(stage.kind) for stage in self.shown.stages]
            head = self.title.text()
            clipboard.setText(f"{head}\n\n{self.shown.text(self._state, self._chosen, titles)}\n")
            self.told.emit(tr("The update is copied as text"), "info")

    def _recolour(self, theme: Theme) -> None:
        self.copy.setIcon(icons.icon("copy", theme, theme.muted))

    def retranslate(self) -> None:
        for button, tip in (
            (self.whole, tr("Norms of the whole tensors instead of one element")),
            (self.copy, tr("Copy the update as text")),
        ):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        self._show()


def _inside(element: Index | None, shape: tuple[int, ...]) -> bool:
    return (
        element is not None
        and len(element) == len(shape)
        and all(i < size for i, size in zip(element, shape, strict=True))
    )
