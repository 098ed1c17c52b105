"""A scalar graph on the clipboard: as text, or as a picture of shapes."""

from __future__ import annotations

from PyQt6.QtCore import QBuffer, QIODevice, QMimeData
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtSvg import QSvgGenerator

from gradviz.app.i18n import tr
from gradviz.app.inside.scope_texts import as_text

from .scope_view import ScopeView


def copy_text(view: ScopeView) -> None:
    """Put the graph on the clipboard as indented text."""
    clipboard = QGuiApplication.clipboard()
    if view.graph is not None and clipboard is not None:
        clipboard.setText(as_text(view.graph))


def svg(view: ScopeView) -> bytes:
    """The whole graph as SVG; its description is the text."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setTitle(tr("Element microscope"))
    if view.graph is not None:
        generator.setDescription(as_text(view.graph))
    view.write_svg(generator)
    return bytes(buffer.data().data())


def copy_svg(view: ScopeView) -> None:
    """Put the graph on the clipboard as an SVG picture, for programs that take one, and as its source."""
    clipboard = QGuiApplication.clipboard()
    if view.graph is not None and clipboard is not None:
        data, source = QMimeData(), svg(view)
        data.setData("image/svg+xml", source)
        data.setText(source.decode("utf-8"))
        clipboard.setMimeData(data)
