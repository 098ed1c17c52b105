"""Walking through a lesson: which step, which answers, where the cursor goes. No widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from psygnal import Signal

from gradviz.app.anchors import Anchors
from gradviz.app.i18n import tr
from gradviz.app.session import Session

from .answers import Verdict, answer_text, expected_answer, judge, judge_code
from .checks import check_recording
from .exercise import ExerciseResult
from .expressions import fill
from .model import Lesson, LessonError, Step, StepText


@dataclass(frozen=True, slots=True)
class Given:
    """What the learner has said on a step; `revealed` once the answer has been shown."""

    verdict: Verdict | None = None
    tries: int = 0
    revealed: bool = False
    at_once: bool = False  # the first try was right
    done: bool = False  # the experiment


class LessonPlayer:
    """One lesson over one recording, which the session shows; emits `changed` when step or answers change.

    The answer is shown after a right answer, or when the learner asks for it; only then does the cursor move
    past what was asked.
    """

    changed = Signal()

    def __init__(
        self,
        session: Session,
        lesson: Lesson,
        start: int = 0,
        on_progress: Callable[[str, int, int], None] | None = None,
    ) -> None:
        recording = session.recording
        if recording is None or not recording.iterations:
            raise LessonError(lesson.setup, None, tr("the setup code recorded nothing"))
        self.session = session
        self.lesson = lesson
        self.recording = recording
        self.anchors = Anchors([iteration.program for iteration in recording.iterations])
        self.on_progress = on_progress
        self._given: dict[str, Given] = {}
        self.index = -1
        check_recording(lesson, self.anchors)
        self.go(start)

    # Where we are.

    @property
    def step(self) -> Step:
        """The current step."""
        return self.lesson.steps[self.index]

    @property
    def given(self) -> Given:
        """What has been answered on the current step."""
        return self._given.get(self.step.id, Given())

    @property
    def waiting(self) -> bool:
        """Whether the step asks something that has not been answered or shown yet."""
        return self.step.question is not None and not self.given.revealed

    @property
    def at_end(self) -> bool:
        """Whether this is the last step."""
        return self.index == len(self.lesson.steps) - 1

    @property
    def present(self) -> bool:
        """Whether the session still shows the lesson's recording; iterations may have been added to it."""
        shown, own = self.session.recording, self.recording
        return shown is not None and shown.iterations[: len(own.iterations)] == own.iterations

    @property
    def wandered(self) -> bool:
        """Whether the cursor or the recording is not the step's any more."""
        place, timeline = self._place(), self.session.timeline
        if not self.present:
            return True
        if not place or timeline is None:
            return False
        return timeline.moment != self.anchors.moment(place, self.step.iteration)

    @property
    def finished(self) -> bool:
        """Whether the last step has been reached and its question, if any, dealt with."""
        return self.at_end and not self.waiting

    # Moving.

    def go(self, index: int) -> None:
        """Go to a step: open its modules, move the cursor, select what it is about."""
        index = min(max(index, 0), len(self.lesson.steps) - 1)
        if index == self.index:
            self.show()
            return
        self.index = index
        self.show()
        if self.on_progress is not None:
            self.on_progress(self.lesson.id, index, len(self.lesson.steps))
        self.changed.emit()

    def next(self) -> None:
        """The next step."""
        self.go(self.index + 1)

    def previous(self) -> None:
        """The step before."""
        self.go(self.index - 1)

    def show(self) -> None:
        """Bring the window back to what the step is about, after the learner has wandered off."""
        step, session = self.step, self.session
        if not self.present:
            session.load(self.recording)
        place = self._place()
        if place and session.timeline is not None:
            session.timeline.go(self.anchors.moment(place, step.iteration))
        for module in step.open:
            session.open_module(module)
        if step.select:
            iteration, place = step.iteration, place or "end"
            start = self.anchors.start_of(iteration)
            if iteration and self.anchors.moment(place, iteration) == start:
                iteration, place = iteration - 1, "end"  # which is what the window shows there
            session.select_slot(self.anchors.slot(step.select, iteration, place))
            if step.element is not None:
                session.select_element(step.element)

    def _place(self) -> str:
        """Where the cursor belongs: past what was asked only once the answer is shown."""
        question = self.step.question
        if question is not None and self.given.revealed and question.reveal_at:
            return question.reveal_at
        return self.step.at

    # Answering.

    def answer(self, text: str) -> Verdict:
        """Judge an answer; a right one reveals. UnreadableAnswerError if it is not of the question's kind."""
        question = self.step.question
        if question is None:
            raise ValueError(f"step {self.step.id!r} asks nothing")
        return self._judged(judge(question, text, self.anchors))

    def answer_code(self, result: ExerciseResult) -> Verdict:
        """Judge what came of running the learner's code; code that does what it shall reveals."""
        return self._judged(judge_code(result))

    def _judged(self, verdict: Verdict) -> Verdict:
        before = self.given
        at_once = before.at_once or (verdict.correct and before.tries == 0 and not before.revealed)
        self._given[self.step.id] = replace(
            before,
            verdict=verdict,
            tries=before.tries + 1,
            revealed=before.revealed or verdict.correct,
            at_once=at_once,
        )
        self._after_answer()
        return verdict

    def reveal(self) -> None:
        """Show the answer, right or not."""
        if self.step.question is None or self.given.revealed:
            return
        before = self.given
        self._given[self.step.id] = replace(before, revealed=True)
        self._after_answer()

    def note_used(self, tool: str) -> None:
        """The learner has used a tool; a step whose experiment that is has been done."""
        if tool == self.step.do and not self.given.done:
            self._given[self.step.id] = replace(self.given, done=True)
            self._after_answer(show=False)

    def score(self) -> tuple[int, int]:
        """How many questions were answered rightly at the first try, and how many there are."""
        asked = [step.id for step in self.lesson.steps if step.question is not None]
        return sum(self._given.get(name, Given()).at_once for name in asked), len(asked)

    def adopt(self, other: LessonPlayer) -> None:
        """Take over the answers to the questions that are the same in another player's lesson."""
        same = {step.id for step in other.lesson.steps} & {
            step.id for step in self.lesson.steps if step in other.lesson.steps
        }
        self._given = {name: given for name, given in other._given.items() if name in same}
        self.show()

    def start_over(self) -> None:
        """Forget all answers and go to the first step."""
        self._given.clear()
        if self.index == 0:
            self.show()
            self.changed.emit()
        else:
            self.go(0)

    def _after_answer(self, show: bool = True) -> None:
        if show and self.given.revealed:
            self.show()
        if self.on_progress is not None:
            self.on_progress(self.lesson.id, self.index, len(self.lesson.steps))
        self.changed.emit()

    @property
    def expected(self) -> str:
        """The right answer to the current question, as text."""
        assert self.step.question is not None
        exercise = self.step.question.exercise
        if exercise is not None:
            return exercise.solution.read_text(encoding="utf-8").strip()
        return answer_text(self.step.question, expected_answer(self.step.question, self.anchors))

    # Words, with the engine's numbers in them.

    def words(self, language: str) -> StepText:
        """The words of the current step in a language; numbers are filled in by `text`."""
        return self.lesson.text(language).steps[self.step.id]

    def text(self, words: str) -> str:
        """A text with its expressions replaced by this recording's numbers."""
        return fill(words, self.anchors)

    def hint(self, language: str) -> str:
        """What to say to a wrong answer: the hint for its mistake, or the general one, or nothing."""
        verdict = self.given.verdict
        if verdict is None or verdict.correct:
            return ""
        hints = self.words(language).hints
        hint = self.text(hints.get(verdict.mistake) or hints.get("", ""))
        return f"{hint}\n\n`{verdict.detail}`".strip() if verdict.detail else hint
