"""Tapes give what the ordinary way gives, bit for bit: values, gradients, graphs, places and errors."""

import gc
import random
import threading
import weakref
from typing import Any

import numpy as np
import pytest
from gradviz.engine import tape as tapes
from gradviz.engine.jit import jit_disabled
from gradviz.engine.state import state
from gradviz.engine.tape_machine import machine
from gradviz.engine.tape_pass import TapePass
from gradviz.engine.taped_node import TapedNode
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from tests.engine.tape_help import chain, forget_tapes, tapes_on, without  # noqa: F401

pytestmark = pytest.mark.skipif(jit_disabled(), reason="tapes are machine code")


def _bits(array: np.ndarray) -> bytes:
    """What must be equal: everything but the sign of NaN, which is nobody's."""
    return np.where(np.isnan(array), np.nan, array).astype(array.dtype).tobytes()


class Program:
    """A script made up by chance: each step does something with a tensor that there is."""

    def __init__(self, seed: int, steps: int) -> None:
        self.chance = random.Random(seed)
        dtype = self.chance.choice([gradviz.float32, gradviz.float64])
        shape = self.chance.choice([(), (1,), (3,), (2, 2), (3, 5), (64,)])
        rng = np.random.default_rng(seed)
        self.leaves = [
            gradviz.tensor(rng.normal(size=shape), dtype=dtype, requires_grad=self.chance.random() < 0.7)
            for _ in range(3)
        ]
        self.leaves[0].requires_grad_()
        self.pool = list(self.leaves)
        self.said: list[Any] = []
        self.steps = steps

    def any(self) -> Any:
        return self.chance.choice(self.pool[-6:] + self.leaves)

    def run(self) -> list[Any]:
        odd = self.chance.sample(ODD, self.chance.randrange(4))
        actions = USUAL | dict.fromkeys(odd, 2)
        names = self.chance.choices(list(actions), list(actions.values()), k=self.steps)
        for name in [*names, "backward"]:
            try:
                getattr(self, name)()
            except RuntimeError as error:
                self.said.append((name, type(error), str(error)))
                if "modified by an inplace operation" in str(error):
                    return self.said  # what had its gradient by then depends on the order
        for each in self.pool + self.leaves:
            self.note(each)
        return self.said

    def note(self, tensor: Any) -> None:
        grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
        node = tensor._node
        self.said.append(
            (
                _bits(node.array),
                None if grad is None else _bits(grad._node.array),
                tensor.requires_grad,
                node.op and node.op.name,
                node.site,
                node.mask,
                node.freed,
                str(tensor.grad_fn).split(" ")[0],
            )
        )

    def arithmetic(self) -> None:
        x, y = self.any(), self.any()
        kind = self.chance.randrange(4)
        self.pool.append(x + y if kind == 0 else x - y if kind == 1 else x * y if kind == 2 else x / y)

    def number(self) -> None:
        x, y = self.any(), self.chance.choice([2, 0.5, -3.0, 2.0, 0, 1e300, float("nan"), True])
        kind = self.chance.randrange(4)
        self.pool.append(x + y if kind == 0 else x - y if kind == 1 else x * y if kind == 2 else y * x)

    def helper(self) -> None:
        def twice(x: Any) -> Any:
            return x + x

        self.pool.append(twice(self.any()))

    def ordinary(self) -> None:
        x = self.any()
        kind = self.chance.randrange(4)
        self.pool.append(x.tanh() if kind == 0 else -x if kind == 1 else x.view(-1) if kind == 2 else x.sum())

    def total(self) -> None:
        x = self.any()
        self.pool.append(x.sum() if self.chance.random() < 0.5 else x.mean())

    def finish(self) -> None:
        x = self.any()
        loss = x.sum() if self.chance.random() < 0.5 else x.mean()
        loss.backward(retain_graph=self.chance.random() < 0.5)
        self.pool.append(loss)
        if self.chance.random() < 0.7:
            for leaf in self.leaves:
                leaf.grad = None

    def quiet(self) -> None:
        with gradviz.no_grad():
            self.pool.append(self.any() * self.any())

    def detach(self) -> None:
        self.pool.append(self.any().detach())

    def change(self) -> None:
        x = self.any()
        x += self.any()

    def change_leaf(self) -> None:
        with gradviz.no_grad():
            self.chance.choice(self.leaves).mul_(0.5)

    def numpy(self) -> None:
        array = self.any().detach().numpy()
        if array.flags.writeable:
            array[...] = 0.75

    def hook(self) -> None:
        self.any().register_hook(lambda g: g * 2)

    def retain(self) -> None:
        self.any().retain_grad()

    def look(self) -> None:
        fn = self.any().grad_fn
        self.said.append(fn and [str(each and each[0]).split(" ")[0] for each in fn.next_functions])

    def toggle(self) -> None:
        self.chance.choice(self.leaves).requires_grad_(self.chance.random() < 0.7)

    def backward(self) -> None:
        x = self.any()
        x.backward(gradviz.full_like(x, 1.5), retain_graph=self.chance.random() < 0.5)

    def backward_of_several(self) -> None:
        roots = [self.any(), self.any()]
        gradviz.autograd.backward(roots, [gradviz.full_like(x, 0.5) for x in roots], retain_graph=True)

    def second(self) -> None:
        x = self.any()
        found = gradviz.autograd.grad(
            x, self.leaves[0], gradviz.full_like(x, 1.0), create_graph=True, allow_unused=True
        )
        if found[0] is not None:
            self.pool.append(found[0])

    def forget(self) -> None:
        self.pool = self.pool[-2:]


