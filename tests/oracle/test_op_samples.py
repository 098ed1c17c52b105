"""PyTorch tests its ops with samples; in gradviz they give the same results and gradients."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tests.oracle.op_samples import RANDOM, difference, function_of, tensors_in  # noqa: E402

pytestmark = pytest.mark.oracle
pytest.importorskip("expecttest")  # PyTorch's testing tools need it
operations = pytest.importorskip("torch.testing._internal.common_methods_invocations")

MOST = 30  # samples of one op and dtype: of more, every n-th is taken
LEFT_OUT = {  # ops that share nothing but their name, or that need what gradviz does not have
    "norm.nuc": "singular values",
    "zero_": "PyTorch's function of that name, not its method",
}


def entries() -> list[Any]:
    """PyTorch's entries whose function exists in gradviz."""
    found = []
    for op in operations.op_db:
        name = f"{op.name}.{op.variant_test_name}".rstrip(".")
        private = op.name.startswith("_") and not op.name.startswith("__")
        if not private and name not in LEFT_OUT and function_of(op) is not None:
            found.append(pytest.param(op, id=name))
    return found


def comparable(op: Any, sample: Any) -> bool:
    """Without sparse or complex tensors, PyTorch's own dropout and inverses, which gradviz does not have."""
    if op.name == "linalg.matrix_power" and sample.args[0] < 0:
        return False
    tensors = list(tensors_in([sample.input, sample.args, list(sample.kwargs.values())]))
    return not any(each.is_sparse or each.is_complex() for each in tensors)


def is_random(name: str, sample: Any) -> bool:
    """Whether numbers are drawn: then only shapes and dtypes can be compared."""
    dropping = sample.kwargs.get("dropout_p") or any(isinstance(each, float) for each in sample.args)
    attention = name.endswith(("attention", "multi_head_attention_forward"))
    last = name.split(".")[-1]
    return last in RANDOM or "dropout" in last or last == "rrelu" or bool(attention and dropping)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64], ids=lambda each: str(each)[6:])
@pytest.mark.parametrize("op", entries())
def test_samples(op: Any, dtype: Any) -> None:
    if dtype not in op.dtypes:
        pytest.skip("PyTorch does not take this dtype")
    torch.manual_seed(0)
    call, differences = function_of(op), []
    grads = dtype.is_floating_point and op.supports_autograd
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        samples = [
            each for each in op.sample_inputs("cpu", dtype, requires_grad=grads) if comparable(op, each)
        ]
        for number, sample in enumerate(samples):
            if number % -(-len(samples) // MOST):
                continue
            try:
                told = difference(call, op.op, sample, values=not is_random(op.name, sample))
            except Exception as error:
                told = f"{type(error).__name__}: {error}"
            if told:
                differences.append(f"#{number} {sample.summary()}: {told}")
    assert not differences, "\n".join(differences[:5])
