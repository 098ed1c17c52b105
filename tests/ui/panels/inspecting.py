"""What the tests of the inspector share."""

from gradviz.engine.program import Program
from gradviz.ui.panels.inspector.panel import InspectorPanel
from gradviz.ui.theme import ThemeManager
from pytestqt.qtbot import QtBot

from gradviz.app.session import Session


def shown(qtbot: QtBot, session: Session, width: int = 360) -> InspectorPanel:
    """A visible inspector of its own."""
    panel = InspectorPanel(session, ThemeManager("light"))
    qtbot.addWidget(panel)
    panel.resize(width, 900)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def program(session: Session) -> Program:
    """The session's program, which there must be."""
    assert session.program is not None
    return session.program


def go(session: Session, panel: InspectorPanel, moment: int) -> None:
    """Move the cursor and have the panel follow at once."""
    assert session.timeline is not None
    session.timeline.go(moment)
    panel.refresh()


def find(session: Session, op: str, module: str = "") -> int:
    """The first instruction of an op, in a module if one is named."""
    return next(
        i for i, x in enumerate(program(session).instrs) if x.op == op and module in ("", x.site.module)
    )
