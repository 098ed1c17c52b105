"""Bring the translations up to date with the code (a developer's tool, never run by the app).

    python -m gradviz.assets.locale.catalogue

Collects every text given to `tr` and `ntr`, merges it into each language's gradviz.po and compiles that to
gradviz.mo. What is new or has changed is listed: translate it in the .po and run this again. Needs babel.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import catalog as babel_catalog
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import gradviz

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CODE = ("gradviz", "ui")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {"tr": None, "ntr": (1, 2)}
DOMAIN = "gradviz"
setattr(babel_catalog, "VERSION", "")  # noqa: B010  it stands in the header, which shall not depend on it


def languages() -> list[str]:
    """The languages that there are catalogues for."""
    return sorted(path.parent.parent.name for path in HERE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def po_path(language: str) -> Path:
    """The source of a language's catalogue."""
    return HERE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def sources() -> Iterator[Path]:
    """The files whose texts are translated."""
    for folder in CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))


def extract() -> Catalog:
    """Every text in the code, without translations."""
    found = Catalog(project=DOMAIN, charset="utf-8")
    for folder in CODE:
        rows = extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
        )
        for name, _line, message, comments, context in rows:
            location = (f"{folder}/{name}".replace("\\", "/"), 0)
            found.add(message, None, [location], auto_comments=comments, context=context)
    return found


def unreadable() -> list[str]:
    """Calls of tr and ntr whose text is not written out, so that nobody can collect it."""
    wrong = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                texts = node.args[: 1 if node.func.id == "tr" else 2]
                if not all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return wrong


def read(language: str) -> Catalog:
    """A language's catalogue as it is on the disk."""
    with po_path(language).open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    catalogue.version = gradviz.__version__
    catalogue.msgid_bugs_address = ""
    catalogue.last_translator = catalogue.language_team = DOMAIN
    catalogue.creation_date = catalogue.revision_date = EPOCH  # git knows the dates
    return catalogue


def po_text(catalogue: Catalog) -> bytes:
    """A catalogue as text, the same for the same contents on every day and machine."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, include_lineno=False, ignore_obsolete=True, sort_output=True)
    return buffer.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as gettext reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def update(language: str) -> list[str]:
    """Merge and compile one language; returns the texts that are still to be translated."""
    catalogue = read(language)
    catalogue.update(extract(), no_fuzzy_matching=True, keep_user_comments=True, update_creation_date=False)
    po_path(language).write_bytes(po_text(catalogue))
    po_path(language).with_suffix(".mo").write_bytes(compiled(catalogue))
    return [str(message.id) for message in catalogue if message.id and not translated(message)]


def translated(message: Message) -> bool:
    """Whether every form of a message has a translation that nobody doubts."""
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(texts) and not message.fuzzy


def main() -> int:
    """Update every language; the exit status tells whether something is left to translate."""
    left = 0
    for place in unreadable():
        print(f"{place}: the text of tr() must be written out")
    for language in languages():
        missing = update(language)
        left += len(missing)
        print(f"{language}: {len(missing)} to translate")
        for text in missing:
            print(f"  {text!r}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
