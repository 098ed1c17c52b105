"""Drawings: ink, undo, and the way to what the data sets hold."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.ops.create import tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz import nn
from gradviz.app.drawing import (
    BOX,
    Drawing,
    DrawingError,
    Picture,
    Stroke,
    cropped,
    ink_of,
    ink_of_image,
    prepared,
    rasterize,
    resampled,
)
from gradviz.app.drawn_net import DrawnNet, why_not
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.experiment_parts import Parts, build
from gradviz.app.recording import parameter_slots
from gradviz.data import Dataset, digits
from gradviz.optim import SGD
from tests.digit_strokes import DIGITS


def three() -> tuple[Stroke, ...]:
    return tuple(Stroke(points, 0.12) for points in DIGITS[3])


def test_ink_covers_what_a_round_pen_covers() -> None:
    dot = rasterize(((0.5, 0.5),), 0.25, 160)
    assert dot.sum() == pytest.approx(math.pi * 20**2, rel=2e-3)
    line = rasterize(((0.25, 0.5), (0.75, 0.5)), 0.25, 160)
    assert line.sum() == pytest.approx(math.pi * 20**2 + 80 * 40, rel=2e-3)
    assert (line.min(), line.max()) == (0.0, 1.0)
    assert ((line > 0) & (line < 1)).any()  # its edge is smooth
    np.testing.assert_array_equal(line, line[::-1])
    outside = rasterize(((-0.5, -0.5), (1.5, -0.5)), 0.1, 40)
    assert not outside.any()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(["stroke", "picture", "clear", "undo", "redo"]), max_size=12))
def test_undo_takes_everything_back_and_redo_brings_it_again(steps: list[str]) -> None:
    drawing = Drawing()
    for number, step in enumerate(steps):
        if step == "stroke":
            drawing.begin(0.1 * number, 0.5, 0.1)
            drawing.extend(0.1 * number, 0.9)
        elif step == "picture":
            drawing.place(np.full((2, 2), number, np.float32))
        else:
            getattr(drawing, step)()
    while drawing.can_redo:
        drawing.redo()
    shown = [drawing.visible]
    while drawing.can_undo:
        drawing.undo()
        shown.append(drawing.visible)
    assert shown[-1] == ()
    for wanted in shown[-2::-1]:
        drawing.redo()
        assert drawing.visible == wanted
    assert not drawing.can_redo


def test_drawing_on_ends_what_could_be_done_again() -> None:
    drawing, heard = Drawing(), list[int]()
    drawing.changed.connect(lambda: heard.append(len(drawing.items)))
    drawing.extend(0.1, 0.1)  # the pen is not down
    assert not drawing.items
    drawing.begin(0.1, 0.1, 0.1)
    drawing.extend(0.1, 0.1)  # the same place
    drawing.extend(0.2, 0.1)
    drawing.undo()
    drawing.begin(0.3, 0.3, 0.1)
    assert not drawing.can_redo
    assert heard == [1, 1, 0, 1]


def test_stored_digits_come_back_exactly() -> None:
    raw, large = digits(8), digits(32)
    inked = raw.inputs[:, 0].max(axis=1) >= 0.1
    usual = [i for i, row in enumerate(inked) if np.array_equal(np.flatnonzero(row), range(1, 7))]
    assert len(usual) > 500  # six of eight columns, in the middle
    for i in usual[:100]:
        for scan in (raw.inputs[i, 0], np.kron(raw.inputs[i, 0], np.ones((20, 20), np.float32))):
            # The faintest ink at the very edge is cut off with the paper.
            if cropped(scan) is not None and raw.inputs[i, 0].max(axis=1).min() >= 0.1:
                again = prepared(ink_of((Picture(scan),)), 8, "digits")
                np.testing.assert_allclose(again, raw.inputs[i, 0], atol=1 / 16 + 1e-6)
                assert np.mean(again == raw.inputs[i, 0]) > 0.98
                np.testing.assert_allclose(
                    prepared(ink_of((Picture(scan),)), 32, "digits"), large.inputs[i, 0], atol=0.07
                )


def test_a_drawing_is_prepared_like_the_shipped_digits() -> None:
    image = prepared(ink_of(three()), 8, "digits")
    np.testing.assert_array_equal(image * 16, np.round(image * 16))
    assert image.max(axis=1).min() > 0  # as high as the frame
    assert image[:, 0].max() == image[:, 7].max() == 0
    assert prepared(ink_of(three()), 32, "digits").shape == (32, 32)
    assert 0.2 < image.mean() < 0.45  # the data's is 0.31
    smaller = tuple(Stroke(tuple((x / 3, y / 3) for x, y in s.points), s.width / 3) for s in three())
    np.testing.assert_allclose(prepared(ink_of(smaller), 8, "digits"), image, atol=0.25)
    assert not prepared(ink_of(()), 32, "digits").any()


@pytest.mark.parametrize("size", [28, 32])
def test_a_drawing_is_prepared_like_mnist(size: int) -> None:
    image = prepared(ink_of(three()), size, "mnist")
    rows, columns = (np.flatnonzero(image.max(axis=axis) > 0) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == BOX
    places = np.arange(size) + 0.5
    for axis in (0, 1):
        middle = float((image.sum(axis=1 - axis) * places).sum() / image.sum())
        assert abs(middle - size / 2) <= 0.5
    assert not prepared(ink_of(()), size, "mnist").any()


def test_pictures_on_light_and_on_dark_paper() -> None:
    ink = digits(8).inputs[5, 0]
    for picture in (0.9 - 0.8 * ink, 0.05 + 0.5 * ink):
        found = ink_of_image(picture)
        np.testing.assert_allclose(found, np.where(ink < 0.1, 0, ink / ink.max()), atol=1e-5)
    with pytest.raises(DrawingError, match="only one colour"):
        ink_of_image(np.full((4, 4), 0.3))


def test_resampling_keeps_the_mean() -> None:
    image = np.random.RandomState(0).rand(13, 7).astype(np.float32)
    for shape in ((8, 8), (26, 21), (1, 1)):
        assert resampled(image, *shape).mean() == pytest.approx(image.mean(), rel=1e-5)
    np.testing.assert_allclose(resampled(image, 13, 7), image, atol=1e-6)


def test_the_network_sees_what_the_engine_computes() -> None:
    experiment = Experiment(ExperimentSpec())
    net = DrawnNet(experiment)
    assert net.see(()) is None
    seen = net.see(three())
    assert seen is not None
    np.testing.assert_array_equal(seen.image, prepared(ink_of(three()), 32, "digits"))
    iteration = experiment.record(
        Dataset("drawing", seen.image[np.newaxis, np.newaxis], np.array([3]), experiment.data.classes)
    )
    program = iteration.program
    x = next(i for i, slot in enumerate(program.slots) if slot.name == "x")
    np.testing.assert_array_equal(program.values[x][0, 0], seen.image)
    assert program.loss is not None
    loss = float(program.values[program.loss])
    assert -math.log(seen.probabilities[3]) == pytest.approx(loss, rel=1e-5)
    kept = {id(value): value for value in program.values}.values()
    for shown in seen.maps:
        assert any(v.shape[1:] == shown.value.shape and np.array_equal(v[0], shown.value) for v in kept)
    assert [shown.title for shown in seen.maps] == [
        *("conv1 · relu", "max_pool2d", "conv2 · relu", "max_pool2d#2", "fc1 · relu", "fc2 · relu")
    ]
    changed = net.see(three())  # the weights have moved
    assert changed is not None
    assert changed.probabilities[3] > seen.probabilities[3]
    assert parameter_slots(program)
    logits = experiment.evaluator().outputs(seen.image[np.newaxis, np.newaxis])
    softmax = nn.functional.softmax(tensor(logits.tolist()), dim=1)
    np.testing.assert_allclose(changed.probabilities, softmax.numpy()[0], atol=1e-6)


def test_a_network_with_batch_norm_is_seen_as_it_evaluates() -> None:
    def make(spec: ExperimentSpec) -> Parts:
        model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, 10))
        return replace(build(spec), model=model, optimizer=SGD(model.parameters(), lr=0.1))

    experiment = Experiment(ExperimentSpec(model="mlp", batch=8), make)
    experiment.record()  # the running means move
    seen = DrawnNet(experiment).see(three())
    assert seen is not None
    scores = experiment.evaluator().outputs(seen.image[np.newaxis, np.newaxis])[0].astype(np.float64)
    np.testing.assert_allclose(seen.probabilities, np.exp(scores) / np.exp(scores).sum(), atol=1e-6)


def test_what_does_not_read_drawings_says_so() -> None:
    assert why_not(None) is not None
    moons = why_not(Experiment(ExperimentSpec(model="mlp", data="moons")))
    assert moons is not None
    assert "drawings" in moons
    assert why_not(Experiment(ExperimentSpec(model="mlp"))) is None


@pytest.mark.slow
def test_a_trained_lenet_reads_drawings() -> None:
    experiment = Experiment(ExperimentSpec(optimizer="adam", learning_rate=0.002))
    experiment.train(6 * 45)
    net, raw = DrawnNet(experiment), digits(8)
    evaluator = experiment.evaluator()
    places = experiment.trainer.parts.places[1]
    own = evaluator.outputs(experiment.data.inputs[places]).argmax(axis=1)
    right = [i for i, best in zip(places, own, strict=True) if best == raw.targets[i]]
    assert len(right) > 0.93 * len(places)
    found = [net.see((Picture(np.kron(raw.inputs[i, 0], np.ones((20, 20), np.float32))),)) for i in right]
    assert all(seen is not None for seen in found)
    same = [seen.best == raw.targets[i] for seen, i in zip(found, right, strict=True) if seen is not None]
    assert np.mean(same) > 0.95
    drawn = [net.see(tuple(Stroke(points, 0.12) for points in DIGITS[digit])) for digit in range(10)]
    assert sum(seen is not None and seen.best == digit for digit, seen in enumerate(drawn)) >= 9
