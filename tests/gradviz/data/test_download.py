"""MNIST arrives whole or not at all, whatever happens to the network, the disk or the user's patience."""

from __future__ import annotations

import errno
import hashlib
import shutil
from pathlib import Path

import pytest

from gradviz.data import DataError
from gradviz.data.download import DownloadCancelledError, fetch_mnist
from tests.gradviz.data.server import Behaviour, serving

BODIES = {"one.gz": bytes(range(256)) * 1000, "two.gz": b"labels" * 50}
FILES = {name: f"md5:{hashlib.md5(body).hexdigest()}" for name, body in BODIES.items()}
TOTAL = sum(map(len, BODIES.values()))
NOBODY = "http://127.0.0.1:9/"  # the discard port: nothing listens


def check(folder: Path) -> None:
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == BODIES


def fetch(folder: Path, *mirrors: str, told: object = None) -> list[tuple[int, int]]:
    news: list[tuple[int, int]] = []

    def note(done: int, total: int) -> bool:
        news.append((done, total))
        return told is None or bool(told(done))  # type: ignore[operator]

    assert fetch_mnist(folder, note, mirrors=mirrors, files=FILES, total=TOTAL) == folder
    return news


def test_files_arrive_with_progress_and_are_not_asked_for_again(tmp_path: Path) -> None:
    behaviour = Behaviour(BODIES)
    with serving(behaviour) as mirror:
        news = fetch(tmp_path / "new" / "mnist", mirror)
        check(tmp_path / "new" / "mnist")
        assert news[-1] == (TOTAL, TOTAL)
        assert [done for done, _ in news] == sorted(done for done, _ in news)
        assert len(behaviour.asked) == 2
        fetch(tmp_path / "new" / "mnist", mirror)
        assert len(behaviour.asked) == 2


@pytest.mark.parametrize("ranges", [True, False])
def test_what_broke_off_is_continued_or_begun_anew(tmp_path: Path, ranges: bool) -> None:
    behaviour = Behaviour(BODIES, breaks_after=[100_000], ranges=ranges)
    with serving(behaviour) as mirror:
        with pytest.raises(DataError, match=r"one\.gz cannot be loaded: .*connection"):
            fetch(tmp_path, mirror)
        assert not (tmp_path / "one.gz").exists()
        have = (tmp_path / "one.gz.part").stat().st_size
        assert 0 < have <= 100_000
        fetch(tmp_path, mirror)
        check(tmp_path)
        assert behaviour.asked[1] == ("one.gz", f"bytes={have}-")


def test_the_next_mirror_goes_on_where_the_first_died(tmp_path: Path) -> None:
    dying, other = Behaviour(BODIES, breaks_after=[100_000]), Behaviour(BODIES)
    with serving(dying) as first, serving(other) as second:
        fetch(tmp_path, first, second)
        check(tmp_path)
    assert other.asked[0][1] is not None


def test_wrong_bytes_are_thrown_away(tmp_path: Path) -> None:
    wrong = Behaviour({**BODIES, "one.gz": BODIES["one.gz"][::-1]})
    with serving(wrong) as mirror, serving(Behaviour(BODIES)) as right:
        with pytest.raises(DataError, match="another checksum"):
            fetch(tmp_path, mirror)
        assert list(tmp_path.iterdir()) == []
        fetch(tmp_path, mirror, right)
        check(tmp_path)


def test_too_much_from_before_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "one.gz.part").write_bytes(b"x" * 2 * len(BODIES["one.gz"]))
    with serving(Behaviour(BODIES)) as mirror:
        fetch(tmp_path, mirror)
    check(tmp_path)


def test_no_network_and_no_such_file_are_told(tmp_path: Path) -> None:
    with serving(Behaviour({})) as empty, pytest.raises(DataError, match=r"404.*; http.*no connection"):
        fetch(tmp_path, empty, NOBODY)


def test_the_user_stops_and_goes_on_later(tmp_path: Path) -> None:
    with serving(Behaviour(BODIES)) as mirror:
        with pytest.raises(DownloadCancelledError):
            fetch(tmp_path, mirror, told=lambda done: done < 120_000)
        assert [path.name for path in tmp_path.iterdir()] == ["one.gz.part"]
        news = fetch(tmp_path, mirror)
        assert news[0][0] >= 120_000
    check(tmp_path)


def test_nobody_is_asked_any_more_once_it_is_stopped(tmp_path: Path) -> None:
    behaviour = Behaviour(BODIES)
    with serving(behaviour) as mirror, pytest.raises(DownloadCancelledError):
        fetch(tmp_path, mirror, told=lambda done: False)
    assert behaviour.asked == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with serving(Behaviour(BODIES)) as mirror, pytest.raises(DataError, match="No space left on device"):
        fetch(tmp_path, mirror)
    assert not (tmp_path / "one.gz").exists()
