"""The code of every lesson is PyTorch's as well: there it computes the same, in each iteration."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from gradviz import models  # noqa: E402
from gradviz.app.lessons.library import load_lessons  # noqa: E402
from gradviz.app.lessons.model import Lesson  # noqa: E402

pytestmark = pytest.mark.oracle
LESSONS = [pytest.param(lesson, id=lesson.id) for lesson in load_lessons()[0]]
_FILLS = ("kaiming_uniform_", "uniform_")  # by which layers draw their weights
Seen = list[dict[str, np.ndarray]]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_code_says_the_same_on_pytorch(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    code = lesson.setup.read_text(encoding="utf-8")
    ours = _run(code, {}, gradviz.Tensor, monkeypatch)
    _draw_with_gradviz(monkeypatch)
    network: dict[str, Any] = {}
    exec(_for_pytorch(Path(str(models.lenet.__file__)).read_text(encoding="utf-8")), network)
    code = _for_pytorch(code).replace("from gradviz.models import LeNet\n", "")
    theirs = _run(code, {"LeNet": network["Net"]}, torch.Tensor, monkeypatch)
    assert len(ours) == len(theirs)
    assert (len(ours) > 1) == (".backward()" in code)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        assert mine.keys() == other.keys() != set()
        for name, value in mine.items():
            message = f"{name}, at backward pass {number} or at the end"
            np.testing.assert_allclose(value, other[name], rtol=1e-4, atol=1e-6, err_msg=message)


def _for_pytorch(code: str) -> str:
    code = code.replace("import gradviz as torch", "import torch")
    return re.sub(r"import gradviz\.(nn\S*|optim) as", r"import torch.\1 as", code)


def _run(code: str, names: dict[str, Any], kind: type[Any], monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What a script's tensors are after each backward pass, and at its end."""
    seen: Seen = []
    backward: Callable[..., None] = kind.backward

    def watched(tensor: Any, *args: Any, **options: Any) -> None:
        backward(tensor, *args, **options)
        seen.append(_tensors(sys._getframe(1).f_locals, kind))

    with monkeypatch.context() as patch:
        patch.setattr(kind, "backward", watched)
        exec(compile(code, "setup.py", "exec"), names)
    return [*seen, _tensors(names, kind)]


def _tensors(names: dict[str, Any], kind: type[Any]) -> dict[str, np.ndarray]:
    """All values and gradients of a namespace, those of its networks included."""
    found = {}
    for name, value in list(names.items()):
        parts = {"": value} if isinstance(value, kind) else {}
        if hasattr(value, "named_parameters") and not isinstance(value, type):
            parts = dict(value.named_parameters())
        for part, tensor in parts.items():
            path = f"{name}.{part}" if part else name
            found[path] = tensor.detach().numpy().copy()
            if (tensor.is_leaf or tensor.retains_grad) and tensor.grad is not None:
                found[f"{path}.grad"] = tensor.grad.detach().numpy().copy()
    return found


def _draw_with_gradviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random numbers differ between the libraries: let PyTorch take gradviz's."""

    def drawn(function: Callable[..., Any]) -> Callable[..., Any]:
        def draw(*args: Any, dtype: Any = torch.float32, requires_grad: bool = False) -> Any:
            kind = getattr(gradviz, str(dtype).removeprefix("torch."))
            return torch.from_numpy(function(*args, dtype=kind).numpy()).requires_grad_(requires_grad)

        return draw

    def filled(name: str) -> Callable[..., Any]:
        def fill(tensor: Any, *args: Any, **options: Any) -> Any:
            ours = gradviz.empty(tuple(tensor.shape))
            getattr(gradviz.nn.init, name)(ours, *args, **options)
            with torch.no_grad():
                return tensor.copy_(torch.from_numpy(ours.numpy()))

        return fill

    monkeypatch.setattr(torch, "manual_seed", gradviz.manual_seed)
    for name in ("randn", "normal"):
        monkeypatch.setattr(torch, name, drawn(getattr(gradviz, name)))
    for name in _FILLS:
        monkeypatch.setattr(torch.nn.init, name, filled(name))


def test_without_gradients_pytorch_remembers_nothing() -> None:
    """Lessons 21 and 24: inside no_grad() no value is kept for backward, which is where the memory goes."""
    kept: list[Any] = []

    def keep(tensor: Any) -> Any:
        kept.append(tensor)
        return tensor

    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(torch.ones(2, 4))
        assert len(kept) >= 3
        kept.clear()
        with torch.no_grad():
            network(torch.ones(2, 4))
    assert kept == []
