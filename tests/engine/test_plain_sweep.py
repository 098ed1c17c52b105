"""Backward without a recorder: the same numbers, bit for bit, as when it is recorded and differentiable."""

import numpy as np
import pytest
from gradviz.engine.op import REGISTRY
from gradviz.engine.plain_rules import _BY_NAME
from gradviz.engine.plain_sweep import PlainSweep
from gradviz.engine.tensor import apply

import gradviz

WITH_RULES = [name for name, op in REGISTRY.items() if op.array_vjps]


def _grads(name: str, arrays: list[np.ndarray], watched: bool) -> list[np.ndarray]:
    inputs = [gradviz.tensor(x, requires_grad=True) for x in arrays]
    out = apply(name, tuple(inputs))
    out.backward(gradviz.full(tuple(out.shape), 0.75, dtype=out.dtype), create_graph=watched)
    return [x.grad.detach().numpy() for x in inputs]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", WITH_RULES)
def test_rules_on_arrays_are_those_on_tensors(name: str, dtype: str) -> None:
    op = REGISTRY[name]
    rng = np.random.default_rng(0)
    for sample in op.samples(rng):
        arrays = [x.astype(dtype) for x in sample.inputs]
        plain, watched = _grads(name, arrays, False), _grads(name, arrays, True)
        for x, mine, theirs in zip(arrays, plain, watched, strict=True):
            assert mine.dtype == x.dtype
            assert mine.shape == x.shape
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", _BY_NAME)
def test_rules_of_layers_are_those_on_tensors(name: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = []
    visit = PlainSweep._visit
    monkeypatch.setattr(
        PlainSweep, "_visit", lambda self, node, ready: (ordinary.append(node), visit(self, node, ready))
    )
    rng = np.random.default_rng(0)
    for sample in REGISTRY[name].samples(rng):
        arrays = [x.astype(dtype) if x.dtype.kind == "f" else x for x in sample.inputs]
        found = []
        for watched in (False, True):
            inputs = [gradviz.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
            try:
                out = apply(name, tuple(inputs), sample.attrs)
            except RuntimeError:  # some take no half precision
                break
            upstream = np.random.default_rng(1).normal(size=tuple(out.shape)).astype(dtype)
            out.backward(gradviz.tensor(upstream), create_graph=watched)
            found.append([None if x.grad is None else x.grad.detach().numpy() for x in inputs])
        for one, other in zip(*(found if len(found) == 2 else ([], [])), strict=True):
            assert (one is None) == (other is None)
            if one is not None:
                assert one.dtype == other.dtype
                np.testing.assert_array_equal(one, other)
    usual = [node for node in ordinary if node.op is not None and node.op.name == name]
    assert all(node.op.name == "linear" and len(node.spec.shape) != 2 for node in usual)


def test_a_function_of_the_users_is_no_layer_by_its_name() -> None:
    class sum(gradviz.autograd.Function):
        @staticmethod
        def forward(ctx: object, x: gradviz.Tensor) -> gradviz.Tensor:
            return x * 2.0

        @staticmethod
        def backward(ctx: object, g: gradviz.Tensor) -> gradviz.Tensor:
            return g * 100.0

    x = gradviz.tensor([1.0, 2.0], requires_grad=True)
    sum.apply(x).backward(gradviz.ones(2))
    assert x.grad.tolist() == [100.0, 100.0]


def test_one_value_that_is_used_often_gets_the_sum() -> None:
    x = gradviz.tensor([2.0, 3.0], requires_grad=True)
    y = x * x
    (y * x + y - x * 4.0).sum().backward()
    assert x.grad.tolist() == [3 * 4 + 4 - 4.0, 3 * 9 + 6 - 4.0]


def test_numbers_of_no_dimensions_stay_tensors_of_theirs() -> None:
    x = gradviz.tensor(3.0, requires_grad=True)
    (x * x).backward()
    assert x.grad.dtype is gradviz.float32
    assert x.grad.shape == ()
    assert x.grad.item() == 6.0


def test_a_value_that_was_changed_in_place_is_refused() -> None:
    x = gradviz.tensor([2.0], requires_grad=True)
    y = x + 1.0
    z = y * y
    y += 1.0
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_what_a_view_shows_may_be_changed_where_no_rule_reads_it() -> None:
    x = gradviz.tensor([2.0, 5.0], requires_grad=True)
    y = x + 1.0
    z = y[0] + y[1]
    y += 1.0
    z.backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_hooks_and_kept_gradients_see_tensors() -> None:
    seen = []
    x = gradviz.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    y.retain_grad()
    y.register_hook(lambda g: seen.append(g.tolist()) or g * 10.0)
    (y * y).sum().backward()
    assert seen == [[4.0, 8.0]]
    assert y.grad.tolist() == [40.0, 80.0]
    assert x.grad.tolist() == [80.0, 160.0]


def test_backward_through_a_freed_graph_is_refused() -> None:
    x = gradviz.tensor([1.0], requires_grad=True)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()


def test_results_of_the_short_way_know_their_line() -> None:
    x = gradviz.tensor([1.0], requires_grad=True)
    y = x * x
    assert y._node.site[2] == __file__
    assert y.requires_grad
    assert not (x.detach() * x.detach()).requires_grad
    with gradviz.no_grad():
        assert not (x * x).requires_grad


def test_a_gradient_does_not_share_memory_that_numpy_writes_into() -> None:
    memory = np.array([1.0, 2.0], np.float32)
    given = gradviz.from_numpy(memory)
    x, y = (gradviz.tensor([3.0, 4.0], requires_grad=True) for _ in range(2))
    (x + y).backward(given)
    (x * 1.0).register_hook(lambda g: given)
    z = y.view(2)
    z.register_hook(lambda g: given)
    z.backward(gradviz.ones(2))
    memory[:] = -7.0
    assert x.grad.tolist() == [1.0, 2.0]
    assert y.grad.tolist() == [2.0, 4.0]
    x.grad.numpy()[:] = 5.0
    x.grad.zero_()
    assert y.grad.tolist() == [2.0, 4.0]


def test_gradients_of_two_leaves_change_apart() -> None:
    x, y = (gradviz.tensor([3.0, 4.0], requires_grad=True) for _ in range(2))
    upstream = gradviz.ones(2)
    (x + y).backward(upstream)
    x.grad.mul_(3.0)
    upstream.numpy()[:] = 9.0
    y.grad.numpy()[0] = 8.0
    assert (x.grad.tolist(), y.grad.tolist()) == ([3.0, 3.0], [8.0, 1.0])


def test_the_gradient_of_a_number_is_an_array() -> None:
    """numpy makes scalars of products of 0-dimensional arrays; a recording keeps arrays only."""
    w = gradviz.tensor(0.5, requires_grad=True)
    (w * gradviz.tensor(3.0)).backward()
    with gradviz.record() as recorder:
        doubled = w.grad * 2
    assert recorder.program().values[0].shape == ()
    assert doubled.item() == 6
