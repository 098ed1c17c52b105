"""Formulas as outlines: mathtext set into Qt painter paths, sharp at any size and in any colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainterPath

FONT_FAMILY = "cm"  # Computer Modern: what formulas look like in the books
EM = 100.0  # outlines are made for this font size and scaled when they are painted
_STRONG = ("cmb10", "cmbx10", "bold")  # in the names of fonts that \mathbf chooses

# matplotlib.path.Path's codes; what else there is (STOP, CLOSEPOLY) closes
_MOVE, _LINE, _QUADRATIC, _CUBIC = 1, 2, 3, 4


@dataclass(frozen=True, eq=False)
class Outline:
    """A formula at a font size of EM: the baseline runs through y = 0, y points down.

    `strong` holds what `\\mathbf` set, so that it can be painted in a colour of its own.
    """

    path: QPainterPath
    strong: QPainterPath
    width: float
    ascent: float
    descent: float


@lru_cache(maxsize=512)
def outline(tex: str) -> Outline | None:
    """Set one formula (without dollar signs); None if mathtext cannot read it."""
    # matplotlib takes 0.2 s to import: only when the first formula is shown
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    prop = FontProperties(size=EM, math_fontfamily=FONT_FAMILY)
    source = f"${tex}$"
    try:
        width, height, depth, *_ = text_to_path.mathtext_parser.parse(source, 72, prop)
        placed, shapes, rules = text_to_path.get_glyphs_mathtext(prop, source)
    except (ValueError, RuntimeError):  # what mathtext raises for what it cannot read
        return None
    path, strong = QPainterPath(), QPainterPath()
    for shape in (path, strong):
        shape.setFillRule(Qt.FillRule.WindingFill)
    for name, x, y, scale in placed:
        target = strong if any(mark in name.lower() for mark in _STRONG) else path
        _add_glyph(target, *shapes[name], x, y, scale)
    for vertices, _ in rules:
        xs, ys = zip(*vertices[:5], strict=True)
        path.addRect(QRectF(min(xs), -max(ys), max(xs) - min(xs), max(ys) - min(ys)))
    return Outline(path, strong, float(width), float(height - depth), float(depth))


def _add_glyph(
    path: QPainterPath, vertices: np.ndarray, codes: np.ndarray, dx: float, dy: float, scale: float
) -> None:
    """Append a glyph of matplotlib (y up) to a path of Qt (y down)."""
    xs = (vertices[:, 0] * scale + dx).tolist()
    ys = (-(vertices[:, 1] * scale + dy)).tolist()
    i = 0
    while i < len(codes):
        code = int(codes[i])
        if code == _MOVE:
            path.moveTo(xs[i], ys[i])
        elif code == _LINE:
            path.lineTo(xs[i], ys[i])
        elif code == _QUADRATIC:
            path.quadTo(xs[i], ys[i], xs[i + 1], ys[i + 1])
        elif code == _CUBIC:
            path.cubicTo(xs[i], ys[i], xs[i + 1], ys[i + 1], xs[i + 2], ys[i + 2])
        else:
            path.closeSubpath()
        i += {_QUADRATIC: 2, _CUBIC: 3}.get(code, 1)
