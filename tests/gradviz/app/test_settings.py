"""Settings survive whatever happens to their file."""

import json
import os
from pathlib import Path

import pytest

from gradviz.app.settings import RECENT_FILES, Settings


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    assert settings.problem is None
    settings.theme = "dark"
    settings.learning_rate = 0.5
    settings.lesson_progress = {"neuron": {"step": 3}}
    settings.remember_file("/tmp/a.py")
    settings.save()
    again = Settings.load(tmp_path)
    assert again == settings
    assert again.problem is None


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    Settings.load(tmp_path).save()
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\x00\xff", "[" * 100_000])
def test_a_broken_file_gives_defaults_and_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, encoding="utf-8")
    settings = Settings.load(tmp_path)
    assert settings.problem is not None
    assert "settings.json" in settings.problem
    settings.problem = None
    assert settings == Settings(folder=tmp_path)


def test_bytes_that_are_no_text_give_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b"\xff\xfe\x00\x80")
    assert Settings.load(tmp_path).problem is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("language", 3),
        ("text_scale", 99),
        ("text_scale", "big"),
        ("learning_rate", True),
        ("learning_rate", -1.0),
        ("recent_files", ["a", 1]),
        ("lesson_progress", []),
        ("train_iterations", 0),
    ],
)
def test_one_bad_field_leaves_the_others(tmp_path: Path, name: str, value: object) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({name: value, "sample": 7, "unknown": 1}))
    settings = Settings.load(tmp_path)
    assert settings.sample == 7
    assert getattr(settings, name) == getattr(Settings(), name)
    assert settings.problem is not None
    assert name in settings.problem


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"learning_rate": NaN}')
    assert Settings.load(tmp_path).learning_rate == Settings().learning_rate


def test_a_folder_that_cannot_be_written_is_told_not_raised(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    settings = Settings.load(blocked / "config")
    settings.save()
    assert settings.problem is not None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told_not_raised(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    settings = Settings.load(tmp_path)
    settings.save()
    assert settings.problem is not None


def test_what_json_cannot_hold_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    settings.sample = 5
    settings.save()
    settings.lesson_progress = {"x": object()}
    settings.save()
    assert settings.problem is not None
    assert Settings.load(tmp_path).sample == 5


def test_recent_files_are_few_and_newest_first() -> None:
    settings = Settings()
    for number in range(RECENT_FILES + 3):
        settings.remember_file(f"{number}.py")
    settings.remember_file("5.py")
    assert settings.recent_files[0] == "5.py"
    assert len(settings.recent_files) == RECENT_FILES
    assert len(set(settings.recent_files)) == RECENT_FILES


def test_the_folder_follows_the_environment(fresh_home: Path) -> None:
    assert Settings.load().path == fresh_home / "config" / "settings.json"
