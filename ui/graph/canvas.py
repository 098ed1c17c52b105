"""The widget that draws the graph and tells what the user does with it; all numbers live in `Scene`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gradviz.ui.theme import DARK, LIGHT, Theme
from PyQt6.QtCore import QEvent, QPoint, QPointF, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QImage, QKeyEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from gradviz.app.graph.model import GraphModel
from gradviz.app.graph.overlay import Shown
from gradviz.app.i18n import tr
from gradviz.app.layout.types import Layout, Rect

from . import describe, export, keys
from .anchor import Anchor, first_look, origins
from .flow import Flow
from .glide import Glide
from .hits import Hit
from .lettering import Lettering
from .marks import Focus
from .painter import ScenePainter
from .pointing import Pointing
from .scene import Changed, Scene
from .state import NodeState
from .viewport import Viewport

FOCUS_SCALE = 0.9  # at least so close does `focus_node` go
Tip = Callable[[str], str]  # node id -> rich text


class GraphCanvas(Viewport):
    """Draws a graph; ids in its signals are the model's."""

    node_clicked = pyqtSignal(str)
    node_activated = pyqtSignal(str)  # double click, Enter, a click on + (node) or − (group): open or close
    node_hovered = pyqtSignal(str)  # "" when the pointer leaves
    edge_clicked = pyqtSignal(str)
    background_clicked = pyqtSignal()
    selection_moved = pyqtSignal(str)
    menu_wanted = pyqtSignal(str, QPoint)  # node id or "", where on the screen
    states_changed = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.scene = Scene(GraphModel((), ()), Layout({}, {}))  # before Qt asks for the bounds
        super().__init__(parent)
        self.focus = Focus()
        self.tip: Tip = lambda name: describe.plain_tip(self.scene, name)
        self._theme = theme
        self.lettering = Lettering()
        self.painter = ScenePainter(self.scene, theme, self.lettering)
        self._whole = False  # whether the user has asked for the whole graph, however small
        self.flow, self.glide = Flow(self.focus, self), Glide(self)
        for motion in (self.flow, self.glide):
            motion.moved.connect(self.update)
        self._pointing = Pointing(self)
        self.retranslate()

    # What is shown.

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._renew_painter()

    def refresh_fonts(self) -> None:
        """The text's size has changed; the cards' sizes are then to be measured and laid out anew."""
        self.lettering = Lettering()
        self._renew_painter()

    def set_reduced_motion(self, on: bool) -> None:
        """Jump instead of moving smoothly."""
        self.mover.reduced_motion = self.flow.reduced_motion = self.glide.reduced_motion = on

    def measure(self, model: GraphModel) -> dict[str, tuple[float, float]]:
        """The size that each node needs, for the layout."""
        return self.lettering.sizes(model)

    def set_graph(self, model: GraphModel, layout: Layout, keep_node: str | None = None) -> None:
        """Show another graph; `keep_node`, or else what one looked at, stays where it was on the screen."""
        before, seen, self.scene = self.scene, self.mover.goal, Scene(model, layout)
        anchor = Anchor.find(before, self.scene, seen, keep_node, self.focus.current_id)
        self.scene.set_states({n.id: before.state_of(n.id) for n in model.nodes if n.id in before.index})
        self.flow.stop()
        self.glide.stop()
        self._pointing.forget()
        self._renew_painter()
        self._refocus()
        if anchor is None:
            self._whole, self.keeps_fitting = False, True
        if anchor is None or (self.keeps_fitting and keep_node is None):
            self.refit()
        else:
            self.move_camera(anchor.held(seen), smooth=False)
        if anchor is not None and self.glide.suits(len(self.scene)):
            self.glide.start(origins(before, seen, self.scene, self.camera, keep_node), self.scene.rects)
        self.view_changed.emit()

    def set_states(self, states: Mapping[str, NodeState]) -> None:
        """Show the states of some nodes, leave those of the others."""
        changed = self.scene.set_states(states)
        if changed is Changed.STATUS:
            self.painter.edges.invalidate()
            self.mover.hurry()
        if changed:
            self._changed()

    def set_overlay(self, shown: Shown | None) -> None:
        """Colour the nodes by numbers, or no longer."""
        if self.scene.set_overlay(shown):
            self._changed()

    def set_hits(self, nodes: Iterable[str]) -> None:
        """Light what a search has found."""
        self.focus.hit_ids = frozenset(nodes)
        self.focus.find(self.scene)
        self._changed()

    def set_current(self, node_id: str | None, follow: bool = True) -> None:
        """Mark the node that has just run; with `follow` bring it into sight."""
        if self.focus.current_id != (node_id or ""):
            self.focus.current_id = node_id or ""
            self._refocus()
            self.flow.start()
        if follow and (rect := self.scene.rect(self.focus.current_id)) is not None:
            self.follow(rect, self.scene.flow_is_horizontal)

    def set_selected(self, node_id: str | None) -> None:
        """Mark the node that the user has chosen."""
        self.focus.selected_id = node_id or ""
        self._refocus()

    def set_breakpoints(self, nodes: Iterable[str]) -> None:
        """Mark the nodes that have a breakpoint."""
        self.focus.breakpoint_ids = frozenset(nodes)
        self._refocus()

    def set_lit(self, nodes: Iterable[str], followers: Iterable[str] = ()) -> None:
        """Mark nodes that belong together and those that follow from them, and the edges between them."""
        self.focus.lit_ids, self.focus.follower_ids = frozenset(nodes), frozenset(followers)
        self._refocus()

    def reveal_node(self, node_id: str) -> None:
        """Bring a node or group into sight, if it is not."""
        if (rect := self.scene.rect(node_id)) is not None:
            self.reveal(rect)

    def focus_node(self, node_id: str) -> None:
        """Look at a node or group from nearby."""
        if (rect := self.scene.rect(node_id)) is not None:
            goal = self.mover.goal
            self.move_camera(goal.fitted(rect, margin=64.0, largest=max(goal.scale, FOCUS_SCALE)))

    def focus_current(self) -> bool:
        """Look at the current node; False if there is none."""
        self.focus_node(self.focus.current_id)
        return self.focus.current is not None

    @property
    def bounds(self) -> Rect:
        """The rectangle around the graph."""
        return self.scene.bounds

    def hit(self, place: QPointF) -> Hit:
        """What lies under a pixel."""
        return self._pointing.hit(place)

    def fit(self, smooth: bool = True) -> None:
        """Show the whole graph, however small, until the user looks elsewhere."""
        self._whole = True
        super().fit(smooth)

    def refit(self) -> None:
        """Show all of a new graph, or where nothing could be read then, its current or first node."""
        goal = self.mover.goal
        self.mover.go(
            goal.fitted(self.bounds) if self._whole else first_look(goal, self.scene, self.focus.current)
        )

    # Export.

    def render_image(self, width: int, dark: bool | None = None) -> QImage:
        """The whole graph as a picture, `width` pixels wide, in this theme or in the light or dark one."""
        return export.image(self._painter_for(dark), self.focus, width)

    def render_svg(self, path: Path | str, dark: bool | None = None) -> None:
        """Write the whole graph as SVG; OSError if that fails."""
        export.svg(self._painter_for(dark), self.focus, Path(path))

    def _painter_for(self, dark: bool | None) -> ScenePainter:
        theme = self._theme if dark is None else DARK if dark else LIGHT
        return ScenePainter(self.scene, theme, self.lettering)

    # In words.

    def retranslate(self) -> None:
        """Take over another language."""
        self.setAccessibleDescription(
            tr("Alt with an arrow key follows the arrows, Enter opens and closes, F shows the current node.")
        )
        self._describe()

    def _describe(self) -> None:
        """Tell a screen reader what is selected, or else current."""
        self.setAccessibleName(describe.canvas(self.scene, self.focus.selected, self.focus.current))

    # Events.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        ratio, hurried = self.devicePixelRatioF(), self.mover.hurried
        self.painter.paint(painter, self.camera, self.focus, ratio, hurried, self.glide.now)
        if self.hasFocus():
            self.painter.paint_keyboard_focus(painter, self.camera)
        painter.end()
        if self.painter.unfinished:
            self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and not keys.press(self, event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is not None:
            self._pointing.ask_menu(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self.update()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._pointing.show_tip(event)
            return True
        return super().event(event)

    def _changed(self) -> None:
        self.update()
        self._describe()
        self.states_changed.emit()

    def _renew_painter(self) -> None:
        self.painter = ScenePainter(self.scene, self._theme, self.lettering)
        self.update()

    def _refocus(self) -> None:
        self.focus.find(self.scene)
        self._describe()
        self.update()
