"""A node in words: for screen readers, for tooltips."""

from __future__ import annotations

from html import escape

from gradviz.app.graph.model import GraphNode
from gradviz.app.i18n import tr
from gradviz.app.narration import phase_title

from .scene import Scene
from .state import NodeState


def status_title(state: NodeState) -> str:
    """The name of a status in the interface's language."""
    return {"pending": tr("not yet run"), "done": tr("done"), "current": tr("has just run")}[state.status]


def kind_title(node: GraphNode) -> str:
    """The name of a node's kind."""
    return {
        "op": tr("op"),
        "module": tr("closed module"),
        "input": tr("input"),
        "parameter": tr("parameter"),
        "buffer": tr("buffer"),
        "gradient": tr("gradient"),
        "constant": tr("constant"),
    }[node.kind]


def spoken(node: GraphNode, state: NodeState) -> str:
    """One line for a screen reader: "conv1, closed module, forward, output 1×6×28×28, mean 0.12, done"."""
    shape = node.subtitle if state.shape is None else state.shape
    words = {
        "node": node.title,
        "kind": kind_title(node),
        "phase": phase_title(node.phase),
        "shape": shape,
        "value": state.value_text,
        "status": status_title(state),
    }
    if not node.instrs:
        return tr("{node}, {kind} {shape}, {value}").format(**words).strip(", ")
    if not node.subtitle:
        template = tr("{node}, {kind}, {phase}, {value}, {status}")
    elif state.value_text:
        template = tr("{node}, {kind}, {phase}, output {shape}, {value}, {status}")
    else:
        template = tr("{node}, {kind}, {phase}, output {shape}, {status}")
    return template.format(**words)


def tip(node: GraphNode, state: NodeState, ops: str = "", source: str = "", note: str = "") -> str:
    """The tooltip in rich text: title, kind, phase, ops, shape, value, the user's line; names are escaped."""
    rows = [f"<b>{escape(node.title)}</b> · {escape(kind_title(node))} · {escape(phase_title(node.phase))}"]
    if ops:
        rows.append(escape(ops))
    if node.subtitle:
        shape = node.subtitle if state.shape is None else state.shape
        rows.append(f"<code>{escape(shape)}</code>")
    if state.value_text:
        rows.append(f"<code>{escape(state.value_text)}</code>")
    if note:
        rows.append(escape(note))
    if node.instrs:
        rows.append(escape(status_title(state)))
    if source:
        rows.append(f"<i>{escape(source)}</i>")
    return f'<p style="white-space:pre">{"<br>".join(rows)}</p>'


def plain_tip(scene: Scene, name: str) -> str:
    """The tooltip of a node, from what the canvas alone knows."""
    return tip(scene.model.by_id[name], scene.state_of(name), note=scene.note(name))


def canvas(scene: Scene, selected: int | None, current: int | None) -> str:
    """What the canvas is called while a node is selected, or else current."""
    number = selected if selected is not None else current
    if number is None:
        return tr("Graph")
    node = scene.model.nodes[number]
    text = spoken(node, scene.state(number))
    if note := scene.note(node.id):
        text = f"{text}, {note}"
    return tr("Graph: {node}").format(node=text)
