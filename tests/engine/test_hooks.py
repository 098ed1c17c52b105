"""Hooks: when they are called, with what, in which order, and what they may change."""

import warnings

import pytest
from gradviz.engine.errors import GradError
from gradviz.engine.program import Phase

import gradviz as torch
from gradviz.autograd import grad

T = torch.Tensor


def leaf(*values: float) -> T:
    return torch.tensor(values, requires_grad=True)


def test_a_hook_sees_the_whole_gradient_once_and_may_replace_it() -> None:
    a = leaf(1.0, 2.0)
    b = a * 2
    seen = []
    b.register_hook(lambda g: seen.append(g.tolist()))
    b.register_hook(lambda g: g * 10)
    b.register_hook(lambda g: seen.append(g.tolist()))
    (b * b + b).sum().backward()
    assert seen == [[5.0, 9.0], [50.0, 90.0]]
    assert a.grad.tolist() == [100.0, 180.0]


def test_a_hook_on_a_leaf_changes_what_is_accumulated() -> None:
    a = leaf(1.0, 2.0)
    handle = a.register_hook(lambda g: g.clamp(max=3.0))
    (a * a).sum().backward()
    assert a.grad.tolist() == [2.0, 3.0]
    handle.remove()
    handle.remove()
    (a * a).sum().backward()
    assert a.grad.tolist() == [4.0, 7.0]
    with a.register_hook(lambda g: g * 0):
        (a * a).sum().backward()
    assert a.grad.tolist() == [4.0, 7.0]
    (a * a).sum().backward()
    assert a.grad.tolist() == [6.0, 11.0]


def test_hooks_of_a_leaf_stay_when_it_is_updated() -> None:
    a = leaf(1.0)
    seen = []
    a.register_hook(lambda g: seen.append(g.item()))
    a.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.item()))
    (a * 3).sum().backward()
    with torch.no_grad():
        a -= 0.5 * a.grad
    a.data = torch.tensor([7.0])
    (a * a).sum().backward()
    assert seen == [3.0, 3.0, 14.0, 17.0]


def test_a_hook_belongs_to_the_value_and_retain_grad_to_the_tensor() -> None:
    a = leaf(1.0, 2.0)
    b = a * 2
    b.retain_grad()
    seen = []
    b.register_hook(lambda g: seen.append(g.tolist()))
    b.mul_(3)
    b.sum().backward()
    assert seen == [[3.0, 3.0]]
    assert b.grad.tolist() == [1.0, 1.0]
    assert a.grad.tolist() == [6.0, 6.0]


def test_the_order_of_all_hooks() -> None:
    log = []
    a = leaf(1.0, 2.0)
    b = a * 2
    b.retain_grad()
    b.register_hook(lambda g: (log.append("b"), g * 2)[1])
    b.grad_fn.register_prehook(lambda gs: log.append(("before b", gs[0].tolist(), b.grad.tolist())))
    b.grad_fn.register_hook(lambda new, old: log.append(("after b", new[0].tolist(), new[1], len(old))))
    a.register_hook(lambda g: log.append("a"))
    a.register_post_accumulate_grad_hook(lambda t: log.append(("a.grad", t.grad.tolist())))
    leaf_fn = b.grad_fn.next_functions[0][0]
    leaf_fn.register_prehook(lambda gs: log.append("before a"))
    leaf_fn.register_hook(lambda new, old: log.append(("after a", new, old[0].tolist())))
    (b * b).sum().backward()
    assert log == [
        "b",
        ("before b", [8.0, 16.0], [8.0, 16.0]),
        ("after b", [16.0, 32.0], None, 1),
        "a",
        "before a",
        ("a.grad", [16.0, 32.0]),
        ("after a", (), [16.0, 32.0]),
    ]


def test_hooks_of_a_grad_fn_replace_gradients() -> None:
    a, b = leaf(2.0), leaf(3.0)
    y = a * b
    handle = y.grad_fn.register_hook(lambda new, old: (new[0] + 1, new[1] * 2))
    y.grad_fn.register_prehook(lambda gs: (gs[0] * 10,))
    y.sum().backward(retain_graph=True)
    assert (a.grad.item(), b.grad.item()) == (31.0, 40.0)
    handle.remove()
    y.sum().backward()
    assert (a.grad.item(), b.grad.item()) == (61.0, 60.0)


