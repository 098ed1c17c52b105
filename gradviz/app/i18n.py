"""The language of the interface: gettext catalogues, switchable while the program runs.

The English text is its own key: `tr("Record {n} iterations").format(n=5)`. Whoever shows text listens to
`language_changed` and asks again.
"""

from __future__ import annotations

import gettext
import io
import locale
import os
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from psygnal import SignalInstance

DOMAIN = "gradviz"
SOURCE_LANGUAGE = "en"
LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "zh_CN": "简体中文"})

language_changed = SignalInstance((str,), name="language_changed")


class _Current:
    """The one piece of state: which catalogue answers (a process speaks one language at a time)."""

    code = SOURCE_LANGUAGE
    catalogue: gettext.NullTranslations = gettext.NullTranslations()


def tr(message: str) -> str:
    """`message` in the current language, or itself where no translation exists."""
    return _Current.catalogue.gettext(message) if message else ""


def ntr(singular: str, plural: str, count: int) -> str:
    """The form for `count` things, in the current language."""
    return _Current.catalogue.ngettext(singular, plural, count)


def language() -> str:
    """The code of the current language."""
    return _Current.code


def set_language(code: str) -> None:
    """Switch to one of LANGUAGES, or to the system's ("system"); an unknown code means English."""
    wanted = system_language() if code == "system" else code if code in LANGUAGES else SOURCE_LANGUAGE
    if wanted == _Current.code:
        return
    _Current.catalogue = _load(wanted)
    _Current.code = wanted
    language_changed.emit(wanted)


def system_language() -> str:
    """The one of LANGUAGES that the environment asks for, English if none."""
    variables = ("LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((value for name in variables if (value := os.environ.get(name))), None)
    if wanted is None:
        wanted = locale.getlocale()[0] or ""
    return "zh_CN" if wanted.lower().startswith(("zh", "chinese")) else SOURCE_LANGUAGE


def _load(code: str) -> gettext.NullTranslations:
    if code == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    compiled = files("gradviz.assets") / "locale" / code / "LC_MESSAGES" / f"{DOMAIN}.mo"
    try:
        return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    except (OSError, ValueError):  # a missing or damaged catalogue: English is better than nothing
        return gettext.NullTranslations()
