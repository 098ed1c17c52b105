"""Every op of the registry: its entry is complete, and its parts agree with one another."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine import Tensor, interpret
from gradviz.engine.api import FUNCTIONS
from gradviz.engine.dispatch import compute
from gradviz.engine.dtypes import from_numpy_dtype
from gradviz.engine.element import evaluate, references
from gradviz.engine.gradcheck import gradcheck, gradgradcheck
from gradviz.engine.node import leaf
from gradviz.engine.op import REGISTRY, Op, Sample, Spec, register
from gradviz.engine.recorder import record
from gradviz.engine.tensor import apply
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = sorted(REGISTRY)
every_op = pytest.mark.parametrize("name", NAMES)
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=4)


def samples(name: str, seed: int = 0) -> Iterator[Sample]:
    for sample in REGISTRY[name].samples(np.random.default_rng(seed)):
        yield Sample(tuple(np.asarray(x) for x in sample.inputs), dict(sample.attrs), sample.smooth)


def specs(sample: Sample) -> tuple[Spec, ...]:
    return tuple(Spec(x.shape, from_numpy_dtype(x.dtype)) for x in sample.inputs)


def run(name: str, sample: Sample) -> np.ndarray:
    return compute(REGISTRY[name], specs(sample), sample.inputs, sample.attrs)[1]


def tensors(name: str, sample: Sample) -> list[Tensor]:
    """Leaves that require gradients wherever they can."""
    found = []
    for position, array in enumerate(sample.inputs):
        tensor = Tensor._from_node(leaf(np.array(array)))
        if tensor.dtype.is_floating_point and REGISTRY[name].differentiable(position):
            tensor.requires_grad_()
        found.append(tensor)
    return found


@every_op
def test_the_entry_is_complete(name: str) -> None:
    op = REGISTRY[name]
    assert op.name == name
    assert op.formula.strip()
    assert set(op.says) == {"en", "zh"}
    assert op.says["en"].endswith(".")
    assert op.says["zh"].endswith("。")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in op.says["zh"])
    assert set(op.saves) <= {"inputs", "output"}
    assert type(op).__doc__
    if not op.inputs[-1].startswith("*"):
        assert len(op.derivatives) == len(op.inputs) == len(op.vjps)
        for position, formula in enumerate(op.derivatives):
            assert bool(formula) == op.differentiable(position), f"input {position}"
    assert list(samples(name))


def test_an_op_cannot_be_entered_twice() -> None:
    class Again(Op):
        name = "add"

    with pytest.raises(ValueError, match="there is an op 'add' already"):
        register(Again)


def test_public_functions_are_explained() -> None:
    for entry in FUNCTIONS:
        assert entry.function.__doc__, entry.name


@every_op
def test_spec_and_kernel_agree(name: str) -> None:
    for sample in samples(name):
        before = [x.copy() for x in sample.inputs]
        out = REGISTRY[name].spec(*specs(sample), **sample.attrs)
        result = run(name, sample)
        assert (result.shape, result.dtype) == (out.shape, out.dtype.numpy)
        for x, copy in zip(sample.inputs, before, strict=True):
            np.testing.assert_array_equal(x, copy, "the kernel has changed its input")
        if not REGISTRY[name].view and name != "detach":
            assert not any(np.shares_memory(result, x) for x in sample.inputs)


@every_op
def test_single_precision(name: str) -> None:
    for sample in samples(name, 1):
        low = tuple(x.astype(np.float32) if x.dtype == np.float64 else x for x in sample.inputs)
        attrs = {k: "float32" if v == "float64" else v for k, v in sample.attrs.items()}
        rounded = tuple(x.astype(np.float64) if x.dtype == np.float32 else x for x in low)
        result = run(name, Sample(low, attrs))
        exact = run(name, Sample(rounded, sample.attrs))
        if exact.dtype == np.float64 and any(x.dtype == np.float32 for x in low):
            assert result.dtype == np.float32
        np.testing.assert_allclose(result, exact, rtol=2e-4, atol=2e-5)


def test_integers_stay_integers() -> None:
    for name in ("add", "sub", "mul", "neg", "maximum", "minimum", "abs", "sum", "reshape", "slice"):
        for sample in samples(name):
            whole = Sample(tuple(np.round(3 * x).astype(np.int64) for x in sample.inputs), sample.attrs)
            assert run(name, whole).dtype == np.int64


@every_op
def test_memory_layout_does_not_matter(name: str) -> None:
    for sample in samples(name, 2):
        plain = run(name, Sample(tuple(np.array(x, order="C") for x in sample.inputs), sample.attrs))
        for layout in (_reversed_strides, _every_other):
            strange = Sample(tuple(layout(x) for x in sample.inputs), sample.attrs)
            np.testing.assert_allclose(run(name, strange), plain, rtol=1e-12, atol=1e-12)


def _reversed_strides(x: np.ndarray) -> np.ndarray:
    return np.array(x, order="F")


def _every_other(x: np.ndarray) -> np.ndarray:
    """The same values in a read-only array with gaps."""
    wide = np.repeat(x, 2, axis=-1) if x.ndim else x.copy()
    view = wide[..., ::2] if x.ndim else wide
    view.flags.writeable = False
    return view


@every_op
@few
@given(seed=seeds)
def test_elements_are_made_as_the_expression_says(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    op = REGISTRY[name]
    for sample in samples(name, seed):
        result = run(name, sample)
        for _ in range(3 if result.size else 0):
            index = tuple(int(rng.integers(n)) for n in result.shape)
            expression = op.element(index, *sample.inputs, **sample.attrs)
            value = evaluate(expression, sample.inputs)
            assert value == pytest.approx(float(result[index]), rel=1e-9, abs=1e-12)
            for ref in references(expression):
                assert all(0 <= i < n for i, n in zip(ref.index, sample.inputs[ref.input].shape, strict=True))


def differentiable(name: str, seed: int) -> Iterator[tuple[Sample, list[Tensor]]]:
    for sample in samples(name, seed):
        inputs = tensors(name, sample)
        if sample.smooth and apply(name, tuple(inputs), sample.attrs).requires_grad:
            yield sample, inputs


@every_op
@few
@given(seed=seeds)
def test_gradients(name: str, seed: int) -> None:
    for sample, inputs in differentiable(name, seed):
        gradcheck(lambda *xs, attrs=sample.attrs: apply(name, xs, attrs), inputs, seed=seed)


@every_op
@settings(max_examples=2)
@given(seed=seeds)
def test_gradients_of_gradients(name: str, seed: int) -> None:
    for sample, inputs in differentiable(name, seed):
        gradgradcheck(lambda *xs, attrs=sample.attrs: apply(name, xs, attrs), inputs, seed=seed)


def test_most_ops_have_gradients_to_check() -> None:
    checked = {name for name in NAMES if next(differentiable(name, 0), None)}
    without = {name for name in NAMES if not any(map(REGISTRY[name].differentiable, range(3)))}
    assert checked == set(NAMES) - without


@every_op
def test_the_interpreter_repeats_it_bit_for_bit(name: str) -> None:
    for sample in samples(name, 3):
        with record() as recorder:
            out = apply(name, tuple(tensors(name, sample)), sample.attrs)
            if out.requires_grad:
                out.backward(Tensor._from_node(leaf(np.full(out.shape, 0.5))))
        program = recorder.program()
        assert program.instrs[0].op == name
        for value, again in zip(program.values, interpret.run(program), strict=True):
            assert (value.dtype, value.shape) == (again.dtype, again.shape)
            np.testing.assert_array_equal(value, again)


def test_it_works_without_the_jit() -> None:
    """The same samples in a process where numba is not even loaded."""
    code = """
import sys
import numpy as np
from gradviz.engine.dispatch import compute
from gradviz.engine.dtypes import from_numpy_dtype
from gradviz.engine.op import REGISTRY, Spec
import gradviz.engine
found = []
for name in sorted(REGISTRY):
    for sample in REGISTRY[name].samples(np.random.default_rng(0)):
        arrays = tuple(np.asarray(x) for x in sample.inputs)
        specs = tuple(Spec(x.shape, from_numpy_dtype(x.dtype)) for x in arrays)
        found.append(compute(REGISTRY[name], specs, arrays, sample.attrs)[1])
assert "numba" not in sys.modules
np.savez(sys.argv[1], *found)
"""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.npz"
        environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(Path.cwd())}
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=environment)
        with np.load(path) as archive:
            slow = [archive[f"arr_{n}"] for n in range(len(archive.files))]
    fast = [run(name, sample) for name in NAMES for sample in samples(name, 0)]
    assert len(slow) == len(fast) > len(NAMES)
    for a, b in zip(slow, fast, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
