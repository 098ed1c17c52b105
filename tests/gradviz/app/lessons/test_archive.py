"""A lesson in a zip file is unpacked as data, into its own folder and nowhere else."""

import zipfile
from pathlib import Path

import pytest

from gradviz.app.lessons import archive as module
from gradviz.app.lessons.archive import unpack
from gradviz.app.lessons.model import LessonError
from gradviz.app.lessons.reader import read_lesson
from tests.gradviz.app.lessons.folders import write_lesson


def packed(tmp_path: Path, inside: str = "sums/", **more: str) -> Path:
    folder = write_lesson(tmp_path / "source")
    path = tmp_path / "sums.zip"
    with zipfile.ZipFile(path, "w") as target:
        for file in sorted(folder.iterdir()):
            target.write(file, f"{inside}{file.name}")
        for name, text in more.items():
            target.writestr(name, text)
    return path


@pytest.mark.parametrize("inside", ["", "sums/", "a/b/"])
def test_a_lesson_is_unpacked_wherever_it_lies_in_the_archive(tmp_path: Path, inside: str) -> None:
    folder = unpack(packed(tmp_path, inside), tmp_path / "lessons")
    assert read_lesson(folder).text("en").title == "A test"
    assert folder.parent == tmp_path / "lessons"
    assert folder.name.startswith("sums-")
    assert unpack(tmp_path / "sums.zip", tmp_path / "lessons") == folder, "the same file, the same folder"


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "a/../../evil.py", "..\\evil.py", "C:\\evil.py"])
def test_nothing_is_written_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(LessonError, match="outside of its folder"):
        unpack(packed(tmp_path, **{name: "x"}), tmp_path / "lessons")
    assert not list(tmp_path.rglob("*evil*"))


def test_links_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path)
    link = zipfile.ZipInfo("sums/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as target:
        target.writestr(link, "/etc/passwd")
    with pytest.raises(LessonError, match="outside of its folder"):
        unpack(path, tmp_path / "lessons")


def test_what_is_no_lesson_is_told(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.zip"
    nothing.write_bytes(b"no zip file")
    with pytest.raises(LessonError, match="cannot be read"):
        unpack(nothing, tmp_path / "lessons")
    with zipfile.ZipFile(nothing, "w") as target:
        target.writestr("readme.txt", "x")
    with pytest.raises(LessonError, match="no lesson"):
        unpack(nothing, tmp_path / "lessons")
    with pytest.raises(LessonError, match="cannot be read"):
        unpack(tmp_path / "absent.zip", tmp_path / "lessons")


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    with pytest.raises(LessonError, match="too large"):
        unpack(packed(tmp_path), tmp_path / "lessons")
    assert not (tmp_path / "lessons").exists()
