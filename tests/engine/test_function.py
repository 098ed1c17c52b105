"""A user's own functions: what they are given, what they may return, and how they are recorded."""

from typing import Any

import pytest
from gradviz.engine.errors import GradError, InPlaceError
from gradviz.engine.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.gradcheck_extra import GradcheckError

import gradviz as torch
from gradviz.autograd import Function, grad
from gradviz.autograd.function import once_differentiable

T = torch.Tensor


def leaf(*values: float) -> T:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


class Exp(Function):
    @staticmethod
    def forward(ctx: Any, x: T) -> T:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, grad_output: T) -> T:
        (y,) = ctx.saved_tensors
        return grad_output * y


class Power(Function):
    """xⁿ with a number n, in the style with setup_context."""

    @staticmethod
    def forward(x: T, n: int) -> T:
        assert not torch.is_grad_enabled()
        return x**n

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: T) -> None:
        x, ctx.n = inputs
        ctx.save_for_backward(x)

    @staticmethod
    def backward(ctx: Any, grad_output: T) -> tuple[T, None]:
        (x,) = ctx.saved_tensors
        return grad_output * ctx.n * x ** (ctx.n - 1), None


class SumAndProduct(Function):
    @staticmethod
    def forward(ctx: Any, a: T, b: T) -> tuple[T, T]:
        ctx.save_for_backward(a, b)
        return a + b, a * b

    @staticmethod
    def backward(ctx: Any, g_sum: T, g_product: T) -> tuple[T, T]:
        a, b = ctx.saved_tensors
        return g_sum + g_product * b, g_sum + g_product * a


def test_gradients_of_first_and_second_order() -> None:
    x = leaf(0.5, -1.0)
    assert gradcheck(Exp.apply, x)
    assert gradgradcheck(Exp.apply, x)
    assert gradcheck(lambda a: Power.apply(a, 3), x)
    assert gradgradcheck(lambda a: Power.apply(a, 3), x)
    both = (leaf(1.0, 2.0), leaf(3.0, -4.0))
    assert gradcheck(SumAndProduct.apply, both)
    assert gradgradcheck(SumAndProduct.apply, both)
    y = Exp.apply(x)
    assert (y.grad_fn.name(), y.requires_grad, y.is_leaf) == ("ExpBackward", True, False)
    assert "grad_fn=<ExpBackward>" in repr(y)


def test_a_wrong_backward_is_found() -> None:
    class Wrong(Exp):
        @staticmethod
        def backward(ctx: Any, grad_output: T) -> T:
            return Exp.backward(ctx, grad_output) * 1.0005

    with pytest.raises(GradcheckError):
        gradcheck(Wrong.apply, leaf(0.5))


def test_several_results() -> None:
    a, b = leaf(2.0), leaf(5.0)
    total, product = SumAndProduct.apply(a, b)
    assert total.grad_fn == product.grad_fn
    assert (total.output_nr, product.output_nr, a.output_nr) == (0, 1, 0)
    assert [fn.variable is t for (fn, _), t in zip(total.grad_fn.next_functions, (a, b), strict=True)] == [
        True,
        True,
    ]
    later = product * 2
    assert later.grad_fn.next_functions[0] == (product.grad_fn, 1)
    (later + total).sum().backward()
    assert (a.grad.item(), b.grad.item()) == (11.0, 5.0)
    assert [g.item() for g in grad(SumAndProduct.apply(a, b)[1], [a, b])] == [5.0, 2.0]


def test_what_the_context_knows() -> None:
    seen = {}

    class Look(Function):
        @staticmethod
        def forward(ctx: Any, a: T, k: float, b: T, unused: None = None) -> tuple[T, T, str]:
            seen["needs"] = ctx.needs_input_grad
            ctx.set_materialize_grads(k > 0)
            ctx.k = k
            return a * k, b.argmax(), "text"

        @staticmethod
        def backward(ctx: Any, *grads: T | None) -> tuple[T | None, ...]:
            seen["grads"] = [None if g is None else g.tolist() for g in grads]
            return None if grads[0] is None else grads[0] * ctx.k, None, None, None

    a, b = leaf(1.0, 2.0), torch.tensor([5.0, 1.0])
    y, index, text = Look.apply(a, 3.0, b, None)
    assert (index.requires_grad, index.item(), text) == (False, 0, "text")
    y.sum().backward()
    assert seen["needs"] == (True, False, False, False)
    assert seen["grads"][:2] == [[1.0, 1.0], 0]
    assert a.grad.tolist() == [3.0, 3.0]
    Look.apply(a, -1.0, b, None)[0].sum().backward()
    assert seen["grads"][1] is None


def test_results_without_a_gradient() -> None:
    class Sort(Function):
        @staticmethod
        def forward(ctx: Any, x: T) -> tuple[T, T]:
            rounded = x.round()
            ctx.mark_non_differentiable(rounded)
            return x * 2, rounded

        @staticmethod
        def backward(ctx: Any, g: T, unused: T) -> T:
            assert unused.tolist() == [0.0, 0.0]
            return g * 2

    x = leaf(1.2, 2.7)
    doubled, rounded = Sort.apply(x)
    assert (doubled.requires_grad, rounded.requires_grad) == (True, False)
    doubled.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_without_a_graph() -> None:
    assert not Exp.apply(torch.ones(2)).requires_grad
    with torch.no_grad():
        assert Exp.apply(leaf(1.0)).grad_fn is None


