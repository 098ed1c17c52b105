"""QPalette and style sheet, both made from a Theme."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from PyQt6.QtGui import QColor, QPalette

from .palette import Theme, mix

_ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "card",
    QPalette.ColorRole.AlternateBase: "panel",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "faint",
    QPalette.ColorRole.Button: "card",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "error",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "accent_text",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.ToolTipBase: "card",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Light: "hover",
    QPalette.ColorRole.Midlight: "hover",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "control",
}
_DISABLED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.HighlightedText,
)


def build_palette(theme: Theme) -> QPalette:
    """The palette for what the style sheet leaves to Qt."""
    palette = QPalette()
    for role, name in _ROLES.items():
        palette.setColor(role, getattr(theme, name))
    palette.setColor(QPalette.ColorRole.Shadow, QColor(0, 0, 0))
    for role in _DISABLED:
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.faint)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, theme.border)
    return palette


def build_stylesheet(theme: Theme) -> str:
    """The style sheet of assets/themes/gradviz.qss, with the theme's colours and pictures filled in."""
    assets = files("gradviz.assets")
    template = Template((assets / "themes" / "gradviz.qss").read_text(encoding="utf-8"))
    words = {name: colour.name() for name, colour in theme.colours().items()}
    words["accent_hover"] = mix(theme.accent, theme.text, 0.15).name()
    words["pressed"] = mix(theme.hover, theme.text, 0.08).name()
    folder = str(assets / "themes" / theme.name).replace("\\", "/")
    return template.substitute(words, pictures=folder)
