"""Check, nudge and change in the inspector, on a scalar graph, a user's script and ResNet-18."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Program
from gradviz.ui.panels.inspector.panel import InspectorPanel
from pytestqt.qtbot import QtBot

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.inside.check import STEPS, Verdict, check
from gradviz.app.inside.nudge import nudge
from gradviz.app.numerals import number
from gradviz.app.scalars import program_of_values
from gradviz.app.session import Session
from gradviz.scalar.value import Value
from tests.gradviz.app.scripts import TRAINING, Script
from tests.ui.fakes import session
from tests.ui.panels.inspecting import shown


def scalars(folder: Path) -> tuple[Program, str]:
    a, b = Value(2.0), Value(-3.0)
    return program_of_values([(a * b + a).tanh() * b], {"a": a, "b": b}), "a"


def script(folder: Path) -> tuple[Program, str]:
    return Script(folder)(TRAINING).programs[1], "fc2.weight"


def resnet(folder: Path) -> tuple[Program, str]:
    return Experiment(ExperimentSpec(model="resnet18")).record().program, "layer4.1.bn2.weight"


@pytest.mark.parametrize("make", [scalars, script, pytest.param(resnet, marks=pytest.mark.slow)])
def test_the_panel_says_what_the_engine_does(
    qtbot: QtBot, tmp_path: Path, make: Callable[[Path], tuple[Program, str]]
) -> None:
    program, name = make(tmp_path)
    shared = session(program=program)
    panel = shown(qtbot, shared)
    try:
        try_out(qtbot, shared, panel, program, name)
    finally:
        panel.shut_down()


def try_out(qtbot: QtBot, shared: Session, panel: InspectorPanel, program: Program, name: str) -> None:
    assert shared.timeline is not None
    shared.timeline.end()
    slot = next(i for i, row in enumerate(program.slots) if row.name == name)
    total = program.gradient_slot(slot)
    assert total is not None
    gradient = program.values[total]
    element = tuple(int(i) for i in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    shared.select_slot(slot)
    shared.select_element(element)
    panel.refresh()
    card = panel.experiments.check
    panel.experiments.open_check()
    qtbot.waitUntil(lambda: card.check is not None and len(card.check.double) == len(STEPS), timeout=120_000)
    expected = check(program, slot, element, STEPS[4:6])
    assert card.check is not None
    assert card.check.verdict is Verdict.AGREES
    assert repr(card.check.double[4:6]) == repr(expected.double)
    assert card.rows["engine"][1].text() == number(float(gradient[element]), 6)
    card.leave()
    panel.experiments.open_nudge()
    moving = panel.experiments.nudge
    qtbot.waitUntil(lambda: moving.nudge is not None, timeout=60_000)
    item = moving.table.item(0, 2)
    assert item is not None
    assert item.text() == number(nudge(program, slot, element, moving.epsilon).listed[0].sizes[1], 3)
    moving.leave()
    assert panel.changing.editor.change(slot, {element: 0.625})
    qtbot.waitUntil(lambda: shared.program is not program, timeout=60_000)
    changed = np.array(program.values[slot])
    changed[element] = 0.625
    assert shared.program is not None
    assert [x.tobytes() for x in shared.program.values] == [
        x.tobytes() for x in run(program, {slot: changed})
    ]
