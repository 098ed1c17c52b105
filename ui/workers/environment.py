"""The environment of child processes that run gradviz's own modules."""

from __future__ import annotations

import os
from pathlib import Path

from PyQt6.QtCore import QProcessEnvironment

import gradviz


def child_environment() -> QProcessEnvironment:
    """The window's environment; in a checkout, which may not be installed, with the way to it."""
    environment = QProcessEnvironment.systemEnvironment()
    package = Path(gradviz.__file__).resolve().parent.parent
    if (package / "pyproject.toml").exists():
        known = environment.value("PYTHONPATH")
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, (str(package), known))))
    return environment
