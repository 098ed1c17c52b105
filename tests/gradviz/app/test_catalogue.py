"""The translations are whole: each text of the code is there, translated, with its placeholders, compiled."""

import ast
import re
import string
from collections.abc import Iterator
from itertools import chain

import pytest
from babel.messages.catalog import Message
from gradviz.assets.locale import catalogue

from gradviz.app import i18n
from gradviz.app.i18n import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    language_changed,
    ntr,
    set_language,
    system_language,
    tr,
)

TRANSLATED = [code for code in LANGUAGES if code != SOURCE_LANGUAGE]
EACH = pytest.mark.parametrize("code", TRANSLATED)


@pytest.fixture(autouse=True)
def back_to_english() -> Iterator[None]:
    yield
    set_language("en")


def forms(message: Message) -> tuple[list[str], list[str]]:
    """The English and the translated forms of a message."""
    ids = list(message.id) if isinstance(message.id, tuple | list) else [str(message.id)]
    texts = list(message.string) if isinstance(message.string, tuple | list) else [str(message.string)]
    return ids, texts


def placeholders(text: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_can_be_collected() -> None:
    assert catalogue.unreadable() == []


def test_no_text_hides_within_an_f_string() -> None:
    """Before Python 3.12 these are not collected."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in catalogue.sources()
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in catalogue.KEYWORDS
    ]
    assert hidden == []


def test_there_is_a_catalogue_for_each_language() -> None:
    assert catalogue.languages() == sorted(TRANSLATED)


@EACH
def test_every_text_is_translated(code: str) -> None:
    known = catalogue.read(code)
    missing = [message.id for message in catalogue.extract() if message.id and message.id not in known]
    assert missing == [], "run: python -m gradviz.assets.locale.catalogue"
    assert [message.id for message in known if message.id and not catalogue.translated(message)] == []


@EACH
def test_nothing_is_translated_that_is_no_longer_said(code: str) -> None:
    said = catalogue.extract()
    assert [message.id for message in catalogue.read(code) if message.id and message.id not in said] == []


@EACH
def test_placeholders_agree(code: str) -> None:
    for message in catalogue.read(code):
        if message.id:
            ids, texts = forms(message)
            wanted = set(chain.from_iterable(map(placeholders, ids)))
            for text in texts:
                assert placeholders(text) == wanted, message.id


@EACH
def test_marks_agree(code: str) -> None:
    """Ellipses, mnemonics, line breaks and the blanks at the ends are part of a text."""
    for message in catalogue.read(code):
        if not message.id:
            continue
        (text, *_), (translated, *_) = forms(message)
        assert text.endswith("…") == translated.endswith("…"), text
        assert ("&" in text) == bool(re.search(r"\(&\w\)$", translated)), text
        assert text.count("\n") == translated.count("\n"), text
        assert text.startswith(" ") == translated.startswith(" "), text
        if text.endswith(" "):  # Chinese marks have their blank within
            assert translated.endswith((" ", "、", "，", "：")), text


@EACH
def test_the_compiled_catalogue_is_up_to_date(code: str) -> None:
    path = catalogue.po_path(code)
    assert path.read_bytes() == catalogue.po_text(catalogue.read(code))
    assert path.with_suffix(".mo").read_bytes() == catalogue.compiled(catalogue.read(code))


def test_the_language_is_switched_and_told() -> None:
    told: list[str] = []
    language_changed.connect(told.append)
    try:
        set_language("zh_CN")
        assert i18n.language() == "zh_CN"
        assert tr("forward") == "前向传播"
        set_language("zh_CN")
        set_language("en")
        assert tr("forward") == "forward"
    finally:
        language_changed.disconnect(told.append)
    assert told == ["zh_CN", "en"]


def test_what_is_not_known_stays_as_it_is() -> None:
    set_language("zh_CN")
    assert tr("no such text") == "no such text"
    assert tr("") == ""
    assert ntr("{n} such text", "{n} such texts", 2) == "{n} such texts"
    set_language("xx")
    assert i18n.language() == "en"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_TW.UTF-8"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN"}, "zh_CN"),
    ],
)
def test_the_system_s_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert system_language() == expected
    set_language("system")
    assert i18n.language() == expected
