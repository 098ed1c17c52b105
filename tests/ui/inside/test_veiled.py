"""While something is to be predicted, its number stands nowhere in the window."""

from __future__ import annotations

import pytest
from gradviz.engine.program import Phase
from gradviz.ui.app import Gradviz
from pytestqt.qtbot import QtBot

from gradviz.app.graph.measures import Measures
from gradviz.app.graph.query import Finder, parse
from gradviz.app.numerals import number
from tests.ui.inside.subjects import Subject, at, largest, look
from tests.ui.inside.telling import tells, told


def texts_of(value: float) -> set[str]:
    """The ways in which the window writes a number."""
    return {number(value, digits) for digits in (3, 4, 5, 6)} | {f"{value:.6g}", repr(value)}


def shown_in(g: Gradviz, value: float, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts = told(g, monkeypatch)
    return [text for each in texts_of(value) if len(each.strip("-−0.")) > 2 for text in tells(texts, each)]


@pytest.mark.parametrize("asked", ["gradient", "value", "loss", "update"])
def test_the_number_stands_nowhere(
    g: Gradviz, about: Subject, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    program, window = about.program, g.window
    qtbot.waitUntil(lambda: window.graph.placing.pending is None)
    if asked == "update":
        step = next((x for x in reversed(program.instrs) if x.site.phase is Phase.UPDATE), None)
        if step is None:
            pytest.skip("nothing is updated")
        slot = answer = step.output
    elif asked == "loss":
        slot = answer = program.loss if program.loss is not None else program.instrs[3].output
    else:
        slot = about.leaf if asked == "gradient" else about.output
        answer = about.gradient if asked == "gradient" else slot
    index = program.producers[answer]
    at(g, index)
    element = largest(program.values[answer])
    value = float(program.values[answer][element])
    window.docks.show_code()
    look(g, slot, element)
    assert shown_in(g, value, monkeypatch)  # as long as nobody asks
    window.commands["predict"].trigger()
    window.quiz.choose_gradient(asked == "gradient")
    assert window.quiz.prediction is not None
    assert (window.quiz.prediction.slot, window.quiz.prediction.element) == (answer, element)
    for plot in ("overview", "loss", "gradients"):
        window.plots.choose(plot)
        assert shown_in(g, value, monkeypatch) == []
    for tab in ("output", "gradient", "inputs", "weights"):
        window.inspector.tensors.choose_tab(tab)
        window.inspector.tensors.view.as_table.setChecked(True)
        assert shown_in(g, value, monkeypatch) == []
    assert not window.plots.figure.isVisible()
    assert not window.plots.isEnabled()
    assert searched(g, answer) == set()
    g.window.exporter.ask_recording()
    assert "predict" in window.messages.messages[-1].text
    window.graph.overlaying.choose("gradient")
    assert shown_in(g, value, monkeypatch) == []
    if asked == "gradient":  # a step of the update is the gradient times the learning rate
        at(g, len(program) - 1)
        look(g, slot, element)
        assert shown_in(g, value, monkeypatch) == []
        assert not window.inspector.update_ledger.isVisible()
    window.quiz.reveal()
    assert window.plots.figure.isVisible()
    assert shown_in(g, value, monkeypatch)


def searched(g: Gradviz, slot: int) -> set[int]:
    """What of a slot a search for its size finds."""
    program, state, graph = g.session.program, g.session.state, g.session.graph
    assert program is not None
    assert state is not None
    assert graph is not None
    return {
        index
        for text in ("norm>=0", "grad>=0", "mean<1e30")
        for hit in Finder(parse(text), graph, program, Measures(program)).hits(state)
        for index in hit.instrs
        if program.instrs[index].output == slot
    }
