"""How cards look: sizes that depend on texts alone, colours that can be read, pictures that differ."""

from __future__ import annotations

from itertools import product

import pytest
from gradviz.engine.program import Phase, Program
from gradviz.ui.fonts import set_text_scale
from gradviz.ui.graph.cards import KIND_GLYPHS, Card, fold_rect, glyph, paint_card
from gradviz.ui.graph.colours import CardColours, Colours
from gradviz.ui.graph.lettering import GRID, MAX_WIDTH, Lettering
from gradviz.ui.graph.scene import CURRENT, DONE, PENDING, PHASES
from gradviz.ui.phases import SIGNS
from gradviz.ui.theme import DARK, LIGHT, Theme
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QApplication

from gradviz.app.graph.build import build_graph
from gradviz.app.graph.model import GraphNode, NodeKind
from gradviz.app.layout.types import Rect


def node(kind: NodeKind = "op", title: str = "conv2d", subtitle: str = "1×6×28×28") -> GraphNode:
    instrs = (0,) if kind in ("op", "module") else ()
    return GraphNode("n", kind, title, subtitle, Phase.FORWARD, "", instrs, 0)


def picture(
    made: GraphNode, status: int = DONE, value: str = "mean 1", heat: float | None = None, scale: float = 1.0
) -> QImage:
    colours, lettering = Colours(LIGHT), Lettering()
    width, height = lettering.card_size(made)
    image = QImage(round(width * scale) + 4, round(height * scale) + 4, QImage.Format.Format_RGB32)
    image.fill(LIGHT.canvas)
    painter = QPainter(image)
    phase = PHASES.index(made.phase)
    card = Card(made, colours.card(phase, status), colours.heat, colours.heat_track, value, heat)
    paint_card(painter, card, QRectF(2, 2, width * scale, height * scale), scale, lettering)
    painter.end()
    return image


def test_sizes_are_on_the_grid_and_hold_the_texts(fonts: None, lenet: Program) -> None:
    lettering = Lettering()
    graph = build_graph(lenet)
    for made in graph.nodes:
        width, height = lettering.sizes(graph)[made.id]
        assert width % GRID == height % GRID == 0
        assert width <= MAX_WIDTH + GRID
        assert width > lettering.font("title")[1].horizontalAdvance(made.title)
        assert width > lettering.font("text")[1].horizontalAdvance(made.subtitle)


def test_a_very_long_title_is_cut(fonts: None) -> None:
    width, _ = Lettering().card_size(node(title="a" * 500))
    assert width <= MAX_WIDTH + GRID
    picture(node(title="a" * 500))


@pytest.mark.parametrize("scale", [0.2, 0.37, 0.5, 0.62, 0.8, 1.0, 1.37, 2.5])
def test_at_every_scale_titles_fit_their_cards(fonts: None, scale: float) -> None:
    lettering = Lettering()
    for title in ("conv2d", "max_pool2d_grad", "fc3 ← update"):
        _, metrics = lettering.font("title", scale)
        assert metrics.horizontalAdvance(title) <= lettering.width("title", title) * scale + 1.0


def test_larger_text_makes_larger_cards(qapp: QApplication, fonts: None) -> None:
    font = qapp.font()
    before = Lettering().card_size(node())
    try:
        set_text_scale(qapp, 1.5)
        after = Lettering().card_size(node())
    finally:
        qapp.setFont(font)
    assert after[0] > before[0]
    assert after[1] > before[1]


def test_what_a_card_is_can_be_seen_without_colour(fonts: None) -> None:
    assert len({SIGNS[phase] for phase in Phase}) == len(Phase)
    signs = [glyph(node("op")), *(glyph(node(kind)) for kind in KIND_GLYPHS)]
    assert len(set(signs)) == len(signs)
    grey = {
        kind: picture(node(kind)).convertToFormat(QImage.Format.Format_Grayscale8)
        for kind in ("op", "module", "parameter", "input")
    }
    for one, other in product(grey, repeat=2):
        assert (grey[one] == grey[other]) == (one == other)


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.0])
def test_statuses_look_different(fonts: None, scale: float) -> None:
    pending, done, current = (picture(node(), status, scale=scale) for status in (PENDING, DONE, CURRENT))
    assert pending != done != current != pending


def test_the_value_moves_nothing_but_its_own_line(fonts: None) -> None:
    one, other = picture(node(), value="mean 1"), picture(node(), value="mean −0.00012345")
    assert one != other
    top = QRectF(0, 0, one.width(), one.height() * 0.55).toRect()
    assert one.copy(top) == other.copy(top)


def test_the_heat_bar_grows_with_the_gradient(fonts: None) -> None:
    def orange(image: QImage) -> int:
        wanted = LIGHT.gradient.rgb()
        return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))

    lengths = [orange(picture(node(), heat=heat)) for heat in (None, 0.0, 0.3, 1.0)]
    assert lengths[0] == 0
    assert lengths == sorted(lengths)
    assert lengths[3] > 2 * lengths[2] > 0


def test_the_plus_lies_inside_of_its_card(fonts: None) -> None:
    lettering = Lettering()
    module = node("module", "fc1")
    width, height = lettering.card_size(module)
    fold = fold_rect(module, Rect(10, 20, width, height), lettering)
    assert 10 < fold.x < fold.x + fold.width < 10 + width
    assert 20 < fold.y < fold.y + fold.height < 20 + height


def contrast(one: QColor, other: QColor) -> float:
    """WCAG's contrast ratio, 1 to 21."""

    def luminance(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("status", [PENDING, DONE, CURRENT])
def test_texts_can_be_read(theme: Theme, status: int) -> None:
    colours = Colours(theme)
    least = 3.0 if status == PENDING else 4.5
    for phase in range(len(PHASES)):
        card: CardColours = colours.card(phase, status)
        for text in (card.title, card.subtitle, card.value):
            assert contrast(text, card.fill) >= least
        assert contrast(card.glyph, card.chip) >= 3.0 or status == PENDING
    assert contrast(colours.label, colours.canvas) >= 4.5
    assert contrast(colours.accent, colours.canvas) >= 3.0
    assert contrast(colours.selected, colours.canvas) >= 4.5
    assert all(contrast(line, colours.canvas) >= 2.0 for line in colours.edges[1::4])
