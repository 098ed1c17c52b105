"""`gradviz tour`: a walk without a display, in a process of its own."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtGui import QImage

import gradviz

PHASES = ["0-start.png", "1-forward.png", "2-loss.png", "3-backward.png", "4-update.png"]


def tour(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a checkout, with warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "gradviz", "tour", "--out", str(folder), *options],
        cwd=Path(gradviz.__file__).parent.parent,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tour") / "pictures"
    done = tour(path)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert [Path(line).name for line in done.stdout.split()] == [
        *PHASES,
        "graph.svg",
        "graph.png",
        "numbers.md",
        "numbers.json",
    ]
    return path


def test_there_is_a_picture_of_each_phase(folder: Path) -> None:
    seen = set()
    for name in PHASES:
        image = QImage(str(folder / name))
        assert (image.width(), image.height()) == (1600, 1000)
        seen.add(bytes(image.bits().asarray(image.sizeInBytes())))
    assert len(seen) == len(PHASES), "two phases look alike"


def test_the_graph_is_written_twice(folder: Path) -> None:
    assert QImage(str(folder / "graph.png")).width() == 2400
    assert "conv1" in (folder / "graph.svg").read_text("utf-8")


def test_the_numbers_are_those_of_a_training_step(folder: Path) -> None:
    first, second = json.loads((folder / "numbers.json").read_text("utf-8"))["iterations"]
    assert math.isclose(first["loss"], math.log(10), abs_tol=0.3)  # ten classes and random weights
    assert second["loss"] < first["loss"]
    assert {row["phase"] for row in first["instructions"]} == {"forward", "loss", "backward", "update"}
    assert {row["phase"] for row in second["instructions"]} >= {"zero_grad"}
    assert set(first["gradient_norms"]) == set(first["update_ratios"])
    assert len(first["gradient_norms"]) == 10
    assert f"{first['loss']:.6g}" in (folder / "numbers.md").read_text("utf-8")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = tour(tmp_path / "file" / "tour")
    assert done.returncode == 1
    assert str(tmp_path / "file") in done.stderr
