"""`save` and `load`: everything that is data comes back as it was; code and pickles are refused."""

from __future__ import annotations

import io
import json
import math
import pickle
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

import gradviz as torch
import gradviz.nn as nn

DTYPES = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]


def same(a: Any, b: Any) -> None:
    assert type(a) is type(b)
    if isinstance(a, torch.Tensor):
        assert (a.dtype, a.shape, a.requires_grad) == (b.dtype, b.shape, b.requires_grad)
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(a, float):
        assert a == b or (math.isnan(a) and math.isnan(b))
    else:
        assert a == b


def through_file(value: Any) -> Any:
    stream = io.BytesIO()
    torch.save(value, stream)
    stream.seek(0)
    return torch.load(stream)


def test_a_state_dict_is_an_ordinary_safetensors_file(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm2d(3))
    path = tmp_path / "net.safetensors"
    torch.save(net.state_dict(), path)
    assert load_file(path).keys() == net.state_dict().keys()
    loaded = torch.load(path)
    assert list(loaded) == list(net.state_dict())
    other = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm2d(3))
    assert str(other.load_state_dict(loaded)) == "<All keys matched successfully>"
    same(dict(other.state_dict()), dict(net.state_dict()))


def test_a_file_made_elsewhere_is_a_dict_of_tensors(tmp_path: Path) -> None:
    arrays = {name: np.arange(6).reshape(2, 3).astype(name) for name in DTYPES}
    save_file(arrays, tmp_path / "x.safetensors")
    loaded = torch.load(str(tmp_path / "x.safetensors"), map_location="cpu", weights_only=True)
    assert sorted(loaded) == sorted(DTYPES)
    for name, tensor in loaded.items():
        assert str(tensor.dtype) == f"torch.{name}"
        np.testing.assert_array_equal(tensor.numpy(), arrays[name])


def test_bfloat16_becomes_float32() -> None:
    header = json.dumps({"x": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    content = len(header).to_bytes(8, "little") + header + b"\x80\x3f\x40\xc0"
    assert torch.load(io.BytesIO(content))["x"].tolist() == [1.0, -3.0]


def test_a_checkpoint_goes_on(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Linear(2, 1)
    optimizer = torch.optim.AdamW(net.parameters(), lr=torch.tensor(0.1), amsgrad=True)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 1, 3])

    def step(net: nn.Module, optimizer: Any, schedule: Any) -> float:
        optimizer.zero_grad()
        loss = (net(torch.tensor([[1.0, 2.0]])) ** 2).sum()
        loss.backward()
        optimizer.step()
        schedule.step()
        return float(loss)

    step(net, optimizer, schedule)
    state = {"epoch": 3, "net": net.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(state | {"schedule": schedule.state_dict(), "best": math.inf}, tmp_path / "a.pt")
    saved = torch.load(tmp_path / "a.pt")
    assert saved["epoch"] == 3
    assert saved["best"] == math.inf
    fresh = nn.Linear(2, 1)
    fresh.load_state_dict(saved["net"])
    other = torch.optim.AdamW(fresh.parameters())
    again = torch.optim.lr_scheduler.MultiStepLR(other, [])
    other.load_state_dict(saved["optimizer"])
    again.load_state_dict(saved["schedule"])
    assert again.milestones == Counter({1: 2, 3: 1})
    for _ in range(3):
        assert step(net, optimizer, schedule) == step(fresh, other, again)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.builds(
        lambda name, shape, grad: (
            torch.ones(shape).to(getattr(torch, name)).requires_grad_(grad and name.startswith("float"))
        ),
        st.sampled_from(DTYPES),
        st.lists(st.integers(0, 3), max_size=3),
        st.booleans(),
    ),
    st.sampled_from([torch.float32, torch.bool, torch.Size([2, 3]), torch.device("cpu")]),
)
KEYS = st.one_of(st.text(max_size=3), st.integers(), st.tuples(st.integers(), st.booleans()), st.none())
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(KEYS, inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=2).map(OrderedDict),
    ),
    max_leaves=8,
)


