"""Which functions give views: a change of one shows in the other exactly where it does in PyTorch."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import agree  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

FUNCTIONS: dict[str, Any] = {
    "reshape": lambda t, x: x.reshape(4, 6),
    "reshape t": lambda t, x: x.transpose(0, 2).reshape(4, 6),
    "reshape_as": lambda t, x: x.reshape_as(t.zeros(24)),
    "view": lambda t, x: x.view(-1),
    "view_as": lambda t, x: x.view_as(t.zeros(6, 4)),
    "flatten": lambda t, x: x.flatten(1),
    "flatten same": lambda t, x: x.flatten(1, 1),
    "flatten t": lambda t, x: x.transpose(0, 1).flatten(),
    "ravel": lambda t, x: x.ravel(),
    "ravel t": lambda t, x: x.transpose(1, 2).ravel(),
    "unflatten": lambda t, x: x.unflatten(2, (2, 2)),
    "squeeze": lambda t, x: x[:1].squeeze(),
    "squeeze none": lambda t, x: x.squeeze(),
    "unsqueeze": lambda t, x: x.unsqueeze(1),
    "movedim": lambda t, x: x.movedim(0, 2),
    "moveaxis": lambda t, x: t.moveaxis(x, (0, 1), (1, 0)),
    "swapaxes": lambda t, x: x.swapaxes(0, 1),
    "transpose": lambda t, x: x.transpose(0, -1),
    "permute": lambda t, x: x.permute(2, 0, 1),
    "t": lambda t, x: x[0].t(),
    "T": lambda t, x: x[0].T,
    "mT": lambda t, x: x.mT,
    "H": lambda t, x: x[1].H,
    "adjoint": lambda t, x: x.adjoint(),
    "split": lambda t, x: x.split(2, 1)[1],
    "split sizes": lambda t, x: x.split([1, 2], 1)[1],
    "chunk": lambda t, x: x.chunk(2, 2)[0],
    "tensor_split": lambda t, x: x.tensor_split(2, 1)[1],
    "hsplit": lambda t, x: t.hsplit(x, 3)[1],
    "unbind": lambda t, x: x.unbind(1)[2],
    "narrow": lambda t, x: x.narrow(1, 1, 2),
    "select": lambda t, x: x.select(2, 1),
    "index": lambda t, x: x[1, :, ::2],
    "index none": lambda t, x: x[:, None],
    "index tensor": lambda t, x: x[t.tensor([0, 1])],
    "index mask": lambda t, x: x[x > 0],
    "index_select": lambda t, x: x.index_select(0, t.tensor([0])),
    "diagonal": lambda t, x: x.diagonal(0, 1, 2),
    "diagonal off": lambda t, x: x.diagonal(-1, 2, 0),
    "diag": lambda t, x: t.diag(x[0]),
    "unfold": lambda t, x: x.unfold(2, 2, 2),
    "expand": lambda t, x: x[:1].expand(2, 3, 4),
    "expand same": lambda t, x: x.expand(2, 3, 4),
    "expand_as": lambda t, x: x.expand_as(t.zeros(2, 3, 4)),
    "broadcast_to": lambda t, x: t.broadcast_to(x, (2, 3, 4)),
    "broadcast_tensors": lambda t, x: t.broadcast_tensors(x, t.zeros(4))[0],
    "atleast_3d": lambda t, x: t.atleast_3d(x[0]),
    "meshgrid": lambda t, x: t.meshgrid(x[0, 0], x[0, 1], indexing="ij")[0],
    "contiguous": lambda t, x: x.contiguous(),
    "contiguous t": lambda t, x: x.mT.contiguous(),
    "flip": lambda t, x: x.flip(0),
    "roll": lambda t, x: x.roll(1),
    "rot90": lambda t, x: x.rot90(),
    "rot90 none": lambda t, x: x.rot90(4),
    "tile": lambda t, x: x.tile((1,)),
    "repeat": lambda t, x: x.repeat(1, 1, 1),
    "cat": lambda t, x: t.cat([x]),
    "to": lambda t, x: x.to(x.dtype),
    "to copy": lambda t, x: x.to(x.dtype, copy=True),
    "type_as": lambda t, x: x.type_as(x),
    "detach": lambda t, x: x.detach(),
    "as_tensor": lambda t, x: t.as_tensor(x),
    "einsum": lambda t, x: t.einsum("ijk->kji", x),
    "tril": lambda t, x: x.tril(),
    "take_along_dim": lambda t, x: x.take_along_dim(t.zeros(1, 1, 1, dtype=t.long), 0),
    "squeeze_": lambda t, x: x[:1].squeeze_(0),
    "unsqueeze_": lambda t, x: x[1:].unsqueeze_(0),
    "t_": lambda t, x: x[1].t_(),
    "transpose_": lambda t, x: x[:, 1:].transpose_(0, 2),
    "swapaxes_": lambda t, x: x[:, 1:].swapaxes_(0, 1),
}


# What came in a tuple cannot be read either after a change of the whole; here it can
ALONE = [name for name in FUNCTIONS if name not in ("split", "split sizes", "chunk", "unbind")]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_without_gradients(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4))

    def change(t: Any, x: Any) -> Any:
        whole = x * 1
        view = FUNCTIONS[name](t, whole)
        view.mul_(2).sub_(0.5)
        whole.add_(whole * 3)
        return whole * 1, (view * 1).contiguous()

    agree(change, x, grads=False, names=False)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_view_is_changed(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4))

    def change(t: Any, x: Any) -> Any:
        whole = x * 1
        view = FUNCTIONS[name](t, whole)
        view.mul_(2).sub_(0.5)
        return whole * 1, (view * 1).contiguous()

    agree(change, x, names=False)


@pytest.mark.parametrize("name", ALONE)
def test_the_whole_is_changed(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4))

    def change(t: Any, x: Any) -> Any:
        whole = x * 1
        view = FUNCTIONS[name](t, whole)
        whole.mul_(2)
        whole[0, 1] = 3.0
        return whole * 1, (view * 1).contiguous()

    agree(change, x, names=False)


def test_the_handle_itself_gets_another_shape() -> None:
    x = np.random.default_rng(0).normal(size=(2, 1, 3))
    for call in (
        lambda x: x.squeeze_(),
        lambda x: x.squeeze_(1),
        lambda x: x.unsqueeze_(0),
        lambda x: x.transpose_(0, 2),
        lambda x: x.swapdims_(0, 1),
        lambda x: x[0].t_(),
    ):

        def change(t: Any, x: Any, call: Any = call) -> Any:
            y = x * 2
            z = y.view(-1)
            w = call(y)
            z.add_(1)
            w.mul_(y.detach())
            return y.contiguous() * 1, z * 1, (w * y).contiguous()

        agree(change, x, names=False)
        agree(lambda t, x, call=call: call(x), x, names=False)
        agree(lambda t, x, call=call: call(x.detach()).contiguous(), x, names=False)
