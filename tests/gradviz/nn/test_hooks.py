"""Hooks of modules: before and after the forward pass, and around saving and loading."""

import copy

import pytest
from gradviz.engine.program import Phase

import gradviz as torch
import gradviz.nn as nn


class Scale(nn.Module):
    def forward(self, x, factor=1.0):
        return x * factor


X = torch.tensor([1.0, 2.0])


def test_pre_hooks_see_and_replace_the_arguments() -> None:
    net, seen = Scale(), []
    net.register_forward_pre_hook(lambda module, args: seen.append((module, args)))
    handle = net.register_forward_pre_hook(lambda module, args: args[0] + 1)
    net.register_forward_pre_hook(lambda module, args: (args[0] * 10,))
    assert net(X).tolist() == [20, 30]
    assert seen[0][0] is net
    assert seen[0][1][0] is X
    handle.remove()
    handle.remove()
    assert net(X).tolist() == [10, 20]


def test_pre_hooks_with_keywords() -> None:
    net = Scale()
    net.register_forward_pre_hook(lambda m, args, kwargs: (args, {"factor": 3.0}), with_kwargs=True)
    net.register_forward_pre_hook(lambda m, args, kwargs: None, with_kwargs=True)
    assert net(X, factor=2.0).tolist() == [3, 6]
    net.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    message = r"forward pre-hook must return None or a tuple of \(new_args, new_kwargs\), but got \(tensor"
    with pytest.raises(RuntimeError, match=message):
        net(X)


def test_hooks_see_and_replace_the_output() -> None:
    net, order = Scale(), []
    net.register_forward_hook(lambda module, args, output: order.append("first"))
    net.register_forward_hook(lambda module, args, output: order.append("before it"), prepend=True)
    net.register_forward_hook(lambda m, args, kwargs, output: output + kwargs["factor"], with_kwargs=True)
    assert net(X, factor=2.0).tolist() == [4, 6]
    assert order == ["before it", "first"]


def test_a_handle_is_a_context() -> None:
    net = Scale()
    with net.register_forward_hook(lambda module, args, output: output * 0):
        assert net(X).tolist() == [0, 0]
    assert net(X).tolist() == [1, 2]


def test_a_hook_may_remove_itself() -> None:
    net, seen = Scale(), []

    def once(module, args, output) -> None:
        seen.append(1)
        handle.remove()

    handle = net.register_forward_hook(once)
    net.register_forward_hook(lambda *_: seen.append(2))
    net(X)
    net(X)
    assert seen == [1, 2, 2]


def test_some_hooks_are_called_whatever_happens() -> None:
    class Fails(nn.Module):
        def forward(self, x):
            raise ArithmeticError("no")

    net, seen = Fails(), []
    net.register_forward_hook(lambda *given: seen.append("usual"))
    net.register_forward_hook(lambda module, args, output: seen.append(output), always_call=True)

    def faulty(module, args, output) -> None:
        raise ValueError("worse")

    net.register_forward_hook(faulty, always_call=True)
    with (
        pytest.warns(UserWarning, match="silenced as another error was raised in forward: worse"),
        pytest.raises(ArithmeticError, match="no"),
    ):
        net(X)
    assert seen == [None]


def test_an_always_called_hook_that_raises_is_called_once() -> None:
    net, calls = Scale(), []

    def faulty(module, args, output) -> None:
        calls.append(1)
        raise ValueError("worse")

    net.register_forward_hook(faulty, always_call=True)
    with pytest.raises(ValueError, match="worse"):
        net(X)
    assert calls == [1]


def test_copies_keep_their_hooks() -> None:
    net = Scale()
    net.register_forward_hook(lambda module, args, output: output + 1)
    twin = copy.deepcopy(net)
    assert twin(X).tolist() == [2, 3]
    twin._forward_hooks.clear()
    assert twin(X).tolist() == [1, 2]
    assert net(X).tolist() == [2, 3]


def test_what_hooks_compute_is_recorded_within_the_module() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    net[1].register_forward_hook(lambda module, args, output: output * 2)
    net.register_forward_pre_hook(lambda module, args: (args[0] - 1,))
    with torch.record() as recorder:
        net(torch.ones(1, 2)).sum().backward()
    program = recorder.program()
    forward = [(instr.op, instr.site.module) for instr in program.instrs if instr.site.phase is Phase.FORWARD]
    assert forward == [("sub", ""), ("linear", "0"), ("relu", "1"), ("mul", "1"), ("sum", "")]


def test_the_old_backward_hook_is_refused() -> None:
    with pytest.raises(RuntimeError, match="use register_full_backward_hook"):
        nn.ReLU().register_backward_hook(lambda *_: None)


def test_hooks_around_the_state() -> None:
    net, seen = nn.Linear(1, 1), []
    net.register_state_dict_pre_hook(lambda module, prefix, keep: seen.append((prefix, keep)))

    def add_a_note(module, state, prefix, metadata) -> None:
        state[prefix + "note"] = torch.ones(1)

    net.register_state_dict_post_hook(add_a_note)
    outer = nn.Sequential(net)
    assert list(outer.state_dict()) == ["0.weight", "0.bias", "0.note"]
    assert seen == [("0.", False)]

    def take_it_out(module, state, prefix, metadata, strict, missing, unexpected, errors) -> None:
        seen.append(float(state.pop(prefix + "note")))

    net.register_load_state_dict_pre_hook(take_it_out)
    net.load_state_dict(net.state_dict())
    assert seen[-1] == 1
    net.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.append("more"))
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "more"'):
        net.load_state_dict(net.state_dict())
    net.register_state_dict_post_hook(lambda *_: 1)
    with pytest.raises(RuntimeError, match="state_dict post-hook must return None"):
        net.state_dict()
