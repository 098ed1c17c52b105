"""A tensor as a file or as text for the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PyQt6.QtWidgets import QFileDialog, QWidget

from gradviz.app.i18n import tr

FORMATS = {"csv": ".csv", "npy": ".npy"}


def as_lines(array: np.ndarray, separator: str) -> str:
    """Rows of numbers with all their digits; slices of more dimensions have headings, `# [0, 3]`."""
    if array.ndim < 2:
        return "\n".join(str(value.item()) for value in array.reshape(-1))
    parts = []
    for leading in np.ndindex(array.shape[:-2]):
        if leading:
            parts.append(f"# [{', '.join(map(str, leading))}]")
        parts += [separator.join(str(value) for value in row.tolist()) for row in array[leading]]
    return "\n".join(parts)


def save(array: np.ndarray, path: Path) -> None:
    """Write an array in NumPy's format or as CSV, as the ending says; OSError if it fails."""
    if path.suffix.lower() == ".npy":
        np.save(path, array, allow_pickle=False)
    else:
        path.write_text(as_lines(array, ",") + "\n", encoding="utf-8")


def ask_and_save(
    parent: QWidget, array: np.ndarray, name: str, kind: str, told: Callable[[str, str], None]
) -> QFileDialog:
    """Ask for a file name without blocking, save, and tell the outcome as (text, level)."""
    dialog = QFileDialog(parent, tr("Save the tensor"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    title = tr("NumPy array") if kind == "npy" else tr("Comma-separated values")
    dialog.setNameFilter(f"{title} (*{FORMATS[kind]})")
    dialog.setDefaultSuffix(FORMATS[kind].lstrip("."))
    dialog.selectFile("".join(c if c.isalnum() or c in "._-" else "_" for c in name) + FORMATS[kind])

    def accept(chosen: str) -> None:
        try:
            save(array, Path(chosen))
        except OSError as error:
            told(
                tr("Cannot write {path}: {reason}").format(path=chosen, reason=error.strerror or error),
                "error",
            )
        else:
            told(tr("Saved as {path}").format(path=chosen), "info")

    dialog.fileSelected.connect(accept)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
