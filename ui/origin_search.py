"""Searches each recording for numbers that are not finite, and leads to where one began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradviz.engine.program import Program
from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.i18n import language_changed, tr
from gradviz.app.inside.origin import Origin, Origins
from gradviz.app.inside.why import sentence

from .graph.badge import Badge
from .graph.lamp import Lamp
from .listening import listen
from .main_window import MainWindow
from .panels.inside.latest import Latest
from .workers.task import Report, Task

AT_ONCE = 4 * 2**20  # bytes of values that are looked at without a thread


@dataclass(frozen=True)
class Found:
    """An origin, and the iteration that it lies in."""

    iteration: int
    program: Program
    origin: Origin


class OriginSearch(QObject):
    """Looks at what is recorded while nothing else is to be done; tells once of each trouble."""

    found = pyqtSignal(object)  # Found or None: what is known by now

    def __init__(self, window: MainWindow, lamp: Lamp) -> None:
        super().__init__(window)
        self._window, self._lamp = window, lamp
        self.badge = Badge(window.graph.canvas)
        self.badge.recolour(window.themes.theme)
        window.themes.changed.connect(self.badge.recolour)
        self._looked_at: list[tuple[Program, Origin | None]] = []
        self._told: list[Program] = []
        self._task: Task | None = None
        self._find_next = False  # the user has asked before everything was looked at
        self.known: Found | None = None
        self.worker = Latest(self)  # gradients are looked at when asked for only
        self.worker.finished.connect(self._lead)
        self.worker.failed.connect(lambda text, details: window.messages.show_message(text, "error", details))
        self._due = QTimer(self, singleShot=True, interval=0)
        self._due.timeout.connect(self._look)
        listen(self, window.session.recording_changed, self._recording_changed)
        listen(self, language_changed, self._retranslate)
        self.badge.clicked.connect(self.find)

    # Looking.

    def _recording_changed(self) -> None:
        self._find_next = False
        self.worker.cancel()
        self._due.start()

    def _look(self) -> None:
        """Search the iterations that nobody has looked at yet."""
        programs = self._programs()
        known = {id(program): (program, origin) for program, origin in self._looked_at}
        self._looked_at = [known[id(program)] for program in programs if id(program) in known]
        fresh = [program for program in programs if id(program) not in known]
        if self._task is not None:
            self._task.cancel()  # its end looks again
        elif sum(_size(program) for program in fresh) <= AT_ONCE:
            self._take([(program, Origins(program).nonfinite) for program in fresh])
        else:
            self._begin(fresh)

    def _begin(self, programs: Sequence[Program]) -> None:
        def work(report: Report) -> list[tuple[Program, Origin | None]]:
            rows = []
            for program in programs:
                if not report(None):
                    break
                rows.append((program, Origins(program).nonfinite))
            return rows

        self._task = Task(work, self)
        self._task.finished.connect(self._take)
        self._task.ended.connect(self._ended)
        self._task.start()

    def _ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
            self._task = None
        if len(self._looked_at) < len(self._programs()):
            self._due.start()

    def _take(self, rows: list[tuple[Program, Origin | None]]) -> None:
        programs = self._programs()
        current = {id(program) for program in programs}
        self._looked_at += [row for row in rows if id(row[0]) in current]
        known = {id(program): origin for program, origin in self._looked_at}
        wrong = [(n, p, known[id(p)]) for n, p in enumerate(programs) if known.get(id(p)) is not None]
        self.known = Found(wrong[0][0], wrong[0][1], wrong[0][2]) if wrong and wrong[0][2] else None
        self.badge.say(self._sentence(self.known) if self.known is not None else "")
        if self.known is not None and not any(p is self.known.program for p in self._told):
            self._told.append(self.known.program)
            self._window.messages.show_message(
                self._sentence(self.known), "warning", actions=[(tr("Find where it started"), self.find)]
            )
        self.found.emit(self.known)
        if self._find_next and (self.known is not None or len(self._looked_at) == len(programs)):
            self.find()

    def shut_down(self) -> bool:
        """Stop looking."""
        self._due.stop()
        self.worker.shut_down()
        return self._task is None or self._task.shut_down()

    # Leading there.

    def find(self) -> None:
        """Move to the first NaN or infinity, else to where a gradient explodes or vanishes, and say why."""
        if self._due.isActive():
            self._due.stop()
            self._look()
        programs = self._programs()
        self._find_next = self.known is None and len(self._looked_at) < len(programs)
        if self._find_next:  # as soon as it is known
            return
        if self.known is not None:
            self.go(self.known)
        elif sum(_size(program) for program in programs) <= AT_ONCE:
            self._lead(_of_gradients(programs))
        else:
            self.worker.run(lambda report: _of_gradients(programs, report))

    def _lead(self, found: Found | None) -> None:
        if found is not None:
            self.go(found)
        else:
            text = tr("Every number is finite, and no gradient explodes or vanishes")
            self._window.messages.show_message(text)

    def go(self, found: Found) -> None:
        """Show an origin: the moment, the value and its element, what led there, and why."""
        w, origin = self._window, found.origin
        timeline = w.session.timeline
        if timeline is None or found.iteration >= len(timeline.programs):
            return
        timeline.go(timeline.start_of(found.iteration) + origin.instr + 1)
        module = _module_of(found.program, origin)
        if module:
            w.session.open_module(module)
        w.session.select_slot(origin.slot)
        if origin.element is not None:
            w.session.select_element(origin.element)
        self._lamp.light(
            origin.ancestry or _readers(found.program, origin), frozenset({origin.slot}), origin.infected
        )
        text = self._sentence(found)
        for message in w.messages.messages:
            if message.text == text:
                w.messages.remove(message)
        w.messages.show_message(text, "warning")

    def _sentence(self, found: Found) -> str:
        text = sentence(found.program, found.origin)
        timeline = self._window.session.timeline
        if timeline is not None and len(timeline.numbers) > 1:
            return tr("Iteration {n}. {text}").format(n=timeline.numbers[found.iteration], text=text)
        return text

    def _programs(self) -> tuple[Program, ...]:
        timeline = self._window.session.timeline
        return timeline.programs if timeline is not None else ()

    def _retranslate(self, language: str = "") -> None:
        self.badge.say(self._sentence(self.known) if self.known is not None else "")


def _size(program: Program) -> int:
    return sum(value.nbytes for value in program.values)


def _of_gradients(programs: Sequence[Program], report: Report | None = None) -> Found | None:
    """The first gradient that explodes or vanishes; AbandonedError if `report` says so."""
    for n, program in enumerate(programs):
        if report is not None and not report(None):
            raise AbandonedError
        origins = Origins(program)
        origin = origins.exploding() or origins.vanishing()
        if origin is not None:
            return Found(n, program, origin)
    return None


def _module_of(program: Program, origin: Origin) -> str:
    """Where one sees it: in the module that has made it, or that first reads it."""
    if origin.instr >= 0:
        return program.instrs[origin.instr].site.module
    return next((program.instrs[i].site.module for i in sorted(_readers(program, origin))), "")


def _readers(program: Program, origin: Origin) -> frozenset[int]:
    """The first instruction that reads a value from outside, which need not be drawn itself."""
    return frozenset(index for index, _ in program.consumers[origin.slot][:1])