USUAL = {
    "arithmetic": 40,
    "number": 8,
    "helper": 3,
    "ordinary": 2,
    "total": 2,
    "backward": 2,
    "finish": 2,
    "forget": 1,
}
ODD = ["quiet", "detach", "change", "change_leaf", "numpy", "hook", "retain", "look", "toggle"]
ODD += ["backward_of_several", "second"]


def _play(seed: int, steps: int) -> list[Any]:
    forget_tapes()
    with np.errstate(all="ignore"):
        return Program(seed, steps).run()


@given(st.integers(0, 10**9), st.integers(1, 80), st.sampled_from([4, 5, 20, 512]))
@settings(max_examples=150, deadline=None)
def test_any_script_does_what_it_does_without(seed: int, steps: int, rows: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tapes, "_ROWS", rows)
        assert _play(seed, steps) == without(lambda: _play(seed, steps))


def test_a_chain_goes_over_many_tapes_and_back() -> None:
    passes = []
    run = TapePass.run

    def counted(self: TapePass, *args: Any) -> None:
        passes.append(len(self._work))
        run(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TapePass, "run", counted)
        x, y = chain(4000)
        y.sum().backward()
    plain, same = without(lambda: chain(4000))
    same.sum().backward()
    assert len(passes) == 1
    assert passes[0] > 5
    assert y.tolist() == same.tolist()
    assert x.grad.tolist() == plain.grad.tolist()


def test_the_programs_made_up_by_chance_find_a_wrong_rule() -> None:
    """A gradient that is wrong by 0.05 % now and then does not go unnoticed."""
    pulls, passes = machine.pulls, machine.passes

    def wrong(rows: Any, values: Any, grads: Any, *rest: Any) -> None:
        pulls[grads.dtype.char](rows, values, grads, *rest)
        grads[0] *= 1.0005

    def wrong_pass(tape: int, rows: Any, values: Any, grads: Any, *rest: Any) -> Any:
        found = passes[grads.dtype.char](tape, rows, values, grads, *rest)
        grads[0] *= 1.0005
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "pulls", dict.fromkeys("fd", wrong))
        patch.setattr(machine, "passes", dict.fromkeys("fd", wrong_pass))
        wrong_ones = sum(_play(seed, 40) != without(lambda seed=seed: _play(seed, 40)) for seed in range(20))
    assert wrong_ones > 5


def test_tapes_go_when_the_last_tensor_goes() -> None:
    x, y = chain(600)
    first = weakref.ref(next(iter(y._tape.links.values()))[0])
    forget_tapes()
    gc.collect()
    assert first() is not None
    x._tape = None
    del y
    assert first() is None


def test_each_thread_has_tapes_of_its_own() -> None:
    x, y = chain(3)
    found = []

    def work() -> None:
        z = y * x * y
        found.append((z._tape, z.tolist()))
        z.sum().backward()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0][0] is None
    assert found[0][1] == without(lambda: (y * x * y).tolist())
    assert x.grad is not None


def test_a_row_has_one_node() -> None:
    x, y = chain(2)
    node = y._node
    assert type(node) is TapedNode
    assert y.grad_fn.next_functions[0][0] == (y * y).grad_fn.next_functions[0][0].next_functions[0][0]
    assert node.inputs[1] is x._node
    assert y._tape.node(y._row) is node


def test_rows_that_are_all_looked_at_put_tapes_off() -> None:
    x, w = gradviz.tensor([1.0, -2.0], requires_grad=True), gradviz.tensor([0.5, 0.25])
    taped = [(x * w).exp() is not None and bool(state.tapes) for _ in range(1200)]
    assert all(taped)
    (tape,) = state.tapes.values()
    before = tape.rest
    y = x * w
    assert y._tape is None
    assert tape.rest == before - 1


def test_machine_code_is_loaded_after_many_small_ops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "append", None)
    monkeypatch.setattr(machine, "counted", 0)
    monkeypatch.setattr(machine, "limit", 50)
    x = gradviz.tensor([1.0, -2.0], requires_grad=True)
    x * x  # the first of a shape goes another way, which does not count
    machine.counted = 0
    for _ in range(49):
        x * x
    assert machine.append is None
    x * x
    assert machine.append is not None
    assert (x * x)._tape is not None


def test_attributes_that_are_not_there_are_told_as_python_does() -> None:
    _, y = chain(1)
    with pytest.raises(AttributeError, match=r"^'Tensor' object has no attribute 'gard'"):
        _ = y.gard
    assert not hasattr(y, "weight")
