"""What pointing at the canvas and clicking on it mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QHelpEvent
from PyQt6.QtWidgets import QToolTip

from gradviz.app.layout.types import Rect

from .cards import ALL_TEXT_FROM, fold_rect
from .hits import NOTHING, Hit, hit_test

if TYPE_CHECKING:
    from .canvas import GraphCanvas

EDGE_REACH = 6.0  # pixels
EDGES_FROM = 0.25  # scale from which single edges can be pointed at


class Pointing(QObject):
    """Finds what is under the pointer and makes the canvas's signals of clicks on it."""

    def __init__(self, canvas: GraphCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._under = NOTHING
        canvas.gestures.clicked.connect(self._clicked)
        canvas.gestures.double_clicked.connect(self._double_clicked)
        canvas.gestures.hovered.connect(self._hovered)

    def hit(self, place: QPointF) -> Hit:
        """What lies under a pixel."""
        canvas, camera = self._canvas, self._canvas.camera
        frames = canvas.painter.frames
        reach = EDGE_REACH / camera.scale if camera.scale >= EDGES_FROM else 0.0
        return hit_test(
            canvas.scene,
            *camera.world(place.x(), place.y()),
            reach,
            fold=self._fold,
            title=lambda number: frames.world_title(number, camera),
            title_fold=lambda number: frames.world_fold(number, camera),
        )

    def _fold(self, number: int) -> Rect:
        if self._canvas.camera.scale < ALL_TEXT_FROM:
            return Rect(0.0, 0.0, -1.0, -1.0)  # nowhere: it is not drawn
        scene = self._canvas.scene
        rect = Rect(*scene.rects[number].tolist())
        return fold_rect(scene.model.nodes[number], rect, self._canvas.lettering)

    def forget(self) -> None:
        """Another graph is shown: nothing is pointed at until the pointer moves."""
        self._under = NOTHING
        self._canvas.focus.point_at_nothing()

    def ask_menu(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what lies under the pointer; by keyboard, of the selected node."""
        canvas = self._canvas
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            canvas.menu_wanted.emit(self.hit(QPointF(event.pos())).node, event.globalPos())
            return
        name = canvas.focus.selected_id if canvas.focus.selected is not None else ""
        rect = canvas.scene.rect(name)
        place = canvas.camera.screen(rect.x, rect.y + rect.height) if rect is not None else (16.0, 16.0)
        canvas.menu_wanted.emit(name, canvas.mapToGlobal(QPointF(*place)).toPoint())

    def show_tip(self, event: QHelpEvent) -> None:
        """Show what is known of the node under the pointer."""
        node = self.hit(QPointF(event.pos())).node
        QToolTip.showText(event.globalPos(), self._canvas.tip(node) if node else "", self._canvas)

    def _clicked(self, hit: Hit) -> None:
        canvas = self._canvas
        match hit.part:
            case "node":
                canvas.node_clicked.emit(hit.id)
            case "fold" | "group_fold":
                canvas.node_activated.emit(hit.id)
            case "edge":
                canvas.edge_clicked.emit(hit.id)
            case "nothing":
                canvas.background_clicked.emit()

    def _double_clicked(self, hit: Hit) -> None:
        canvas = self._canvas
        if hit.part == "node" and canvas.scene.model.nodes[canvas.scene.index[hit.id]].kind != "module":
            canvas.focus_node(hit.id)  # there is nothing to open
        elif hit.part in ("node", "group"):
            canvas.node_activated.emit(hit.id)
        else:  # the second of two quick clicks on a + or an edge is a click like the first
            self._clicked(hit)

    def _hovered(self, hit: Hit) -> None:
        if hit == self._under:
            return
        before, self._under = self._under, hit
        canvas, scene = self._canvas, self._canvas.scene
        canvas.focus.hovered = scene.index.get(hit.node)
        canvas.focus.hovered_edge = scene.edge_index.get(hit.id) if hit.part == "edge" else None
        canvas.focus.hovered_group = scene.group_index.get(hit.id)
        if hit.part in ("fold", "group_fold"):
            canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            canvas.unsetCursor()
        canvas.update()
        if hit.node != before.node:
            canvas.node_hovered.emit(hit.node)