def test_hooks_of_a_leafs_function_replace_what_is_accumulated() -> None:
    a = leaf(2.0)
    y = a * 3
    y.grad_fn.next_functions[0][0].register_prehook(lambda gs: (gs[0] * 5,))
    y.backward(torch.ones(1))
    assert a.grad.item() == 15.0


def test_autograd_grad_runs_hooks_but_accumulates_nothing() -> None:
    a = leaf(1.0, 2.0)
    b = a * 2
    a.register_hook(lambda g: g * 100)
    a.register_post_accumulate_grad_hook(lambda t: pytest.fail("nothing is accumulated"))
    (g,) = grad((b * b).sum(), a)
    assert g.tolist() == [800.0, 1600.0]
    assert a.grad is None


def test_retained_gradients() -> None:
    a = leaf(2.0)
    b = a * 3
    assert not b.retains_grad
    with pytest.warns(UserWarning, match=r"use \.retain_grad\(\) on the non-leaf Tensor"):
        assert b.grad is None
    b.retain_grad()
    b.retain_grad()
    a.retain_grad()
    assert (b.retains_grad, a.retains_grad) == (True, False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert b.grad is None
    loss = (b * b).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert b.grad.tolist() == [24.0]


def test_what_hooks_compute_is_recorded_with_the_users_line() -> None:
    a = leaf(1.0, 2.0)
    with torch.record() as recorder:
        b = a.exp()
        b.register_hook(lambda g: g.sin())
        (b * 3).sum().backward()
    program = recorder.program()
    (instr,) = [instr for instr in program.instrs if instr.op == "sin"]
    assert instr.site.phase is Phase.BACKWARD
    assert instr.site.file == __file__
    assert program.instrs[instr.site.origin].op == "exp"
    after = [each for each in program.instrs if instr.output in each.inputs]
    assert [each.op for each in after] == ["mul"]  # g · exp(a), with the new g


def test_a_hook_can_be_differentiated() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    y = x**2
    y.register_hook(lambda g: g * x)
    (first,) = grad(y * y, x, create_graph=True)  # 2y · x · 2x
    (second,) = grad(first, x)  # 8xy, and through y, whose hook runs again, 4x² · x · 2x
    assert (first.item(), second.item()) == (64.0, 192.0)


def test_what_hooks_must_not_do() -> None:
    def loss_with(hook: object) -> T:
        x = leaf(1.0, 2.0)
        x.register_hook(hook)
        return (x * 2).sum()

    with pytest.raises(TypeError, match="expected Variable, but hook returned 'int'"):
        loss_with(lambda g: 3).backward()
    with pytest.raises(GradError, match="hook '<lambda>' has changed the size of value"):
        loss_with(lambda g: g.sum()).backward()
    with pytest.raises(GradError, match="type of value .was torch.float32 got torch.float64"):
        loss_with(lambda g: g.to(torch.float64)).backward()
    y = leaf(1.0) * 2
    y.grad_fn.register_hook(lambda new, old: new[:1])
    with pytest.raises(GradError, match="has returned an incorrect number of values"):
        y.sum().backward()
    x = leaf(1.0)
    x.register_post_accumulate_grad_hook(lambda t: t)
    with pytest.raises(GradError, match="should return None"):
        (x * 2).sum().backward()


def test_where_hooks_cannot_be() -> None:
    place = r", at .*test_hooks\.py:\d+$"
    with pytest.raises(
        GradError, match="cannot register a hook on a tensor that doesn't require" + ".*" + place
    ):
        torch.ones(2).register_hook(print)
    with pytest.raises(GradError, match="doesn't require gradient"):
        torch.ones(2).register_post_accumulate_grad_hook(print)
    with pytest.raises(GradError, match="cannot be registered on non-leaf tensors"):
        (leaf(1.0) * 2).register_post_accumulate_grad_hook(print)
    with pytest.raises(GradError, match="can't retain_grad on Tensor that has requires_grad=False"):
        torch.ones(2).retain_grad()
