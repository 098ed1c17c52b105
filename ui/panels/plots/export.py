"""Plots as files and on the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget

from gradviz.app.i18n import tr

PICTURES = ("png", "svg", "pdf")


def ask(
    parent: QWidget,
    suggestion: str,
    endings: tuple[str, ...],
    write: Callable[[Path], None],
    told: Callable[[str, str], None],
) -> QFileDialog:
    """Ask for a file name without blocking, write, and tell the outcome as (text, level)."""
    dialog = QFileDialog(parent, tr("Save the plot"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([f"{ending.upper()} (*.{ending})" for ending in endings])
    dialog.setDefaultSuffix(endings[0])
    dialog.filterSelected.connect(
        lambda chosen: dialog.setDefaultSuffix(chosen.rpartition("*.")[2].rstrip(")"))
    )
    dialog.selectFile(suggestion)

    def accept(chosen: str) -> None:
        try:
            write(Path(chosen))
        except (OSError, ValueError) as error:
            told(tr("Cannot write {path}: {reason}").format(path=chosen, reason=error), "error")
        else:
            told(tr("Saved as {path}").format(path=chosen), "info")

    dialog.fileSelected.connect(accept)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
