"""Experiments: whole iterations with the right numbers, the same with the same seed, and choices that fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.node import leaf
from gradviz.engine.program import Phase, Program
from gradviz.engine.tensor import Tensor

from gradviz.app.experiment import (
    DATASETS,
    FITS,
    LEARNING_RATES,
    MODELS,
    OPTIMIZERS,
    Experiment,
    ExperimentError,
    ExperimentSpec,
    check,
    title,
)
from gradviz.app.experiment_parts import build
from gradviz.app.recording import Iteration, Metrics
from gradviz.app.session import Session
from gradviz.app.storage import load_recording, save_recording
from gradviz.data import DataError
from gradviz.nn import functional

MOONS = ExperimentSpec(model="mlp", data="moons", learning_rate=0.1)
SMALL = ExperimentSpec(model="mlp", data="digits")


def value(program: Program, name: str, moment: int) -> np.ndarray:
    slot = program.bound(name, moment)
    assert slot is not None
    return program.values[slot]


def same(one: Iteration, two: Iteration) -> bool:
    pairs = zip(one.program.values, two.program.values, strict=True)
    return one.program.pretty() == two.program.pretty() and all(x.tobytes() == y.tobytes() for x, y in pairs)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_iteration_goes_through_all_phases(optimizer: str) -> None:
    experiment = Experiment(replace(MOONS, optimizer=optimizer, learning_rate=LEARNING_RATES[optimizer]))
    experiment.record()
    program = experiment.record().program  # there is nothing to zero in the first one
    phases = list(dict.fromkeys(instr.site.phase for instr in program.instrs))
    assert phases == list(Phase)
    end = len(program)
    for name in ("layers.0.weight", "layers.4.bias"):
        assert not np.array_equal(value(program, name, 0), value(program, name, end))
        assert program.bound(f"{name}.grad", end) is not None


def test_a_digit_in_lenet() -> None:
    experiment = Experiment(ExperimentSpec(sample=7))
    iteration = experiment.record()
    program = iteration.program
    assert {"conv1", "conv2", "fc1", "fc2", "fc3", "cross_entropy"} <= set(program.scopes)
    x = value(program, "x", 0)
    assert x.tobytes() == experiment.data.inputs[7:8].tobytes()
    assert value(program, "target", 0) == experiment.data.targets[7]
    assert program.loss is not None
    assert program.slots[program.loss].name == "loss"
    for computed, recorded in zip(run(program), program.values, strict=True):
        assert computed.tobytes() == recorded.tobytes()
    weight, grad = value(program, "conv1.weight", 0), value(program, "conv1.weight.grad", len(program))
    after = value(program, "conv1.weight", len(program))
    np.testing.assert_array_equal(after, weight - np.float32(0.01) * grad)
    assert iteration.metrics.loss == pytest.approx(float(program.values[program.loss]))
    assert iteration.metrics.gradient_norms["conv1.weight"] == pytest.approx(np.linalg.norm(grad))


def test_the_code_that_is_shown() -> None:
    experiment = Experiment(ExperimentSpec())
    recording = experiment.recording()
    files = {Path(file).name: file for file in recording.sources}
    assert set(files) == {"lenet.py", "training_step.py"}
    lines = recording.sources[files["training_step.py"]].splitlines()
    models = recording.sources[files["lenet.py"]].splitlines()
    for instr in recording.iterations[0].program.instrs:
        assert instr.site.file in recording.sources
        if instr.site.phase is Phase.UPDATE:
            assert "optimizer.step()" in lines[instr.site.line - 1]
        if instr.site.phase is Phase.LOSS:
            assert "criterion" in lines[instr.site.line - 1]
        if instr.op == "conv2d":
            assert f"self.{instr.site.module}(x)" in models[instr.site.line - 1]
    assert recording.title == "LeNet-5 · Handwritten digits"
    assert recording.description.startswith("Net(\n  (conv1): Conv2d(1, 6, kernel_size=(5, 5)")
    assert recording.classes == tuple("0123456789")


@pytest.mark.parametrize("spec", [MOONS, SMALL, ExperimentSpec()], ids=["moons", "mlp", "lenet"])
def test_the_same_seed_gives_the_same_numbers(spec: ExperimentSpec) -> None:
    one, two = Experiment(spec), Experiment(spec)
    assert same(one.record(), two.record())
    losses = [[row.loss for row in experiment.train(3)] for experiment in (one, two)]
    assert losses[0] == losses[1]
    assert same(one.record(), two.record())
    other = Experiment(replace(spec, seed=1))
    assert not same(Experiment(spec).record(), other.record())


def test_training_learns_and_counts_on() -> None:
    experiment = Experiment(replace(MOONS, learning_rate=0.3))
    assert experiment.record().number == 1
    rows = experiment.train(150)
    assert [row.iteration for row in rows] == list(range(2, 152))
    assert np.mean([row.loss for row in rows[-10:]]) < 0.6 * np.mean([row.loss for row in rows[:10]])
    assert experiment.record().number == 152
    names = ["layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"]
    assert list(rows[0].gradient_norms)[:4] == list(rows[0].update_ratios)[:4] == names
    assert all(row.seconds > 0 for row in rows)


def test_training_and_recording_measure_alike() -> None:
    spec = replace(MOONS, train_batch=4, optimizer="momentum")
    trained = Experiment(spec).train(1)[0]
    experiment = Experiment(spec)
    trainer = experiment.trainer
    batch = trainer.samples.select(trainer.batches.at(0))
    experiment._parts = replace(experiment._parts, data=batch)
    experiment._spec = replace(spec, batch=4)
    recorded = experiment.record().metrics
    assert recorded.loss == trained.loss
    for ours, theirs in (
        (recorded.gradient_norms, trained.gradient_norms),
        (recorded.update_ratios, trained.update_ratios),
    ):
        assert ours == pytest.approx(dict(theirs), rel=1e-6)


def test_training_can_be_stopped_and_goes_on() -> None:
    experiment = Experiment(MOONS)
    seen: list[tuple[int, int]] = []

    def progress(metrics: Metrics, done: int) -> bool:
        seen.append((metrics.iteration, done))
        return done < 3

    assert [row.iteration for row in experiment.train(10, progress)] == [1, 2, 3]
    assert seen == [(1, 1), (2, 2), (3, 3)]
    assert [row.iteration for row in experiment.train(2)] == [4, 5]
    whole = Experiment(MOONS)
    assert [row.loss for row in whole.train(5)][3:] == [row.loss for row in Experiment(MOONS).train(5)][3:]
    assert experiment.train(0) == []


def test_training_leaves_nothing_behind_in_a_recorder() -> None:
    experiment = Experiment(MOONS)
    experiment.record()
    experiment.train(2)
    program = experiment.record().program
    assert len([slot for slot in program.slots if slot.name == "x"]) == 1


def test_another_sample_and_another_rate_keep_the_weights() -> None:
    experiment = Experiment(MOONS)
    weight = value(experiment.record().program, "layers.0.weight", 10**6)
    experiment.choose_sample(5)
    experiment.choose_learning_rate(0.5)
    program = experiment.record().program
    assert value(program, "layers.0.weight", 0).tobytes() == weight.tobytes()
    assert value(program, "x", 0).tobytes() == experiment.data.inputs[5:6].tobytes()
    after, grad = (value(program, f"layers.0.weight{end}", len(program)) for end in ("", ".grad"))
    np.testing.assert_array_equal(after, weight - np.float32(0.5) * grad)
    assert (experiment.spec.sample, experiment.spec.learning_rate) == (5, 0.5)
    for wrong in (-1, len(experiment.data)):
        with pytest.raises(ExperimentError, match="no sample"):
            experiment.choose_sample(wrong)
    with pytest.raises(ExperimentError, match="learning rate"):
        experiment.choose_learning_rate(0.0)


def test_a_batch_wraps_around_the_end() -> None:
    last = len(Experiment(MOONS).data) - 1
    experiment = Experiment(replace(MOONS, sample=last, batch=3))
    x = value(experiment.record().program, "x", 0)
    np.testing.assert_array_equal(x, experiment.data.inputs[[last, 0, 1]])


def test_the_loss_is_what_eager_code_computes() -> None:
    parts = build(SMALL)
    x = Tensor._from_node(leaf(parts.data.inputs[:1]))
    target = Tensor._from_node(leaf(parts.data.targets[:1]))
    expected = float(functional.cross_entropy(parts.model(x), target))
    assert Experiment(SMALL).record().metrics.loss == expected


def test_every_fitting_pair_can_be_built() -> None:
    for model, datasets in FITS.items():
        for data in datasets:
            spec = ExperimentSpec(model=model, data=data, data_folder="/nowhere", data_file="/nowhere.csv")
            check(spec)
            if data not in ("mnist", "file"):
                parts = build(spec)
                shape = parts.prepare(parts.data.inputs[:2]).shape
                assert shape[0] == 2


def idx(array: np.ndarray) -> bytes:
    """Bytes in the format of MNIST's files."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes((0, 0, 8, array.ndim)) + sizes + array.tobytes()


