"""The checker passes right rules and catches wrong ones, however slightly wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradviz.engine import Tensor
from gradviz.engine.dtypes import float64
from gradviz.engine.function import Function
from gradviz.engine.gradcheck import gradcheck, gradgradcheck, slope
from gradviz.engine.gradcheck_extra import GradcheckError
from gradviz.engine.op import REGISTRY
from gradviz.engine.ops.arithmetic import Add, Div, Mul, Sub
from gradviz.engine.ops.create import tensor
from gradviz.engine.ops.hyperbolic import Tanh
from gradviz.engine.ops.logarithms import Exp
from gradviz.engine.tensor import apply

RNG = np.random.default_rng(0)


def leaf(*shape: int, low: float = -2, high: float = 2) -> Tensor:
    return tensor(RNG.uniform(low, high, shape), requires_grad=True)


Rule = Callable[..., Tensor]


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace one rule of an op for the time of a test."""

    def put(name: str, position: int, rule: Rule) -> None:
        kind = type(REGISTRY[name])
        rules = list(kind.vjps)
        rules[position] = rule
        monkeypatch.setattr(kind, "vjps", tuple(rules))

    return put


RIGHT = [
    (lambda x, y: x * y, (3, 2), (3, 2)),
    (lambda x, y: x / (y + 5), (3, 2), (2,)),
    (lambda x, y: (x.tanh() * y.exp()).sum(0), (3, 2), ()),
    (lambda x, y: (x.sigmoid(), y.abs()), (4,), (3,)),
    (lambda x, y: x.reshape(6)[2:] @ y, (2, 3), (4,)),
]


@pytest.mark.parametrize(("function", "a", "b"), RIGHT)
def test_right_rules_pass(function: Rule, a: tuple[int, ...], b: tuple[int, ...]) -> None:
    assert gradcheck(function, [leaf(*a), leaf(*b)])
    assert gradgradcheck(function, [leaf(*a), leaf(*b)])


def caught(function: Rule, *inputs: Tensor) -> None:
    assert not gradcheck(function, inputs, raise_exception=False)
    with pytest.raises(GradcheckError, match="the gradient of input|shape"):
        gradcheck(function, inputs)


@pytest.mark.parametrize("factor", [1.0005, 0.9995, -1.0, 0.0, 2.0])
@pytest.mark.parametrize(
    ("op", "slope_of"),
    [(Exp, lambda g, y, x: g * y), (Tanh, lambda g, y, x: g * (1 - y * y))],
)
def test_a_wrong_factor_is_caught(wrong: Any, op: Any, slope_of: Rule, factor: float) -> None:
    wrong(op.name, 0, lambda g, y, x: slope_of(g, y, x) * factor)
    caught(lambda x: apply(op.name, (x,)), leaf(3, 2))


def test_a_wrong_sign_is_caught(wrong: Any) -> None:
    wrong(Sub.name, 1, lambda g, z, x, y: g)
    caught(lambda x, y: x - y, leaf(3), leaf(3))


def test_swapped_operands_are_caught(wrong: Any) -> None:
    wrong(Mul.name, 0, lambda g, z, x, y: g * x)
    wrong(Mul.name, 1, lambda g, z, x, y: g * y)
    caught(lambda x, y: x * y, leaf(3), leaf(3))


def test_swapped_operands_of_a_quotient_are_caught(wrong: Any) -> None:
    wrong(Div.name, 1, lambda g, z, x, y: -(g * y) / (x * x))
    caught(lambda x, y: x / y, leaf(3, low=1), leaf(3, low=1))


def test_a_missing_sum_over_broadcast_copies_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_copy(contribution: Tensor, source: Any) -> Tensor:
        array = contribution._node.array
        while array.ndim > len(source.spec.shape):
            array = array[0]
        return tensor(array)

    monkeypatch.setattr("gradviz.engine.sweep._fit", first_copy)
    caught(lambda x, y: x * y, leaf(2, 3), leaf(3))


def test_a_rule_without_the_sum_leaves_a_wrong_shape_that_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.engine.sweep._fit", lambda contribution, source: contribution)
    caught(lambda x, y: x + y, leaf(2, 3), leaf(3))


