"""The tensors of an instruction behind four tabs: output, gradient, inputs, weights."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QTabBar, QVBoxLayout, QWidget

from gradviz.app.facts import Facts, ValueFacts, gradient_of, shown_element
from gradviz.app.i18n import tr
from gradviz.app.state import StateView
from gradviz.app.tensor_facts import FactsCache

from ...theme import ThemeManager
from ..inside.lens_strip import LensStrip
from .tensor_view import TensorView

Index = tuple[int, ...]
TABS = ("output", "gradient", "inputs", "weights")


class Tensors(QWidget):
    """Keeps the tab that the user chose, also over instructions that have nothing to show there."""

    element_chosen = pyqtSignal(object)  # Index, of the output
    looked_at = pyqtSignal()  # another tensor or element, or the same at another moment

    def __init__(self, themes: ThemeManager, cache: FactsCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._facts: Facts | None = None
        self._state: StateView | None = None
        self._wanted = "output"
        self._own_element: tuple[int, Index] | None = None  # slot and element read off in another tensor
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for _ in TABS:
            self.tabs.addTab("")
        self.choice = QComboBox()
        self.choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.view = TensorView(themes)
        self.lens = LensStrip(themes, cache)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.tabs, self.choice, self.view, self.lens):
            column.addWidget(widget)
        self.tabs.tabBarClicked.connect(lambda number: self._want(TABS[number]) if number >= 0 else None)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.choice.activated.connect(lambda _: self._show())
        self.view.element_chosen.connect(self._choose)
        self.view.heatmap.element_hovered.connect(self.lens.point)

    def show_facts(self, facts: Facts, state: StateView) -> None:
        """Show an instruction's tensors; the choice of tab and of input is kept where possible."""
        self._facts, self._state = facts, state
        self.tabs.blockSignals(True)
        for number, tab in enumerate(TABS):
            self.tabs.setTabEnabled(number, bool(self._values(tab)))
        shown = self._wanted if self._values(self._wanted) else "output"
        self.tabs.setCurrentIndex(TABS.index(shown))
        self.tabs.blockSignals(False)
        self._name_tabs()
        self._fill_choice()
        self._show()

    def shown(self) -> ValueFacts | None:
        """The value that is shown."""
        return self.view.facts

    def choose_tab(self, tab: str) -> None:
        """Show "output", "gradient", "inputs" or "weights"."""
        self._want(tab)
        self.tabs.setCurrentIndex(TABS.index(tab))

    def _want(self, tab: str) -> None:
        if self.tabs.isTabEnabled(TABS.index(tab)):
            self._wanted = tab

    def _tab_changed(self, number: int) -> None:
        self._want(TABS[number])
        self._fill_choice()
        self._show()

    def _values(self, tab: str) -> Sequence[ValueFacts]:
        facts, state = self._facts, self._state
        if facts is None or state is None:
            return ()
        if tab == "output":
            return (facts.output,)
        if tab == "gradient":
            return (facts.gradient,) if facts.gradient is not None else ()
        if tab == "inputs":
            return [item for item in facts.inputs if item.role == "input"]
        found: list[ValueFacts] = []
        for item in facts.weights:
            gradient = gradient_of(state, item.slot, self._cache)
            found += [item] if gradient is None else [item, gradient]
        return found

    def _fill_choice(self) -> None:
        names = [item.title for item in self._values(TABS[self.tabs.currentIndex()])]
        kept = self.choice.currentText()
        if names != [self.choice.itemText(i) for i in range(self.choice.count())]:
            self.choice.clear()
            self.choice.addItems(names)
            if kept in names:
                self.choice.setCurrentIndex(names.index(kept))
        self.choice.setVisible(len(names) > 1)

    def _show(self) -> None:
        values = self._values(TABS[self.tabs.currentIndex()])
        number = max(0, self.choice.currentIndex())
        value = values[number] if number < len(values) else None
        facts = self._facts
        if facts is None or value is None:
            self.view.show_value(None)
            self.lens.show_facts(None, None, None, None)
            return
        element = self._element(facts, value)
        self.view.show_value(value, element, self._marked(facts, value))
        subject = self.subject
        if self._state is not None and self._state.hidden:  # its factors would tell what is hidden
            self.lens.show_facts(None, None, None, None)
        else:
            self.lens.show_facts(facts, value, self._state, subject[1] if subject is not None else None)
        self.looked_at.emit()

    @property
    def subject(self) -> tuple[int, Index] | None:
        """The slot that is shown and its chosen element, or else that of the largest magnitude."""
        value = self.view.facts
        if value is None:
            return None
        element = self.view.element
        if element is None or len(element) != len(value.shape):
            element = shown_element(value.value, None)
        return value.slot, element if element is not None else (0,) * len(value.shape)

    def _element(self, facts: Facts, value: ValueFacts) -> Index | None:
        if self._own_element is not None and self._own_element[0] == value.slot:
            return self._own_element[1]
        return facts.element if value.shape == facts.output.shape and value.role in _LIKE_OUTPUT else None

    def _marked(self, facts: Facts, value: ValueFacts) -> frozenset[Index]:
        """What the chosen element of the output is made from."""
        if value not in facts.inputs or facts.heavy or facts.output.value is None:
            return frozenset()
        return facts.reads[facts.inputs.index(value)]

    def _choose(self, element: Index) -> None:
        value = self.view.facts
        if self._facts is None or value is None:
            return
        if value.role in _LIKE_OUTPUT and value.shape == self._facts.output.shape:
            self.element_chosen.emit(element)
        else:  # an element of an input is only read off
            self._own_element = (value.slot, element)
            self._show()

    def _name_tabs(self) -> None:
        is_leaf = self._facts is not None and self._facts.instr is None
        names = (tr("Value") if is_leaf else tr("Output"), tr("Gradient"), tr("Inputs"), tr("Weights"))
        for number, name in enumerate(names):
            self.tabs.setTabText(number, name)

    def retranslate(self) -> None:
        self.tabs.setAccessibleName(tr("Tensors of this operation"))
        self.choice.setAccessibleName(tr("Which tensor"))
        self.choice.setToolTip(tr("Which tensor is shown"))
        tips = (
            tr("What the operation computes"),
            tr("The gradient of the loss with respect to it, as far as it is known"),
            tr("What the operation reads; outlined: what the chosen element is made from"),
            tr("The parameters that it reads, and their gradients"),
        )
        for number, tip in enumerate(tips):
            self.tabs.setTabToolTip(number, tip)
        self._name_tabs()
        self.view.retranslate()
        self.lens.retranslate()


_LIKE_OUTPUT = ("output", "gradient")
