"""A drawing of strokes, or a picture, and how it becomes what the digits' data sets hold.

A drawing lies in the unit square, x to the right and y downwards; its ink goes from 0 (paper) to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from gradviz.data.handwriting import RAW_INK, RAW_SIZE, enlarge
from gradviz.data.mnist_files import IMAGE_SIZE

from .i18n import tr

Ink = NDArray[np.float32]
Point = tuple[float, float]

RASTER = 160  # pixels of a side while it is drawn
SCAN = 32  # pixels of a side of the scans that the shipped digits were counted from
NARROWEST, WIDEST = 10, 24  # pixels of a scan that a digit's width takes; its height takes all of it
BOX = 20  # pixels of a side of the box that MNIST's digits are fitted into
_FAINT = 0.1  # ink that is lighter belongs to the paper


class DrawingError(ValueError):
    """A picture in which nothing can be seen."""


@dataclass(frozen=True, eq=False)
class Stroke:
    """Points that a round pen of diameter `width` has gone through."""

    points: tuple[Point, ...]
    width: float

    @cached_property
    def ink(self) -> Ink:
        """The stroke alone, anti-aliased."""
        return rasterize(self.points, self.width, RASTER)


@dataclass(frozen=True, eq=False)
class Picture:
    """Ink that comes from an image file."""

    ink: Ink


@dataclass(frozen=True)
class Blank:
    """All that was drawn before is wiped away."""


Item = Stroke | Picture | Blank


@dataclass(eq=False)
class Drawing:
    """What the user draws, with undo and redo."""

    changed = Signal()
    items: list[Item] = field(default_factory=list)
    undone: list[Item] = field(default_factory=list)

    def begin(self, x: float, y: float, width: float) -> None:
        """Put the pen down."""
        self._add(Stroke(((x, y),), width))

    def extend(self, x: float, y: float) -> None:
        """Draw on to a place; nothing happens unless the pen is down."""
        if self.items and isinstance(last := self.items[-1], Stroke) and last.points[-1] != (x, y):
            self.items[-1] = Stroke((*last.points, (x, y)), last.width)
            self.changed.emit()

    def place(self, ink: Ink) -> None:
        """Show a picture's ink instead of what was drawn."""
        self.items.append(Blank())
        self._add(Picture(ink))

    def clear(self) -> None:
        """Wipe everything away; this can be undone too."""
        if self.visible:
            self._add(Blank())

    @property
    def can_undo(self) -> bool:
        return bool(self.items)

    @property
    def can_redo(self) -> bool:
        return bool(self.undone)

    def undo(self) -> None:
        """Take back the last stroke, picture or clearing."""
        if self.items:
            self.undone.append(self.items.pop())
            if isinstance(self.undone[-1], Picture):
                self.undone.append(self.items.pop())  # the blank sheet below it
            self.changed.emit()

    def redo(self) -> None:
        """Draw again what was taken back."""
        if self.undone:
            self.items.append(self.undone.pop())
            if self.undone and isinstance(self.undone[-1], Picture):
                self.items.append(self.undone.pop())
            self.changed.emit()

    @property
    def visible(self) -> tuple[Stroke | Picture, ...]:
        """What lies on the sheet."""
        shown: list[Stroke | Picture] = []
        for item in self.items:
            if isinstance(item, Blank):
                shown.clear()
            else:
                shown.append(item)
        return tuple(shown)

    def _add(self, item: Item) -> None:
        self.items.append(item)
        self.undone.clear()
        self.changed.emit()


def ink_of(items: tuple[Stroke | Picture, ...]) -> Ink:
    """All strokes, or the picture and the strokes on it, as one image."""
    sheet = np.zeros((RASTER, RASTER), np.float32)
    for item in items:
        layer = item.ink if item.ink.shape == sheet.shape else fitted(item.ink, RASTER)
        np.maximum(sheet, layer, out=sheet)
    return sheet


def rasterize(points: tuple[Point, ...], width: float, size: int) -> Ink:
    """A line through points, drawn with a round pen: each pixel's ink is about the share that is covered.

    ink = clip(width / 2 − d + 1 / 2, 0, 1) with the distance d of the pixel's middle from the line, in pixels
    """
    sheet = np.zeros((size, size), np.float32)
    radius = width * size / 2
    corners = [np.array(point) * size - 0.5 for point in points]
    for start, stop in zip(corners[:1] + corners[:-1], corners, strict=True):
        low = np.floor(np.minimum(start, stop) - radius - 1).astype(int).clip(0, size)
        high = np.ceil(np.maximum(start, stop) + radius + 2).astype(int).clip(0, size)
        x, y = np.arange(low[0], high[0])[np.newaxis, :], np.arange(low[1], high[1])[:, np.newaxis]
        along = stop - start
        square = float(along @ along)
        dx, dy = x - start[0], y - start[1]
        share = np.clip((dx * along[0] + dy * along[1]) / square, 0.0, 1.0) if square else 0.0
        distance = np.hypot(dx - share * along[0], dy - share * along[1])
        part = sheet[low[1] : high[1], low[0] : high[0]]
        np.maximum(part, np.clip(radius - distance + 0.5, 0.0, 1.0), out=part)
    return sheet


