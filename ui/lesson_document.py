"""A lesson as a page to hand out: HTML that needs nothing else, and the same as a PDF."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PyQt6.QtGui import QImage, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from gradviz.app.i18n import tr

from .fonts import ui_font
from .math.browser import formulas_to_images
from .math.image import math_image
from .theme import Theme

POINTS = 11.0
RATIO = 3.0  # pictures of formulas are that much finer than the text
WIDTH = 620  # of the steps' pictures in the PDF, in its pixels
_IMAGE = re.compile(r'<img src="math:(\d+)"[^>]*/?>')
_FONT = re.compile(r"font-family:[^;\"]*;?|font-size:[^;\"]*;?")
_STYLE = """
body { font-family: Inter, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; line-height: 1.6;
       max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
img.step { width: 100%; border: 1px solid #8884; border-radius: 8px; }
section { margin: 2.5rem 0; } details { border-left: 4px solid #8888; padding: .2rem 1rem; margin: 1rem 0; }
.ask, .try { border: 1px solid #8884; border-radius: 8px; padding: .4rem 1rem; }
pre, code { font-family: "JetBrains Mono", "Noto Sans Mono CJK SC", monospace; }
pre { overflow-x: auto; padding: .6rem; background: #8882; }
table { border-collapse: collapse; } td, th { border: 1px solid #8886; padding: .2rem .6rem; }
@media print { details { display: block; } section { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Leaf:
    """One step: its words in Markdown with all numbers, and a picture of the graph."""

    heading: str
    body: str
    picture: QImage
    task: str = ""
    question: str = ""
    choices: Sequence[str] = field(default=())
    answer: str = ""


@dataclass(frozen=True)
class Handout:
    """A whole lesson."""

    title: str
    aim: str
    leaves: Sequence[Leaf]
    code: str
    language: str


def html(handout: Handout, theme: Theme, paper: bool = False) -> str:
    """The page; answers are closed until they are clicked, on `paper` they stand below their questions."""
    parts = [f"<h1>{escape(handout.title)}</h1>", _words(handout.aim, theme, paper)]
    for number, leaf in enumerate(handout.leaves, 1):
        parts.append(_section(number, leaf, theme, paper))
    title = escape(tr("The code"))
    parts.append(f"<h2>{title}</h2><pre>{escape(handout.code)}</pre>")
    body = "\n".join(parts)
    code = handout.language.replace("_", "-")
    style = (
        "" if paper else _STYLE + f"body {{ color: {theme.text.name()}; background: {theme.card.name()}; }}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{code}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(handout.title)}</title><style>{style}</style></head>\n<body>{body}</body></html>\n"
    )


def _section(number: int, leaf: Leaf, theme: Theme, paper: bool) -> str:
    size = f' width="{WIDTH}"' if paper else ""
    picture = _picture(
        leaf.picture, "step", tr("The graph at this step: {heading}").format(heading=leaf.heading), size
    )
    parts = [
        f"<h2>{number}. {escape(leaf.heading)}</h2>",
        _words(leaf.body, theme, paper),
        f"<p>{picture}</p>",
    ]
    if leaf.task:
        title, words = escape(tr("Try it out")), _words(leaf.task, theme, paper)
        parts.append(f'<div class="try"><b>{title}</b>{words}</div>')
    if leaf.question:
        choices = "".join(f"<li>{_words(choice, theme, paper)}</li>" for choice in leaf.choices)
        title = escape(tr("Predict first"))
        listed = f"<ul>{choices}</ul>" if choices else ""
        parts.append(f'<div class="ask"><b>{title}</b>{_words(leaf.question, theme, paper)}{listed}</div>')
        answer, words = escape(tr("The answer")), _words(leaf.answer, theme, paper)
        parts.append(
            f"<p><b>{answer}</b></p>{words}"
            if paper
            else f"<details><summary>{answer}</summary>{words}</details>"
        )
    return f"<section>{''.join(parts)}</section>"


def write_pdf(handout: Handout, theme: Theme, path: Path) -> None:
    """The same on A4 paper."""
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(18, 18, 18, 18), QPageLayout.Unit.Millimeter)
    writer.setResolution(96)
    writer.setTitle(handout.title)
    document = QTextDocument()
    document.setDefaultFont(ui_font(POINTS))
    document.setHtml(html(handout, theme, paper=True))
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.print(writer)


def _words(markdown: str, theme: Theme, paper: bool = False) -> str:
    """Markdown as HTML; formulas become pictures whose text is their source."""
    text, formulas = formulas_to_images(markdown)
    document = QTextDocument()
    document.setDefaultFont(ui_font(POINTS))
    document.setMarkdown(text)
    whole = document.toHtml()
    inside = whole[whole.index("<body") :]
    inside = inside[inside.index(">") + 1 : inside.rindex("</body>")]
    inside = _FONT.sub(lambda font: "font-family:monospace;" if "mono" in font[0].lower() else "", inside)

    def picture(match: re.Match[str]) -> str:
        source = formulas[int(match[1])]
        made = math_image(source, theme.text, RATIO, ui_font(POINTS), theme.gradient)
        size = made.image.deviceIndependentSize()
        below = made.baseline - size.height()
        style = (
            f' width="{size.width():.0f}" height="{size.height():.0f}" style="vertical-align:{below:.1f}px"'
        )
        return _picture(made.image, "formula", source, style)

    return _IMAGE.sub(picture, inside)


def _picture(image: QImage, kind: str, text: str, more: str = "") -> str:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    code = base64.b64encode(data.data()).decode("ascii")
    return f'<img class="{kind}" alt="{escape(text, quote=True)}"{more} src="data:image/png;base64,{code}">'
