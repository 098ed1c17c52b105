"""Every op's samples, recorded and compiled, give what the interpreter gives: the ops without a rule too."""

from collections.abc import Iterator

import numpy as np
import pytest
from gradviz.engine import Tensor, interpret
from gradviz.engine.compiled import compile_program
from gradviz.engine.compiled.lowering import RULES
from gradviz.engine.jit import jit_disabled
from gradviz.engine.node import leaf
from gradviz.engine.op import REGISTRY, Sample
from gradviz.engine.program import Program, SlotKind
from gradviz.engine.recorder import record
from gradviz.engine.tensor import apply

every_op = pytest.mark.parametrize("name", sorted(REGISTRY))

LOWERED = [
    "abs",
    "accumulate_grad",
    "acos",
    "acosh",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_backward",
    "add",
    "addcdiv",
    "addcmul",
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg_pool2d",
    "avg_pool2d_backward",
    "binary_cross_entropy_with_logits",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "cat",
    "ceil",
    "celu",
    "clamp",
    "clamp_between",
    "clamp_grad",
    "clamp_max",
    "clamp_min",
    "clone",
    "col2im",
    "conv2d",
    "conv2d_input_grad",
    "conv2d_weight_grad",
    "copy",
    "copysign",
    "cos",
    "cosh",
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "deg2rad",
    "detach",
    "diag_embed",
    "diagonal_put",
    "div",
    "dot",
    "elu",
    "embedding",
    "embedding_backward",
    "eq",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "fill",
    "flip",
    "floor",
    "fmax",
    "fmin",
    "fmod",
    "frac",
    "gather",
    "gather_grad",
    "ge",
    "gelu",
    "gelu_tanh",
    "gt",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "heaviside",
    "huber_loss",
    "hypot",
    "im2col",
    "index",
    "index_add",
    "index_grad",
    "index_put",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "kthvalue",
    "ldexp",
    "le",
    "leaky_relu",
    "lerp",
    "lgamma",
    "linalg_vector_norm",
    "linear",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_sigmoid",
    "log_softmax",
    "log_softmax_backward",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logit",
    "logsumexp",
    "lt",
    "matmul",
    "max",
    "max_pool2d_backward",
    "max_pool2d_indices",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mish",
    "mm",
    "mode",
    "mse_loss",
    "mul",
    "mv",
    "nansum",
    "ne",
    "neg",
    "nll_loss",
    "nll_loss_backward",
    "ones_like",
    "pad",
    "pow",
    "prelu",
    "prod",
    "rad2deg",
    "reciprocal",
    "relu",
    "relu_backward",
    "repeat",
    "roll",
    "round",
    "rsqrt",
    "scatter",
    "scatter_add",
    "selu",
    "sgn",
    "sigmoid",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "slice_grad",
    "slice_put",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmax_backward",
    "softplus",
    "softshrink",
    "sort",
    "sqrt",
    "stack",
    "std",
    "sub",
    "sum",
    "sum_to",
    "take_max",
    "take_median",
    "take_min",
    "tan",
    "tanh",
    "threshold",
    "to",
    "topk",
    "tril",
    "triu",
    "trunc",
    "trunc_divide",
    "unfold_grad",
    "var",
    "where",
    "winner_grad",
    "winner_share",
    "xlogy",
    "zero_grad",
    "zeros_like",
]
"""Ops that are computed without the interpreter; what is taken away from here makes training slower."""


def samples(name: str, seed: int, dtype: type) -> Iterator[Sample]:
    for sample in REGISTRY[name].samples(np.random.default_rng(seed)):
        inputs = tuple(np.asarray(x) for x in sample.inputs)
        low = tuple(x.astype(dtype) if x.dtype == np.float64 else x for x in inputs)
        attrs = {k: np.dtype(dtype).name if v == "float64" else v for k, v in sample.attrs.items()}
        yield Sample(low, attrs, sample.smooth)
        if name in ("bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor"):  # the samples are integers
            yield Sample(tuple(x % 2 == 1 for x in low))


