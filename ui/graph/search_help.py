"""What can be looked for in the graph, as a tooltip and as a menu of examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from html import escape

from PyQt6.QtWidgets import QMenu, QWidget

from gradviz.app.graph.query import PHASES
from gradviz.app.i18n import tr
from gradviz.app.narration import phase_title

MOST = 24  # ops or modules in a menu


def _examples() -> list[tuple[str, str]]:
    return [
        ("relu", tr("name, op or module")),
        ("1x6x28x28", tr("shape")),
        ("*x10", tr("any size, then 10")),
        ("...x5x5", tr("shapes that end with 5×5")),
        ("norm>1", tr("norm of the value; also mean and max of |x|")),
        ("grad>0.1", tr("norm of its gradient")),
        ("nan", tr("has NaN")),
        ("inf", tr("has infinities")),
        ("zero-grad", tr("its gradient is zero")),
    ]


def help_tip() -> str:
    """The tooltip in rich text."""
    fields = [
        ("op:conv2d", tr("op")),
        ("module:fc1", tr("module")),
        ("phase:backward", tr("phase")),
    ]
    rows = "".join(
        f"<tr><td><code>{escape(term)}</code></td><td style='padding-left:10px'>{escape(text)}</td></tr>"
        for term, text in (*_examples(), *fields)
    )
    head = escape(tr("Find nodes (Ctrl+F); several terms have to hold together"))
    keys = escape(tr("Enter: next, Shift+Enter: previous, Ctrl+Enter: open the module"))
    return f"<p>{head}</p><table>{rows}</table><p>{keys}</p>"


def fill_help(
    parent: QWidget, ops: Iterable[str], modules: Iterable[str], choose: Callable[[str], object]
) -> QMenu:
    """The menu; `choose` gets the term."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    for term, text in _examples()[1:]:
        _add(menu, f"{term}   {text}", term, choose)
    menu.addSeparator()
    phases = [(f"phase:{name}", phase_title(phase)) for name, phase in PHASES.items()]
    groups = (
        (tr("Phase"), phases),
        (tr("Op"), [(f"op:{name}", name) for name in ops]),
        (tr("Module"), [(f"module:{name}", name) for name in modules]),
    )
    for title, terms in groups:
        submenu = menu.addMenu(title)
        assert submenu is not None
        submenu.setEnabled(bool(terms))
        for term, text in terms[:MOST]:
            _add(submenu, text, term, choose)
    return menu


def _add(menu: QMenu, text: str, term: str, choose: Callable[[str], object]) -> None:
    action = menu.addAction(text)
    assert action is not None
    action.triggered.connect(partial(_call, choose, term))


def _call(choose: Callable[[str], object], term: str, checked: bool = False) -> None:
    choose(term)
