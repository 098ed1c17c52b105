"""Compiled code is loaded only where it is whole and belongs to this version, machine and source."""

import logging
from pathlib import Path

import pytest
from gradviz.engine.native import key, store
from gradviz.engine.native.store import Store, cache_problem


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that code is made from; the cache is a folder of this test's."""
    monkeypatch.setenv("GRADVIZ_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(store, "_problems", [])
    path = tmp_path / "source.py"
    path.write_text("x = 1")
    return path


def made(source: Path) -> Store:
    return Store("kernels", lambda: [source])


def test_what_was_written_is_read_by_the_next_process(source: Path) -> None:
    assert made(source).read("add") is None
    made(source).write("add", b"code")
    assert made(source).read("add") == b"code"
    assert made(source).read("sub") is None
    assert cache_problem() is None
    assert [path.name for path in made(source).folder.iterdir()] == ["add.code"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:30],
        lambda data: data + b"\0",
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: b"\x7fELF" + data[4:],
    ],
)
def test_a_damaged_file_is_not_there(source: Path, damage, caplog: pytest.LogCaptureFixture) -> None:
    made(source).write("add", b"machine code")
    path = made(source).path("add")
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.INFO):
        assert made(source).read("add") is None
    assert "is damaged" in caplog.text
    made(source).write("add", b"machine code")
    assert made(source).read("add") == b"machine code"


def test_a_file_of_another_function_or_version_is_not_there(source: Path) -> None:
    old = made(source)
    old.write("add", b"code")
    old.path("add").rename(old.path("sub"))
    assert made(source).read("sub") is None
    old.write("add", b"code")
    source.write_text("x = 2")
    new = made(source)
    assert new.folder != old.folder
    assert new.read("add") is None
    new.path("add").write_bytes(old.path("add").read_bytes())
    assert new.read("add") is None


def test_everything_that_takes_part_is_in_the_key(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NUMBA_OPT", "GRADVIZ_SIMD"):  # these tests run with a setting too
        monkeypatch.delenv(name, raising=False)
    found = {key.key([source])}
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert key.key([source]) in found, "does not matter"
    for name, value in (("NUMBA_OPT", "1"), ("GRADVIZ_SIMD", "baseline")):
        monkeypatch.setenv(name, value)
        found.add(key.key([source]))
    for name, value in (("get_host_cpu_name", "another"), ("get_process_triple", "arm64-unknown-linux")):
        monkeypatch.setattr(f"llvmlite.binding.{name}", lambda value=value: value)
        key._machine.cache_clear()
        found.add(key.key([source]))
    for name in ("numpy.__version__", "llvmlite.__version__"):
        monkeypatch.setattr(name, "0.0")
        key._machine.cache_clear()
        found.add(key.key([source]))
    monkeypatch.setattr(key, "_version_of_numba", lambda: "0.0")
    key._machine.cache_clear()
    found.add(key.key([source]))
    key._machine.cache_clear()
    assert len(found) == 8


def test_a_folder_that_cannot_be_made_is_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    monkeypatch.setattr(store.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    made(source).write("add", b"code")
    assert (tmp_path / "add.code").exists(), "kept for this process"
    assert str(tmp_path / "cache") in str(cache_problem())


def test_a_folder_that_cannot_be_written_is_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.os, "access", lambda path, mode: False)
    monkeypatch.setattr(store.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    made(source).write("add", b"code")
    assert "Permission denied" in str(cache_problem())


def test_a_full_disk_leaves_what_there_was(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(source).write("add", b"code")

    def full(path: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "replace", full)
    made(source).write("add", b"other")
    assert "No space left on device" in str(cache_problem())
    assert made(source).read("add") == b"code"
    assert [path.name for path in made(source).folder.iterdir()] == ["add.code"]
