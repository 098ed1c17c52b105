"""The inspector: everything about the selected instruction or value, else about the one that has just run."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from gradviz.app.facts import Facts, facts_for
from gradviz.app.i18n import language_changed, tr
from gradviz.app.inside.quiz import Quiz
from gradviz.app.session import Session
from gradviz.app.tensor_facts import FactsCache

from ...listening import listen
from ...theme import ThemeManager
from ..inside.changing import Changing
from ..inside.experiments import Experiments
from ..inside.ledger import LedgerPart
from ..inside.pair_card import PairCard
from ..inside.predict_card import PredictCard
from ..inside.update_part import UpdatePart
from .details import Details
from .formulas import Formulas
from .function import FunctionPart
from .header import Header
from .story import Story
from .tensors import Tensors

_REST = 150  # ms without a step before long formulas are written out
_SETTLED = 50  # ms after which a card that has grown has its size
_HELD = 1000  # ms for which a card stays in sight though what is above it still grows: the lens comes late


class InspectorPanel(QWidget):
    """Follows the session; `source_requested` asks to show a line, `told` has news for the message bar."""

    source_requested = pyqtSignal(str, int)  # file, line
    told = pyqtSignal(str, str)  # text, level
    microscope_wanted = pyqtSignal()  # for the chosen element

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        quiz: Quiz | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._cache = FactsCache()
        self._facts: Facts | None = None
        self._due = QTimer(self, singleShot=True, interval=0)
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._wanted: QWidget | None = None  # the card to bring into sight
        self._revealing = QTimer(self, singleShot=True, interval=_SETTLED)
        self._revealing.timeout.connect(self._show_wanted)
        self._held = QTimer(self, singleShot=True, interval=_HELD)
        self.header = Header(themes)
        self.predict = PredictCard(quiz if quiz is not None else Quiz(session), themes)
        self.pair = PairCard(themes)
        self.details = Details()
        self.formulas = Formulas(themes)
        self.story = Story(themes)
        self.function = FunctionPart(themes)
        self.tensors = Tensors(themes, self._cache)
        self.experiments = Experiments(themes)
        self.changing = Changing(session, self.tensors.view, themes)
        self.ledger = LedgerPart(themes)
        self.update_ledger = UpdatePart(themes)
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._listen()
        self.retranslate()

    def _lay_out(self) -> None:
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.empty.setProperty("tone", "muted")
        self.empty.setMargin(24)
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(12, 10, 12, 16)
        column.setSpacing(10)
        column.addWidget(self.changing.strip)
        above = (self.header, self.predict, self.pair, self.details, self.story, self.formulas)
        below = (self.function, self.tensors, self.experiments, self.update_ledger, self.ledger)
        for part in (*above, *below):
            column.addWidget(part)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._page)
        for ground in (self._page, self._scroll.viewport()):
            if ground is not None:
                ground.setAutoFillBackground(False)  # the panel's own ground shows through
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._scroll)

    def _listen(self) -> None:
        session = self._session
        listen(self, session.recording_changed, self._changed)
        listen(self, session.moment_changed, self._changed)
        listen(self, session.selection_changed, self._changed)
        listen(self, session.graph_changed, self._changed)
        listen(self, session.veil.changed, self._changed)
        listen(self, language_changed, self.retranslate)
        self._due.timeout.connect(self.refresh)
        self._rest.timeout.connect(self._write_out)
        self.header.source_clicked.connect(self.source_requested)
        self.header.follow_clicked.connect(lambda: session.select_node(None))
        for part in (self.details, self.story, self.ledger):
            part.slot_clicked.connect(session.select_slot)
        self.update_ledger.element_chosen.connect(self._show_element)
        self.update_ledger.told.connect(self.told)
        self.tensors.element_chosen.connect(self._choose)
        self.tensors.view.told.connect(self.told)
        self.tensors.looked_at.connect(self._follow)
        self.experiments.opened.connect(self.reveal)
        if (bar := self._scroll.verticalScrollBar()) is not None:
            bar.rangeChanged.connect(self._grown)
        self.tensors.view.microscope_wanted.connect(self.microscope_wanted)
        self.experiments.slot_clicked.connect(session.select_slot)
        self.experiments.change_wanted.connect(self.changing.editing.edit)
        self.experiments.drawing.connect(self.changing.editing.gestures.set_drawing)
        self.changing.told.connect(self.told)

    @property
    def facts(self) -> Facts | None:
        """What is shown."""
        return self._facts

    def chosen(self) -> tuple[int, tuple[int, ...]] | None:
        """Slot and index of the element that is looked at; None if nothing is computed."""
        if self._due.isActive() or not self.isVisible():
            self.refresh()
        return self.tensors.subject if self._facts is not None else None

    def _changed(self, moment: int = 0) -> None:
        """Bring the panel up to date once the events that belong together have all arrived."""
        if self.isVisible():
            self._due.start()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the selection, or the current instruction, at this moment."""
        self._due.stop()
        self._rest.stop()
        session = self._session
        self._facts = facts = facts_for(session, self._cache)
        state = session.state
        if facts is None or state is None:
            self._stack.setCurrentWidget(self.empty)
            self.empty.setText(self._empty_text())
            self.experiments.follow(None)
            self.changing.refresh()
            return
        self._stack.setCurrentWidget(self._scroll)
        self.header.show_facts(facts)
        self.details.show_facts(facts)
        self.formulas.show_facts(facts, wait=facts.heavy)
        self.story.show_facts(facts, state)
        self.function.show_facts(facts)
        self.tensors.show_facts(facts, state)
        self.update_ledger.show_facts(facts, state)
        self.ledger.show_facts(facts, state)
        if facts.heavy:
            self._rest.start()

    def _follow(self) -> None:
        """The experiments are about the element that is shown, of whatever tensor."""
        state, subject = self._session.state, self.tensors.subject
        hidden = state is not None and bool(state.hidden)
        self.experiments.setEnabled(not hidden)  # what they show would tell it
        if hidden:
            self.experiments.follow(None)
        elif state is not None and subject is not None:
            self.experiments.follow(state, *subject)
            self.changing.refresh()

    def reveal(self, card: QWidget) -> None:
        """Bring a card into sight once it has its size."""
        self._wanted = card
        self._revealing.start()
        self._held.start()

    def _grown(self) -> None:
        if self._held.isActive():
            self._revealing.start()

    def _show_wanted(self) -> None:
        if self._wanted is not None:
            self._scroll.ensureWidgetVisible(self._wanted, 0, 12)

    def _write_out(self) -> None:
        if self._facts is not None:
            self.formulas.show_facts(self._facts)

    def _choose(self, element: tuple[int, ...]) -> None:
        """An element of the output was clicked: it is what the microscope and the formula look at."""
        if self._facts is None:
            return
        if self._session.selection.slot != self._facts.output.slot:
            self._session.select_slot(self._facts.output.slot)
        self._session.select_element(element)

    def _show_element(self, slot: int, element: tuple[int, ...] | None) -> None:
        """A stage of an update was clicked: its tensor is shown, and the same element in it."""
        self._session.select_slot(slot)
        if element is not None:
            self._session.select_element(element)

    def _empty_text(self) -> str:
        if self._session.timeline is None:
            return tr("Nothing is recorded yet.\n\nRecord an iteration, or open a script.")
        return tr("Nothing has run yet.\n\nPress → to run the first operation, or click a node of the graph.")

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self.predict.worker.shut_down()
        self.experiments.shut_down()
        self.tensors.lens.shut_down()
        self.changing.editor.shut_down()
        self.ledger.shut_down()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._changed()

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Inspector"))
        self._scroll.setAccessibleName(tr("Inspector"))
        for part in (
            self.header,
            self.predict,
            self.pair,
            self.details,
            self.formulas,
            self.ledger,
            self.update_ledger,
            self.tensors,
            self.experiments,
            self.changing.strip,
        ):
            part.retranslate()
        self.refresh()