@pytest.mark.parametrize(("model", "size"), [("lenet", 32), ("mlp", 28)])
def test_mnist_files(tmp_path: Path, model: str, size: int) -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (20, 28, 28), np.uint8), np.arange(20, dtype=np.uint8) % 10
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(images))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(labels))
    spec = ExperimentSpec(model=model, data="mnist", data_folder=str(tmp_path), sample=19)
    experiment = Experiment(spec)
    assert value(experiment.record().program, "x", 0).shape == (1, 1, size, size)
    assert len(experiment.train(1)) == 1
    with pytest.raises(DataError, match="no such folder"):
        Experiment(replace(spec, data_folder=str(tmp_path / "missing")))


def test_mnist_is_tested_on_its_own_test_digits(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for part, count in (("train", 20), ("t10k", 10)):
        images, labels = (
            rng.integers(0, 256, (count, 28, 28), np.uint8),
            np.arange(count, dtype=np.uint8) % 10,
        )
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels))
    parts = build(ExperimentSpec(model="mlp", data="mnist", data_folder=str(tmp_path)))
    assert (len(parts.data), len(parts.train), len(parts.test)) == (30, 20, 10)
    np.testing.assert_array_equal(parts.test.inputs[:, 0], images / np.float32(255))
    assert np.shares_memory(parts.train.inputs, parts.data.inputs)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="t10k-labels"):
        build(ExperimentSpec(model="mlp", data="mnist", data_folder=str(tmp_path)))


