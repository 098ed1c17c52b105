"""Models go from PyTorch to gradviz and back through safetensors files, and give the same logits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

import gradviz  # noqa: E402
from gradviz.models import LeNet, lenet, resnet, resnet18  # noqa: E402
from tests.oracle.same import close  # noqa: E402
from tests.oracle.test_networks import as_written_for_pytorch  # noqa: E402

pytestmark = pytest.mark.oracle

NETWORKS: dict[str, tuple[Callable[[], Any], Callable[[], Any], tuple[int, ...]]] = {
    "lenet": (LeNet, lambda: as_written_for_pytorch(lenet).Net(), (2, 1, 32, 32)),
    "resnet18": (resnet18, lambda: as_written_for_pytorch(resnet).resnet18(), (1, 3, 64, 64)),
}


def trained(net: Any, x: Any, library: Any) -> None:
    """A few steps, so that buffers move as well."""
    optimizer = library.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
    for _ in range(2):
        optimizer.zero_grad()
        library.nn.functional.cross_entropy(net(x), library.zeros(len(x), dtype=library.int64)).backward()
        optimizer.step()


@pytest.mark.parametrize("name", NETWORKS)
def test_from_pytorch_and_back(name: str, tmp_path: Path) -> None:
    make_ours, make_theirs, shape = NETWORKS[name]
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    real = make_theirs()
    if name == "lenet":
        trained(real, torch.tensor(x), torch)
    save_file(real.state_dict(), tmp_path / "theirs.safetensors")
    mine = make_ours()
    assert str(mine.load_state_dict(gradviz.load(tmp_path / "theirs.safetensors"))) == (
        "<All keys matched successfully>"
    )
    close(mine.eval()(gradviz.tensor(x)), real.eval()(torch.tensor(x)), 1e-4)

    if name == "lenet":
        trained(mine, gradviz.tensor(x), gradviz)
    gradviz.save(mine.state_dict(), tmp_path / "ours.safetensors")
    back = make_theirs()
    back.load_state_dict(load_file(tmp_path / "ours.safetensors"))
    close(mine.eval()(gradviz.tensor(x)), back.eval()(torch.tensor(x)), 1e-4)


def test_pytorchs_own_files_are_refused_with_advice_that_works(tmp_path: Path) -> None:
    net = torch.nn.Linear(2, 3)
    path = tmp_path / "net.pt"
    for zipped in (True, False):
        torch.save(net.state_dict(), path, _use_new_zipfile_serialization=zipped)
        with pytest.raises(ValueError, match="gradviz loads no pickles") as refused:
            gradviz.load(path)
        advice = str(refused.value).partition("installed: ")[2]
        code = advice.replace("'net.safetensors'", repr(str(tmp_path / "net.safetensors")))
        exec(code, {})
        loaded = gradviz.load(tmp_path / "net.safetensors")
        close(loaded["weight"], net.weight)


@pytest.mark.parametrize(
    "name", ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]
)
def test_every_dtype_and_shape(name: str, tmp_path: Path) -> None:
    tensors = {
        str(shape): torch.ones(shape).to(getattr(torch, name))
        for shape in [(), (0,), (3,), (2, 0, 1), (2, 3)]
    }
    save_file(tensors, tmp_path / "x")
    loaded = gradviz.load(tmp_path / "x")
    assert loaded.keys() == tensors.keys()
    gradviz.save(loaded, tmp_path / "y")
    for key, tensor in load_file(tmp_path / "y").items():
        close(loaded[key], tensor)
        assert tensor.dtype == tensors[key].dtype
