"""Random programs of views and in-place changes leave the same numbers behind as in PyTorch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402

pytestmark = pytest.mark.oracle

Step = tuple[str, tuple[Any, ...]]


def views(rng: np.random.Generator, shape: tuple[int, ...]) -> Step:
    """A view op that fits a tensor of `shape`."""
    ndim = len(shape)
    choices: list[Step] = [
        ("reshape", (-1,)),
        ("unsqueeze", (int(rng.integers(ndim + 1)),)),
        ("squeeze", ()),
        ("detach", ()),
        ("same", ()),
    ]
    if ndim:
        size = shape[0]
        start = int(rng.integers(size))
        choices += [
            ("index", (int(rng.integers(size)),)),
            ("index", (slice(start, int(rng.integers(start, size + 1)) + 1),)),
            ("index", ((Ellipsis, int(rng.integers(shape[-1]))),)),
            ("index", ((slice(None, None, 2), None),)),
            ("permute", tuple(int(d) for d in rng.permutation(ndim))),
            ("transpose", (0, -1)),
        ]
    return choices[int(rng.integers(len(choices)))]


def changes(rng: np.random.Generator, shape: tuple[int, ...]) -> Step:
    number = float(np.round(rng.normal(), 2))
    choices: list[Step] = [
        ("add_", (number,)),
        ("mul_", (number,)),
        ("sub_", (number,)),
        ("div_", (2.0,)),
        ("fill_", (number,)),
        ("zero_", ()),
        ("clamp_", (-0.5, 0.5)),
        ("set all", (number,)),
        ("add other", ()),
        ("copy other", ()),
        ("iadd", (number,)),
        ("numpy", (number,)),
    ]
    if shape:
        choices += [
            ("set", (int(rng.integers(shape[0])), number)),
            ("set", (slice(int(rng.integers(shape[0])), None), number)),
            ("iadd at", (int(rng.integers(shape[0])), number)),
            ("imul at", ((Ellipsis, int(rng.integers(shape[-1]))), number)),
            ("set positive", (number,)),
        ]
    return choices[int(rng.integers(len(choices)))]


def view(x: Any, step: Step) -> Any:
    name, arguments = step
    if name == "index":
        return x[arguments[0]]
    if name == "same":
        return x
    return getattr(x, name)(*arguments)


def change(x: Any, step: Step, other: Any) -> None:
    name, arguments = step
    if name == "set all":
        x[...] = arguments[0]
    elif name == "set":
        x[arguments[0]] = arguments[1]
    elif name == "set positive":
        x[x > 0] = arguments[0]
    elif name == "iadd":
        x += arguments[0]
    elif name == "iadd at":
        x[arguments[0]] += arguments[1]
    elif name == "imul at":
        x[arguments[0]] *= arguments[1]
    elif name == "add other":
        x.add_(other)
    elif name == "copy other":
        x.copy_(other)
    elif name == "numpy":
        x.detach().numpy()[...] += np.float32(arguments[0])
    else:
        getattr(x, name)(*arguments)


def play(library: Any, seed: int, grad: bool) -> list[list[float]]:
    """Make a tensor, views of it and of them, change some in between; what they all hold after each step."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 4, int(rng.integers(0, 4))))
    start = library.tensor(np.round(rng.normal(size=shape), 2).astype(np.float32))
    leaf = None
    if grad:
        leaf = start.requires_grad_()
        start = leaf * 1
    held = [start]
    seen = []
    for _ in range(int(rng.integers(2, 12))):
        position = int(rng.integers(len(held)))
        x = held[position]
        if rng.random() < 0.5 and len(held) < 6:
            step = views(rng, tuple(x.shape))
            while grad and step[0] == "detach":
                step = views(rng, tuple(x.shape))
            held.append(view(x, step))
            if rng.random() < 0.15 and len(held) > 2:
                del held[int(rng.integers(len(held) - 1))]
        elif x.numel():
            step = changes(rng, tuple(x.shape))
            while grad and step[0] in ("numpy", "set positive", "clamp_", "div_", "mul_", "imul at"):
                step = changes(rng, tuple(x.shape))  # PyTorch has lost what their gradients need
            other = library.tensor(rng.normal(size=tuple(x.shape)).astype(np.float32))
            change(x, step, other)
        del x
        seen += [each.tolist() for each in held]
    if leaf is not None:
        loss = sum((each * each).sum() for each in held)
        if loss.requires_grad:
            loss.backward()
            seen.append([] if leaf.grad is None else leaf.grad.tolist())
    return seen


@pytest.mark.parametrize("block", range(20))
@pytest.mark.parametrize("grad", [False, True])
def test_random_programs(block: int, grad: bool) -> None:
    for seed in range(100 * block, 100 * block + 100):
        theirs = play(torch, seed, grad)
        ours = play(gradviz, seed, grad)
        assert len(ours) == len(theirs)
        for n, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5, err_msg=f"seed {seed}, observation {n}")