@pytest.mark.slow
def test_resnet() -> None:
    experiment = Experiment(ExperimentSpec(model="resnet18"))
    iteration = experiment.record()
    assert {"layer1.0.conv1", "layer4.1.bn2", "fc"} <= set(iteration.program.scopes)
    assert np.isfinite(iteration.metrics.loss)
    assert len(experiment.train(1)) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"model": "lenet", "data": "moons"}, "LeNet-5 cannot read the data set Two moons; it takes: Handwr"),
        ({"model": "resnet18", "data": "moons"}, "ResNet-18 cannot read"),
        ({"model": "vgg"}, "no vgg; choose one of lenet, mlp, resnet18"),
        ({"data": "imagenet"}, "no imagenet"),
        ({"optimizer": "lion"}, "no lion"),
        ({"data": "mnist"}, "folder"),
        ({"learning_rate": 0.0}, "learning rate"),
        ({"learning_rate": float("nan")}, "learning rate"),
        ({"momentum": -1.0}, "momentum"),
        ({"batch": 0}, "batch"),
        ({"train_batch": 0}, "batch"),
        ({"sample": 10**9}, "no sample"),
    ],
)
def test_choices_that_do_not_work(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ExperimentError, match=words):
        Experiment(replace(ExperimentSpec(), **wrong))  # type: ignore[arg-type]


def test_everything_to_choose_has_a_title_and_a_rate() -> None:
    for table in (MODELS, DATASETS, OPTIMIZERS):
        for identifier, text in table.items():
            assert title(identifier) == text
    assert set(LEARNING_RATES) == set(OPTIMIZERS)
    assert set(FITS) == set(MODELS)


def test_a_recorded_experiment_survives_the_disk_and_drives_the_session(tmp_path: Path) -> None:
    experiment = Experiment(MOONS)
    recording = experiment.recording(experiment.record(), experiment.record())
    save_recording(recording, tmp_path / "moons.gradviz")
    session = Session()
    session.load(load_recording(tmp_path / "moons.gradviz"))
    assert session.timeline is not None
    session.timeline.end()
    assert session.state is not None
    weight = session.state.named("layers.0.weight")
    assert weight is not None
    assert weight.tobytes() == value(recording.iterations[1].program, "layers.0.weight", 10**6).tobytes()
    session.add_iteration(experiment.record())
    session.add_metrics(experiment.train(4))
    assert [row.iteration for row in session.metrics] == [1, 2, 3, 4, 5, 6, 7]
