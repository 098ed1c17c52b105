"""The check for missing system libraries, with a system that is told what it lacks."""

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.app import qt_check
from gradviz.app.qt_check import ALWAYS, FOR_X11, install_hint, missing_qt_libraries

ROOT = Path(__file__).resolve().parents[3]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems' wheels carry everything")
X11 = {"DISPLAY": ":0"}


def lacking(monkeypatch: pytest.MonkeyPatch, *missing: str) -> None:
    def load(name: str) -> None:
        if name in missing:
            raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(qt_check.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", load)


@linux_only
def test_nothing_is_missing_where_these_tests_run() -> None:
    assert missing_qt_libraries() == []


@linux_only
def test_a_library_that_does_not_exist_is_missing() -> None:
    assert not qt_check._loads("libgradviz-does-not-exist.so.1")
    assert qt_check._loads("libc.so.6")


def test_missing_ones_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch, "libEGL.so.1", "libgthread-2.0.so.0", "libglib-2.0.so.0", "libxcb-cursor.so.0")
    assert missing_qt_libraries({}) == ["libEGL.so.1", "libglib-2.0.so.0", "libgthread-2.0.so.0"]
    assert "libxcb-cursor.so.0" in missing_qt_libraries(X11)


def test_the_hint_names_each_package_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch, "libEGL.so.1", "libgthread-2.0.so.0", "libglib-2.0.so.0")
    hint = install_hint(missing_qt_libraries(X11))
    assert "libEGL.so.1, libglib-2.0.so.0, libgthread-2.0.so.0" in hint
    assert hint.endswith("apt install --no-install-recommends libegl1 libglib2.0-0")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        (X11, True),
        ({**X11, "WAYLAND_DISPLAY": "wayland-0"}, False),
        ({**X11, "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "xcb"}, True),
        ({"QT_QPA_PLATFORM": "wayland;xcb", **X11}, False),
    ],
)
def test_x11_counts_only_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: bool
) -> None:
    lacking(monkeypatch, *FOR_X11)
    assert bool(missing_qt_libraries(environment)) is expected


def test_other_systems_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch, *ALWAYS, *FOR_X11)
    monkeypatch.setattr(qt_check.sys, "platform", "darwin")
    assert missing_qt_libraries(X11) == []


def test_asking_does_not_import_qt() -> None:
    code = "import sys, gradviz.app.qt_check as q; q.missing_qt_libraries(); print('PyQt6' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


@linux_only
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("apt-cache") is None, reason="asks Debian's package lists")
def test_the_packages_exist() -> None:
    for package in sorted({*ALWAYS.values(), *FOR_X11.values()}):
        found = subprocess.run(["apt-cache", "show", package], capture_output=True, text=True, check=False)
        assert f"Package: {package}" in found.stdout, package
