"""Work on one sample shared by two threads: the numbers of one thread, bit for bit."""

import os
import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from gradviz.engine.compiled import Compiled, compile, compile_program, team
from gradviz.engine.compiled.crew import CLAIMED, DONE, JOB, POSIX, Crew
from gradviz.engine.compiled.values import Fallback, Row, Share
from gradviz.engine.jit import jit_disabled
from gradviz.engine.op import Sample
from gradviz.engine.program import Program

import gradviz
import gradviz.nn.functional as F
from gradviz import nn
from gradviz.models import LeNet
from tests.engine.compiled.test_models import OPTIMIZERS, Training
from tests.engine.compiled.test_samples import assert_agrees, recorded

pytestmark = pytest.mark.skipif(jit_disabled(), reason="there are no rows then")

CONVOLUTIONS = {
    "padded": ((1, 5, 13, 11), (36, 5, 3, 3), 1, 1),
    "strides": ((1, 6, 17, 14), (33, 6, 3, 3), 2, 1),
    "without columns": ((1, 20, 7, 9), (24, 20, 1, 1), 1, 0),
    "few pixels": ((1, 24, 3, 3), (20, 24, 3, 3), 2, 1),
    "one pixel": ((1, 24, 2, 2), (20, 24, 2, 2), 1, 0),
    "many pixels": ((1, 3, 40, 37), (18, 3, 5, 5), 1, 2),
    "some samples": ((3, 4, 20, 16), (12, 4, 3, 3), 1, 1),
    "of them, strides": ((3, 6, 17, 14), (33, 6, 3, 3), 2, 1),
    "without columns too": ((4, 20, 7, 9), (24, 20, 1, 1), 1, 0),
    "few pixels of each": ((5, 24, 3, 3), (20, 24, 3, 3), 2, 1),
    "many filters": ((3, 3, 6, 6), (40, 3, 3, 3), 2, 1),
    "many columns": ((2, 30, 50, 50), (12, 30, 5, 5), 2, 2),
}


def convolution(image: tuple[int, ...], weight: tuple[int, ...], stride: int, padding: int) -> Program:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=size).astype(np.float32) for size in (image, weight, weight[:1])]
    pairs = {"stride": (stride,) * 2, "padding": (padding,) * 2, "dilation": (1, 1), "groups": 1}
    return recorded("conv2d", Sample(tuple(arrays), pairs))


def values(compiled: Compiled) -> dict[int, np.ndarray]:
    compiled.run()
    found = {slot: array.copy() for slot, array in compiled._arrays.items()}
    compiled.close()
    return found


