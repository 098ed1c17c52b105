"""Scripts that say `import torch` find every module of it that gradviz has, and the same objects in each."""

import sys

import pytest

import gradviz
from gradviz.compat import MODULES, as_torch

SCRIPT = """
import torch
import torch.nn.init
import torch.optim.lr_scheduler as schedulers
import torch.utils.data
from torch.nn.modules.conv import Conv2d
from torch.optim.lr_scheduler import StepLR
from torch.optim.optimizer import Optimizer
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.dataset import random_split

assert Conv2d is torch.nn.Conv2d
assert StepLR is schedulers.StepLR
assert issubclass(torch.optim.NAdam, Optimizer)
assert DataLoader is torch.utils.data.DataLoader
assert random_split is torch.utils.data.random_split
loader = DataLoader(TensorDataset(torch.ones(3, 2)), batch_size=2)
sizes = [len(x) for x, in loader]
"""


def test_modules_within_modules() -> None:
    space: dict[str, object] = {}
    before = set(sys.modules)
    with as_torch():
        exec(SCRIPT, space)
    assert space["sizes"] == [2, 1]
    assert space["torch"] is gradviz
    assert not {name for name in set(sys.modules) - before if name.startswith("torch")}


@pytest.mark.parametrize("name", ["torch.utils.data", "torch.optim.lr_scheduler", "torch.nn.functional"])
def test_one_module_by_two_names(name: str) -> None:
    assert MODULES[name].__name__ == name.replace("torch", "gradviz")
    assert MODULES[name] is sys.modules[MODULES[name].__name__]


def test_what_is_ours_alone_is_not_pytorchs() -> None:
    assert not {"torch.app", "torch.engine", "torch.models", "torch.data"} & set(MODULES)
