"""What gradviz remembers between two starts: one typed table, kept as JSON in the settings folder.

A missing, read-only or broken file never stops the program: defaults take over, field by field, and `problem`
says what happened, for the message bar.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .atomic import replaced
from .i18n import LANGUAGES, tr
from .paths import config_dir

FILE_NAME = "settings.json"
RECENT_FILES = 10


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _one_of(*allowed: str) -> Callable[[Any], bool]:
    return lambda value: value in allowed


def _number(low: float, high: float) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and math.isfinite(value) and low <= value <= high

    return check


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _table(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "language": _one_of("system", *LANGUAGES),
    "theme": _one_of("system", "light", "dark"),
    "text_scale": _number(0.75, 2.0),
    "reduced_motion": _flag,
    "geometry": _text,
    "window_state": _text,
    "recent_files": _texts,
    "play_speed": _number(0.1, 1000.0),
    "model": _text,
    "data": _text,
    "data_folder": _text,
    "data_file": _text,
    "sample": _whole(0, 10**9),
    "optimizer": _text,
    "learning_rate": _number(0.0, 1e6),
    "memory_strip": _flag,
    "train_iterations": _whole(1, 10**6),
    "welcome": _flag,
    "predict": _flag,
    "lesson_progress": _table,
    "hunts": _table,
    "plots": _table,
    "repeats_from": lambda value: value in (0, 2, 3) and not isinstance(value, bool),
    "overlay": _one_of("", "value", "gradient", "bytes", "time"),
}


@dataclass
class Settings:
    """The settings with their defaults; `folder` is where `save` writes, None for the settings folder.

    geometry and window_state are Qt's own, as base64; play_speed is in instructions per second; text_scale
    is a factor.
    """

    language: str = "system"
    theme: str = "system"
    text_scale: float = 1.0
    reduced_motion: bool = False
    geometry: str = ""
    window_state: str = ""
    recent_files: list[str] = field(default_factory=list)
    play_speed: float = 4.0
    model: str = "lenet"
    data: str = "digits"
    data_folder: str = ""
    data_file: str = ""
    sample: int = 0
    optimizer: str = "sgd"
    learning_rate: float = 0.01
    memory_strip: bool = True
    train_iterations: int = 20
    welcome: bool = True
    predict: bool = False
    lesson_progress: dict[str, Any] = field(default_factory=dict)
    hunts: dict[str, Any] = field(default_factory=dict)  # bug -> best score
    plots: dict[str, Any] = field(default_factory=dict)
    overlay: str = ""
    repeats_from: int = 3
    folder: Path | None = None
    problem: str | None = None

    @classmethod
    def load(cls, folder: Path | None = None) -> Settings:
        """Read the settings from `folder` (default: the settings folder); never raises."""
        settings = cls(folder=folder)
        try:
            stored = json.loads(settings.path.read_text(encoding="utf-8"))
            if not isinstance(stored, dict):
                raise ValueError("not a JSON object")
        except FileNotFoundError:
            return settings
        except (OSError, ValueError, RecursionError) as error:
            settings.problem = tr(
                "The settings in {path} cannot be read, so the defaults apply: {error}"
            ).format(path=settings.path, error=error)
            return settings
        settings._take(stored)
        return settings

    @property
    def path(self) -> Path:
        return (self.folder or config_dir()) / FILE_NAME

    def _take(self, stored: Mapping[str, Any]) -> None:
        bad = []
        for name, check in _CHECKS.items():
            if name not in stored:
                continue
            if check(stored[name]):
                setattr(self, name, stored[name])
            else:
                bad.append(name)
        if bad:
            self.problem = tr(
                "Some settings in {path} make no sense and are back at their defaults: {names}"
            ).format(path=self.path, names=", ".join(bad))

    def save(self) -> None:
        """Write the settings, whole or not at all; a failure is told in `problem`."""
        stored = {name: getattr(self, name) for name in _CHECKS}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(stored, indent=1, ensure_ascii=False, sort_keys=True)
            with replaced(self.path) as stream:
                stream.write(text.encode())
        except (OSError, TypeError, ValueError) as error:
            self.problem = tr("The settings cannot be saved in {path}: {error}").format(
                path=self.path, error=error
            )

    def remember_file(self, path: str) -> None:
        """Put `path` first among the recent files."""
        others = [other for other in self.recent_files if other != path]
        self.recent_files = [path, *others][:RECENT_FILES]
