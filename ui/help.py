"""Two windows beside the main one: all keys, and what gradviz is made of."""

from __future__ import annotations

from html import escape
from importlib.metadata import PackageNotFoundError, version

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

import gradviz
from gradviz.app.i18n import tr

from .action_table import COMMANDS, words

PARTS = {
    "numpy": "BSD-3-Clause",
    "numba": "BSD-2-Clause",
    "PyQt6": "GPL-3.0",
    "Qt": "LGPL-3.0",
    "PyQt6-QScintilla": "GPL-3.0",
    "matplotlib": "PSF",
    "graphviz": "MIT",
    "pygraphviz": "BSD-3-Clause",
    "Graphviz": "EPL-2.0",
    "platformdirs": "MIT",
    "psygnal": "BSD-3-Clause",
}


def show_shortcuts(parent: QWidget) -> QDialog:
    """Open the list of keys."""
    return _show(parent, "shortcuts-window", tr("Keyboard shortcuts"), shortcuts_html())


def show_about(parent: QWidget) -> QDialog:
    """Open what there is to know about the program."""
    return _show(parent, "about-window", tr("About gradviz"), about_html())


def shortcuts_html() -> str:
    """A table of all commands that have a key, and of the graph's own keys."""
    named = words()
    rows = [
        (", ".join(_native(key) for key in command.keys), named[name][0], named[name][1])
        for name, command in COMMANDS.items()
        if command.keys
    ]
    rows += [
        (_native("Alt+Right"), tr("Along an edge"), tr("Move the selection in the graph")),
        (_native("Ctrl+F"), tr("Find a node"), tr("Show nodes of the graph by name, op, shape or condition")),
        ("+ −", tr("Zoom"), tr("Zoom the graph in and out")),
        ("Tab", tr("Next control"), tr("Move the focus on")),
    ]
    cell = "<td style='padding:3px 16px 3px 0'>"
    lines = [
        f"<tr>{cell}<b>{escape(keys)}</b></td>{cell}{escape(name)}</td>{cell}{escape(tip)}</td></tr>"
        for keys, name, tip in rows
    ]
    title = tr("Keyboard shortcuts")
    return f"<h2>{title}</h2><table cellspacing='0'>{''.join(lines)}</table>"


def about_html() -> str:
    """Version, licence and the licences of the parts."""
    parts = "".join(
        f"<tr><td style='padding-right:24px'>{name} {_version(name)}</td><td>{terms}</td></tr>"
        for name, terms in PARTS.items()
    )
    purpose = tr("Watch PyTorch-style code compute: forward, backward and update, one operation at a time.")
    fonts = tr("Fonts: Inter, JetBrains Mono and Noto, under the SIL Open Font License 1.1.")
    digits = tr(
        "Digits: “Optical Recognition of Handwritten Digits” by E. Alpaydin and C. Kaynak, "
        "UCI Machine Learning Repository, CC BY 4.0."
    )
    # Not within the f-strings: what collects the texts looks into those only from Python 3.12 on.
    licence = tr("Licence: GNU General Public License, version 3 or later.")
    made_with = tr("Made with")
    return "".join(
        (
            f"<h2>gradviz {gradviz.__version__}</h2>",
            f"<p>{purpose}</p>",
            f"<p>{licence}</p>",
            f"<p>{fonts}<br>{digits}</p>",
            f"<h3>{made_with}</h3><table>{parts}</table>",
        )
    )


def _show(parent: QWidget, name: str, title: str, html: str) -> QDialog:
    for old in parent.findChildren(QDialog, name):
        old.close()
    dialog = QDialog(parent, Qt.WindowType.Dialog)
    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    text = QTextBrowser(openExternalLinks=True)
    text.setHtml(html)
    text.setAccessibleName(title)
    text.setToolTip(title)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    column = QVBoxLayout(dialog)
    column.addWidget(text)
    column.addWidget(buttons)
    dialog.resize(720, 560)
    dialog.show()
    return dialog


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