@pytest.mark.parametrize("index", [(0, 0), (1, 2), (2, 1)])
@pytest.mark.parametrize("error", [1e-3, -0.5, 1.0])
def test_one_wrong_element_is_caught(wrong: Any, index: tuple[int, int], error: float) -> None:
    spoilt = np.ones((3, 3))
    spoilt[index] += error
    wrong(Add.name, 0, lambda g, z, x, y: g * tensor(spoilt))
    caught(lambda x, y: x + y, leaf(3, 3), leaf(3, 3))


def test_a_gradient_that_is_not_a_number_is_caught(wrong: Any) -> None:
    wrong(Exp.name, 0, lambda g, y, x: g * float("nan"))
    caught(lambda x: x.exp(), leaf(2))


def test_a_rule_that_is_only_wrong_the_second_time_is_caught(wrong: Any) -> None:
    wrong(Tanh.name, 0, lambda g, y, x: g * (1 - y.detach() * y.detach()))
    assert gradcheck(lambda x: x.tanh(), leaf(3))
    assert not gradgradcheck(lambda x: x.tanh(), leaf(3), raise_exception=False)


def test_a_kink_is_left_out_but_its_neighbours_are_not(wrong: Any) -> None:
    x = tensor([0.0, 1.0, -2.0], dtype=float64, requires_grad=True)
    assert gradcheck(lambda x: x.abs(), x)
    near = tensor([1e-5, 1.0], dtype=float64, requires_grad=True)
    assert gradcheck(lambda x: x.abs(), near)
    wrong("abs", 0, lambda g, y, x: g * 0.999 * x.sign())
    caught(lambda x: x.abs(), x)


def test_nothing_but_kinks_is_no_proof() -> None:
    x = tensor(np.zeros(3), requires_grad=True)
    with pytest.raises(GradcheckError, match="not smooth"):
        gradcheck(lambda x: x.abs(), x)


@pytest.mark.parametrize(
    ("function", "value", "smooth"),
    [
        (lambda t: (1 + t) ** 3, 3.0, True),
        (lambda t: np.exp(5 * t), 5.0, True),
        (lambda t: abs(t), 0.0, False),
        (lambda t: max(t, 0.0), 0.5, False),
        (lambda t: float(t > 0), None, False),
        (lambda t: abs(t - 2e-4), -1.0, True),
    ],
)
def test_slopes(function: Callable[[float], float], value: float | None, smooth: bool) -> None:
    found = slope(function, 1e-3, 1e-5)
    assert found.smooth is smooth
    if value is not None:
        assert found.value == pytest.approx(value, rel=1e-8, abs=1e-8)


def test_what_it_needs() -> None:
    with pytest.raises(ValueError, match="at least one input tensor to require gradient"):
        gradcheck(lambda x: x * 2, tensor([1.0]))


