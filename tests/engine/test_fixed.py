"""Arguments that were checked once are told apart from others that are equal, and change nothing."""

import numpy as np
import pytest
from gradviz.engine.fixed import Fixed, Known, is_constant

import gradviz
from gradviz.nn import functional


def test_equal_arguments_of_other_types_are_other_ones() -> None:
    known = Known()
    kept = known.put((1, (2, 2)), {"stride": 1})
    assert type(kept) is Fixed
    assert known.get((True, (2, 2))) is None
    assert known.get((1.0, (2, 2))) is None
    pair = (3, 3)
    again = known.put((1, pair), {"stride": 2})
    assert known.get((1, pair)) is again


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.engine.fixed._KEPT", 3)
    known = Known()
    values = [object() for _ in range(10)]
    for value in values:
        known.put((value,), {})
    assert known.get((values[-1],)) == {}
    assert known.get((values[0],)) is None


@pytest.mark.parametrize(
    ("value", "constant"),
    [(1, True), ((1, 2), True), (True, False), (1.0, False), ([1, 2], False), ((1, [2]), False)],
)
def test_only_what_never_changes_is_kept(value: object, constant: bool) -> None:
    assert is_constant(value) is constant


def test_lists_of_sizes_may_change_between_calls() -> None:
    x, w = gradviz.ones(1, 1, 6, 6), gradviz.ones(1, 1, 2, 2)
    stride = [1, 1]
    shapes = []
    for step in (1, 2, 1):
        stride[:] = [step, step]
        pooled = functional.max_pool2d(x, 2, stride)
        shapes.append((tuple(functional.conv2d(x, w, stride=stride).shape), tuple(pooled.shape)))
    assert shapes == [((1, 1, 5, 5),) * 2, ((1, 1, 3, 3),) * 2, ((1, 1, 5, 5),) * 2]


def test_checks_are_made_for_each_shape_again() -> None:
    w, bias = gradviz.ones(2, 1, 3, 3), gradviz.ones(2)
    for _ in range(3):
        assert functional.conv2d(gradviz.ones(1, 1, 5, 5), w, bias).shape == (1, 2, 3, 3)
        with pytest.raises(RuntimeError, match="channels"):
            functional.conv2d(gradviz.ones(1, 2, 5, 5), w, bias)
        with pytest.raises(RuntimeError, match="bias"):
            functional.conv2d(gradviz.ones(1, 1, 5, 5), w, gradviz.ones(3))
        with pytest.raises(TypeError):
            functional.conv2d(gradviz.ones(1, 1, 5, 5), w, bias, 1.0)


def test_a_loss_looks_at_each_target() -> None:
    scores = gradviz.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    values = []
    for reduction in ("mean", "sum", "none", "mean"):
        loss = functional.cross_entropy(scores, gradviz.tensor([2, 0]), reduction=reduction)
        values.append(loss.numpy().sum())
    log = np.log(np.exp([1.0, 2.0, 3.0]).sum()) - 3, np.log(3.0)
    assert values == pytest.approx([sum(log) / 2, sum(log), sum(log), sum(log) / 2], rel=1e-6)
    ignored = functional.cross_entropy(scores, gradviz.tensor([2, -100]))
    assert ignored.item() == pytest.approx(log[0], rel=1e-6)
    with pytest.raises(IndexError, match="out of bounds"):
        functional.cross_entropy(scores, gradviz.tensor([2, 3]))
    with pytest.raises(IndexError, match="out of bounds"):
        functional.cross_entropy(scores, gradviz.tensor([2, -1]))
