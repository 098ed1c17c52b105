"""Who sees no red, no green or no blue can read the maps and tell the marks apart.

Simulation: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation
of Color Vision Deficiency", IEEE TVCG 2009, table 1 (severity 1.0), in linear RGB. Differences are CIE 1976
ΔE: one of 2 is just seen, one of 20 is another colour.
"""

import numpy as np
import pytest
from gradviz.engine.program import Phase
from gradviz.ui.graph.colours import ramp
from gradviz.ui.panels.inspector.colours import ColourMap, Scale
from gradviz.ui.theme import DARK, LIGHT, Theme
from PyQt6.QtGui import QColor

SEEN_BY = {
    "all": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ @ np.ones(3)

EYES = pytest.mark.parametrize("eye", SEEN_BY)
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


def lab(colour: QColor, eye: str) -> np.ndarray:
    """L*, a*, b* of a colour as an eye sees it."""
    gamma = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(gamma <= 0.04045, gamma / 12.92, ((gamma + 0.055) / 1.055) ** 2.4)
    seen = np.clip(SEEN_BY[eye] @ linear, 0, 1)
    ratio = TO_XYZ @ seen / WHITE
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: QColor, other: QColor, eye: str) -> float:
    return float(np.linalg.norm(lab(one, eye) - lab(other, eye)))


def test_the_simulation_is_right() -> None:
    red, green = QColor(200, 0, 0), QColor(100, 106, 0)
    assert difference(QColor("white"), QColor("black"), "all") == pytest.approx(100, abs=0.1)
    assert difference(red, green, "deuteranopia") < difference(red, green, "all") / 3
    for eye in SEEN_BY:
        assert difference(QColor(128, 128, 128), QColor(128, 128, 128), eye) == 0
        assert lab(QColor(128, 128, 128), eye)[1:] == pytest.approx([0, 0], abs=0.5), "grey stays grey"


@EYES
@THEMES
def test_signs_are_told_apart_in_maps(theme: Theme, eye: str) -> None:
    colours, scale = ColourMap(theme), Scale(-1.0, 1.0)
    for size in (0.3, 0.6, 1.0):
        plus, minus = colours.colour(size, scale), colours.colour(-size, scale)
        assert difference(plus, minus, eye) > 20, size
        assert difference(plus, colours.colour(0.0, scale), eye) > 10, size
        assert difference(minus, colours.colour(0.0, scale), eye) > 10, size
    broken = colours.colour(float("nan"), scale)
    for value in (-1.0, 0.0, 1.0):
        assert difference(broken, colours.colour(value, scale), eye) > 15, value


@EYES
@THEMES
@pytest.mark.parametrize("kind", ["value", "gradient", "bytes", "time"])
def test_ramps_go_one_way_in_lightness(theme: Theme, kind: str, eye: str) -> None:
    lightness = [lab(colour, eye)[0] for colour in ramp(theme, kind)[:-1]]
    steps = np.diff(lightness) * (1 if theme.dark else -1)
    assert (steps > -0.6).all(), "rounded to whole channels, at most"
    assert steps.sum() > 30


@EYES
@THEMES
def test_forward_backward_and_update_are_told_apart(theme: Theme, eye: str) -> None:
    """By colour alone; the graph and the timeline give each a pattern or a sign as well."""
    for one, other in ((Phase.FORWARD, Phase.BACKWARD), (Phase.BACKWARD, Phase.UPDATE)):
        assert difference(theme.phase(one), theme.phase(other), eye) > 15, (one, other)
