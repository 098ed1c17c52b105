"""The element microscope: a sheet that slides over the graph and shows one number as a scalar graph."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from gradviz.app.element_facts import SOME, term_bound
from gradviz.app.i18n import language_changed, tr
from gradviz.app.inside.microscope import Index
from gradviz.app.inside.scope_texts import verdict
from gradviz.app.inside.trail import Trail
from gradviz.app.session import Session

from ...listening import listen
from ...theme import Theme, ThemeManager
from .latest import Latest
from .scope_export import copy_svg, copy_text
from .scope_frame import Foot, Head
from .scope_view import ScopeView
from .sheet import Sheet


class MicroscopePanel(Sheet):
    """Lies over the graph, which stays as it is; opened by `look_at`, closed by Escape."""

    looked = pyqtSignal()  # an element is shown

    def __init__(self, session: Session, themes: ThemeManager, host: QWidget) -> None:
        super().__init__(host)
        self._session = session
        self.worker = Latest(self)
        self._wanted: tuple[bool, tuple[int, ...]] = True, ()  # how to show what is being made
        self.trail: Trail | None = None
        self.head, self.foot = Head(), Foot()
        self.view = ScopeView(themes.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.view, 1)
        column.addWidget(self.foot)
        self.setFocusProxy(self.view)
        self._listen(themes)
        self.recolour(themes.theme)
        self.retranslate()

    def _listen(self, themes: ThemeManager) -> None:
        view, head, foot = self.view, self.head, self.foot
        view.activated.connect(self._activate)
        view.moved_to.connect(self._moved_to)
        view.back_wanted.connect(self.back)
        view.close_wanted.connect(self.close_sheet)
        view.page_wanted.connect(self.turn)
        head.step_chosen.connect(self._back_to)
        head.buttons["back"].clicked.connect(self.back)
        head.buttons["fit"].clicked.connect(lambda: view.fit())
        head.buttons["close"].clicked.connect(self.close_sheet)
        foot.buttons["previous"].clicked.connect(lambda: self.turn(view.at, -1))
        foot.buttons["next"].clicked.connect(lambda: self.turn(view.at, 1))
        self.worker.finished.connect(lambda graph: self._made(*self._wanted))
        self.worker.failed.connect(lambda message, details: foot.verdict.setText(message))
        themes.changed.connect(self.recolour)
        listen(self, self._session.moment_changed, self._follow)
        listen(self, self._session.recording_changed, self._follow)
        listen(self, self._session.veil.changed, self._veil_changed)
        listen(self, language_changed, self.retranslate)

    # Opening and closing.

    @property
    def is_open(self) -> bool:
        """Whether it lies over the graph."""
        return self.trail is not None

    def look_at(self, slot: int, index: Index) -> bool:
        """Open an element of a slot; False if it is not computed yet, or something is to be predicted."""
        program, state = self._session.program, self._session.state
        if (
            program is None
            or state is None
            or not state.written(slot)
            or not program.values[slot].size
            or state.hidden
        ):
            return False
        if not self.is_open:
            self.slide_in(smooth=not self._session.settings.reduced_motion)
        self.trail = Trail(program, slot, index)
        self._show()
        self.view.setFocus()
        self.looked.emit()
        return True

    def close_sheet(self) -> None:
        """Away with it; the keyboard goes back to where it was."""
        if not self.is_open:
            return
        self.worker.cancel()
        self.trail = None
        self.slide_out()

    def _veil_changed(self) -> None:
        if self._session.veil.slots(self._session.program):  # it would tell what is to be predicted
            self.close_sheet()

    def _follow(self, moment: int = 0) -> None:
        """Time has moved: show the same element of this iteration, or nothing while it is not computed."""
        trail, program, state = self.trail, self._session.program, self._session.state
        if trail is None:
            return
        if program is None or state is None:
            self.close_sheet()
            return
        if program is not trail.program:
            if program.fingerprint() != trail.program.fingerprint():
                self.close_sheet()
                return
            self.trail = trail = trail.moved_to(program)
            self._show(anew=False)
        if not state.written(trail.steps[0].slot):
            self.close_sheet()

    # Walking.

    def _activate(self, place: int) -> None:
        """Go on to what an element is made from, open or close a part, or turn to the next terms."""
        trail = self.trail
        if trail is None or self.worker.busy:
            return
        node = trail.graph.nodes[place]
        if node.kind == "rest":
            self.turn(place, 1)
        elif trail.enter(place):
            self._show()
        elif trail.toggle(place):
            self._show(anew=False, keep=node.path)

    def back(self) -> None:
        """To the element before; from the first one, back to the graph."""
        if self.trail is not None:
            self._back_to(len(self.trail.steps) - 2)

    def _back_to(self, number: int) -> None:
        if self.trail is not None and self.trail.back_to(number):
            self._show(keep=self.trail.step.looked_at)

    def turn(self, place: int, pages: int) -> None:
        """Show other terms of the long sum that a card is, or belongs to."""
        trail = self.trail
        if trail is None or self.worker.busy:
            return
        path = trail.graph.nodes[place].path
        for length in range(len(path), -1, -1):
            owner = next(i for i, node in enumerate(trail.graph.nodes) if node.path == path[:length])
            if trail.turn(owner, pages):
                self._show(anew=False, keep=path if path[-1:] == (-1,) else path[:length])
                return

    def _moved_to(self, place: int) -> None:
        if self.trail is not None and not self.worker.busy:
            self.trail.look_at(place)

    # Showing.

    def _show(self, anew: bool = True, keep: tuple[int, ...] = ()) -> None:
        """Show the trail's element with the cursor at the card `keep`; a large one is made in a thread."""
        trail = self.trail
        if trail is None:
            return
        self.head.show_way(trail.crumbs)
        producer = trail.program.producers[trail.step.slot]
        if producer >= 0 and term_bound(trail.program, producer) > SOME:
            self.foot.verdict.setText(tr("Taking it apart…"))
            self._wanted = anew, keep
            self.worker.run(lambda report: trail.graph)
        else:
            self.worker.cancel()
            self._made(anew, keep)

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self.worker.shut_down()

    def _made(self, anew: bool, keep: tuple[int, ...]) -> None:
        trail = self.trail
        if trail is None:
            return
        graph = trail.graph
        at = next((i for i, node in enumerate(graph.nodes) if node.path == keep), 0)
        self.view.show_graph(graph, at, anew)
        self.foot.show_graph(graph)
        title = tr("Element microscope")
        self.view.setAccessibleName(f"{title}: {verdict(graph)}")

    # Looks.

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        for part in (self.head, self.foot):
            part.recolour(theme)
        self.view.set_theme(theme)

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Element microscope"))
        for part in (self.head, self.foot):
            part.retranslate()
        self.head.menu.clear()
        self.head.menu.addAction(tr("Copy as text"), lambda: copy_text(self.view))
        self.head.menu.addAction(tr("Copy as SVG"), lambda: copy_svg(self.view))
        if self.trail is not None:
            self.trail = self.trail.moved_to(self.trail.program)
            self._show(anew=False, keep=self.trail.step.looked_at)
