"""The ten digits as somebody might draw them: for each one its strokes, as points in the unit square."""

from __future__ import annotations

import math

Points = tuple[tuple[float, float], ...]


def _arc(x: float, y: float, width: float, height: float, start: float, stop: float) -> Points:
    """Part of an ellipse, from an angle to another, in degrees clockwise from the right."""
    angles = [math.radians(start + (stop - start) * i / 23) for i in range(24)]
    return tuple((x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles)


DIGITS: dict[int, tuple[Points, ...]] = {
    0: (_arc(0.5, 0.5, 0.2, 0.3, 0, 360),),
    1: (((0.4, 0.3), (0.52, 0.2), (0.52, 0.8)),),
    2: ((*_arc(0.5, 0.35, 0.17, 0.15, 180, 380), (0.32, 0.8), (0.7, 0.8)),),
    3: ((*_arc(0.48, 0.35, 0.17, 0.15, 200, 450), *_arc(0.48, 0.65, 0.2, 0.16, -90, 160)),),
    4: (((0.55, 0.2), (0.3, 0.6), (0.72, 0.6)), ((0.58, 0.4), (0.58, 0.82))),
    5: (((0.68, 0.2), (0.37, 0.2), (0.35, 0.47), *_arc(0.48, 0.62, 0.2, 0.18, -120, 140)),),
    6: (((0.6, 0.18), (0.42, 0.35), (0.34, 0.6), *_arc(0.5, 0.65, 0.16, 0.15, 180, 540)),),
    7: (((0.3, 0.2), (0.7, 0.2), (0.45, 0.82)),),
    8: (_arc(0.5, 0.35, 0.15, 0.14, 90, 450), _arc(0.5, 0.65, 0.18, 0.16, -90, 270)),
    9: ((*_arc(0.5, 0.36, 0.16, 0.15, 0, 360), (0.66, 0.36), (0.62, 0.6), (0.52, 0.82)),),
}
