"""Models learn from files of one's own; what does not go together is told before anything is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from gradviz.app.experiment import Experiment, ExperimentError, ExperimentSpec
from gradviz.app.own_data import told
from gradviz.app.train_arguments import main
from gradviz.data import DataError, digits, fingerprint

RNG = np.random.default_rng(0)


def clusters(path: Path, count: int = 60) -> Path:
    """Two clusters far apart, in units that have nothing to do with one another."""
    labels = np.arange(count) % 2
    points = (
        RNG.normal(size=(count, 2)) * (1.0, 1000.0) + np.where(labels, 3, -3)[:, None] * (1.0, 1000.0) + 5e3
    )
    rows = [f"{x},{y},{('left', 'right')[k]}" for (x, y), k in zip(points, labels, strict=True)]
    path.write_text("\n".join(["a,b,label", *rows]))
    return path


def spec(path: Path, **choices: object) -> ExperimentSpec:
    given = {"model": "mlp", "optimizer": "adam", "learning_rate": 0.02, **choices}
    return ExperimentSpec(data="file", data_file=str(path), **given)  # type: ignore[arg-type]


def test_a_table_is_standardised_by_its_training_samples_and_learnt(tmp_path: Path) -> None:
    experiment = Experiment(spec(clusters(tmp_path / "own.csv")))
    train = experiment.trainer.samples.inputs
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(train.std(axis=0), 1, atol=1e-4)
    assert experiment.data.classes == ("left", "right")
    experiment.train(80)
    assert experiment.log.epochs[-1].test_accuracy == 1.0
    assert told(experiment.data, len(train)) == (
        "own.csv: 60 samples, 2 features, 2 classes: left, right; 48 for training and 12 for the test"
    )


def test_a_column_that_never_changes_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("\n".join(f"7,{i},{i % 2}" for i in range(20)))
    assert np.isfinite(Experiment(spec(path)).data.inputs).all()


def test_numbers_are_predicted_too(tmp_path: Path) -> None:
    x = np.linspace(-1, 1, 50)
    np.savez(tmp_path / "own.npz", x=x, y=0.5 + 2 * x)
    experiment = Experiment(spec(tmp_path / "own.npz"))
    experiment.train(300)
    assert experiment.log.epochs[-1].test_loss < 0.05


@pytest.mark.parametrize("size", [28, 32])
def test_images_are_read_by_lenet(tmp_path: Path, size: int) -> None:
    data = digits(32)
    edge = (32 - size) // 2
    images = data.inputs[:40, 0, edge : 32 - edge, edge : 32 - edge]
    np.savez(tmp_path / "own.npz", x=images, y=data.targets[:40])
    experiment = Experiment(spec(tmp_path / "own.npz", model="lenet"))
    assert experiment.data.inputs.shape == (40, 1, 32, 32)
    assert "conv2d" in {instr.op for instr in experiment.record().program.instrs}


@pytest.mark.parametrize(
    ("arrays", "model", "message"),
    [
        (
            {"x": np.zeros((60, 1, 32, 32)), "y": np.arange(60) % 12},
            "lenet",
            "10 outputs, but own.npz has 12",
        ),
        ({"x": np.zeros((12, 20, 20)), "y": np.arange(12) % 2}, "lenet", "has the shape 1×20×20"),
        ({"x": np.zeros((12, 7)), "y": np.arange(12) % 2}, "resnet18", "has the shape 7"),
        ({"x": np.zeros((12, 32, 32)), "y": np.arange(12) / 7}, "lenet", "numbers as labels"),
        ({"x": np.zeros((6, 2)), "y": np.arange(6)}, "mlp", "too few samples of each class"),
    ],
)
def test_what_a_model_cannot_read_is_told(
    tmp_path: Path, arrays: dict[str, np.ndarray], model: str, message: str
) -> None:
    np.savez(tmp_path / "own.npz", **arrays)
    with pytest.raises(ExperimentError, match=message):
        Experiment(spec(tmp_path / "own.npz", model=model))


def test_no_file_and_a_changed_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"Choose a table"):
        Experiment(ExperimentSpec(model="mlp", data="file"))
    with pytest.raises(DataError, match="there is no such file"):
        Experiment(spec(tmp_path / "none.csv"))
    path = clusters(tmp_path / "own.csv")
    known = fingerprint(path)
    path.write_text(path.read_text() + "\n1,2,left")
    with pytest.raises(ExperimentError, match="has changed since that run"):
        Experiment(spec(path, data_hash=known))


def test_the_command_trains_on_a_file_and_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out, again = clusters(tmp_path / "own.csv"), tmp_path / "out", tmp_path / "again"
    assert main(["--data", str(path), "--iterations", "12", "--out", str(out)]) == 0
    assert main(["--again", str(out), "--out", str(again)]) == 0
    first, second = (load_file(folder / "weights.safetensors") for folder in (out, again))
    assert first.keys() == second.keys()
    assert all((first[name] == second[name]).all() for name in first)
    path.write_text("something else")
    assert main(["--again", str(out), "--out", str(again)]) == 1
    assert "has changed since that run" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--data", "nothing", "--out", str(out)])
    assert "There is no nothing; choose one of digits" in capsys.readouterr().err
