"""The window has what the lessons name, parts and keys, in both languages."""

import re
from collections.abc import Iterator

from babel.messages.pofile import read_po
from gradviz.assets.locale.catalogue import po_path
from gradviz.ui.action_table import COMMANDS

from gradviz.app.lessons.checks import texts_of
from gradviz.app.lessons.library import load_lessons

_KEY = re.compile(r"\*\*((?:(?:Ctrl|Shift|Alt)\+)*(?:[A-Z]|F\d+|Home|End|→|←))\*\*")
_NAME = re.compile(  # set off by its type or by quotes, capitalised, and not where a sentence begins
    r"(?<=[\w,;)`$] )(?:\*\*([A-Z][^*\n]+)\*\*|\*([A-Z][^*\n]+)\*|“([A-Z][^”\n]+)”)"
)
_TERMS = {"Xavier", "Kaiming", "Hessian", "Jacobian"}  # in bold where they are explained


def test_names_and_keys() -> None:
    with po_path("zh_CN").open("rb") as file:
        words = {str(m.id).replace("&", ""): str(m.string) for m in read_po(file) if isinstance(m.id, str)}
    keys = {key.replace("Right", "→").replace("Left", "←") for c in COMMANDS.values() for key in c.keys}
    named = set()
    for where, english, chinese in _steps():
        assert _KEY.findall(english) == _KEY.findall(chinese), where
        assert set(_KEY.findall(english)) <= keys, where
        for name in _names(english):
            assert name in words, f"{where}: the window has nothing that is called {name!r}"
            assert words[name] in chinese, f"{where}: in Chinese {name!r} is called {words[name]}"
            named.add(name)
    assert {"Code", "Open…", "Run", "Gradient", "Dead or saturated", "A bent valley"} <= named


def _steps() -> Iterator[tuple[str, str, str]]:
    for lesson in load_lessons()[0]:
        for step in lesson.steps:
            both = ["\n".join(texts_of(lesson.texts[code].steps[step.id])) for code in ("en", "zh_CN")]
            yield f"{lesson.id}, step {step.id!r}", both[0], both[1]


def _names(text: str) -> Iterator[str]:
    for match in _NAME.finditer(text):
        name = next(filter(None, match.groups()))
        if name not in _TERMS and name != name.upper() and not _KEY.fullmatch(f"**{name}**"):
            yield name