REFUSED: list[Callable[[Any], Any]] = [
    lambda t: t.ones(3, requires_grad=True).add_(1),
    lambda t: t.ones(3, requires_grad=True).view(3, 1).mul_(2),
    lambda t: t.ones(3, requires_grad=True)[0].zero_(),
    lambda t: t.ones(3, requires_grad=True).__setitem__(0, 1.0),
    lambda t: t.zeros(3, 1).expand(3, 4).add_(1),
    lambda t: t.arange(3).add_(1.5),
    lambda t: t.arange(3).div_(2),
    lambda t: t.zeros(3).add_(t.ones(2, 3)),
    lambda t: t.zeros(3).copy_(t.ones(2)),
    lambda t: t.zeros(3).fill_(t.ones(2)),
    lambda t: t.zeros(3).uniform_(2, 1),
    lambda t: t.zeros(3).normal_(0, -1),
    lambda t: t.zeros(3).__setitem__(5, 1.0),
    lambda t: t.zeros(2, 3).__setitem__(0, t.ones(4)),
]


@pytest.mark.parametrize("call", REFUSED)
def test_what_is_refused(call: Callable[[Any], Any]) -> None:
    for library in (torch, gradviz):
        with pytest.raises((RuntimeError, ValueError, IndexError)):
            call(library)


ALLOWED: list[Callable[[Any], Any]] = [
    lambda t: t.zeros(3, dtype=t.int64).fill_(2.7),
    lambda t: t.zeros(2, 3).copy_(t.arange(3)),
    lambda t: t.arange(4).clamp_(1, 2),
    lambda t: t.arange(4).mul_(True),
    lambda t: t.ones(2).double().add_(t.ones(2)),
    lambda t: t.ones(3).data.sub_(0.5),
    lambda t: t.ones(3).detach_(),
    lambda t: t.tensor([1.0, 4.0]).sqrt_().neg_().exp_(),
    lambda t: t.tensor([1.0, -4.0]).abs_().pow_(2),
    lambda t: t.tensor([1.5, -4.2]).round_(),
    lambda t: t.tensor([1.0, 2.0]).masked_fill_(t.tensor([True, False]), 9),
]


@pytest.mark.parametrize("call", ALLOWED)
def test_what_is_allowed(call: Callable[[Any], Any]) -> None:
    ours, theirs = call(gradviz), call(torch)
    assert (repr(ours), str(ours.dtype)) == (repr(theirs), str(theirs.dtype))


def parameter_updates(t: Any) -> list[Any]:
    w = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    alias = w.detach()
    (w * w).sum().backward()
    with t.no_grad():
        w -= 0.1 * w.grad
        w[0] = 7
    w.data.mul_(2)
    w.grad.zero_()
    kept = w.grad
    (w * 3).sum().backward()
    w.data = t.tensor([5.0, 5.0, 5.0])
    (w * w).sum().backward()
    return [w, alias, w.grad, kept is w.grad, w.is_leaf, w.requires_grad]


def a_changed_result_keeps_its_graph(t: Any) -> list[Any]:
    w = t.ones(3, requires_grad=True)
    y = w * 3
    with t.no_grad():
        y.mul_(10)
    y.sum().backward()
    return [y.tolist(), w.grad, y.is_leaf, y.grad_fn.name()]


def a_view_of_a_parameter(t: Any) -> list[Any]:
    w = t.ones(3, requires_grad=True)
    v = w[:2]
    with t.no_grad():
        w.mul_(4)
    (v * v).sum().backward()
    return [v.tolist(), w.grad]


def writing_into_zeros(t: Any) -> list[Any]:
    w = t.ones(3, requires_grad=True)
    x = t.zeros(2, 3)
    x[0] = w * 2
    x[1] = w
    row = x[1]
    (x * x).sum().backward()
    return [w.grad, x.tolist(), row.tolist(), x.requires_grad, row.requires_grad]


def shared_with_numpy(t: Any) -> list[Any]:
    array = np.zeros((2, 3), np.float32)
    x = t.from_numpy(array)
    y = x * 2
    x.add_(1)
    row = x[1]
    array[1, 0] = 5
    row += 1
    z = t.as_tensor(array)
    z.sub_(1)
    return [x, y, row, array.tolist(), x.view(-1).numpy().tolist()]


@pytest.mark.parametrize(
    "story",
    [
        parameter_updates,
        a_changed_result_keeps_its_graph,
        a_view_of_a_parameter,
        writing_into_zeros,
        shared_with_numpy,
    ],
)
def test_stories(story: Callable[[Any], list[Any]]) -> None:
    assert repr(story(gradviz)) == repr(story(torch))
