"""Which part of the plane the canvas shows; immutable, without Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gradviz.app.layout.types import Point, Rect

MIN_SCALE = 0.02
MAX_SCALE = 4.0
FIT_SCALE = 1.25  # a small graph is not blown up beyond this
FIT_MARGIN = 32.0  # pixels
REVEAL_MARGIN = 48.0
FOLLOW_SHARE = 0.3  # of the viewport stays visible before and behind what is followed


@dataclass(frozen=True, slots=True)
class Camera:
    """`width` × `height` pixels whose centre shows the world's (x, y), `scale` pixels to a unit."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    width: float = 1.0
    height: float = 1.0

    # Conversions.

    @property
    def left(self) -> float:
        """The world's x at the left border."""
        return self.x - self.width / 2 / self.scale

    @property
    def top(self) -> float:
        """The world's y at the upper border."""
        return self.y - self.height / 2 / self.scale

    def screen(self, x: float, y: float) -> Point:
        """The pixel at which a point of the world appears."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def world(self, px: float, py: float) -> Point:
        """The point of the world under a pixel."""
        return self.left + px / self.scale, self.top + py / self.scale

    def screen_rect(self, rect: Rect) -> Rect:
        """Where a rectangle of the world appears, in pixels."""
        x, y = self.screen(rect.x, rect.y)
        return Rect(x, y, rect.width * self.scale, rect.height * self.scale)

    def visible(self, margin: float = 0.0) -> Rect:
        """The part of the world in sight, widened by `margin` pixels on each side."""
        more = margin / self.scale
        return Rect(
            self.left - more,
            self.top - more,
            self.width / self.scale + 2 * more,
            self.height / self.scale + 2 * more,
        )

    def shows_all_of(self, rect: Rect) -> bool:
        """Whether a rectangle of the world lies wholly within the viewport."""
        x, y, w, h = _edges(self.screen_rect(rect))
        return x >= 0 and y >= 0 and w <= self.width and h <= self.height

    # Moves.

    def resized(self, width: float, height: float) -> Camera:
        """The same centre and scale in a viewport of another size."""
        return replace(self, width=max(width, 1.0), height=max(height, 1.0))

    def panned(self, dx: float, dy: float) -> Camera:
        """Moved so that the picture shifts by (dx, dy) pixels."""
        return replace(self, x=self.x - dx / self.scale, y=self.y - dy / self.scale)

    def zoomed(self, factor: float, px: float | None = None, py: float | None = None) -> Camera:
        """Scaled by `factor`; the pixel (px, py), by default the centre, keeps showing the same point."""
        px = self.width / 2 if px is None else px
        py = self.height / 2 if py is None else py
        x, y = self.world(px, py)
        smallest = min(MIN_SCALE, self.scale)  # where a huge graph was fitted
        scale = min(max(self.scale * factor, smallest), MAX_SCALE)
        return replace(self, scale=scale).placed(x, y, px, py)

    def placed(self, x: float, y: float, px: float, py: float) -> Camera:
        """Moved so that the world's (x, y) appears at the pixel (px, py)."""
        return replace(
            self, x=x - (px - self.width / 2) / self.scale, y=y - (py - self.height / 2) / self.scale
        )

    def fitted(self, rect: Rect, margin: float = FIT_MARGIN, largest: float = FIT_SCALE) -> Camera:
        """Centred on a rectangle of the world, as large as fits with a margin in pixels."""
        across = max(self.width - 2 * margin, 1.0) / max(rect.width, 1.0)
        down = max(self.height - 2 * margin, 1.0) / max(rect.height, 1.0)
        scale = min(across, down, largest)
        return replace(self, x=rect.x + rect.width / 2, y=rect.y + rect.height / 2, scale=scale)

    def revealing(self, rect: Rect, across: float = REVEAL_MARGIN, down: float = REVEAL_MARGIN) -> Camera:
        """Moved as little as brings a rectangle, and margins in pixels, into sight; centred if too large."""
        x0, y0, x1, y1 = _edges(self.screen_rect(rect))
        return self.panned(_shift(x0, x1, self.width, across), _shift(y0, y1, self.height, down))

    def following(self, rect: Rect, everything: Rect, sideways: bool) -> Camera:
        """Moved so that a rectangle lies well within sight along the graph's way, `sideways` or down.

        Where it lies so already, nothing moves; nor is room wasted beyond the end of the graph.
        """
        ahead = FOLLOW_SHARE * (self.width if sideways else self.height)
        margins = (ahead, REVEAL_MARGIN) if sideways else (REVEAL_MARGIN, ahead)
        moved = self.revealing(rect, *margins)
        return self if moved == self else moved.within(everything)

    def within(self, rect: Rect, margin: float = FIT_MARGIN) -> Camera:
        """Moved so that no more than a margin in pixels around a rectangle is wasted on nothing."""
        x, y, right, bottom = _edges(self.screen_rect(rect))
        dx = _waste(x, right, self.width, margin)
        return self.panned(dx, _waste(y, bottom, self.height, margin))

    def towards(self, other: Camera, share: float) -> Camera:
        """The camera at `share` (0 to 1) of the way to another one, the scale changing at an even ratio."""
        if share >= 1.0:
            return other
        scale = self.scale * math.pow(other.scale / self.scale, share)
        # The centre has to move in step with the scale, or a zoom would swing around.
        part = share
        if not math.isclose(self.scale, other.scale, rel_tol=1e-6):
            part = (1 / self.scale - 1 / scale) / (1 / self.scale - 1 / other.scale)
        return replace(
            other,
            x=self.x + (other.x - self.x) * part,
            y=self.y + (other.y - self.y) * part,
            scale=scale,
        )


def _edges(rect: Rect) -> tuple[float, float, float, float]:
    return rect.x, rect.y, rect.x + rect.width, rect.y + rect.height


def _waste(low: float, high: float, size: float, margin: float) -> float:
    """By how many pixels [low, high] must move to fill [margin, size - margin], or to be in its middle."""
    if high - low <= size - 2 * margin:
        return size / 2 - (low + high) / 2
    return min(margin - low, 0.0) if low > margin else max(size - margin - high, 0.0)


def _shift(low: float, high: float, size: float, margin: float) -> float:
    """By how many pixels [low, high] must move to lie in [margin, size - margin]."""
    margin = min(margin, size / 3)
    if high - low > size - 2 * margin:
        return size / 2 - (low + high) / 2
    if low < margin:
        return margin - low
    if high > size - margin:
        return size - margin - high
    return 0.0


def clear_of(cover: Rect, rect: Rect, camera: Camera, margin: float = 16.0) -> Camera:
    """`camera`, moved so that a cover over its lower right corner (pixels) does not hide a rectangle."""
    _, _, right, bottom = _edges(camera.screen_rect(rect))
    hidden_across, hidden_down = right + margin - cover.x, bottom + margin - cover.y
    if hidden_across <= 0 or hidden_down <= 0:
        return camera
    if hidden_across <= hidden_down:
        return camera.panned(-hidden_across, 0.0)
    return camera.panned(0.0, -hidden_down)