def ink_of_image(grey: NDArray[np.floating]) -> Ink:
    """The ink of a picture whose pixels go from 0 (black) to 1 (white), on light or on dark paper.

    DrawingError if it is of one colour.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = np.abs(grey - np.median(border)).astype(np.float32)
    most = float(ink.max(initial=0.0))
    if not np.isfinite(most) or most < _FAINT:
        raise DrawingError(tr("Nothing can be seen in this picture: it has only one colour"))
    ink /= np.float32(most)
    ink[ink < _FAINT] = 0.0
    found: Ink = ink
    return found


def prepared(ink: Ink, size: int, like: str) -> Ink:
    """Ink as the data set `like` ("digits", "mnist") has its images, (`size`, `size`); 0 without any ink."""
    if like != "digits":
        return _like_mnist(ink, size)
    raw = _like_digits(ink)
    return raw if size == RAW_SIZE else enlarge(raw[np.newaxis], size)[0]


def _like_digits(ink: Ink) -> Ink:
    """8 × 8 counts of inked dots, as in the shipped digits, whose height fills the frame."""
    found = cropped(ink)
    if found is None:
        return np.zeros((RAW_SIZE, RAW_SIZE), np.float32)
    rows, columns = found.shape
    width = int(np.clip(round(SCAN * columns / rows), NARROWEST, WIDEST))
    left = (SCAN - width) // 2
    scan = np.zeros((SCAN, SCAN), np.float32)
    scan[:, left : left + width] = resampled(found, SCAN, width)
    counts = np.round(resampled(scan, RAW_SIZE, RAW_SIZE) * RAW_INK)
    return (counts / RAW_INK).astype(np.float32)


def _like_mnist(ink: Ink, size: int) -> Ink:
    """Fitted into a box of 20 × 20 pixels, whose centre of mass is then moved to the middle of 28 × 28.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits". LeNet's 32 × 32 have
    two pixels of paper round them; other sizes are scaled.
    """
    frame = size if size != SCAN else IMAGE_SIZE
    sheet = np.zeros((size, size), np.float32)
    found = cropped(ink)
    if found is None:
        return sheet
    scale = frame * BOX / IMAGE_SIZE / max(found.shape)
    rows, columns = (max(1, round(length * scale)) for length in found.shape)
    small = resampled(found, rows, columns)
    mass = float(small.sum())
    places = [
        (float((small.sum(axis=1 - axis) * (np.arange(length) + 0.5)).sum()) / mass, length)
        for axis, length in enumerate(small.shape)
    ]
    top, left = (int(np.clip(round(size / 2 - middle), 0, size - length)) for middle, length in places)
    sheet[top : top + rows, left : left + columns] = small
    return sheet


def cropped(ink: Ink) -> Ink | None:
    """The smallest part of an image that holds all ink; None if there is none."""
    rows, columns = (np.flatnonzero(ink.max(axis=axis, initial=0.0) >= _FAINT) for axis in (1, 0))
    if not rows.size or not columns.size:
        return None
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fitted(ink: Ink, size: int) -> Ink:
    """An image in the middle of a square sheet, as large as its shape allows."""
    sheet = np.zeros((size, size), np.float32)
    scale = size / max(ink.shape)
    rows, columns = (max(1, round(length * scale)) for length in ink.shape)
    top, left = (size - rows) // 2, (size - columns) // 2
    sheet[top : top + rows, left : left + columns] = resampled(ink, rows, columns)
    return sheet


def resampled(image: Ink, rows: int, columns: int) -> Ink:
    """Each new pixel is the mean of the area that it covers: out = A · image · Bᵀ.

    A[i, j] is the share of new row i that old row j makes up.
    """
    result = _shares(rows, image.shape[0]) @ image @ _shares(columns, image.shape[1]).T
    return np.asarray(result, np.float32)


def _shares(new: int, old: int) -> Ink:
    step = old / new
    start = np.arange(new)[:, np.newaxis] * step
    place = np.arange(old)[np.newaxis, :]
    overlap = np.minimum(start + step, place + 1) - np.maximum(start, place)
    return np.asarray(np.clip(overlap, 0.0, None) / step, np.float32)
