"""`gradviz train` writes what the engine computed, the same again from run.json, and keeps what there is."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

import gradviz
from gradviz.app.cli import main
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.storage import load_recording

SMALL = ["train", "--model", "mlp", "--data", "moons", "--language", "en", "--no-plots"]


def test_a_run_and_the_same_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert main([*SMALL, "--epochs", "2", "--lr", "0.01", "--weight-decay", "0.1", "--out", str(one)]) == 0
    assert "Written" in capsys.readouterr().err
    run = json.loads((one / "run.json").read_text("utf-8"))
    assert run["gradviz"] == gradviz.__version__
    assert run["settings"]["weight_decay"] == 0.1
    assert main(["train", "--no-plots", "--again", str(one), "--out", str(two)]) == 0
    first, second = (gradviz.load(folder / "weights.safetensors") for folder in (one, two))
    for name, value in first.items():
        np.testing.assert_array_equal(value.numpy(), second[name].numpy())
    losses = [read_losses(folder) for folder in (one, two)]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 20
    experiment = Experiment(
        ExperimentSpec(model="mlp", data="moons", optimizer="adam", learning_rate=0.01, weight_decay=0.1)
    )
    experiment.train(20)
    for name, value in experiment.evaluator().weights().items():
        np.testing.assert_array_equal(value, first[name].numpy())
    recording = load_recording(one / "session.gradviz")
    assert [row.iteration for row in recording.trained] == list(range(1, 20))
    assert recording.iterations[-1].number == 20
    assert recording.iterations[-1].metrics.loss == pytest.approx(experiment.log.rows[-1].loss, rel=1e-5)


def read_losses(folder: Path) -> list[str]:
    lines = (folder / "metrics.csv").read_text("utf-8").splitlines()
    place = lines[0].split(",").index("loss")
    return [line.split(",")[place] for line in lines[1:]]


def test_plots_are_drawn_as_the_window_draws_them(tmp_path: Path) -> None:
    assert main([*SMALL[:-1], "--epochs", "2", "--out", str(tmp_path)]) == 0
    names = {path.name for path in (tmp_path / "plots").iterdir()}
    for name in ("loss", "accuracy", "norms", "depth", "updates", "gradient_heat"):
        assert {f"{name}.png", f"{name}.svg"} <= names
    log = json.loads((tmp_path / "metrics.json").read_text("utf-8"))
    assert len(log["epochs"]) == 2
    picture = imread(tmp_path / "plots" / "loss.png")
    assert picture.shape[:2] == (675, 1200)
    assert len(np.unique(picture[..., :3].reshape(-1, 3), axis=0)) > 20, "there are lines of several colours"
    assert "<path" in (tmp_path / "plots" / "loss.svg").read_text("utf-8")


def test_a_full_disk_is_told_and_leaves_no_halves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = []
    sync = os.fsync

    def fill(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) > 4:  # run.json and the metrics still fit, each with its folder
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fill)
    assert main([*SMALL, "--iterations", "10", "--out", str(tmp_path)]) == 1
    assert "No space left on device" in capsys.readouterr().err
    names = {path.name for path in tmp_path.iterdir()}
    assert {"run.json", "metrics.csv"} <= names
    assert not any(name.endswith(".part") for name in names)
    assert "session.gradviz" not in names
    assert len(read_losses(tmp_path)) == 10


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_keeps_what_there_is(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gradviz", *SMALL, "--iterations", "3000", "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stderr is not None
        first = child.stderr.readline()  # a tenth of it is done
        child.send_signal(signal.SIGINT)
        rest = child.stderr.read()
        assert child.wait() == 130, rest
    assert "300/3000" in first
    assert "what there is is kept" in rest
    assert 300 <= len(read_losses(tmp_path)) < 3000
    assert gradviz.load(tmp_path / "weights.safetensors")
    assert load_recording(tmp_path / "session.gradviz").iterations


def test_a_run_that_diverges_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*SMALL, "--optimizer", "sgd", "--lr", "1e30", "--out", str(tmp_path)]
    assert main(arguments) == 1
    assert "stopped being a finite number at iteration" in capsys.readouterr().err
    assert (tmp_path / "weights.safetensors").is_file()
    assert (tmp_path / "metrics.json").is_file()


def test_what_cannot_be_written_is_said_and_the_rest_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "metrics.csv").mkdir()  # a file cannot take its place
    assert main([*SMALL, "--iterations", "3", "--out", str(tmp_path)]) == 1
    assert "not everything could be written" in capsys.readouterr().err
    assert (tmp_path / "weights.safetensors").is_file()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"settings": {}, "epochs": 1, "iterations": null}'])
def test_a_run_file_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(SystemExit):
        main(["train", "--again", str(tmp_path)])


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--lr", "x"], ["--model", "vgg"], ["--download"]])
def test_misuse(wrong: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as error:
        main(["train", *wrong, "--out", str(tmp_path)])
    assert error.value.code == 2


def test_choices_that_do_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--model", "lenet", "--data", "moons", "--out", str(tmp_path)]) == 1
    assert "cannot read the data set" in capsys.readouterr().err
