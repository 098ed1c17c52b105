"""In-place changes: what they reach, how they are recorded, and where they are refused."""

from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.errors import InPlaceError
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase

import gradviz as torch

T = torch.Tensor


def test_a_change_reaches_all_views() -> None:
    x = torch.zeros(2, 3)
    flat, row, column, transposed = x.view(6), x[1], x[:, 0], x.t()
    flat[4] = 5
    row += 1
    column.mul_(10)
    transposed[2, 0] = 7
    assert x.tolist() == [[0, 0, 7], [10, 6, 1]]
    assert flat.tolist() == [0, 0, 7, 10, 6, 1]
    assert row.tolist() == [10, 6, 1]
    assert column.tolist() == [0, 10]
    x.fill_(2)
    for each in (flat, row, column, transposed):
        assert set(np.ravel(each.tolist())) == {2.0}


def test_views_outlive_what_they_came_from() -> None:
    x = torch.zeros(2, 2)
    a, b = x
    whole = x.view(4)
    del x
    a += 1
    b -= 1
    assert whole.tolist() == [1, 1, -1, -1]


def test_a_lone_view_is_on_its_own() -> None:
    x = torch.zeros(2, 3).view(6)
    with torch.record() as recorder:
        x.add_(1)
    assert [instr.op for instr in recorder.program().instrs] == ["add"]


def test_copies_are_not_reached() -> None:
    x = torch.zeros(3)
    others = [x.clone(), x * 1, x[torch.tensor([0, 1, 2])], x.double().float(), torch.tensor(x.tolist())]
    x.add_(1)
    assert all(each.tolist() == [0, 0, 0] for each in others)


def test_detach_and_data_share_but_do_not_require_grad() -> None:
    w = torch.ones(3, requires_grad=True)
    alias = w.detach()
    w.data.sub_(0.5)
    w.data[0] = 9
    assert w.tolist() == alias.tolist() == [9, 0.5, 0.5]
    assert w.is_leaf
    assert w.requires_grad
    assert not alias.requires_grad
    (w * w).sum().backward()
    assert w.grad.tolist() == [18, 1, 1]