def assert_same(found: dict[int, np.ndarray], expected: dict[int, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for slot, value in expected.items():
        np.testing.assert_array_equal(found[slot], value, str(slot))


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_a_convolution_cut_in_two(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = convolution(*CONVOLUTIONS[name])
    assert_agrees(program)
    every = range(len(program.slots))
    alone = values(compile_program(program, every, samples=0))
    monkeypatch.setattr(team, "WORTH", 0.0)
    both = compile_program(program, every, samples=0, threads=2)
    assert len(both.shares) >= 3  # forward and both gradients at least
    assert both.threads == 2
    assert_same(values(both), alone)


def net() -> nn.Module:
    """Large enough to be shared, with everything that a residual network has."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(64, 64, 3, padding=1),
        nn.Conv2d(64, 256, 3, stride=8, padding=1),
        nn.BatchNorm2d(256),
        nn.Conv2d(256, 256, 3, padding=1, bias=False),
        nn.Flatten(),
        nn.Linear(1024, 200),
    )


def trained(compiled: Compiled, training: Training) -> dict[int, np.ndarray]:
    rng = np.random.default_rng(1)
    for _ in range(4):
        x = rng.normal(size=training.shape).astype(np.float32)
        compiled.step({"x": x, "target": rng.integers(0, 10, training.shape[0])})
    return values(compiled)


@pytest.fixture(scope="module")
def recorded_net() -> tuple[Training, Program]:
    training = Training(net, OPTIMIZERS["sgd"], (1, 3, 64, 64))
    training.record()
    return training, training.record()


def test_a_network_with_one_sample(recorded_net: tuple[Training, Program]) -> None:
    training, program = recorded_net
    both = compile_program(program, threads=2)
    shared = {both._parts[k][3] for share in both.shares for k in range(share.start, share.stop)}
    ops = {program.instrs[number].op for number in shared}
    assert {"conv2d", "conv2d_input_grad", "conv2d_weight_grad", "linear", "max_pool2d_indices"} <= ops
    assert_same(trained(both, training), trained(compile_program(program), training))


def test_everything_that_can_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch norm couples samples, so that a batch of them is shared row by row too."""
    shared: set[str] = set()

    def spied(steps: Sequence[Row | Fallback]) -> tuple[list[Row | Fallback], list[Share]]:
        made, shares = team.cut(steps)
        for share in shares:
            one, two = made[share.start], made[share.middle]
            assert isinstance(one, Row)
            assert isinstance(two, Row)
            assert one.kernel == two.kernel
            shared.add(one.kernel)
        return made, shares

    def wide() -> nn.Module:
        before = nn.Sequential(nn.Conv2d(3, 40, 3, padding=1), nn.BatchNorm2d(40), nn.ReLU())
        return nn.Sequential(
            before, nn.MaxPool2d(3, 2, 1), nn.Flatten(), nn.Linear(1200, 40), nn.BatchNorm1d(40)
        )

    monkeypatch.setattr(team, "WORTH", 0.0)
    monkeypatch.setattr(compile, "cut", spied)
    training = Training(wide, OPTIMIZERS["adam"], (3, 3, 11, 10))
    training.record()
    program = training.record()
    found = trained(compile_program(program, threads=2), training)
    assert {"nest", "sum_rows", "relu", "relu_backward", "mul", "lines_pool2d"} <= shared
    assert shared & {"conv2d", "conv2d_lines", "conv2d_channels", "conv2d_channel_pairs"}  # by the vectors
    assert_same(found, trained(compile_program(program), training))


def never(crew: Crew, arena: int) -> None:
    """No second thread, as if it had no core."""


def begun(begin: Callable[[Crew, int], None]) -> Callable[[Crew, int], None]:
    def run(crew: Crew, arena: int) -> None:
        begin(crew, arena)
        words = crew._words
        assert words[JOB] == words[CLAIMED]  # nothing is left over from the run before

    return run


@pytest.mark.parametrize("second", [False, True])
def test_the_first_thread_does_what_the_second_has_not_begun(
    second: bool, recorded_net: tuple[Training, Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    training, program = recorded_net
    expected = trained(compile_program(program), training)
    monkeypatch.setattr(Crew, "begin", begun(Crew.begin) if second else never)
    both = compile_program(program, threads=2)
    found = trained(both, training)
    assert both._crew is not None
    words = both._crew._words
    assert words[JOB] == words[CLAIMED] == 5 * len(both.shares)
    assert second or words[DONE] == 0  # what the second thread has done
    assert_same(found, expected)


@pytest.mark.skipif(not POSIX, reason="there is one thread only")
def test_the_second_thread_takes_what_is_offered() -> None:
    crew = Crew()
    crew.begin(0)
    words = crew._words
    words[JOB] = 1  # no rows, from 0 to 0
    until = time.monotonic() + 30
    while words[DONE] != 1 and time.monotonic() < until:
        os.sched_yield()
    assert words[CLAIMED] == words[DONE] == 1
    crew.end()
    crew.close()


def test_rows_that_stay_in_the_cache_are_not_shared() -> None:
    """To hand over what takes three microseconds takes longer than that."""
    net = LeNet()
    with gradviz.record() as recorder:
        F.cross_entropy(net(gradviz.randn(1, 1, 32, 32)), gradviz.tensor([3])).backward()
    assert compile_program(recorder.program(), threads=2).threads == 1
