"""Looks for what is typed into the search field, at the moment under the cursor."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.graph.model import GraphModel
from gradviz.app.graph.query import Finder, Hit, Query, parse
from gradviz.app.i18n import ntr, tr
from gradviz.app.session import Session

from .measuring import Measuring
from .search import SearchField

BUDGET = 0.008  # seconds at a time for looking at values
OFFERED = 200  # modules at most


class Finding(QObject):
    """The matches of one text in the graph that is drawn. Those of conditions follow the cursor."""

    found = pyqtSignal(str)  # the id of the node to look at
    lit = pyqtSignal(object)  # set of the ids of all matches

    def __init__(self, session: Session, field: SearchField, measuring: Measuring, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._field, self._measuring = session, field, measuring
        self._model = GraphModel((), ())
        self._query = Query()
        self._finder: Finder | None = None
        self.hits: list[Hit] = []
        self.place = -1
        self._needed: list[int] = []  # slots that have to be looked at first
        self._jump = False  # whether to go to the first match as soon as it is known
        self._filling = QTimer(self, interval=0)
        self._filling.timeout.connect(self._fill)
        field.typed.connect(self._typed)
        field.moved.connect(self.go)
        field.opened.connect(self.open)

    def set_graph(self, model: GraphModel) -> None:
        """Search another graph, for the same text; the match stays, or what is now drawn in its place."""
        here = self.hits[self.place] if self.place >= 0 else None
        self._model = model
        program = self._session.program
        ops = {program.instrs[i].op for n in model.nodes for i in n.instrs} if program is not None else set()
        self._field.ops = tuple(sorted(ops))
        modules = dict.fromkeys(node.module for node in model.nodes if node.module)
        self._field.modules = tuple(modules)[:OFFERED]
        self._renew()
        if here is not None:
            inside = [n for n, hit in enumerate(self.hits) if set(hit.instrs) & set(here.instrs)]
            same = [n for n, hit in enumerate(self.hits) if hit.node == here.node]
            self.place = next(iter(same + inside), self.place)
            self._tell()

    def refresh(self) -> None:
        """The cursor has moved."""
        program = self._session.program
        if self._finder is not None and program is not self._finder.program:
            self._renew()
        elif self._query.measured:
            self._look()

    def go(self, step: int) -> None:
        """On to the next match, or back to the one before."""
        if self.hits:
            self.place = (self.place + step) % len(self.hits)
            self._tell()
            self.found.emit(self.hits[self.place].node)

    def open(self) -> None:
        """Open the match, if it is a closed module, and all that hides the first match inside."""
        if not self.hits:
            return
        hit = self.hits[max(self.place, 0)]
        node = self._model.by_id.get(hit.node)
        if node is not None and node.kind == "module":
            self._session.select_node(node.id)
            if hit.instrs:
                self._session.open_to(hit.instrs[0])
            else:
                self._session.toggle_module(node.id)

    def _typed(self, text: str) -> None:
        self._query = parse(text)
        self._jump = True
        self._renew()

    def _renew(self) -> None:
        program, measures = self._session.program, self._measuring.measures
        self._finder = None
        if program is not None and measures is not None and self._query.terms:
            self._finder = Finder(self._query, self._model, program, measures)
        self.place = -1
        self._look()

    def _look(self) -> None:
        """Find the matches; while values have to be looked at first, there are none."""
        state, self._needed = self._session.state, []
        if self._finder is not None and state is not None:
            self._needed = self._finder.needed(state)
        measures = self._measuring.measures
        if measures is not None and not measures.fill(self._needed, BUDGET):
            self._show([])
            self._filling.start()
            return
        self._filling.stop()
        self._show(self._finder.hits(state) if self._finder is not None and state is not None else [])
        self._jump = False  # later hits come by the cursor's moves, which have their own place to look at

    def _fill(self) -> None:
        measures = self._measuring.measures
        if measures is None or measures.fill(self._needed, BUDGET):
            self._look()

    def _show(self, hits: list[Hit]) -> None:
        here = self.hits[self.place].node if 0 <= self.place < len(self.hits) else ""
        self.hits = hits
        nodes = [hit.node for hit in hits]
        self.place = nodes.index(here) if here in nodes else 0 if nodes else -1
        self._tell()
        self.lit.emit(frozenset(nodes))
        if self._jump and hits:
            self.place = -1
            self.go(1)

    def _tell(self) -> None:
        text = self._field.edit.text().strip()
        if not text:
            self._field.tell("", wrong=False)
        elif self._query.wrong:
            wrong = tr("{term} makes no sense here").format(term=self._query.wrong)
            self._field.tell(tr("?"), wrong=True, details=wrong)
        elif not self.hits:
            self._field.tell(tr("none"), wrong=True)
        else:
            count = sum(max(len(hit.instrs), 1) for hit in self.hits)
            inside = ntr("{n} match, closed modules included", "{n} matches, closed modules included", count)
            place = f"{self.place + 1}/{len(self.hits)}"
            self._field.tell(place, wrong=False, details=inside.format(n=count))