class Crooked(Function):
    """x², with a derivative that is half of the right one."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, upstream: Any) -> Any:
        (x,) = ctx.saved_tensors
        return upstream * x


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("function", [lambda x: x * x * 0.3, Crooked.apply])
def test_single_precision_is_warned_of_and_not_confirmed(function: Any, fast_mode: bool) -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    told = "^Input #0 requires gradient and is not a double precision"
    with pytest.warns(UserWarning, match=told):
        assert not gradcheck(function, (x,), fast_mode=fast_mode, raise_exception=False)
    with pytest.warns(UserWarning, match=told), pytest.raises(RuntimeError):
        gradcheck(function, (x,), fast_mode=fast_mode)


def test_without_a_gradient_the_slopes_must_be_zero() -> None:
    assert gradcheck(lambda x: x.detach() * 0 + 1, leaf(2))
    assert gradgradcheck(lambda x: x.floor(), leaf(2))
    with pytest.raises(GradcheckError):
        gradcheck(lambda x: x.detach() * 2, leaf(2))


@pytest.mark.parametrize("factor", [1.0005, 0.9995, 2.0])
@pytest.mark.parametrize(
    ("name", "position", "rule"),
    [
        ("sin", 0, lambda g, y, x: g * x.cos()),
        ("sigmoid", 0, lambda g, y, x: g * y * (1 - y)),
        ("div", 1, lambda g, z, x, y: -g * z / y),
        ("sum", 0, lambda g, y, x, dim, keepdim: g.expand(x.shape)),
        ("matmul", 0, lambda g, y, a, b: g @ b.t()),
    ],
)
@pytest.mark.parametrize("fast", [False, True])
def test_half_a_thousandth_is_caught_in_every_kind_of_op(
    wrong: Any, name: str, position: int, rule: Rule, factor: float, fast: bool
) -> None:
    calls = {"sum": lambda x: apply("sum", (x,), {"dim": (0, 1), "keepdim": False})}
    inputs = [leaf(3, 3, low=1.0), leaf(3, 3, low=1.0)][: len(REGISTRY[name].inputs)]
    call = calls.get(name, lambda *xs: apply(name, xs))
    assert gradcheck(call, inputs, fast_mode=fast)
    wrong(name, position, lambda *args, **attrs: rule(*args, **attrs) * factor)
    assert not gradcheck(call, inputs, raise_exception=False, fast_mode=fast)


def test_a_transposed_gradient_is_caught(wrong: Any) -> None:
    wrong("mm", 0, lambda g, y, a, b: (g @ b.t()).t())
    wrong("mm", 1, lambda g, y, a, b: (a.t() @ g).t())
    caught(lambda a, b: a @ b, leaf(3, 3), leaf(3, 3))


@pytest.mark.parametrize("fast", [False, True])
def test_what_is_wrong_in_second_order_only_is_caught(wrong: Any, fast: bool) -> None:
    def first_order_only(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
        return g * y.detach()  # right, but a constant for the second derivative

    wrong("exp", 0, first_order_only)
    assert gradcheck(lambda x: x.exp(), leaf(3))
    assert not gradgradcheck(lambda x: x.exp(), leaf(3), raise_exception=False, fast_mode=fast)
    wrong("exp", 0, lambda g, y, x: g * (y * 1.0005 - y.detach() * 0.0005))
    assert gradcheck(lambda x: x.exp(), leaf(3))
    assert not gradgradcheck(lambda x: x.exp(), leaf(3), raise_exception=False, fast_mode=fast)


def test_the_options() -> None:
    x, y = leaf(3), leaf(3)
    assert gradcheck(lambda a, b: (a * b, a + b), (x, y), check_batched_grad=True, check_grad_dtypes=True)
    assert gradcheck(lambda a: a * a, x, eps=1e-6, atol=1e-5, rtol=1e-3, masked=True)
    assert gradgradcheck(lambda a: a.exp(), x, grad_outputs=leaf(3))
    assert gradgradcheck(lambda a: a.exp(), leaf(2, 3), gen_non_contig_grad_outputs=True)
    for options in ({"check_forward_ad": True}, {"check_batched_forward_grad": True}):
        with pytest.raises(ValueError, match="no dual tensors"):
            gradcheck(lambda a: a, x, **options)
    with pytest.raises(ValueError, match="at least one of check_forward_ad or check_backward_ad"):
        gradcheck(lambda a: a, x, check_backward_ad=False)
    with pytest.raises(ValueError, match="no dual tensors"):
        gradgradcheck(lambda a: a, x, check_fwd_over_rev=True)
    with pytest.raises(ValueError, match="at least one of check_fwd_over_rev or check_rev_over_rev"):
        gradgradcheck(lambda a: a, x, check_rev_over_rev=False)


def test_a_backward_that_is_not_the_same_twice_is_caught(wrong: Any) -> None:
    noise = iter([0.0, 0.0, 1e-9, 0.0, 1e-9])
    wrong("neg", 0, lambda g, y, x: -g + next(noise))
    with pytest.raises(GradcheckError, match="Backward is not reentrant"):
        gradcheck(lambda x: -x, leaf(2))
    noise = iter([0.0, 0.0, 1e-9, 0.0, 1e-9])
    assert gradcheck(lambda x: -x, leaf(2), nondet_tol=1e-8)
