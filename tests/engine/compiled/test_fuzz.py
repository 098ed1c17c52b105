"""Random graphs of all ops: eager, interpreter and compiled program agree, values and gradients; and a kernel
that is slightly wrong is found."""

from typing import Any

import numpy as np
import pytest
from gradviz.engine import interpret
from gradviz.engine.compiled import Compiled, compile_program
from gradviz.engine.compiled.lowering import RULES, Lowering
from gradviz.engine.compiled.lowerings.term import Term
from gradviz.engine.compiled.rows import PRECISIONS
from gradviz.engine.errors import SettingError
from gradviz.engine.jit import jit_disabled
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Instr, Program, SlotKind
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.random_graph import random_graph

NAMES = sorted(REGISTRY)
NEAR = {2: 2e-3, 4: 2e-6, 8: 1e-12}
"""By bytes of a number: what one instruction may differ, relative to the largest number that it meets."""

graphs = st.lists(st.sampled_from(NAMES), min_size=1, max_size=12)
seeds = st.integers(0, 2**32 - 1)


def agrees(program: Program) -> None:
    """All executors, on the recorded inputs and on others."""
    again = interpret.run(program)
    for slot, value in enumerate(again):
        np.testing.assert_array_equal(value, program.values[slot], str(program.slots[slot]))
    inputs = others(program)
    everything = compile_program(program, keep=range(len(program.slots)))
    little = compile_program(program)  # memory is shared by what is not wanted
    for compiled in (everything, little):
        for slot, value in inputs.items():
            compiled.set_input(slot, value)
        compiled.run()
    each_instruction(program, everything)
    for slot in set(little.ends.values()):
        close(little.value(slot), everything.value(slot), 1e-3, f"{program.slots[slot]} at the end")


def others(program: Program) -> dict[int, np.ndarray]:
    """Inputs that differ a little from the recorded ones; none where an op refuses them."""
    rng = np.random.default_rng(0)
    inputs = {
        slot: (program.values[slot] * (1 + 0.01 * rng.uniform(-1, 1, row.shape))).astype(row.dtype)
        for slot, row in enumerate(program.slots)
        if row.kind in (SlotKind.INPUT, SlotKind.PARAMETER) and row.dtype in ("float32", "float64")
    }
    try:
        interpret.run(program, inputs)
    except (SettingError, np.linalg.LinAlgError):  # no probabilities any more; no numbers
        return {}
    return inputs


def each_instruction(program: Program, compiled: Compiled) -> None:
    """Every instruction gives what the interpreter makes of the same inputs: no error can hide behind those
    of others, and none grows."""
    values = [compiled.value(slot) for slot in range(len(program.slots))]
    for index, instr in enumerate(program.instrs):
        expected = interpret.step(program, index, values)
        found = values[instr.output]
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        sizes = [largest(values[slot]) for slot in (*instr.inputs, instr.output)]
        close(found, expected, NEAR[expected.dtype.itemsize] if expected.dtype.kind == "f" else 0,
              f"{instr.op} {dict(instr.attrs)}", max(sizes))  # fmt: skip


def largest(x: np.ndarray) -> float:
    """The largest finite number."""
    if x.dtype.kind != "f":
        return 0.0
    return float(np.abs(x, where=np.isfinite(x), out=np.zeros_like(x)).max(initial=0))


def close(found: np.ndarray, expected: np.ndarray, near: float, what: str, size: float = 0) -> None:
    if expected.dtype.kind != "f":
        np.testing.assert_array_equal(found, expected, what)
        return
    atol = near * max(size, largest(expected), 0.01)
    np.testing.assert_allclose(found, expected, rtol=near, atol=atol, err_msg=what)


@settings(max_examples=15)
@given(names=graphs, seed=seeds)
@example(names=["gather", "embedding", "index", "where", "gelu", "amax"], seed=1)
def test_executors_agree(names: list[str], seed: int) -> None:
    agrees(random_graph(names, seed))


def in_turn(seed: int, count: int = 16) -> list[list[str]]:
    """All ops in random order, in so many groups."""
    names = np.random.default_rng(seed).permutation(NAMES).tolist()
    return [names[start::count] for start in range(count)]


@pytest.mark.parametrize("group", range(4))
def test_every_op_is_drawn(group: int) -> None:
    for names in in_turn(0)[group::4]:
        agrees(random_graph(names, group))


@pytest.mark.slow
@settings(max_examples=1000)
@given(names=graphs, seed=seeds)
def test_executors_agree_at_length(names: list[str], seed: int) -> None:
    agrees(random_graph(names, seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_every_op_is_drawn_again_and_again(seed: int) -> None:
    for names in in_turn(seed):
        agrees(random_graph(names, seed))


def slightly_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an op's rows come out 0.05 % too large."""
    right = RULES[name]

    def wrong(lowering: Lowering, instr: Instr) -> bool:
        lowered = right(lowering, instr)
        if lowered and lowering.views[instr.output].dtype in PRECISIONS:
            out = Term(lowering, lowering.views[instr.output])
            lowering.views[instr.output] = (out * 1.0005).view
        return lowered

    monkeypatch.setitem(RULES, name, wrong)


def finds(name: str) -> bool:
    """Whether the fuzz has something to say of an op, within a few graphs around it."""
    others: Any = np.random.default_rng(0).choice(NAMES, (6, 2))
    try:
        for seed, (before, after) in enumerate(others):
            agrees(random_graph([before, name, after], seed))
    except AssertionError:
        return True
    return False


@pytest.mark.skipif(jit_disabled(), reason="nothing is lowered then")
@pytest.mark.parametrize("name", ["gather", "gelu", "amax", "where", "conv2d", "erf", "sum_to", "mul"])
def test_a_wrong_kernel_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not finds(name)
    slightly_wrong(name, monkeypatch)
    assert finds(name)
