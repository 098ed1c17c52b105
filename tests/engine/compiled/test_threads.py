"""Two threads: the same numbers each time, nearly those of one thread, and nothing left running."""

import threading

import numpy as np
import pytest
from gradviz.engine.compiled import Compiled, compile, compile_program, halves
from gradviz.engine.compiled.lowerings import matmul
from gradviz.engine.compiled.parts import PartwiseLowering
from gradviz.engine.jit import jit_disabled

from tests.engine.compiled.test_models import MODELS, OPTIMIZERS, Training, near, small_cnn

pytestmark = pytest.mark.skipif(jit_disabled(), reason="nothing is split then")


def values(compiled: Compiled) -> dict[str, np.ndarray]:
    return {name: compiled.value(slot).copy() for name, slot in compiled.ends.items()}


def steps(compiled: Compiled, training: Training, count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    for _ in range(count):
        x = rng.normal(size=training.shape).astype(np.float32)
        compiled.step({"x": x, "target": rng.integers(0, 10, training.shape[0])})
    return values(compiled)


@pytest.mark.parametrize(("batch", "samples"), [(4, None), (9, 2), (16, 2), (7, 1)])
@pytest.mark.parametrize("model", ["lenet", "mlp"])
def test_the_same_each_time_and_nearly_as_alone(model: str, batch: int, samples: int | None) -> None:
    make, shape = MODELS[model]
    training = Training(make, OPTIMIZERS["sgd"], (batch, *shape[1:]))
    training.record()
    program = training.record()
    alone = steps(compile_program(program, samples=samples), training, 5)
    found = []
    for _ in range(2):
        compiled = compile_program(program, samples=samples, threads=2)
        assert compiled.threads == 2
        found.append(steps(compiled, training, 5))
        compiled.close()
    for name, value in alone.items():
        np.testing.assert_array_equal(found[0][name], found[1][name], name)
        near(found[0][name], value, 1e-5, name)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_both_threads_update_the_weights(optimizer: str) -> None:
    training = Training(MODELS["lenet"][0], OPTIMIZERS[optimizer], (5, *MODELS["lenet"][1][1:]))
    training.record()
    program = training.record()
    alone = steps(compile_program(program), training, 3)
    compiled = compile_program(program, threads=2)
    _, update = compiled.shares
    assert update.start < update.middle < update.stop  # rows of the first thread, of the second
    assert update.stop == len(compiled._parts) or optimizer == "adam"  # nothing is left to one alone
    found = steps(compiled, training, 3)
    compiled.close()
    for name, value in alone.items():
        near(found[name], value, 1e-4, name)


@pytest.mark.parametrize(
    ("model", "batch", "samples"), [("lenet", 16, 2), ("lenet", 8, 3), ("mlp", 64, None)]
)
def test_the_second_half_relocated_is_what_it_would_be_lowered_anew(
    model: str, batch: int, samples: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, shape = MODELS[model]
    training = Training(make, OPTIMIZERS["momentum"], (batch, *shape[1:]))
    training.record()
    program = training.record()
    tables = []
    for way in (PartwiseLowering._relocated, PartwiseLowering._anew):
        monkeypatch.setattr(PartwiseLowering, "_relocated", way)
        compiled = compile_program(program, samples=samples, threads=2)
        tables.append((words(compiled), compiled.shares, compiled.nbytes))
        assert compiled.shares
    assert tables[0] == tables[1]


def words(compiled: Compiled) -> list[int | str]:
    """The table, where it refers to itself or to its crew by where that is in it."""
    start, crew = compiled.table.ctypes.data, compiled._crew.address if compiled._crew else 0
    inside = range(start, start + compiled.table.nbytes + 1)
    named = {crew: "crew"}
    return [f"{w - start} on" if w in inside else named.get(w, w) for w in compiled.table.tolist()]


def test_it_can_be_closed_and_goes_on() -> None:
    training = Training(*MODELS["mlp"][:1], OPTIMIZERS["sgd"], (8, 20))
    program = training.record()
    compiled = compile_program(program, threads=2)
    before = threading.active_count()
    for _ in range(3):
        steps(compiled, training, 1)
        assert threading.active_count() == before + 1
        compiled.close()
        assert threading.active_count() == before
    steps(compiled, training, 1)
    del compiled  # ends its thread too, else the test leaks it


def test_where_nothing_can_yield_one_half_follows_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    training = Training(*MODELS["mlp"][:1], OPTIMIZERS["sgd"], (8, 20))
    program = training.record()
    compiled = compile_program(program, threads=2)
    expected = steps(compiled, training, 3)
    compiled.close()
    monkeypatch.setattr(compile, "POSIX", False)
    found = steps(compile_program(program, threads=2), training, 3)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, name)


def test_one_thread_where_two_do_not_pay_or_are_not_possible() -> None:
    few = Training(*MODELS["mlp"][:1], OPTIMIZERS["sgd"], (3, 20))
    assert compile_program(few.record(), threads=2).threads == 1
    normalised = Training(small_cnn, OPTIMIZERS["sgd"], (8, 3, 11, 10))
    assert compile_program(normalised.record(), threads=2).threads == 1


def test_two_threads_share_every_kernel_of_products() -> None:
    """One that is not known ends what they share, and the updates after it are left to one thread."""
    assert set(matmul._TILES) < set(halves.OF_ROWS)
