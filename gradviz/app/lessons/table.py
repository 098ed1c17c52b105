"""A table of a TOML file that checks the types of what is asked of it, and says where a fault is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradviz.app.i18n import tr

from .model import LessonError


class Table:
    """`lines[key]` are the lines in which the tables of the list `key` begin, where they are known."""

    def __init__(self, path: Path, line: int | None, values: Mapping[str, Any]) -> None:
        self.path = path
        self.line = line
        self.lines: dict[str, list[int]] = {}
        self._values = values

    def error(self, message: str) -> LessonError:
        """A fault of this table."""
        return LessonError(self.path, self.line, message)

    def _wrong(self, message: str, key: str, value: object) -> LessonError:
        return self.error(message.format(key=key, value=value))

    def only(self, keys: frozenset[str]) -> None:
        """Refuse keys that mean nothing: most are misspelt."""
        for key in self._values:
            if key not in keys:
                raise self.error(
                    tr("{key!r} is not known here; there are {keys}").format(
                        key=key, keys=", ".join(sorted(keys))
                    )
                )

    def text(self, key: str, default: str) -> str:
        """A string."""
        value = self._values.get(key, default)
        if not isinstance(value, str):
            raise self._wrong(tr("{key} must be text in quotes, not {value!r}"), key, value)
        return value

    def one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """A string out of a few, of which "" says that there is none."""
        value = self.text(key, "")
        if value not in allowed:
            names = ", ".join(filter(None, allowed))
            raise self.error(
                tr("{key} is one of {names}, not {value!r}").format(key=key, names=names, value=value)
            )
        return value

    def file(self, name: str, missing: str) -> Path:
        """A file of the folder; `missing` is the message for none, with {name}."""
        folder = self.path.parent.resolve()
        path = (folder / name).resolve()
        if not name or not path.is_relative_to(folder) or not path.is_file():
            raise self.error(missing.format(name=name))
        return self.path.parent / name

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(self._values)

    def whole(self, key: str, default: int) -> int:
        """A whole number from 0 on."""
        value = self._values.get(key, default)
        if not _is_whole(value):
            raise self._wrong(tr("{key} must be a whole number from 0 on, not {value!r}"), key, value)
        return int(value)

    def number(self, key: str, default: float) -> float:
        """A number."""
        value = self._values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(tr("{key} must be a number, not {value!r}"), key, value)
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(tr("{key} must be a list of texts, not {value!r}"), key, value)
        return tuple(value)

    def wholes(self, key: str) -> tuple[int, ...] | None:
        """A list of whole numbers, or None if there is none."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(_is_whole(item) for item in value):
            raise self._wrong(tr("{key} must be a list of whole numbers, not {value!r}"), key, value)
        return tuple(value)

    def table(self, key: str) -> Table | None:
        """A table inside of this one, or None if there is none."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(tr("{key} must be a table, not {value!r}"), key, value)
        return Table(self.path, self.line, value)

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        rows = self._values.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._wrong(tr("{key} must be a list of tables, not {value!r}"), key, rows)
        lines = self.lines.get(key, [])
        return [
            Table(self.path, lines[i] if len(lines) == len(rows) else self.line, row)
            for i, row in enumerate(rows)
        ]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