@given(TREES)
def test_any_nested_data_comes_back(tree: Any) -> None:
    same(through_file(tree), tree)


def test_kinds_and_sharing() -> None:
    shared = nn.Parameter(torch.ones(2))
    frozen = nn.Parameter(torch.ones(1), requires_grad=False)
    back = through_file({"a": shared, "b": [shared, frozen], "n": np.float32(1.5), "i": np.int8(3)})
    assert back["a"] is back["b"][0]
    assert isinstance(back["a"], nn.Parameter)
    assert (back["a"].requires_grad, back["b"][1].requires_grad) == (True, False)
    assert (back["n"], back["i"]) == (1.5, 3)
    array = through_file([np.arange(4).reshape(2, 2).T])[0]
    assert isinstance(array, np.ndarray)
    assert array.tolist() == [[0, 2], [1, 3]]
    both = through_file({"a.b": torch.ones(1), "a": {"b": torch.zeros(1)}})
    assert (both["a.b"].item(), both["a"]["b"].item()) == (1, 0)
    assert through_file({1, 2}) == {1, 2}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (nn.Linear(1, 1), r"save its data, module\.state_dict\(\)"),
        ({"net": [nn.Linear(1, 1)]}, r"module\.state_dict\(\) \(it is at net\.0\)"),
        ({"f": [0, len]}, r"a builtin_function_or_method cannot be stored \(it is at f\.1\)"),
        (3 + 4j, "a complex cannot be stored"),
        ({"a": np.array(["x"])}, "an array of dtype <U1 cannot be stored, in a"),
    ],
)
def test_what_is_no_data(value: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"before")
    with pytest.raises(TypeError, match=message):
        torch.save(value, path)
    assert path.read_bytes() == b"before"


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        for name in names:
            zipped.writestr(name, b"x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps({"a": 1}), r"m\.pt is a pickle.*save_file\(torch\.load\('.*m\.pt'.*'m\.safetensors'\)"),
        (archive("m/data.pkl", "m/version"), r"written by PyTorch's torch\.save.*save_file\(torch\.load"),
        (archive("recording.json"), "m.pt is a recording; `gradviz .*m.pt` opens it"),
        (archive("x.npy"), "m.pt is a zip archive, not a safetensors file"),
        (b"", "no safetensors file, or a damaged one"),
        (b"not one", "no safetensors file, or a damaged one"),
    ],
)
def test_other_files_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        torch.load(path)


DESCRIPTIONS = [
    "{",
    "[[[",
    '{"tensor": ["nothing"]}',
    '{"tensor": []}',
    '{"tensor": "x"}',
    '{"dict": [["a"]]}',
    '{"dict": [[["a"], 1]]}',
    '{"dict": 3}',
    '{"float": "1"}',
    '{"dtype": "code"}',
    '{"os.system": ["ls"]}',
    '{"a": 1, "b": 2}',
    "[" * 60 + "]" * 60,
]


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_a_damaged_description(description: str, tmp_path: Path) -> None:
    save_file({"x": np.ones(1)}, tmp_path / "x", metadata={"gradviz": description})
    with pytest.raises(ValueError, match="x is damaged: "):
        torch.load(tmp_path / "x")


def test_every_cut_file_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(2), "b": [1, 2]}, tmp_path / "x")
    content = (tmp_path / "x").read_bytes()
    for size in range(len(content)):
        with pytest.raises(ValueError, match="load: the file is"):
            torch.load(io.BytesIO(content[:size]))


def test_pickles_are_never_meant() -> None:
    with pytest.raises(TypeError, match="leave out pickle_module"):
        torch.save({}, io.BytesIO(), pickle_module=pickle)
    with pytest.raises(TypeError, match="gradviz reads safetensors, never pickles"):
        torch.load(io.BytesIO(), encoding="latin1")
    with pytest.raises(FileNotFoundError):
        torch.load("nowhere.safetensors")