def test_an_input_changed_in_place() -> None:
    class Double(Function):
        @staticmethod
        def forward(ctx: Any, x: T) -> T:
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx: Any, g: T) -> T:
            return g * 2

    w = leaf(1.0, 3.0)
    x = w * 1
    view = x[0]
    y = Double.apply(x)
    assert y is x
    assert (x.tolist(), view.item()) == ([2.0, 6.0], 2.0)
    assert x.grad_fn.name() == "DoubleBackward"
    (y * y).sum().backward()
    assert w.grad.tolist() == [8.0, 24.0]
    with pytest.raises(InPlaceError, match="a leaf Variable that requires grad"):
        Double.apply(w)

    class Forgets(Double):
        @staticmethod
        def forward(ctx: Any, x: T) -> T:
            ctx.mark_dirty(x)
            return x.mul_(2) * 1

    with pytest.raises(GradError, match="marked as dirty during the forward method were not returned"):
        Forgets.apply(w * 1)


def test_saved_tensors_are_given_once_and_only_unchanged() -> None:
    x = leaf(1.0)
    y = Exp.apply(x)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    with pytest.raises(GradError, match="backward through the graph a second time"):
        y.sum().backward()
    z = Exp.apply(x)
    total = z.sum()
    z.add_(1)
    with pytest.raises(GradError, match="modified by an inplace operation"):
        total.backward()

    class Saves(Exp):
        @staticmethod
        def forward(ctx: Any, x: T) -> T:
            ctx.save_for_backward(x, 3)
            return x * 2

    with pytest.raises(TypeError, match="can only save variables, but argument 1 is of type int"):
        Saves.apply(x)


def returning(result: Any) -> type[Function]:
    class Returns(Function):
        @staticmethod
        def forward(ctx: Any, x: T, k: int) -> T:
            return x * k

        @staticmethod
        def backward(ctx: Any, g: T) -> Any:
            return result(g)

    return Returns


@pytest.mark.parametrize(
    ("result", "error", "message"),
    [
        (lambda g: g, GradError, r"ReturnsBackward returned an incorrect number .* \(expected 2, got 1\)"),
        (lambda g: (g, g), GradError, "different from None at position 2"),
        (lambda g: (1, None), TypeError, r"expected Variable or None \(got int\)"),
        (lambda g: (g.sum(), None), GradError, r"invalid gradient.* got \[\] .* with \[2\]"),
        (lambda g: (torch.ones(3), None), GradError, r"invalid gradient.* got \[3\] .* with \[2\]"),
    ],
)
def test_what_backward_must_not_return(result: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        returning(result).apply(leaf(1.0, 2.0), 3).sum().backward()


def test_what_backward_may_return() -> None:
    x = leaf(1.0, 2.0)
    for result, expected in (
        (lambda g: (g * 5, None), [5.0, 5.0]),
        (lambda g: (g * 5, None, None, None), [5.0, 5.0]),
        (lambda g: (torch.ones(3, 2) * g, None), [3.0, 3.0]),
    ):
        x.grad = None
        returning(result).apply(x, 3).sum().backward()
        assert x.grad.tolist() == expected
    x.grad = None
    returning(lambda g: (None, None)).apply(x, 3).sum().backward()
    assert x.grad is None


def test_differentiating_once_only() -> None:
    class Once(Exp):
        @staticmethod
        @once_differentiable
        def backward(ctx: Any, g: T) -> T:
            assert not torch.is_grad_enabled()
            return g * ctx.saved_tensors[0]

    x = leaf(0.0)
    (first,) = grad(Once.apply(x), x, torch.ones(1, dtype=torch.float64), create_graph=True)
    assert first.item() == 1.0
    upstream = leaf(1.0)
    (first,) = grad(Once.apply(x), x, upstream, create_graph=True)
    with pytest.raises(GradError, match="trying to differentiate twice a function"):
        first.backward()


def test_what_is_not_written() -> None:
    class Nothing(Function):
        pass

    class NoBackward(Function):
        @staticmethod
        def forward(ctx: Any, x: T) -> T:
            return x * 2

    with pytest.raises(NotImplementedError, match="must implement the forward function"):
        Nothing.apply(leaf(1.0))
    with pytest.raises(NotImplementedError, match="backward or vjp"):
        NoBackward.apply(leaf(1.0)).sum().backward()
    with pytest.raises(GradError, match="Nothing should not be instantiated"):
        Nothing()


def test_hooks_on_a_function() -> None:
    a, b = leaf(2.0), leaf(5.0)
    total, product = SumAndProduct.apply(a, b)
    product.register_hook(lambda g: g * 10)
    total.grad_fn.register_prehook(lambda gs: (gs[0] * 0, gs[1]))
    total.grad_fn.register_hook(lambda new, old: (new[0] + 1, new[1]))
    (total + product).sum().backward()
    assert (a.grad.item(), b.grad.item()) == (51.0, 20.0)
