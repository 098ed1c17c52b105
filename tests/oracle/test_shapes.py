"""Reshaping, joining, splitting and converting tensors agrees with PyTorch."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import Call, agree  # noqa: E402
from tests.oracle.draws import DTYPES, ROUNDS, array, rng_for, shape_of  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

# PyTorch's names tell apart forms that are one op here.
OTHER_NAMES = {
    *("reshape", "reshape_6", "reshape_t", "ravel", "flatten", "flatten_1", "flatten_0_1", "movedim"),
    *("split", "split_list", "split_1", "chunk", "chunk_1", "unbind", "unbind_1", "iterate"),
}

SHAPES: dict[str, Call] = {
    "reshape": lambda t, x: x.reshape(-1),
    "reshape_6": lambda t, x: x.reshape(6, -1),
    "reshape_t": lambda t, x: t.reshape(x, (-1, 2)),
    "reshape bad": lambda t, x: x.reshape(-1, -1),
    "view": lambda t, x: x.view(-1, 2),
    "view size": lambda t, x: x.view(x.size()),
    "view t": lambda t, x: x.t().view(-1),
    "view tc": lambda t, x: x.t().contiguous().view(-1),
    "flatten": lambda t, x: x.flatten(),
    "flatten_1": lambda t, x: t.flatten(x, 1),
    "flatten_0_1": lambda t, x: x.flatten(0, 1),
    "flatten bad": lambda t, x: x.flatten(1, 0),
    "ravel": lambda t, x: x.ravel(),
    "squeeze": lambda t, x: x.squeeze(),
    "squeeze 0": lambda t, x: x.squeeze(0),
    "squeeze -1": lambda t, x: t.squeeze(x, -1),
    "squeeze 0 1": lambda t, x: x.squeeze((0, 1)),
    "unsqueeze 0": lambda t, x: x.unsqueeze(0),
    "unsqueeze -1": lambda t, x: x.unsqueeze(-1),
    "unsqueeze 5": lambda t, x: x.unsqueeze(5),
    "permute": lambda t, x: x.permute(1, 0),
    "permute 3": lambda t, x: x.permute(2, 0, 1),
    "permute list": lambda t, x: t.permute(x, [0, -1]),
    "permute bad": lambda t, x: x.permute(0, 0),
    "transpose": lambda t, x: x.transpose(0, 1),
    "transpose -": lambda t, x: t.transpose(x, -1, -2),
    "t": lambda t, x: x.t(),
    "T": lambda t, x: x.T,
    "mT": lambda t, x: x.mT,
    "movedim": lambda t, x: x.movedim(0, -1),
    "expand": lambda t, x: x.expand(3, *x.shape),
    "expand -1": lambda t, x: x.expand(4, -1),
    "expand as": lambda t, x: x[:1].expand_as(x),
    "broadcast_to": lambda t, x: t.broadcast_to(x, (2, *x.shape)),
    "view_as": lambda t, x: x.view_as(x * 2),
    "clone": lambda t, x: x.clone(),
    "contiguous": lambda t, x: x.transpose(0, -1).contiguous(),
    "cat": lambda t, x: t.cat([x, x * 2]),
    "cat 1": lambda t, x: t.cat((x, x, x), dim=1),
    "cat -1": lambda t, x: t.cat([x, x[:1]], -1),
    "cat mixed": lambda t, x: t.cat([x, x.double(), x.long()]),
    "stack": lambda t, x: t.stack([x, x + 1]),
    "stack -1": lambda t, x: t.stack([x, x + 1], dim=-1),
    "stack bad": lambda t, x: t.stack([x, x[None]]),
    "split": lambda t, x: x.split(2),
    "split_list": lambda t, x: t.split(x, [1, x.shape[0] - 1]),
    "split_1": lambda t, x: x.split(1, dim=1),
    "chunk": lambda t, x: x.chunk(2),
    "chunk_1": lambda t, x: t.chunk(x, 3, dim=-1),
    "unbind": lambda t, x: x.unbind(),
    "unbind_1": lambda t, x: t.unbind(x, 1),
    "iterate": lambda t, x: list(x),
    "narrow": lambda t, x: x.narrow(0, 1, 1),
    "select": lambda t, x: x.select(-1, 0),
    "double": lambda t, x: x.double(),
    "float": lambda t, x: x.float(),
    "long": lambda t, x: x.long(),
    "bool": lambda t, x: x.bool(),
    "int": lambda t, x: x.int(),
    "half": lambda t, x: x.half(),
    "to": lambda t, x: x.to(t.float64),
    "type": lambda t, x: x.type(t.float64),
    "type str": lambda t, x: x.type("torch.LongTensor"),
    "type name": lambda t, x: x.type(),
    "type_as": lambda t, x: x.type_as(t.ones(1, dtype=t.float64)),
    "detach": lambda t, x: x.detach(),
    "data": lambda t, x: x.data,
    "numel": lambda t, x: x.numel(),
    "nelement": lambda t, x: x.nelement(),
    "size": lambda t, x: x.size(),
    "size 0": lambda t, x: x.size(0),
    "shape": lambda t, x: repr(x.shape),
    "dim": lambda t, x: x.dim(),
    "element_size": lambda t, x: x.element_size(),
    "len": lambda t, x: len(x),
    "tolist": lambda t, x: str((x * 4).long().tolist()),
    "item": lambda t, x: x.item(),
    "all close": lambda t, x: t.allclose(x, x + 1e-9),
    "equal": lambda t, x: t.equal(x, x),
    "is_tensor": lambda t, x: t.is_tensor(x),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)), special=False)
        if rng.random() < 0.3:
            x = np.asarray(x.T)
        agree(SHAPES[name], x, names=name not in OTHER_NAMES)
