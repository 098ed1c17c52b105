"""Full backward hooks: what they are shown, and what their answers change."""

import pytest
from gradviz.engine.program import Phase

import gradviz as torch
import gradviz.nn as nn


class Product(nn.Module):
    def forward(self, x, y, note=None):
        return x * y, y * 2, note


class Double(nn.Module):
    def forward(self, x):
        return x * 2


def lists(gradients) -> list:
    return [None if each is None else each.tolist() for each in gradients]


def leaf(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, requires_grad=True)


def test_a_hook_sees_the_gradients_of_inputs_and_outputs() -> None:
    net, seen = Product(), []
    net.register_full_backward_hook(lambda m, gi, go: seen.append((m, lists(gi), lists(go))))
    x, y = leaf(1, 2), leaf(3, 4)
    a, b, note = net(x, y, "note")
    assert note == "note"
    assert a.grad_fn.name() == "BackwardHookFunctionBackward"
    (a.sum() + 10 * b.sum()).backward()
    assert seen == [(net, [[3, 4], [21, 22], None], [[1, 1], [10, 10], None])]
    assert x.grad.tolist() == [3, 4]
    assert y.grad.tolist() == [21, 22]
    net(x, y)[1].sum().backward()
    assert seen[1:] == [(net, [[0, 0], [2, 2]], [None, [1, 1], None])]


def test_what_hooks_return_replaces_the_gradients() -> None:
    net, order = Product(), []
    net.register_full_backward_pre_hook(lambda m, go: (go[0] * 10, go[1], None))
    net.register_full_backward_hook(lambda m, gi, go: order.append("then"))
    net.register_full_backward_hook(lambda m, gi, go: (gi[1], None, None), prepend=True)
    x, y = leaf(1, 2), leaf(3, 4)
    a, b, _ = net(x, y, None)
    (a + b).sum().backward()
    assert order == ["then"]
    assert x.grad.tolist() == [12, 22]
    assert y.grad.tolist() == [0, 0]


def test_hooks_see_every_pass_through_a_kept_graph() -> None:
    net, seen = Double(), []
    handle = net.register_full_backward_hook(lambda m, gi, go: seen.append(lists(gi)))
    x = leaf(1)
    y = net(x)
    y.backward(retain_graph=True)
    (y * 3).backward()
    assert seen == [[[2]], [[6]]]
    handle.remove()
    assert net(x).grad_fn.name() == "MulBackward0"


def test_each_use_of_a_shared_input_is_seen_apart() -> None:
    one, two, seen = Double(), Double(), []
    one.register_full_backward_hook(lambda m, gi, go: seen.append(("one", lists(gi))))
    two.register_full_backward_hook(lambda m, gi, go: seen.append(("two", lists(gi))))
    x = leaf(1)
    (one(x) + two(two(x))).backward()
    assert sorted(seen) == [("one", [[2]]), ("two", [[2]]), ("two", [[4]])]
    assert x.grad.tolist() == [6]


def test_nested_modules_from_the_outside_in_and_out_again() -> None:
    net, order = nn.Sequential(nn.Linear(2, 2), nn.Tanh()), []
    for name, module in net.named_modules():
        module.register_full_backward_pre_hook(lambda m, go, name=name: order.append(f"into {name}"))
        module.register_full_backward_hook(lambda m, gi, go, name=name: order.append(f"out of {name}"))
    net(torch.ones(1, 2, requires_grad=True)).sum().backward()
    assert order == ["into ", "into 1", "out of 1", "into 0", "out of 0", "out of "]


def test_without_a_gradient_for_any_input() -> None:
    net, seen = nn.Linear(2, 1), []
    net.register_full_backward_hook(lambda m, gi, go: seen.append((gi, lists(go))))
    with pytest.warns(UserWarning, match="since no inputs require gradients"):
        net(torch.ones(1, 2)).sum().backward()
    assert seen == [((None,), [[[1]]])]
    net.register_full_backward_hook(lambda m, gi, go: (go[0],))
    with (
        pytest.warns(UserWarning, match="since no inputs require gradients"),
        pytest.raises(RuntimeError, match="where no input requires gradient should always return None"),
    ):
        net(torch.ones(1, 2)).sum().backward()


def test_no_gradients_no_hooks() -> None:
    net, seen = Double(), []
    net.register_full_backward_hook(lambda *given: seen.append(given))
    with torch.no_grad():
        assert not net(leaf(1)).requires_grad
    assert net(torch.ones(1)).tolist() == [2]
    assert not seen


def test_wrong_numbers_of_gradients() -> None:
    net = Double()
    with (
        net.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0])),
        pytest.raises(RuntimeError, match="number of grad_input, got 2, but expected 1"),
    ):
        net(leaf(1)).backward()
    net.register_full_backward_pre_hook(lambda m, go: ())
    with pytest.raises(RuntimeError, match="number of grad_output, got 0, but expected 1"):
        net(leaf(1)).backward()


def test_outputs_that_cannot_be_watched() -> None:
    class Named(nn.Module):
        def forward(self, x):
            return {"y": x}

    net = Named()
    net.register_full_backward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="module output should be a Tensor or a tuple of Tensors"):
        net(leaf(1))


def test_double_backward_goes_through() -> None:
    net = Double()
    net.register_full_backward_hook(lambda m, gi, go: (gi[0] * gi[0],))
    x = leaf(3)
    (g,) = torch.autograd.grad((net(x) ** 2).sum(), x, create_graph=True)
    assert g.tolist() == [24 * 24]  # 2 (2x) 2, squared by the hook
    g.backward()
    assert x.grad.tolist() == [(2 * 24 * 8) ** 2]  # the hook sees this pass, too


def test_hooks_while_recording() -> None:
    net = nn.Sequential(nn.Linear(2, 2))
    net[0].register_full_backward_hook(lambda m, gi, go: (gi[0] * 3,))
    x = torch.ones(1, 2, requires_grad=True)
    with torch.record() as recorder:
        net(x).sum().backward()
    program = recorder.program()
    ops = [(instr.op, instr.site.module) for instr in program.instrs if instr.site.phase is Phase.FORWARD]
    assert ops == [("hook_point", "0"), ("linear", "0"), ("hook_point", "0"), ("sum", "")]
    assert "mul" in [instr.op for instr in program.instrs if instr.site.phase is Phase.BACKWARD]
