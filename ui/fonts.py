"""The bundled fonts: the window looks the same on a bare system."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontDatabase
from PyQt6.QtWidgets import QApplication, QWidget

BASE_POINTS = 10.0
_FALLBACKS = ["Noto Sans CJK SC", "Noto Sans Math", "Noto Sans Symbols2", "Noto Sans"]
UI_FAMILIES = ["Inter", *_FALLBACKS]
MONO_FAMILIES = ["JetBrains Mono", *_FALLBACKS]


def load_fonts() -> list[str]:
    """Make the fonts of assets/fonts known to Qt and return their families, without those that Qt refuses."""
    families: list[str] = []
    folder = files("gradviz.assets") / "fonts"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith((".ttf", ".otf")):
            number = QFontDatabase.addApplicationFontFromData(file.read_bytes())
            families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return list(dict.fromkeys(families))


def install_fonts(app: QApplication, scale: float = 1.0) -> None:
    """Load the fonts and make Inter, at `scale` times its usual size, the font of the application."""
    load_fonts()
    set_text_scale(app, scale)


def set_text_scale(app: QApplication, scale: float) -> None:
    """Show all text at `scale` times its usual size."""
    app.setFont(_font(UI_FAMILIES, BASE_POINTS * scale, QFont.Weight.Normal))


def text_scale() -> float:
    """How much larger than usual text is shown."""
    points = QApplication.font().pointSizeF()
    return points / BASE_POINTS if points > 0 and QApplication.font().families()[:1] == ["Inter"] else 1.0


def own_sizes() -> dict[QWidget, float]:
    """The widgets with a font of their own, which does not follow the application's, and its points."""
    own = Qt.WidgetAttribute.WA_SetFont
    return {w: w.font().pointSizeF() for w in QApplication.allWidgets() if w.testAttribute(own)}


def scale_own(sizes: Mapping[QWidget, float], ratio: float) -> None:
    """Make those fonts larger by `ratio` that nobody has changed since `own_sizes`."""
    for widget, points in sizes.items():
        font = widget.font()
        if points > 0 and font.pointSizeF() == points:
            font.setPointSizeF(points * ratio)
            widget.setFont(font)


def ui_font(
    points: float = BASE_POINTS, weight: QFont.Weight = QFont.Weight.Normal, tabular: bool = False
) -> QFont:
    """The font of the interface, `points` large at the usual text size.

    `tabular` gives all figures one width, so that numbers do not dance while one steps.
    """
    font = _font(UI_FAMILIES, points * text_scale(), weight)
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def mono_font(points: float = BASE_POINTS, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of code and of numbers in columns."""
    font = _font(MONO_FAMILIES, points * text_scale(), weight)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _font(families: list[str], points: float, weight: QFont.Weight) -> QFont:
    font = QFont(families)
    font.setPointSizeF(points)
    font.setWeight(weight)
    return font
