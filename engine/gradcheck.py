"""Checks gradients against finite differences, so closely that a rule that is wrong by 0.05 % is found.

Central differences with Richardson's extrapolation, in double precision, element by element: with
D(h) = (f(x + h) − f(x − h)) / 2h the estimate (4 D(h/2) − D(h)) / 3 has an error of order h⁴.
Source: L. F. Richardson, "The approximate arithmetical solution by finite differences …", Phil. Trans. 1911.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .autograd import grad
from .dtypes import float64
from .errors import ArgumentError
from .gradcheck_extra import (
    GradcheckError,
    check_batched,
    check_dtypes,
    check_each_output,
    check_repeated,
    warn_of_precision,
)
from .node import leaf
from .tensor import Tensor

Function = Callable[..., Any]
_DIRECTIONS = 5  # tried in fast mode before a function counts as not smooth


@dataclass(frozen=True, slots=True)
class Slope:
    """A finite difference; `smooth` is False where the function has a kink or a jump within the step."""

    value: float
    smooth: bool


def slope(function: Callable[[float], float], step: float, tolerance: float) -> Slope:
    """The derivative of `function` at 0.

    Two step sizes tell a kink: on a smooth stretch, halving the step changes the central difference hardly at
    all, and halves the difference between the slopes to the right and to the left.
    """
    here = function(0.0)
    found = Slope(0.0, False)
    for h in (step, step / 100):
        far = function(h), function(-h)
        near = function(h / 2), function(-h / 2)
        wide, narrow = (far[0] - far[1]) / (2 * h), (near[0] - near[1]) / h
        bend_wide = abs(far[0] - 2 * here + far[1]) / h
        bend_narrow = abs(near[0] - 2 * here + near[1]) / (h / 2)
        noise = 1e-14 * max(abs(here), 1.0) / h
        scale = max(abs(wide), abs(narrow), 1.0)
        steady = abs(wide - narrow) <= 0.3 * tolerance**0.5 * scale
        even = bend_narrow <= 0.75 * bend_wide + tolerance * scale + 8 * noise
        found = Slope((4 * narrow - wide) / 3, bool(steady and even and np.isfinite(wide + narrow)))
        if found.smooth:
            break
    return found


def gradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-3,
    atol: float = 1e-7,
    rtol: float = 1e-5,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
    seed: int = 0,
) -> bool:
    """Whether the gradients of `func(*inputs)` agree with finite differences.

    Every element of every input that requires a gradient is moved by ±`eps`, relative to its size; in
    `fast_mode` all elements of an input at once, in a random direction. The output is projected on random
    weights. Elements at a kink are left out, where a gradient is a choice. The steps are wider and the
    tolerances narrower than PyTorch's, as the differences are extrapolated. Inputs should be float64: in
    single precision, of which a warning tells, even a right gradient is hardly ever confirmed.

    Backward is run twice, and may differ by `nondet_tol`; `check_undefined_grad` runs it from each output
    alone; `check_grad_dtypes` and `check_batched_grad` look at dtypes and at `is_grads_batched`. Raises
    GradcheckError, or returns False, at the first element for which
    |numeric − analytic| > `atol` + `rtol` · |numeric|.
    """
    if check_forward_ad or check_batched_forward_grad:
        raise ArgumentError("gradcheck: there are no dual tensors here to check forward mode with")
    if not check_backward_ad:
        raise ArgumentError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    tensors = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    check = _Check(func, tensors, eps, atol, rtol, seed)
    if not any(each.requires_grad for each in _floating(func(*tensors))):
        return _verdict(check.run, raise_exception)  # as in PyTorch: then the slopes must be 0

    def all_checks() -> None:
        if fast_mode:
            check.run_fast()
        else:
            check.run()
        check_repeated(func, tensors, nondet_tol)
        if check_undefined_grad:
            check_each_output(func, tensors)
        if check_grad_dtypes:
            check_dtypes(func, tensors)
        if check_batched_grad:
            check_batched(func, tensors, atol, rtol)

    return _verdict(all_checks, raise_exception)


def gradgradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Any] | None = None,
    *,
    eps: float = 1e-3,
    atol: float = 1e-7,
    rtol: float = 1e-5,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
    seed: int = 0,
) -> bool:
    """Whether the gradients of the gradients of `func(*inputs)` agree with finite differences.

    The first gradient is checked as a function of the inputs and of the upstream gradients (random ones,
    unless `grad_outputs` gives them; not contiguous if asked for); see `gradcheck`.
    """
    if check_fwd_over_rev:
        raise ArgumentError(
            "gradgradcheck: there are no dual tensors here, so forward mode cannot be checked"
        )
    if not check_rev_over_rev:
        raise ArgumentError("Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    tensors = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    rng = np.random.default_rng(seed)
    if grad_outputs is None:
        outputs = [each for each in _floating(func(*tensors)) if each.requires_grad]
        upstream = [_upstream_like(each, rng, gen_non_contig_grad_outputs) for each in outputs]
    else:
        upstream = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
    return gradcheck(
        _first_gradient(func, tensors),
        (*tensors, *upstream),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        fast_mode=fast_mode,
        seed=seed,
    )


def _upstream_like(output: Tensor, rng: np.random.Generator, scattered: bool) -> Tensor:
    values = rng.normal(size=tuple(output.shape))
    if scattered and values.ndim > 1:
        values = np.asfortranarray(values)
    elif scattered and values.ndim == 1:
        values = np.repeat(values, 2)[::2]
    tensor = Tensor._from_node(leaf(values))
    return tensor.requires_grad_()


def _first_gradient(func: Function, tensors: tuple[Any, ...]) -> Function:
    """The gradients of `func`, as a function of its inputs and of the upstream gradients."""
    count = len(tensors)

    def first(*arguments: Any) -> list[Tensor]:
        inputs = [
            _tensor(each._node.array, True) if _wanted(tensor) and not each.requires_grad else each
            for each, tensor in zip(arguments, tensors, strict=False)
        ]
        wanted = [each for each in inputs if _wanted(each)]
        found = [each for each in _floating(func(*inputs)) if each.requires_grad]
        gradients = grad(found, wanted, arguments[count:], create_graph=True, allow_unused=True)
        return [
            _tensor(np.zeros(x.shape)) if each is None else each
            for each, x in zip(gradients, wanted, strict=True)
        ]

    return first


def _wanted(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad


def _tensor(array: np.ndarray, requires_grad: bool = False) -> Tensor:
    tensor = Tensor._from_node(leaf(np.array(array)))
    return tensor.requires_grad_() if requires_grad else tensor


def _floating(result: Any) -> list[Tensor]:
    found = [result] if isinstance(result, Tensor) else list(result)
    return [each for each in found if each.dtype.is_floating_point]


def _verdict(check: Callable[[], None], raise_exception: bool) -> bool:
    try:
        check()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


class _Check:
    """One comparison of a function's gradients with its finite differences."""

    def __init__(
        self, func: Function, tensors: tuple[Any, ...], eps: float, atol: float, rtol: float, seed: int
    ) -> None:
        self._func, self._tensors = func, tensors
        self._eps, self._atol, self._rtol = eps, atol, rtol
        self._wanted = [position for position, tensor in enumerate(tensors) if _wanted(tensor)]
        if not self._wanted:
            raise ArgumentError("gradcheck expects at least one input tensor to require gradient")
        for position in self._wanted:
            if tensors[position].dtype is not float64:
                warn_of_precision(position)
        self._rng = np.random.default_rng(seed)
        self._weights: list[np.ndarray] = []

    def run(self) -> None:
        """Raise GradcheckError at the first element that differs."""
        smooth = checked = 0
        for position, gradient in zip(self._wanted, self._analytic(), strict=True):
            x = self._tensors[position]._node.array
            if gradient.shape != x.shape:
                raise GradcheckError(f"input {position} has shape {x.shape}, its gradient {gradient.shape}")
            for index in np.ndindex(*x.shape):
                checked += 1
                smooth += self._agrees(position, index, float(gradient[index]))
        if checked and not smooth:
            raise GradcheckError("no element could be checked: the function is not smooth here")

    def run_fast(self) -> None:
        """Compare one derivative in a random direction for each input; again in another at a kink."""
        for position, gradient in zip(self._wanted, self._analytic(), strict=True):
            x = self._tensors[position]._node.array
            if gradient.shape != x.shape:
                raise GradcheckError(f"input {position} has shape {x.shape}, its gradient {gradient.shape}")
            for _ in range(_DIRECTIONS if x.size else 0):
                along = self._rng.normal(size=x.shape)
                along /= np.linalg.norm(along)
                analytic = float((gradient * along).sum())
                if self._matches(position, "in a random direction", analytic, along):
                    break
            else:
                if x.size:
                    raise GradcheckError("no direction could be checked: the function is not smooth here")

    def _analytic(self) -> list[np.ndarray]:
        outputs = _floating(self._func(*self._tensors))
        arrays = [each._node.array for each in outputs]
        self._weights = [self._rng.normal(size=each.shape).astype(each.dtype) for each in arrays]
        inputs = [self._tensors[position] for position in self._wanted]
        pairs = [(y, _tensor(w)) for y, w in zip(outputs, self._weights, strict=True) if y.requires_grad]
        if not pairs:
            return [np.zeros(x.shape) for x in inputs]
        ys, upstream = zip(*pairs, strict=True)
        found = grad(ys, inputs, upstream, allow_unused=True)
        return [
            np.zeros(x.shape) if each is None else each._node.array
            for each, x in zip(found, inputs, strict=True)
        ]

    def _agrees(self, position: int, index: tuple[int, ...], analytic: float) -> bool:
        """Whether the function is smooth there; raises if it is and the slope is another."""
        along = np.zeros(self._tensors[position]._node.array.shape)
        along[index] = 1.0
        return self._matches(position, f"at {index}", analytic, along)

    def _matches(self, position: int, where: str, analytic: float, along: np.ndarray) -> bool:
        x = self._tensors[position]._node.array

        def moved(by: float) -> float:
            return self._projected(position, (x + by * along).astype(x.dtype))

        size = float(np.abs(x[along != 0]).max(initial=0.0))
        numeric = slope(moved, self._eps * max(1.0, size), self._rtol)
        allowed = self._atol + self._rtol * abs(numeric.value)
        if numeric.smooth and not abs(numeric.value - analytic) <= allowed:
            raise GradcheckError(
                f"the gradient of input {position} {where} is {analytic:.9g}, but the finite difference "
                f"is {numeric.value:.9g}"
            )
        return numeric.smooth

    def _projected(self, position: int, array: np.ndarray) -> float:
        moved = [
            _tensor(array if number == position else tensor._node.array) if _wanted(tensor) else tensor
            for number, tensor in enumerate(self._tensors)
        ]
        outputs = _floating(self._func(*moved))
        return float(sum((y._node.array * w).sum() for y, w in zip(outputs, self._weights, strict=True)))
