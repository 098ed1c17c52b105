"""The two palettes. Text keeps WCAG AA's contrast on every ground (tests/ui/test_theme.py checks)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from gradviz.engine.program import Phase
from PyQt6.QtGui import QColor


@dataclass(frozen=True, eq=False)
class Theme:
    """Named colours. Each phase has its own, and never colour alone: labels and patterns go with it."""

    name: str
    dark: bool
    # Grounds, from the furthest back to the nearest.
    window: QColor
    panel: QColor
    card: QColor
    hover: QColor
    # Text; `faint` is for what may be missed, such as placeholders and disabled controls.
    text: QColor
    muted: QColor
    faint: QColor
    # Lines; `control` outlines what can be operated.
    border: QColor
    control: QColor
    grid: QColor
    # The one accent, text on it, and the ground of what is selected.
    accent: QColor
    accent_text: QColor
    selection: QColor
    # Phases.
    value: QColor
    loss: QColor
    gradient: QColor
    update: QColor
    zero_grad: QColor
    # Signs of numbers, and levels of messages.
    positive: QColor
    negative: QColor
    warning: QColor
    error: QColor
    # The graph.
    canvas: QColor
    node_fill: QColor
    node_border: QColor
    node_done: QColor
    node_pending: QColor
    edge: QColor
    # Code.
    code_background: QColor
    code_margin: QColor
    code_line: QColor
    code_text: QColor
    code_keyword: QColor
    code_string: QColor
    code_number: QColor
    code_comment: QColor
    code_function: QColor

    def phase(self, phase: Phase) -> QColor:
        """The colour of a phase."""
        return {
            Phase.ZERO_GRAD: self.zero_grad,
            Phase.FORWARD: self.value,
            Phase.LOSS: self.loss,
            Phase.BACKWARD: self.gradient,
            Phase.UPDATE: self.update,
        }[phase]

    def colours(self) -> dict[str, QColor]:
        """Every colour by its name."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, QColor)}


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """`share` of `second` in `first`, 0 to 1, channel by channel."""
    parts = ((first.red(), second.red()), (first.green(), second.green()), (first.blue(), second.blue()))
    red, green, blue = (round(a + (b - a) * share) for a, b in parts)
    return QColor(red, green, blue)


def luminance(colour: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.1)."""

    def linear(share: float) -> float:
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.1); text needs 4.5."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _theme(name: str, dark: bool, colours: str) -> Theme:
    pairs = (line.split() for line in colours.split("\n") if line.strip())
    return Theme(name=name, dark=dark, **{key: QColor(value) for key, value in pairs})


LIGHT = _theme(
    "light",
    False,
    """
    window #eef0f5
    panel #fbfbfd
    card #ffffff
    hover #e9ecf4
    text #1b1f2a
    muted #566074
    faint #7b8498
    border #d9dde7
    control #7d8699
    grid #e6e9f0
    accent #5546d9
    accent_text #ffffff
    selection #e4e1fb
    value #1d66c9
    loss #b3266f
    gradient #b84a0c
    update #0b7561
    zero_grad #626b7d
    positive #1f68c4
    negative #c23a22
    warning #8f5a00
    error #c0262d
    canvas #f6f7fa
    node_fill #ffffff
    node_border #aab2c3
    node_done #ffffff
    node_pending #f1f3f7
    edge #8d96a9
    code_background #fbfbfd
    code_margin #f1f3f7
    code_line #e9e6fc
    code_text #1b1f2a
    code_keyword #7a2ea8
    code_string #0b6b50
    code_number #9a4a00
    code_comment #5f6879
    code_function #1d5fb8
    """,
)

DARK = _theme(
    "dark",
    True,
    """
    window #101218
    panel #171a21
    card #1f242e
    hover #2a303d
    text #e8ebf2
    muted #a6afc0
    faint #7e889b
    border #2d3441
    control #727d93
    grid #262c37
    accent #9c8fff
    accent_text #14121f
    selection #352f5e
    value #6cb0ff
    loss #ff85bb
    gradient #ff9d5e
    update #45cfae
    zero_grad #a3adbf
    positive #6cb0ff
    negative #ff8268
    warning #f2b950
    error #ff7a7f
    canvas #14171d
    node_fill #222833
    node_border #4d586b
    node_done #222833
    node_pending #191d25
    edge #6d788d
    code_background #171a21
    code_margin #1c2028
    code_line #2b2748
    code_text #e4e7ef
    code_keyword #c99cff
    code_string #7fd6ac
    code_number #f2b26b
    code_comment #8d97aa
    code_function #7fb8ff
    """,
)
