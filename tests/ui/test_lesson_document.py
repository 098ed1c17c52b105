"""A lesson as a page: everything is in it, answers are closed, formulas have their source as text."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from gradviz.ui.lesson_document import Handout, Leaf, html, write_pdf
from gradviz.ui.theme import ThemeManager
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot


def handout() -> Handout:
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    plain = Leaf("First", "The **loss** is 2 & `x < y`.", picture)
    asked = Leaf(
        "Second",
        "- one\n- two",
        picture,
        task="Try it.",
        question="What is $x_1^2$?",
        choices=("a", "b"),
        answer="**4**\n\nBecause.",
    )
    return Handout("Title", "The aim.", (plain, asked), "a = 1 < 2", "zh_CN")


def test_the_page_needs_nothing_else(qtbot: QtBot) -> None:
    page = html(handout(), ThemeManager("dark").theme)
    assert '<html lang="zh-CN">' in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page.count('class="step"') == 2
    assert 'alt="x_1^2"' in page
    assert "x &lt; y" in page
    assert "a = 1 &lt; 2" in page
    assert re.search(r"<details><summary>The answer</summary>.*4.*Because", page, re.DOTALL)
    assert page.index("What is") < page.index("<details>")


def test_on_paper_answers_are_open(qtbot: QtBot, tmp_path: Path) -> None:
    theme = ThemeManager("light").theme
    assert "<details>" not in html(handout(), theme, paper=True)
    path = tmp_path / "lesson.pdf"
    write_pdf(handout(), theme, path)
    assert path.read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_command_writes_a_lesson(tmp_path: Path, language: str) -> None:
    command = [sys.executable, "-m", "gradviz", "lesson", "export", "zero-grad", "--out", str(tmp_path)]
    run = subprocess.run([*command, "--language", language], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    page = (tmp_path / f"zero-grad.{language}.html").read_text("utf-8")
    assert page.count("<section>") == page.count('class="step"') > 10
    assert (tmp_path / f"zero-grad.{language}.pdf").stat().st_size > 50_000
