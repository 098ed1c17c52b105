"""Folded repeats in the panel: which one runs, opening them, switching them off, and an RNN over time."""

from __future__ import annotations

from gradviz.engine.program import Program

import gradviz
from gradviz import nn

from .conftest import MakePanel


def rnn() -> Program:
    """Six steps of an RNN, forward and backward."""
    gradviz.manual_seed(0)
    net, x = nn.RNN(3, 4), gradviz.randn(6, 1, 3)
    with gradviz.record() as recorder:
        net(x)[0].sum().backward()
    return recorder.program()


def test_stepping_through_folded_repeats_tells_which_one_is_current(make_panel: MakePanel) -> None:
    panel = make_panel(program=rnn())
    scene, timeline = panel.canvas.scene, panel._session.timeline
    assert timeline is not None
    box = next(node for node in scene.model.nodes if node.count)
    assert (box.title, box.count) == ("t0…t5 ×6", 6)
    for instr, part in zip(box.instrs[:-1], box.parts, strict=False):
        timeline.go(instr + 1)
        assert scene.state_of(box.id).status == "current"
        assert scene.state_of(box.id).value_text == f"{part + 1} of 6"
        assert f"{part + 1} of 6" in panel.canvas.accessibleName()
    timeline.go(box.instrs[-1] + 2)
    assert scene.state_of(box.id).value_text.startswith("mean")


def test_repeats_open_in_place_and_can_be_left_unfolded(make_panel: MakePanel) -> None:
    panel = make_panel(program=rnn())
    made = panel._session
    box = next(node for node in panel.canvas.scene.model.nodes if node.count)
    panel.toggle(box.id)
    titles = [node.title for node in panel.canvas.scene.model.nodes if node.phase.value == "forward"]
    assert [title for title in titles if title.startswith(("t", "…")) and title != "tensor"] == [
        "t0",
        "… 4 more",
        "t5",
    ]
    made.undo()
    assert box.id in panel.canvas.scene.index
    made.fold_repeats(0)
    assert not [node for node in panel.canvas.scene.model.nodes if node.count]
    assert {f"m:t{n}:forward" for n in range(6)} <= set(panel.canvas.scene.index)
    assert made.settings.repeats_from == 0
    made.fold_repeats(3)
    assert box.id in panel.canvas.scene.index
    panel._session.open_module("t3")
    assert any(node.module == "t3" for node in panel.canvas.scene.model.nodes)
