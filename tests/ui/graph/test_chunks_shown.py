"""A script's long loop in the panel: folded first, said so, and opened by boxes and by the search."""

from __future__ import annotations

from tests.gradviz.graph.test_chunks import chain

from .conftest import MakePanel


def test_a_long_loop_opens_box_by_box(make_panel: MakePanel) -> None:
    panel = make_panel(program=chain(2000))
    assert len(panel.canvas.scene) < 10
    shown = []
    for _ in range(3):
        node = next((n for n in panel.canvas.scene.model.nodes if n.kind == "module"), None)
        assert node is not None
        panel.toggle(node.id)
        shown.append(len(panel.canvas.scene))
        if "i0" in panel.canvas.scene.index:
            break
    assert "i0" in panel.canvas.scene.index
    assert max(shown) < 400
    panel.toggle("i0")
    assert "i0" not in panel.canvas.scene.index


def test_the_search_opens_all_that_hides_a_match(make_panel: MakePanel) -> None:
    program = chain(2000)
    panel = make_panel(program=program)
    late = next(number for number, instr in enumerate(program.instrs) if instr.op == "mul" and number > 2500)
    field = panel.tools.search
    field.edit.setText("op:mul")
    field.typed.emit("op:mul")
    panel.finding.go(1)
    node = panel.finding.hits[panel.finding.place].node
    assert not node.startswith("i")
    panel.finding.open()
    hit = panel.finding.hits[panel.finding.place]
    assert panel.canvas.scene.model.by_id[panel._session.selection.node_id or ""].kind == "op"
    assert hit.instrs
    panel._session.open_to(late)
    assert f"i{late}" in panel.canvas.scene.index
    assert panel.canvas.focus.selected_id == f"i{late}"