def test_under_no_grad() -> None:
    w = torch.ones(2, requires_grad=True)
    (w * 3).sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.mul_(2)
        w[0] = 0
    np.testing.assert_allclose(w.tolist(), [0, 1.4], rtol=1e-6)
    assert w.is_leaf
    assert w.requires_grad


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.add_(1),
        lambda w: w.zero_(),
        lambda w: w.uniform_(),
        lambda w: w.__setitem__(0, 1.0),
        lambda w: w.copy_(torch.zeros(3)),
        lambda w: w.__iadd__(1),
        lambda w: w.view(3, 1).mul_(2),
        lambda w: w[0].fill_(1),
    ],
)
def test_a_leaf_that_requires_grad_cannot_be_changed(change: Callable[[T], object]) -> None:
    w = torch.ones(3, requires_grad=True)
    with torch.record() as recorder, pytest.raises(InPlaceError, match="under `with torch.no_grad"):
        change(w)
    assert w.tolist() == [1, 1, 1]
    assert all(instr.op in ("reshape", "slice") for instr in recorder.program().instrs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: torch.arange(3).add_(1.5), "result type torch.float32 can't be cast to the desired output"),
        (lambda: torch.zeros(3).add_(torch.ones(2, 3)), r"output with shape \[3\] doesn't match .* \[2, 3\]"),
        (lambda: torch.zeros(3, 1).expand(3, 4).add_(1), "more than one element of the written-to tensor"),
        (lambda: torch.zeros(3).fill_(torch.ones(2)), "fill_ only supports 0-dimension value tensor"),
    ],
)
def test_what_does_not_fit_is_refused(change: Callable[[], object], message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        change()


def test_gradients_flow_through_changes() -> None:
    w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    x = torch.zeros(2, 3)
    row = x[1]
    x[0] = w * 2
    row.copy_(w)
    x[:, 0] *= 5
    assert x.tolist() == [[10, 4, 6], [5, 2, 3]]
    assert x.requires_grad
    assert row.requires_grad
    (x * x).sum().backward()
    # 2 · 10 · 10 + 2 · 5 · 5, 2 · 4 · 2 + 2 · 2, 2 · 6 · 2 + 2 · 3
    assert w.grad.tolist() == [250, 20, 30]


def test_what_was_there_before_gets_no_gradient() -> None:
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    for change in (
        lambda y: y.zero_(),
        lambda y: y.fill_(4),
        lambda y: y.copy_(torch.ones(2)),
        lambda y: y.uniform_(),
    ):
        y = w * 3
        change(y)
        (y.sum() + w.sum() * 0).backward()
        assert w.grad.tolist() == [0, 0]


def test_numpy_shares_memory() -> None:
    x = torch.zeros(2, 2)
    array = x.numpy()
    row = x[1]
    x[0, 0] = 1
    array[1] = 5
    row += 1
    assert x.tolist() == array.tolist() == [[1, 0], [6, 6]]
    given = np.zeros(3)
    y = torch.from_numpy(given)
    given[0] = 4
    y.mul_(2)
    assert given.tolist() == y.tolist() == [8, 0, 0]
    assert torch.as_tensor(given).add_(1).numpy() is not None
    assert given.tolist() == [9, 1, 1]


def test_a_recording_is_not_spoilt_by_numpy() -> None:
    given = np.zeros(2, np.float32)
    x = torch.from_numpy(given)
    with torch.record() as recorder:
        a = x + 1
        given[:] = 5
        b = x + 1
        x.mul_(3)
    given[:] = 100
    program = recorder.program()
    assert (a.tolist(), b.tolist()) == ([1, 1], [6, 6])
    for value, again in zip(program.values, run(program), strict=True):
        np.testing.assert_array_equal(value, again)
    assert program.values[program.instrs[-1].output].tolist() == [15, 15]


def test_augmented_assignment_of_a_part_is_one_change() -> None:
    x = torch.zeros(3)
    with torch.record() as recorder:
        x[1] += 2
    assert x.tolist() == [0, 2, 0]
    assert [instr.op for instr in recorder.program().instrs] == ["slice", "add", "slice_put"]


def test_a_gradient_can_be_zeroed_by_hand() -> None:
    w = torch.ones(2, requires_grad=True)
    with torch.record() as recorder:
        (w * 2).sum().backward()
        w.grad.zero_()
        (w * 3).sum().backward()
    assert w.grad.tolist() == [3, 3]
    program = recorder.program()
    (zeroed,) = [instr for instr in program.instrs if instr.op == "zero_grad"]
    assert zeroed.site.phase is Phase.ZERO_GRAD
    bound = [b.slot for b in program.bindings if b.name == "w.grad"]
    assert zeroed.output in bound
    assert [program.values[slot].tolist() for slot in bound if slot is not None] == [[2, 2], [0, 0], [3, 3]]


def test_an_update_by_hand_is_recorded_as_one() -> None:
    w = torch.ones(2, requires_grad=True)
    with torch.record() as recorder:
        (w * w).sum().backward()
        with torch.no_grad():
            w -= 0.25 * w.grad
    program = recorder.program()
    update = [instr.op for instr in program.instrs if instr.site.phase is Phase.UPDATE]
    assert update == ["mul", "sub"]
    before, after = program.bound("w", 0), program.bound("w", len(program))
    assert before != after
    assert after == program.instrs[-1].output
    assert program.values[after].tolist() == [0.5, 0.5]


def test_random_fills_stay_within_their_bounds() -> None:
    torch.manual_seed(0)
    x = torch.empty(1000).uniform_(-2, 3)
    assert -2 <= min(x.tolist()) < -1.9
    assert 2.9 < max(x.tolist()) < 3
    y = torch.empty(4000).normal_(5, 0.5)
    assert y.mean().item() == pytest.approx(5, abs=0.05)
    assert y.std().item() == pytest.approx(0.5, abs=0.05)
    assert set(torch.empty(100).bernoulli_(0.5).tolist()) == {0.0, 1.0}
    assert set(torch.empty(100).random_(3).tolist()) == {0.0, 1.0, 2.0}
    torch.manual_seed(0)
    assert torch.empty(1000).uniform_(-2, 3).tolist() == x.tolist()


def test_augmented_assignment_to_data() -> None:
    p = torch.ones(2, requires_grad=True)
    with torch.record() as recorder:
        for _ in range(3):
            p.data += -0.25
    assert p.tolist() == [0.25, 0.25]
    assert p._path is None
    assert [instr.op for instr in recorder.program().instrs] == ["add"] * 3


def test_rebinding_data() -> None:
    w = torch.ones(2, requires_grad=True)
    old = w.detach()
    new = torch.zeros(3)
    w.data = new
    new.add_(4)
    assert w.tolist() == [4, 4, 4]
    assert old.tolist() == [1, 1]
    (w * w).sum().backward()
    assert w.grad.tolist() == [8, 8, 8]
    assert w.is_leaf


def test_many_views_of_views() -> None:
    x = torch.zeros(2, 2)
    y = x
    for _ in range(5000):
        y = y.t()
    y[0, 1] = 1
    assert x.tolist() == [[0, 1], [0, 0]]