def recorded(name: str, sample: Sample) -> Program:
    """The op forward and, where it has a gradient, backward; inputs in layouts as they come."""
    with record() as recorder:
        inputs = []
        for position, array in enumerate(sample.inputs):
            tensor = Tensor._from_node(leaf(np.array(array)))
            if tensor.dtype.is_floating_point and REGISTRY[name].differentiable(position):
                tensor.requires_grad_()
            inputs.append(tensor)
        out = apply(name, tuple(inputs), sample.attrs)
        if out.requires_grad:
            (out * out).sum().backward()
    return recorder.program()


def magnitude(x: np.ndarray) -> float:
    """The largest finite number."""
    finite = np.abs(x[np.isfinite(x)]) if x.dtype.kind == "f" else np.abs(x.astype(np.float64))
    return float(finite.max()) if finite.size else 0.0


def assert_agrees(program: Program, inputs: dict[int, np.ndarray] | None = None) -> None:
    """Compiled, every slot has the value that the interpreter finds."""
    compiled = compile_program(program, keep=range(len(program.slots)))
    for slot, value in (inputs or {}).items():
        compiled.set_input(slot, value)
    compiled.run()
    values = interpret.run(program, inputs)
    for slot, expected in enumerate(values):
        if program.slots[slot].kind is not SlotKind.VALUE:
            continue
        found = compiled.value(slot)
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        instr = program.instrs[program.producers[slot]]
        name = instr.op
        if expected.dtype.kind != "f":
            np.testing.assert_array_equal(found, expected, name)
            continue
        scale = max(magnitude(values[each]) for each in (slot, *instr.inputs))  # sums may cancel
        near = {2: 2e-3, 4: 1e-6, 8: 1e-13}[expected.dtype.itemsize]
        # What is zero but for rounding comes out as another rounding error.
        atol = near * max(scale, 0.01)
        np.testing.assert_allclose(found, expected, rtol=near, atol=atol, err_msg=name)


@every_op
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_samples(name: str, dtype: type) -> None:
    for sample in samples(name, 0, dtype):
        program = recorded(name, sample)
        others = {
            slot: program.values[slot] * dtype(0.75)
            for slot, row in enumerate(program.slots)
            if row.kind in (SlotKind.INPUT, SlotKind.PARAMETER) and row.dtype == np.dtype(dtype).name
        }
        assert_agrees(program, others)


@pytest.mark.skipif(jit_disabled(), reason="nothing is lowered then")
def test_no_op_has_lost_its_rule() -> None:
    views = {name for name, op in REGISTRY.items() if op.view}
    assert sorted((set(RULES) | {"detach"}) - views) == LOWERED


@pytest.mark.skipif(jit_disabled(), reason="nothing is lowered then")
@pytest.mark.parametrize("name", [name for name in LOWERED if name != "max_pool2d_backward"])
def test_rules_are_used(name: str) -> None:
    """A rule that always gives up would be found by nobody (max-pooling's way back: in test_models)."""
    for dtype in (np.float32, np.float64):
        programs = (recorded(name, sample) for sample in samples(name, 0, dtype))
        everything = ((each, range(len(each.slots))) for each in programs)
        assert any(name not in compile_program(each, keep).fallbacks for each, keep in everything)


@pytest.mark.parametrize("wrong", [4, -5])
@pytest.mark.parametrize("name", ["embedding", "gather", "index", "scatter_add"])
def test_indices_out_of_bounds_are_refused(name: str, wrong: int) -> None:
    """And nothing is read or written where they point; the next run is right again."""
    x, good = np.arange(12.0).reshape(4, 3), np.array([0, 3, 1])
    attrs = {"index": {"at": (0,), "counts": (-1,)}, "embedding": {"padding_idx": None}}
    attrs["embedding"]["scale_grad_by_freq"] = False
    index = np.stack([good] * 3) if name in ("gather", "scatter_add") else good
    inputs = (x, index, np.ones((3, 3))) if name == "scatter_add" else (x, index)
    program = recorded(name, Sample(inputs, attrs.get(name, {"dim": 0})))
    compiled = compile_program(program)
    slot = next(instr for instr in program.instrs if instr.op == name).inputs[1]
    compiled.set_input(slot, np.where(index == 3, wrong, index))
    with pytest.raises((IndexError, RuntimeError), match="out of (bounds|range)"):
        compiled.run()
    assert_agrees(program, {slot: index[::-1].copy()})
