"""Looking inside works on LeNet, ResNet-18, a user's script and a scalar graph: where it began.

What the window shows is compared with the engine's numbers, feature by feature.
"""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.rerun import rerun
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.inside.origin import Origins
from gradviz.app.recording import Iteration, Recording, metrics_of
from tests.ui.inside.subjects import Subject, largest, scalar

Key = Qt.Key


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("trouble", ["nan", "infinity", "exploding", "vanishing"])
def test_11_where_it_started(g: Gradviz, about: Subject, qtbot: QtBot, trouble: str) -> None:
    """F8 moves the cursor to where it began, selects it and lights what led there."""
    program = broken(about, trouble)
    origins = Origins(program)
    origin = origins.first()
    assert origin is not None
    assert origin.trouble == trouble
    recording = about.recording
    made = Recording(recording.title, (Iteration(1, program, metrics_of(program, 1)),), recording.sources)
    with qtbot.waitSignal(g.tracing.origins.found):
        g.session.load(made)
    canvas = g.window.graph.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_F8)
    session = g.session
    qtbot.waitUntil(lambda: session.selection.slot == origin.slot)
    timeline = session.timeline
    assert timeline is not None
    assert timeline.moment == origin.instr + 1
    if origin.element is not None:
        assert session.selection.element == origin.element
        assert not np.isfinite(scalar(program, origin.slot, origin.element))
    graph = session.graph
    assert graph is not None
    led = origin.ancestry or {index for index, _ in program.consumers[origin.slot][:1]}
    lit = {graph.node_of_instr.get(i, "") for i in led} | {graph.node_of_slot.get(origin.slot, "")}
    assert canvas.focus.lit_ids == lit - {""} != set()
    (message, *_) = g.window.messages.messages
    assert message.level == "warning"


# What to multiply by what. Two factors that undo one another leave forward as it was, but not the gradients.
_SCALED = {
    "lenet": {"vanishing": {"fc1.weight": 1e-9}, "exploding": {"fc1.weight": 1e6, "fc2.weight": 1e-6}},
    "resnet": {
        "vanishing": {"fc.weight": 1e-10},
        "exploding": {"layer4.1.bn2.weight": 1e6, "fc.weight": 1e-6},
    },
    "script": {"vanishing": {"fc2.weight": 1e-9}, "exploding": {"X": 1e6, "fc1.weight": 1e-6}},
    "scalars": {"vanishing": {"a": 1e-10}, "exploding": {"a": 1e4}},
}
_OVERFLOWS = {
    "lenet": "conv2.weight",
    "resnet": "layer4.1.bn2.weight",
    "script": "fc1.weight",
    "scalars": "b",
}


def broken(about: Subject, trouble: str) -> Program:
    """The subject's program, computed again with numbers that make it go wrong in this way."""
    program = about.program
    if trouble == "nan":
        changed = np.array(program.values[about.leaf])
        changed[largest(changed)] = np.nan
        return rerun(program, {about.leaf: changed})
    if trouble == "infinity":
        slot = leaf(program, _OVERFLOWS[about.name])
        value = program.values[slot]
        return rerun(program, {slot: np.full_like(value, np.finfo(value.dtype).max)})
    changes = {}
    for name, factor in _SCALED[about.name][trouble].items():
        slot = leaf(program, name)
        changes[slot] = program.values[slot] * program.values[slot].dtype.type(factor)
    return rerun(program, changes)


def leaf(program: Program, name: str) -> int:
    return next(i for i, row in enumerate(program.slots) if row.name == name and program.producers[i] < 0)
