"""Connects the diagnosis with the window: watches training, leads to what is found, runs the gallery."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from gradviz.app.diagnosis.model import Finding, Severity
from gradviz.app.diagnosis.place import moment_of, slot_of
from gradviz.app.diagnosis.rules import RULES
from gradviz.app.gallery.items import ITEMS
from gradviz.app.gallery.run import GalleryRun
from gradviz.app.i18n import language_changed, tr
from gradviz.app.iteration_query import Mark
from gradviz.app.numerals import number
from gradviz.app.recording import Recording

from .choosing import Guest
from .gallery import GalleryWindow
from .listening import listen
from .main_window import MainWindow
from .panels.diagnosis.watching import Watching
from .workers.task import Report


class Diagnosing(QObject):
    """What the diagnosis panel and the gallery's window do."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.watching = Watching(window.lab, self)
        self.outcomes: dict[tuple[str, bool], str] = {}
        self._gallery: GalleryWindow | None = None
        self._wanted: Finding | None = None  # on the way there
        self._looked_for = ""  # the node to bring into view when it has its place
        self._warned: object = None  # the experiment that a message was shown for
        self._warning: QWidget | None = None
        self.watching.changed.connect(self._changed)
        self.watching.failed.connect(
            lambda text, details: window.messages.show_message(text, "error", details)
        )
        window.diagnosis.wanted.connect(self.go_to)
        window.diagnosis.gallery_wanted.connect(self.open_gallery)
        window.lab.shown.connect(self._shown)
        window.lab.failed.connect(self._give_up)
        window.graph.placing.placed.connect(self._bring_into_view)
        window.closing.connect(self.watching.shut_down)
        window.commands.connect(diagnosis=self.show, gallery=self.open_gallery)
        listen(self, language_changed, self.retranslate)
        self._changed()

    def show(self) -> None:
        """Bring the findings to the front."""
        self._window.docks.show_diagnosis()
        self._window.diagnosis.setFocus()

    # Findings.

    def marks(self) -> list[Mark]:
        """The iterations from which on a rule holds, by the rule's name; of several the first."""
        first: dict[str, int] = {}
        for finding in self.watching.findings:
            title = RULES[finding.rule].title()
            first[title] = min(finding.iteration, first.get(title, finding.iteration))
        return [Mark(title, iteration) for title, iteration in first.items()]

    def _changed(self) -> None:
        window, findings = self._window, self.watching.findings
        window.diagnosis.show_findings(findings)
        window.docks.count_findings(len(findings))
        self._note_outcome()
        experiment = window.lab.experiment
        if self._warned is not experiment:
            self._withdraw_warning()
        serious = [finding for finding in findings if finding.severity is Severity.WARNING]
        # NaN is told by what pauses training because of it; of the rest one message is enough for a run.
        if serious and self._warned is not experiment:
            self._warned = experiment
            text = tr("{title}, from iteration {n} on").format(
                title=RULES[serious[0].rule].title(), n=serious[0].iteration
            )
            action = (tr("Show the diagnosis"), self.show)
            self._warning = window.messages.show_message(text, "warning", actions=[action])

    def _withdraw_warning(self) -> None:
        """The message is about another run than that of now."""
        messages, old = self._window.messages, self._warning
        self._warning = None
        if old is not None and any(message is old for message in messages.messages):
            messages.remove(old)

    def go_to(self, finding: Finding) -> None:
        """Move the cursor to the finding's iteration, as it was, and select the node that shows it."""
        self._wanted = finding
        if not (self._window.lab.shows_own(self._window.session.recording) and self._arrived()):
            self._window.lab.go_to(finding.iteration)

    def _shown(self) -> None:
        self._note_outcome()
        self._arrived()

    def _give_up(self) -> None:
        self._wanted = None

    def _arrived(self) -> bool:
        """If the wanted iteration is shown, place the cursor and select."""
        finding, session = self._wanted, self._window.session
        recording, timeline = session.recording, session.timeline
        if finding is None or recording is None or timeline is None:
            return False
        numbers = [iteration.number for iteration in recording.iterations]
        if finding.iteration not in numbers:
            return False
        self._wanted = None
        place = numbers.index(finding.iteration)
        program = timeline.programs[place]
        start, slot = timeline.start_of(place), slot_of(finding, program)
        if slot is None:
            timeline.go(start)
            return True
        timeline.go(start + moment_of(slot, program))
        maker = program.producers[slot]
        around = program.instrs[maker].site.module.rpartition(".")[0] if maker >= 0 else ""
        if around:
            session.open_module(around)
        session.select_slot(slot)
        self._window.centre.setCurrentWidget(self._window.graph)
        self._looked_for = session.selection.node_id or ""
        if self._window.graph.placing.pending is None:
            self._bring_into_view()
        return True

    def _bring_into_view(self, *news: object) -> None:
        node, self._looked_for = self._looked_for, ""
        if node and node == self._window.session.selection.node_id:
            self._window.graph.canvas.focus_node(node)

    # The gallery.

    def open_gallery(self) -> None:
        """Open the gallery's window, or bring it to the front."""
        if self._gallery is None:
            self._gallery = GalleryWindow(self.outcomes, self._window)
            self._gallery.chosen.connect(self.train)
        self._gallery.show()
        self._gallery.raise_()
        self._gallery.activateWindow()

    @property
    def gallery(self) -> GalleryWindow | None:
        """The gallery's window, if it was ever opened."""
        return self._gallery

    def train(self, rule: str, repaired: bool) -> None:
        """Train one of the gallery's runs; training that is going on ends first."""
        lab, window = self._window.lab, self._window
        if lab.training.pause(lambda: self.train(rule, repaired)):
            return
        before, item = window.session.recording, ITEMS[rule]

        def work(report: Report) -> tuple[GalleryRun, Recording]:
            run = GalleryRun(item, repaired)
            return run, run.recording()

        def done(made: tuple[GalleryRun, Recording]) -> None:
            lab.take(*made, Guest(0, made[0].spec.learning_rate), before)
            window.docks.show_diagnosis()

        def ended() -> None:
            run = lab.experiment
            if isinstance(run, GalleryRun) and run.item is item and len(run.log.rows) == 1:
                lab.training.run(iterations=item.iterations)

        lab.start(tr("Recording"), work, done, cancellable=False, ended=ended)

    def _note_outcome(self) -> None:
        """Keep in words how a gallery's run stands, for comparison."""
        run = self._window.lab.experiment
        if not isinstance(run, GalleryRun) or not len(run.log.rows):
            return
        rows, epochs = run.log.rows, run.log.epochs
        text = tr("loss {first} → {last}").format(
            first=number(rows[0].loss, 3), last=number(rows[-1].loss, 3)
        )
        if epochs and epochs[-1].test_accuracy == epochs[-1].test_accuracy:
            right = f"{epochs[-1].test_accuracy:.0%}"
            text = tr("{loss}, {right} of the test right").format(loss=text, right=right)
        names = tr(", ").join(RULES[finding.rule].title() for finding in self.watching.findings)
        text = tr("{numbers}. Found: {names}").format(numbers=text, names=names or tr("nothing"))
        self.outcomes[run.item.rule, run.repaired] = text
        if self._gallery is not None:
            self._gallery.refresh()

    def retranslate(self, language: str = "") -> None:
        self._window.docks.count_findings(len(self.watching.findings))
