"""A table from op to PyTorch expression.

Most ops are called in PyTorch as here (`SAME`, `FUNCTIONAL`, `OPERATORS`); some have a template with the
inputs as {0}, {1} and the attributes by name (`TEMPLATES`); the rest have a function (`special.py`).
`RANDOM` ops draw numbers that PyTorch cannot draw again: their results are written out. Ops that only
backward emits (`BACKWARD`) need none: the script calls `loss.backward()`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradviz.app.i18n import tr

from .operand import Operand, keywords, source
from .special import SPECIAL


class ExportError(Exception):
    """A recording that cannot be written as a PyTorch script; the message says which part, and where."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAME = _names(
    """
    abs acos acosh addcdiv addcmul all any argmax argmin asin asinh atan atan2 atanh bitwise_and
    bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor ceil copysign cos cosh
    cumprod cumsum deg2rad diagonal digamma dot erf erfc erfinv exp exp2 expm1 floor floor_divide
    flip fmax fmin fmod frac heaviside hypot isclose isfinite isinf isnan isneginf isposinf lerp
    ldexp lgamma log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor
    logit log_softmax matmul maximum mean minimum mm mv nan_to_num rad2deg reciprocal
    relu remainder roll round rsqrt sgn sigmoid sign signbit sin sinc sinh softmax sqrt std sum tan
    tanh tril triu trunc unsqueeze var xlogy zeros_like ones_like argsort logcumsumexp nansum
    """
)
"""`torch.NAME(inputs, attribute=…)`."""

FUNCTIONAL = _names(
    """
    adaptive_avg_pool2d avg_pool2d celu gelu conv1d conv2d conv3d elu hardshrink hardsigmoid hardswish
    linear mish mse_loss selu silu softplus softshrink one_hot smooth_l1_loss huber_loss
    binary_cross_entropy soft_margin_loss
    """
)
"""`F.NAME(inputs, attribute=…)`."""

OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "pow": "**",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
}

TEMPLATES = {
    "where": "torch.where({0}, {1}, {2})",
    "neg": "-{0}",
    "clamp": "torch.clamp({0}, min={min}, max={max})",
    "clamp_min": "torch.clamp({0}, min={1})",
    "clamp_max": "torch.clamp({0}, max={1})",
    "clamp_between": "torch.clamp({0}, min={1}, max={2})",
    "permute": "{0}.permute({dims})",
    "transpose": "{0}.transpose({dim0}, {dim1})",
    "t": "{0}.t()",
    "repeat": "{0}.repeat({repeats})",
    "reshape": "{0}.reshape({shape})",
    "flatten": "{0}.flatten({start_dim}, {end_dim})",
    "expand": "{0}.expand({shape})",
    "sum_to": "{0}.sum_to_size({shape})",
    "unfold": "{0}.unfold({dimension}, {size}, {step})",
    "detach": "{0}.detach()",
    "to": "{0}.to(torch.{dtype:name})",
    "fill": "{0}.detach().clone().fill_({1})",
    "copy": "torch.zeros_like({0}).copy_({1})",
    "scatter": "torch.scatter({0}, {dim}, {1}, {2})",
    "scatter_add": "torch.scatter_add({0}, {dim}, {1}, {2})",
    "scatter_reduce": "torch.scatter_reduce({0}, {dim}, {1}, {2}, {reduce}, include_self={include_self})",
    "index_add": "torch.index_add({0}, {dim}, {1}, {2}, alpha={alpha})",
    "count_equal": "({0}.unsqueeze(-1) == {0}.flatten()).sum(-1)",
    "embedding": "F.embedding({1}, {0}, {padding_idx}, scale_grad_by_freq={scale_grad_by_freq})",
    "gelu_tanh": 'F.gelu({0}, approximate="tanh")',
    "topk_indices": "torch.topk({0}, {k}, {dim}, {largest}, {in_order})[1]",
    "cummax_indices": "torch.cummax({0}, {dim})[1]",
    "cummin_indices": "torch.cummin({0}, {dim})[1]",
    "kthvalue_indices": "torch.kthvalue({0}, {k}, {dim}, {keepdim})[1]",
    "mode_indices": "torch.mode({0}, {dim}, {keepdim})[1]",
    "linalg_vector_norm": "torch.linalg.vector_norm({0}, {ord}, dim={dim}, keepdim={keepdim})",
    "label_counts": ("torch.zeros_like({0}).scatter_add(1, {0}.clamp(min=0), ({0} >= 0).long().cumprod(1))"),
    "linalg_svdvals": "torch.linalg.svdvals({0})",
    "polygamma": "torch.polygamma({n}, {0})",
    "trunc_divide": 'torch.div({0}, {1}, rounding_mode="trunc")',
    "diagonal_put": "torch.diagonal_scatter({0}, {1}, {offset}, {dim1}, {dim2})",
    "diag_embed": (
        "torch.diagonal_scatter(torch.zeros({shape}, dtype={0}.dtype), {0}, {offset}, {dim1}, {dim2})"
    ),
    "hardtanh": "F.hardtanh({0}, {low}, {high})",
    "leaky_relu": "F.leaky_relu({0}, {slope})",
    "threshold": "F.threshold({0}, {threshold}, {value})",
    "log_sigmoid": "F.logsigmoid({0})",
    "prelu": "torch.where({0} > 0, {0}, {1} * {0})",
    "adaptive_max_pool2d_indices": "F.adaptive_max_pool2d({0}, {output_size}, return_indices=True)[1]",
    "im2col": "F.unfold({0}, {kernel_size}, {dilation}, {padding}, {stride})",
    "col2im": "F.fold({0}, {output_size}, {kernel_size}, {dilation}, {padding}, {stride})",
}

