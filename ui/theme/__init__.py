"""Colours of the interface: two palettes of our own, and what follows from them."""

from .manager import ThemeManager
from .palette import DARK, LIGHT, Theme

__all__ = ["DARK", "LIGHT", "Theme", "ThemeManager"]
