"""no_grad, enable_grad, set_grad_enabled, inference_mode: as blocks, as decorators; what they forbid."""

import threading
from collections.abc import Callable, Generator

import pytest
from gradviz.engine.errors import GradError, InPlaceError

import gradviz as torch

T = torch.Tensor


def leaf(*values: float) -> T:
    return torch.tensor(values, requires_grad=True)


@pytest.mark.parametrize(
    ("decorator", "expected"),
    [
        (torch.no_grad, False),
        (torch.no_grad(), False),
        (torch.enable_grad, True),
        (torch.enable_grad(), True),
        (torch.set_grad_enabled(True), True),
        (torch.inference_mode, False),
        (torch.inference_mode(), False),
        (torch.inference_mode(False), True),
    ],
)
@pytest.mark.parametrize("outside", [True, False])
def test_as_decorators(decorator: Callable[..., object], expected: bool, outside: bool) -> None:
    def double(x: T, by: float = 2.0) -> T:
        """Twice."""
        assert torch.is_grad_enabled() == expected
        return x * by

    decorated = decorator(double)
    with torch.set_grad_enabled(outside):
        result = decorated(leaf(1.0), by=3.0)
        assert torch.is_grad_enabled() == outside
    assert result.requires_grad == expected
    assert result.tolist() == [3.0]
    assert (decorated.__name__, decorated.__doc__) == ("double", "Twice.")


def test_a_decorated_function_may_call_itself() -> None:
    @torch.no_grad()
    def count(n: int) -> list[bool]:
        return [torch.is_grad_enabled(), *count(n - 1)] if n else []

    assert count(3) == [False] * 3
    assert torch.is_grad_enabled()


def test_set_grad_enabled_as_a_decorator_does_nothing_outside() -> None:
    @torch.set_grad_enabled(False)
    def mode() -> bool:
        return torch.is_grad_enabled()

    assert torch.is_grad_enabled()
    assert mode() is False
    assert repr(torch.set_grad_enabled(True)) == "set_grad_enabled(mode=True)"


def test_a_generator_is_in_its_mode_and_its_caller_is_not() -> None:
    log = []

    @torch.no_grad()
    def steps() -> Generator[bool, str, str]:
        try:
            log.append((yield torch.is_grad_enabled()))
            try:
                yield torch.is_grad_enabled()
            except ValueError:
                log.append(torch.is_grad_enabled())
            yield torch.is_grad_enabled()
        finally:
            log.append(torch.is_grad_enabled())
        return "end"

    generator = steps()
    assert next(generator) is False
    assert torch.is_grad_enabled()
    assert generator.send("sent") is False
    assert generator.throw(ValueError()) is False
    assert torch.is_grad_enabled()
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "end"
    assert log == ["sent", False, False]
    generator = steps()
    next(generator)
    generator.close()
    assert log[3:] == [False]
    assert torch.is_grad_enabled()


def test_a_mode_ends_with_an_error() -> None:
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        raise ZeroDivisionError
    assert torch.is_grad_enabled()


def test_decorating_a_class() -> None:
    with pytest.warns(FutureWarning, match="Decorating classes is deprecated"):

        @torch.no_grad()
        class Mode:
            def __init__(self) -> None:
                self.enabled = torch.is_grad_enabled()

    assert Mode().enabled is False


def test_inference_mode() -> None:
    x = leaf(1.0, 2.0)
    assert not torch.is_inference_mode_enabled()
    with torch.inference_mode():
        assert torch.is_inference_mode_enabled()
        y = x * 2
        made = torch.ones(2)
        own = torch.ones(2, requires_grad=True)
        assert x.view(2, 1).is_inference() is False
        with torch.inference_mode(False):
            assert not torch.is_inference_mode_enabled()
            assert (x * 2).requires_grad
        with torch.enable_grad():
            inner = x * 2
    assert not torch.is_inference_mode_enabled()
    assert [t.is_inference() for t in (x, y, made, own, inner)] == [False, True, True, True, True]
    assert (y.requires_grad, own.requires_grad, inner.requires_grad) == (False, True, False)
    assert [t.is_inference() for t in (y[0], y.view(2, 1), y.detach(), y * 2, y.clone())] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_what_was_made_in_inference_mode_is_not_kept_for_backward() -> None:
    x = leaf(1.0, 2.0)
    with torch.inference_mode():
        y = torch.tensor([3.0, 4.0])
        y.add_(1)
    with pytest.raises(GradError, match=r"cannot be saved for backward.*, at .*test_modes\.py:\d+$"):
        x * y
    (x + y).sum().backward()  # needs no values
    (x * y.clone()).sum().backward()
    assert x.grad.tolist() == [5.0, 6.0]
    with pytest.raises(InPlaceError, match="Inplace update to inference tensor outside InferenceMode"):
        y.add_(1)
    with pytest.raises(GradError, match="Setting requires_grad=True on inference tensor"):
        y.requires_grad_()
    assert (y * y).tolist() == [16.0, 25.0]


def test_a_tensor_stays_what_it_is_when_it_is_changed_in_inference_mode() -> None:
    plain = torch.ones(2)
    x = leaf(1.0, 2.0)
    with torch.inference_mode():
        plain.mul_(3)
        x.add_(1)
    assert not plain.is_inference()
    assert not x.is_inference()
    (x * plain).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert x.tolist() == [2.0, 3.0]


def test_inference_mode_in_a_recording_and_in_threads() -> None:
    with torch.inference_mode():
        seen = []
        thread = threading.Thread(target=lambda: seen.append(torch.ones(1).is_inference()))
        thread.start()
        thread.join()
    assert seen == [False]
    x = leaf(1.0)
    with torch.record(), torch.inference_mode():
        y = x * 2
    assert y.is_inference()
    with torch.record():
        assert not (y * 2).is_inference()