RANDOM = frozenset({"dropout_mask", "gumbel_noise", "keep_mask", "rrelu_noise"})

USERS = frozenset({"custom_function", "hook_point"})
"""Ops that stand for Python code of the user's: an ExportError says so."""

BACKWARD = _names(
    """
    accumulate_grad adaptive_avg_pool2d_backward avg_pool2d_backward clamp_grad conv2d_input_grad
    conv2d_weight_grad embedding_backward gather_grad index_grad log_softmax_backward max_pool2d_backward
    nll_loss_backward relu_backward resample_backward
    slice_grad softmax_backward svd_left svd_right unfold_grad winner_grad winner_share
    zero_grad
    """
)


def expression(op: str, inputs: Sequence[Operand], attrs: Mapping[str, Any]) -> str:
    """The PyTorch expression for one call of an op; ExportError for an op that has none."""
    if op == "custom_function":
        raise ExportError(tr("a function with a backward of its own cannot be written"))
    if op == "hook_point":
        raise ExportError(tr("a hook that sees a gradient cannot be written"))
    if op in OPERATORS:
        left, right = inputs
        # Two numbers make a tensor here, and a number in Python.
        return f"{left.tensor if right.number else left.text} {OPERATORS[op]} {right.text}"
    if op in SPECIAL:
        return SPECIAL[op](inputs, attrs)
    if op in TEMPLATES:
        return TEMPLATES[op].format(*_texts(op, inputs), **{k: _Attribute(v) for k, v in attrs.items()})
    if op in SAME or op in FUNCTIONAL:
        home = "torch" if op in SAME else "F"
        return f"{home}.{op}({', '.join(_texts(op, inputs))}{keywords(attrs)})"
    raise ExportError(tr("the op {op} has no counterpart in PyTorch").format(op=op))


_TAKES_NUMBERS = frozenset({"where", "fill", "clamp_min", "clamp_max", "clamp_between", "trunc_divide"})


def _texts(op: str, inputs: Sequence[Operand]) -> list[str]:
    """The inputs: tensors, except where PyTorch takes numbers too, after the first."""
    texts = [each.tensor for each in inputs]
    if op in _TAKES_NUMBERS:
        texts[1:] = [each.text for each in inputs[1:]]
    return [f"({text})" if text.startswith("-") else text for text in texts]


class _Attribute:
    """An attribute within a template: as source, or as a bare name with `:name`."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __format__(self, how: str) -> str:
        return str(self._value) if how == "name" else source(self._value)
