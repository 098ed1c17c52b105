"""Going back in training: asking for the number of an iteration."""

from __future__ import annotations

from PyQt6.QtWidgets import QInputDialog, QWidget

from gradviz.app.i18n import tr

from .lab import Lab


def ask_iteration(parent: QWidget, lab: Lab) -> QInputDialog | None:
    """Ask which iteration to show, beside the window's other work; None if there is none."""
    past = lab.past
    if not past:
        return None
    first, last = past[0], past[-1]
    dialog = QInputDialog(parent)
    dialog.setObjectName("go-to-iteration")
    dialog.setWindowTitle(tr("Go to iteration"))
    dialog.setLabelText(tr("Iteration, from {first} to {last}:").format(first=first, last=last))
    dialog.setInputMode(QInputDialog.InputMode.IntInput)
    dialog.setIntRange(first, last)
    dialog.setIntValue(last)
    dialog.intValueSelected.connect(lab.go_to)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
