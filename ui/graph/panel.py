"""The graph's panel: canvas or list, tools, legend, overview; bound to the session."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from gradviz.app.graph.model import GraphModel
from gradviz.app.i18n import language_changed, tr
from gradviz.app.layout.types import Layout
from gradviz.app.session import Session

from ..listening import listen
from ..theme import Theme, ThemeManager
from .anchor import folded
from .canvas import GraphCanvas
from .corners import Corners
from .empty import EmptyGraph
from .feed import Feed
from .finding import Finding
from .measuring import Measuring
from .menu import node_menu
from .noticing import Noticing
from .outline import OutlineModel
from .outline_view import OutlineView
from .overlaying import Overlaying
from .placing import Layouts, Placing
from .state import NodeState
from .tips import tip_of
from .tools import ToolStrip

COPY_SCALE = 2.0  # of a copied picture
LARGEST_COPY = 4096.0  # pixels


class GraphPanel(QWidget):
    """Shows the session's graph and sends what the user does with it to the session."""

    record_wanted = pyqtSignal()

    def __init__(
        self, session: Session, themes: ThemeManager, layouts: Layouts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.canvas = GraphCanvas(themes.theme)
        self.canvas.tip = lambda node: tip_of(session, node, self.canvas.scene)
        self.noticing = Noticing(self.canvas)
        self.tools = ToolStrip()
        self.corners = Corners(self.canvas, themes.theme)
        self.outline = OutlineModel()
        self.list = OutlineView(self.outline)
        self.empty = EmptyGraph()
        self.placing = Placing(layouts, self)
        self.feed = Feed(session, self)
        measuring = Measuring(session)
        self.overlaying = Overlaying(session, self.tools.overlay, measuring, self)
        self.finding = Finding(session, self.tools.search, measuring, self)
        self._stepped = False  # whether the cursor has moved since a layout was asked for
        self._moment = -1
        self._toggled = ""  # the node or group that the user has just opened or closed
        self.stack = QStackedWidget()
        for page in (self.empty, self.canvas, self.list):
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.canvas)
        self.setTabOrder(self.canvas, self.tools)
        self._find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        self._find.activated.connect(self.tools.search.start)
        self._listen(session, themes)
        self.recolour(themes.theme)
        self.retranslate()
        self.apply_settings()
        self.tools.buttons["follow"].setChecked(True)
        self._graph_changed()

    def _listen(self, session: Session, themes: ThemeManager) -> None:
        canvas, tools = self.canvas, self.tools
        for chosen in (canvas.node_clicked, canvas.selection_moved, self.list.node_selected):
            chosen.connect(session.select_node)
        canvas.node_activated.connect(self.toggle)
        canvas.edge_clicked.connect(self._edge_clicked)
        canvas.background_clicked.connect(lambda: session.select_node(None))
        canvas.menu_wanted.connect(self._show_menu)
        canvas.view_changed.connect(self._show_scale)
        self.list.node_opened.connect(self.toggle)
        self.empty.record_wanted.connect(self.record_wanted)
        tools.pressed.connect(self._tool_pressed)
        tools.toggled.connect(self._tool_toggled)
        self.overlaying.shown.connect(canvas.set_overlay)
        self.overlaying.shown.connect(self.corners.show_overlay)
        self.finding.found.connect(self._found)
        self.finding.lit.connect(canvas.set_hits)
        tools.search.left.connect(lambda: self.stack.currentWidget().setFocus())
        self.feed.told.connect(self._tell)
        self.placing.placed.connect(self._placed)
        self.placing.troubled.connect(self.corners.show_trouble)
        self.placing.waiting.connect(self.corners.show_waiting)
        listen(self, session.folded_first, self.corners.show_folded_first)
        listen(self, session.graph_changed, self._graph_changed)
        listen(self, session.moment_changed, self._moment_changed)
        listen(self, session.selection_changed, self._selection_changed)
        listen(self, session.breakpoints_changed, self._breakpoints_changed)
        listen(self, session.veil.changed, self._graph_changed)
        themes.changed.connect(self.recolour)
        listen(self, language_changed, self.retranslate)

    # Commands.

    def toggle(self, name: str) -> None:
        """Open or close a module; what was clicked on stays where it is."""
        self._toggled = name
        self._session.toggle_module(name)
        self._toggled = ""

    def focus_current(self) -> None:
        """Look at the operation that has just run."""
        self.canvas.focus_current()

    def copy_image(self) -> None:
        """Put a picture of the graph on the clipboard."""
        clipboard = QApplication.clipboard()
        if clipboard is not None and self._session.graph is not None:
            bounds = self.canvas.bounds
            scale = min(COPY_SCALE, LARGEST_COPY / max(bounds.width, bounds.height, 1.0))
            clipboard.setImage(self.canvas.render_image(max(round(bounds.width * scale), 1)))

    def apply_settings(self) -> None:
        """Take over the settings of motion and text size."""
        self.canvas.set_reduced_motion(self._session.settings.reduced_motion)

    def refresh_fonts(self) -> None:
        """The text's size has changed: measure and lay out anew."""
        self.canvas.refresh_fonts()
        self.corners.refresh_fonts()
        self._request()

    # From the session.

    def _graph_changed(self) -> None:
        graph, shown = self._session.graph, self.canvas.scene.model
        self.tools.setEnabled(graph is not None)
        self._show_page()
        if graph is None:
            self.feed.stop()
            self.placing.forget()
            return
        if (self.placing.pending or shown).key == graph.key and shown.nodes:
            if self.placing.pending is None:
                self._show_states(anew=True)
            return
        self._request()

    def _request(self) -> None:
        graph = self._session.graph
        self._stepped = False
        if graph is not None:
            looked_at = (self.canvas.focus.selected_id, self.canvas.focus.current_id)
            keep = self._toggled or folded(self.canvas.scene.model, graph, looked_at)
            self.placing.request(graph, self.canvas.measure(graph), keep)

    def _placed(self, model: GraphModel, layout: Layout, keep: str) -> None:
        self.canvas.set_graph(model, layout, keep or None)
        self.noticing.renew()
        self.corners.show_graph(model, layout)
        self.outline.set_graph(model)
        self.overlaying.set_graph(model)
        self.finding.set_graph(model)
        self._breakpoints_changed()
        self._show_states(anew=True, follow=self._stepped)
        self._selection_changed()

    def _moment_changed(self, moment: int) -> None:
        moved, self._moment = moment != self._moment, moment  # else only values have changed
        self._stepped |= moved
        self._show_states(follow=moved)

    def _show_states(self, anew: bool = False, follow: bool = False) -> None:
        """Bring the cards up to date with the cursor, unless the layout of their graph is on its way."""
        graph, shown = self._session.graph, self.canvas.scene.model
        if graph is None or not shown.nodes or shown.key != graph.key:
            return
        current = self.feed.show(shown, anew)
        self.overlaying.refresh()
        self.finding.refresh()
        self.canvas.set_current(current, follow and self.tools.buttons["follow"].isChecked())

    def _tell(self, states: dict[str, NodeState]) -> None:
        self.canvas.set_states(states)
        self.outline.set_states(states)

    def _selection_changed(self) -> None:
        selected = self._session.selection.node_id
        self.canvas.set_selected(selected)
        self.list.show_selected(selected or "")

    def _breakpoints_changed(self) -> None:
        self.canvas.set_breakpoints(self._session.breakpoint_nodes)

    # From the widgets.

    def _edge_clicked(self, name: str) -> None:
        edge = self.canvas.scene.model.edges[self.canvas.scene.edge_index[name]]
        self._session.select_slot(edge.slot)

    def _found(self, name: str) -> None:
        self._session.select_node(name)
        self.canvas.focus_node(name)

    def _show_menu(self, name: str, place: QPoint) -> None:
        menu = node_menu(self._session, self, name)
        menu.popup(place)

    def _tool_pressed(self, name: str) -> None:
        {
            "fit": self.canvas.fit,
            "zoom_in": self.canvas.zoom_in,
            "zoom_out": self.canvas.zoom_out,
            "open_all": self._session.open_all,
            "close_all": self._session.close_all,
        }[name]()

    def _show_scale(self) -> None:
        self.tools.show_scale(self.canvas.camera.scale if self._session.graph is not None else None)

    def _tool_toggled(self, name: str, on: bool) -> None:
        if name == "outline":
            self._show_page()
        elif on:
            self.canvas.reveal_node(self.canvas.focus.current_id)

    def _show_page(self) -> None:
        listed = self.tools.buttons["outline"].isChecked()
        page = self.empty if self._session.graph is None else self.list if listed else self.canvas
        self.stack.setCurrentWidget(page)

    # Looks.

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        self.canvas.set_theme(theme)
        for part in (self.tools, self.corners, self.empty):
            part.recolour(theme)

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Graph"))
        for part in (self.canvas, self.tools, self.corners, self.empty, self.list):
            part.retranslate()
        self.feed.retell()
        self._show_states()
