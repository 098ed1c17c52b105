"""An exercise: code with fresh numbers, what it computes, and the question about one number of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from gradviz.app.anchors import Anchors
from gradviz.engine.program import Program

from ...inside.predict import Outcome, Prediction, predict
from ...recording import Recording
from ...script_recorder import ScriptRecorder, recording
from .numbers import Draw
from .rules import Draft, Rule

FILE = "practice.py"
LEVELS = (1, 2, 3)
_HEAD = "import gradviz as torch\nimport gradviz.nn.functional as F\n\n"
_TRIES = 40


@dataclass(frozen=True, eq=False)
class Exercise:
    """`moment` is before what is asked is computed, `after` when it is there."""

    rule: Rule
    level: int
    code: str
    draft: Draft
    recording: Recording
    prediction: Prediction
    moment: int
    after: int

    def judge(self, text: str) -> Outcome:
        """Judge what was typed; UnreadableAnswerError if it is no answer of this kind."""
        return self.prediction.judge(text)


def make_exercise(rule: Rule, level: int, rng: random.Random) -> Exercise:
    """A fresh exercise whose answer differs from that of a typical mistake, wherever that can be had."""
    best: Exercise | None = None
    for _ in range(_TRIES):
        made = _made(rule, level, rng)
        value = made.prediction.answer
        plain = isinstance(value, float) and (not np.isfinite(value) or abs(value) > 1e4)
        if plain:
            continue
        best = best or made
        if made.prediction.wrong and value != 0:
            return made
    assert best is not None, rule.id
    return best


def _made(rule: Rule, level: int, rng: random.Random) -> Exercise:
    draft = rule.make(Draw(rng, level))
    code = _HEAD + draft.code + ("" if "backward()" in draft.code else "\n\nloss.backward()") + "\n"
    made = _record(code)
    program = made.iterations[0].program
    anchors = Anchors([program])
    place = f"grad {draft.name}" if draft.gradient else f"write {draft.name}"
    index = anchors.instructions(place)[-1]
    slot = program.instrs[index].output
    element = _element(program.values[slot], rng)
    return Exercise(
        rule,
        level,
        code,
        draft,
        made,
        predict(program, slot, element, draft.kind),
        _earliest(program, index),
        index + 1,
    )


def _record(code: str) -> Recording:
    """Run and record in this process: the code is gradviz's own."""
    recorder = ScriptRecorder(1)
    namespace: dict[str, object] = {"__name__": "__main__"}
    with recording(recorder):
        exec(compile(code, FILE, "exec", dont_inherit=True), namespace)
        recorder.finish(namespace)
    return Recording(FILE, tuple(recorder.iterations), {FILE: code})


def _earliest(program: Program, index: int) -> int:
    """Before the first instruction that already has the number which is asked for."""
    instr = program.instrs[index]
    if instr.op == "accumulate_grad" and len(instr.inputs) == 1:
        producer = program.producers[instr.inputs[0]]
        gradient_of_leaf = any(
            row.total == instr.inputs[0] for rows in program.gradients.values() for row in rows
        )
        if producer >= 0 and gradient_of_leaf and program.instrs[producer].op != "ones_like":
            return producer
    return index


def _element(value: np.ndarray, rng: random.Random) -> tuple[int, ...]:
    """Any element; one that is not 0 three times out of four."""
    places = np.flatnonzero(value) if rng.random() < 0.75 else np.arange(value.size)
    place = int(rng.choice(places.tolist() or [0]))
    return tuple(int(i) for i in np.unravel_index(place, value.shape))
