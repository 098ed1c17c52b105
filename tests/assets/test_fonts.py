"""Whatever gradviz shows can be drawn with the fonts that it brings along."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontDatabase, QImage, QPainter, QRawFont
from PyQt6.QtWidgets import QApplication

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "assets" / "fonts"
FILES = sorted([*FONTS.glob("*.ttf"), *FONTS.glob("*.otf")])
FAMILIES = {
    "Inter",
    "JetBrains Mono",
    "Noto Sans CJK SC",
    "Noto Sans Math",
    "Noto Sans Symbols2",
    "Noto Sans",
}
SAMPLE = "梯度 反向传播 ∂L/∂w ≤ → Σ ∇ Wᵀ ⊙ x̂ ⟨a⟩ ∈ ⏸ ✓ 10⁻³ x₁ |Δw|/|w|，。：“”（）"


@cache
def characters(font: Path) -> frozenset[str]:
    return frozenset(map(chr, TTFont(font).getBestCmap()))


@cache
def known(fonts: tuple[Path, ...]) -> frozenset[str]:
    return frozenset().union(*map(characters, fonts))


def missing(text: str, fonts: list[Path]) -> set[str]:
    unknown = set(text) - known(tuple(fonts))
    return {char for char in unknown if unicodedata.category(char)[0] != "C" and not char.isspace()}


def is_chinese(char: str) -> bool:
    return "\u3000" <= char <= "\u303f" or "\u4e00" <= char <= "\u9fff" or "\uff00" <= char <= "\uff5f"


@cache
def shown_texts() -> tuple[tuple[str, str], ...]:
    """Catalogues, lessons, themes and every string in the code that is no docstring."""
    return tuple(_shown_texts())


def _shown_texts() -> Iterator[tuple[str, str]]:
    for pattern in ("assets/locale/**/*.po", "assets/lessons/**/*.md", "assets/**/*.json"):
        for path in ROOT.glob(pattern):
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")
    for folder in ("engine", "gradviz", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and id(node) not in docstrings
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def test_every_character_that_is_shown_is_there() -> None:
    found = {where: gaps for where, text in shown_texts() if (gaps := missing(text, FILES))}
    assert found == {}, "draw it otherwise, or widen assets/fonts/make_subset.py"


def test_both_chinese_weights_have_every_chinese_character_that_is_shown() -> None:
    chinese = {char for _, text in shown_texts() for char in text if is_chinese(char)}
    for weight in ("Regular", "Bold"):
        assert missing("".join(chinese), [FONTS / f"NotoSansCJKsc-{weight}-Subset.ttf"]) == set()


def test_the_chinese_subset_is_gb2312() -> None:
    level_1_and_2 = "啊阿埃挨哎唉哀皑癌蔼" + "齄" + "亍丌兀丐" + "梯度学习率链式法则权重偏置张量卷积池化"
    assert missing(level_1_and_2, [FONTS / "NotoSansCJKsc-Regular-Subset.ttf"]) == set()
    assert (
        len([char for char in characters(FONTS / "NotoSansCJKsc-Regular-Subset.ttf") if is_chinese(char)])
        > 6763
    )


def test_a_gap_would_be_found() -> None:
    assert missing("a\u9f98", FILES) == {"\u9f98"}  # 龘's neighbour, in no subset


def test_the_fonts_are_small() -> None:
    assert sum(path.stat().st_size for path in FILES) < 5_000_000
    assert (FONTS / "NotoSansCJKsc-Regular-Subset.ttf").stat().st_size < 3_000_000


def test_every_family_has_its_licence_and_its_line_in_the_readme() -> None:
    readme = (FONTS / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([\w ]+?) \|.*`([\w-]+-OFL\.txt)` \|$", readme, re.MULTILINE))
    assert set(rows) == FAMILIES
    for licence in rows.values():
        text = (FONTS / licence).read_text("utf-8")
        assert text.startswith("Copyright")
        assert "SIL OPEN FONT LICENSE Version 1.1" in text


def test_qt_knows_the_fonts_by_their_names(qapp: QApplication) -> None:
    families = set()
    for path in FILES:
        number = QFontDatabase.addApplicationFont(str(path))
        assert number >= 0, path.name
        families.update(QFontDatabase.applicationFontFamilies(number))
    assert families >= FAMILIES
    for weight in (QFont.Weight.Normal, QFont.Weight.Medium, QFont.Weight.DemiBold, QFont.Weight.Bold):
        raw = QRawFont.fromFont(QFont("Inter", 12, weight))
        assert raw.familyName().startswith("Inter")
        assert raw.weight() == weight


def test_each_character_of_a_sample_is_drawn_with_its_own_shape(qapp: QApplication) -> None:
    for path in FILES:
        QFontDatabase.addApplicationFont(str(path))
    font = QFont()
    font.setFamilies(["Inter", "Noto Sans CJK SC", "Noto Sans Math", "Noto Sans Symbols2", "Noto Sans"])
    font.setPixelSize(24)
    shapes = {
        char: drawn(char, font) for char in SAMPLE if not char.isspace() and not unicodedata.combining(char)
    }
    box = drawn("\U0010fffe", font)
    assert box not in shapes.values()
    assert len(set(shapes.values())) == len(shapes)


def drawn(char: str, font: QFont) -> bytes:
    image = QImage(48, 48, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setFont(font)
    painter.drawText(8, 32, char)
    painter.end()
    bits = image.constBits()
    assert bits is not None
    return bytes(bits.asarray(image.sizeInBytes()))
