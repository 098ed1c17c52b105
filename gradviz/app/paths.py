"""Where gradviz keeps its files: settings, data sets, and things that can be made again."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import platformdirs

_APP = "gradviz"


def config_dir() -> Path:
    """The settings folder; GRADVIZ_CONFIG_DIR overrides the system's. It may not exist yet."""
    return _override("GRADVIZ_CONFIG_DIR") or Path(platformdirs.user_config_dir(_APP, appauthor=False))


def data_dir() -> Path:
    """The folder for data sets; GRADVIZ_DATA_DIR overrides the system's. It may not exist yet."""
    return _override("GRADVIZ_DATA_DIR") or Path(platformdirs.user_data_dir(_APP, appauthor=False))


def cache_dir() -> Path:
    """The folder for what can be remade; GRADVIZ_CACHE_DIR overrides the system's. It may not exist yet."""
    return _override("GRADVIZ_CACHE_DIR") or Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def asset_path(*parts: str) -> Path:
    """A file or folder of those that come with gradviz (they are installed unpacked)."""
    return Path(str(files("gradviz.assets"))).joinpath(*parts)


def _override(variable: str) -> Path | None:
    value = os.environ.get(variable, "")
    return Path(value).expanduser() if value else None
