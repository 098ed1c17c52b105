"""Cut the bundled fonts down to the characters that gradviz needs (a developer's tool, never run by the app).

Usage: `python make_subset.py FOLDER [FOLDER ...]`. The folders are searched, with everything below them, for
the original files named in `SOURCES`; Debian's packages fonts-jetbrains-mono, fonts-noto-cjk and
fonts-noto-core and the npm package inter-ui contain them. The subsets are written beside this script.

Needs fontTools and brotli.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

TOLERANCE = 1.0  # of an outline, in thousandths of the font's size
MAXP_LIMITS = (
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
)
HERE = Path(__file__).resolve().parent

TEXT = [
    (0x0020, 0x017F),  # Latin, Latin-1, Latin Extended-A
    (0x02B0, 0x02FF),  # modifier letters
    (0x0300, 0x0338),  # combining marks: x̂, ȳ
    (0x0370, 0x03FF),  # Greek
    (0x1E00, 0x1EFF),  # Latin with marks: ẋ
    (0x2000, 0x20CF),  # punctuation, superscripts and subscripts, currency
]
SYMBOLS = [
    (0x1D00, 0x1DBF),  # phonetic extensions: Wᵀ
    (0x2070, 0x209F),  # superscripts and subscripts
    (0x2100, 0x214F),  # letter-like: ℝ, ℓ
    (0x2190, 0x22FF),  # arrows, mathematical operators
    (0x2300, 0x23FF),  # technical: ⌘ ⏸ ⏮
    (0x2500, 0x25FF),  # boxes, blocks, geometric shapes
    (0x2600, 0x27BF),  # miscellaneous symbols, dingbats
    (0x27C0, 0x27FF),  # brackets ⟨ ⟩, long arrows
    (0x2900, 0x297F),  # more arrows
    (0x2A00, 0x2A3F),  # large operators
    (0x2B00, 0x2B4F),  # arrows and shapes
]
CHINESE = [
    (0x2014, 0x2014),  # 破折号, which is twice this one
    (0x2018, 0x201D),  # quotation marks, full-width in Chinese
    (0x2026, 0x2026),  # 省略号
    (0x2460, 0x2473),  # circled numbers ①
    (0x3000, 0x301F),  # punctuation of Chinese, Japanese and Korean
    (0xFF01, 0xFF5E),  # full-width forms
    (0xFFE5, 0xFFE5),  # full-width yen sign
]


def gb2312() -> set[int]:
    """The 6,763 Chinese characters of GB 2312: rows 16 to 87 of the standard."""
    cells = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 88) for cell in range(1, 95))
    decoded = (raw.decode("gb2312", errors="ignore") for raw in cells)
    return {ord(char) for char in decoded if char}


def expand(ranges: list[tuple[int, int]]) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


@dataclass(frozen=True)
class Source:
    """One original font file and what to keep of it."""

    pattern: str  # file name, as glob
    family: str
    target: str
    keep: frozenset[int]
    features: tuple[str, ...] = ("*",)


_text = frozenset(expand(TEXT) | expand(SYMBOLS))
_chinese = frozenset(gb2312() | expand(CHINESE))
_symbols = frozenset(expand(SYMBOLS))
_circled = expand([(0x2295, 0x229F)])  # Inter draws ⊗ as an enclosed letter, far too big
_inter = ("kern", "mark", "mkmk", "ccmp", "locl", "calt", "case", "tnum", "zero", "sups", "subs", "frac")
SOURCES = [
    *(
        Source(f"Inter-{weight}.*", "Inter", f"Inter-{weight}.ttf", _text - _circled, _inter)
        for weight in ("Regular", "Medium", "SemiBold", "Bold")
    ),
    *(
        Source(f"JetBrainsMono-{weight}.ttf", "JetBrains Mono", f"JetBrainsMono-{weight}.ttf", _text)
        for weight in ("Regular", "Bold")
    ),
    *(
        Source(f"NotoSansCJK-{w}.ttc", "Noto Sans CJK SC", f"NotoSansCJKsc-{w}-Subset.ttf", _chinese, ())
        for w in ("Regular", "Bold")
    ),
    Source("NotoSansMath-Regular.ttf", "Noto Sans Math", "NotoSansMath-Subset.ttf", _symbols, ()),
    Source("NotoSansSymbols2-Regular.ttf", "Noto Sans Symbols2", "NotoSansSymbols2-Subset.ttf", _symbols, ()),
    Source("NotoSans-Regular.ttf", "Noto Sans", "NotoSans-Subset.ttf", frozenset(expand(SYMBOLS[:2])), ()),
]


def faces(path: Path) -> Iterator[TTFont]:
    if path.suffix == ".ttc":
        yield from TTCollection(path, lazy=True).fonts
    else:
        yield TTFont(path, lazy=True)


def find(source: Source, folders: list[Path]) -> TTFont:
    """The face of the wanted family; `SystemExit` when no folder holds it."""
    for folder in folders:
        for path in sorted(folder.rglob(source.pattern)):
            for font in faces(path):
                if font["name"].getBestFamilyName() == source.family:
                    return font
    raise SystemExit(f"{source.pattern}: no such file with the family {source.family!r} in the given folders")


def cut(font: TTFont, source: Source) -> None:
    """Write the subset of one face, without hinting (Qt's text is antialiased)."""
    options = Options()
    options.layout_features = list(source.features)
    options.hinting = False
    options.desubroutinize = False
    options.name_IDs = ["*"]
    options.drop_tables += ["DSIG", "VORG", "vhea", "vmtx"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=source.keep)
    subsetter.subset(font)
    font.flavor = None
    if "CFF " in font:
        to_truetype(font)
    font.save(HERE / source.target)


def to_truetype(font: TTFont) -> None:
    """Replace cubic by quadratic outlines: Qt thickens cubic ones, light text then looks bold."""
    shapes, glyphs = font.getGlyphSet(), {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, max_err=TOLERANCE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = font.getGlyphOrder(), glyphs
    del font["CFF "]
    font["maxp"].tableVersion = 0x00010000
    for limit in MAXP_LIMITS:
        setattr(font["maxp"], limit, 0)
    font["maxp"].maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\0\1\0\0"


def main() -> None:
    parser = argparse.ArgumentParser(description="Cut the bundled fonts out of the original ones.")
    parser.add_argument("folders", nargs="+", type=Path, help="where the original fonts lie")
    folders = parser.parse_args().folders
    for source in SOURCES:
        cut(find(source, folders), source)
        size = (HERE / source.target).stat().st_size
        sys.stdout.write(f"{source.target}: {size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
