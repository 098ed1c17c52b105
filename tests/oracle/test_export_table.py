"""Every op's PyTorch expression gives the values that the op gives, on the op's own samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from gradviz.engine.op import REGISTRY  # noqa: E402
from gradviz.engine.tensor import apply  # noqa: E402

import gradviz  # noqa: E402
from gradviz.app.pytorch.expressions import BACKWARD, RANDOM, USERS, expression  # noqa: E402
from gradviz.app.pytorch.operand import Operand  # noqa: E402
from gradviz.app.pytorch.special import HELPERS  # noqa: E402

pytestmark = pytest.mark.oracle

gradviz.tensor(0)
EMITTED = sorted(set(REGISTRY) - BACKWARD - RANDOM - USERS)


@pytest.mark.parametrize("name", EMITTED)
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_values(name: str, precision: str) -> None:
    space: dict[str, Any] = {"torch": torch, "F": F}
    exec(HELPERS, space)
    for number, sample in enumerate(REGISTRY[name].samples(np.random.default_rng(0))):
        arrays = [
            np.array(array.astype(precision) if array.dtype.kind == "f" else array) for array in sample.inputs
        ]
        mine = apply(name, tuple(gradviz.tensor(array) for array in arrays), sample.attrs)
        operands = [Operand(f"x{i}", array.shape, str(array.dtype)) for i, array in enumerate(arrays)]
        text = expression(name, operands, sample.attrs)
        theirs = eval(text, space | {f"x{i}": torch.tensor(array) for i, array in enumerate(arrays)})
        assert str(mine.dtype) == str(theirs.dtype), (number, text)
        assert tuple(mine.shape) == tuple(theirs.shape), (number, text)
        tolerance = 5e-9 if precision == "float64" else 2e-5  # PyTorch's polygamma is that coarse
        np.testing.assert_allclose(
            mine.numpy(), theirs.numpy(), rtol=tolerance, atol=tolerance, err_msg=f"{number}: {text}"
        )
