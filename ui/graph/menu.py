"""The menu of a node, and of the canvas itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QMenu

from gradviz.app.graph.model import GraphNode
from gradviz.app.i18n import tr
from gradviz.app.session import Session

if TYPE_CHECKING:
    from .panel import GraphPanel


def node_menu(session: Session, panel: GraphPanel, name: str) -> QMenu:
    """What can be done with a node; with "", with the whole graph."""
    menu = QMenu(panel)
    menu.aboutToHide.connect(menu.deleteLater)
    node = session.graph.by_id.get(name) if session.graph is not None else None
    if node is not None:
        session.select_node(name)
        _add_node_actions(menu, session, panel, node)
        menu.addSeparator()
    for text, do in (
        (tr("Show the whole graph"), panel.canvas.fit),
        (tr("Open all modules"), session.open_all),
        (tr("Close all modules"), session.close_all),
        (tr("Copy as picture"), panel.copy_image),
    ):
        menu.addAction(text, do)
    return menu


def _add_node_actions(menu: QMenu, session: Session, panel: GraphPanel, node: GraphNode) -> None:
    if node.kind == "module":
        menu.addAction(tr("Open {module}").format(module=node.title), lambda: panel.toggle(node.id))
    elif session.graph is not None and node.id in session.graph.membership:
        menu.addAction(tr("Close the module around it"), lambda: panel.toggle(node.id))
    menu.addAction(tr("Look at it closely"), lambda: panel.canvas.focus_node(node.id))
    if not node.instrs:
        return
    has_one = node.id in session.breakpoint_nodes
    text = tr("Clear its breakpoint") if has_one else tr("Set a breakpoint")
    menu.addAction(text, lambda: session.toggle_breakpoint(node.id))
    menu.addAction(tr("Go to the moment when it has run"), lambda: _go_to(session, node))


def _go_to(session: Session, node: GraphNode) -> None:
    """Move the cursor within the iteration that is shown."""
    timeline = session.timeline
    if timeline is not None:
        iteration, _ = timeline.locate()
        timeline.go(timeline.start_of(iteration) + node.instrs[-1] + 1)
