"""The code of a learner's notes runs with gradviz in place of PyTorch, and prints what PyTorch prints.

The notes leave some names to their reader (`input`, `target`, `criterion`); SETUP gives them a meaning.
Random numbers are compared by their form only.
"""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from gradviz.engine.program import Phase

from gradviz.compat import MODULES, as_torch

NOTES = (Path(__file__).parent / "seed_notes.txt").read_text("utf-8")
BLOCKS = dict(re.findall(r"## ([^\n]+)\n\n```python\n(.*?)```", NOTES, re.DOTALL))

SETUP = {
    "Tensors from data": "import numpy as np\nimport torch\n",
    "Attributes": "import torch\n",
    "Backprop": """
criterion = nn.MSELoss()
input = torch.randn(1, 1, 32, 32)
target = torch.randn(1, 10)
loss = criterion(net(input), target)
""",
}
NEEDS = {
    "Its parameters": ["A network"],
    "Backprop": ["A network"],
    "SGD by hand": ["A network", "Backprop"],
    "SGD by torch.optim": ["A network", "Backprop"],
}

# What PyTorch 2.13 prints, with # for the digits of random numbers.
PRINTED = {
    "Tensors from data": """Ones Tensor: 
 tensor([[1, 1],
        [1, 1]]) 

Random Tensor: 
 tensor([[0.####, 0.####],
        [0.####, 0.####]]) 

""",  # noqa: W291
    "Attributes": """Shape of tensor: torch.Size([3, 4])
Datatype of tensor: torch.float32
Device tensor is stored on: cpu
""",
    "Autograd": "",
    "A network": """Net(
  (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
  (conv2): Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))
  (fc1): Linear(in_features=400, out_features=120, bias=True)
  (fc2): Linear(in_features=120, out_features=84, bias=True)
  (fc3): Linear(in_features=84, out_features=10, bias=True)
)
""",
    "Its parameters": """10
torch.Size([6, 1, 5, 5])
torch.Size([6])
torch.Size([16, 6, 5, 5])
torch.Size([16])
torch.Size([120, 400])
torch.Size([120])
torch.Size([84, 120])
torch.Size([84])
torch.Size([10, 84])
torch.Size([10])
""",
    "Backprop": """conv1.bias.grad before backward
None
conv1.bias.grad after backward
tensor([ 0.####, 0.####, 0.####, 0.####, 0.####, 0.####])
""",
    "SGD by hand": "",
    "SGD by torch.optim": "",
}


def execute(title: str) -> tuple[str, dict[str, Any]]:
    """What a block prints, and its variables; the blocks that it builds on run before."""
    names: dict[str, Any] = {"__name__": "__main__"}
    with as_torch():
        import torch  # gradviz

        torch.manual_seed(0)
        for each in [*NEEDS.get(title, ()), title]:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(SETUP.get(each, "") + BLOCKS[each], f"notes: {each}", "exec"), names)
    return printed.getvalue(), names


def hide_random(text: str) -> str:
    """Random numbers without their digits and signs."""
    return re.sub(r" ?[- ]?0\.\d{4}(?=[],])", lambda m: (" " if m[0][0] == " " else "") + "0.####", text)


def test_the_notes_have_eight_blocks() -> None:
    assert list(BLOCKS) == list(PRINTED)


@pytest.mark.parametrize("title", [title for title in BLOCKS if title != "Autograd"])
def test_prints_what_pytorch_prints(title: str) -> None:
    printed, _ = execute(title)
    # Negative numbers make PyTorch indent the others; the form of the first number depends on chance.
    assert hide_random(printed).replace("([ 0", "([0") == PRINTED[title].replace("([ 0", "([0")


def test_autograd_on_resnet18() -> None:
    with pytest.warns(UserWarning, match="downloads no pretrained weights"):
        printed, names = execute("Autograd")
    assert printed == ""
    assert names["prediction"].shape == (1, 1000)
    assert all(parameter.grad is not None for parameter in names["model"].parameters())
    assert names["model"].fc.bias.grad.tolist() == [1.0] * 1000


def test_hand_written_sgd_moves_against_the_gradient() -> None:
    _, before = execute("Backprop")
    _, after = execute("SGD by hand")
    for old, new in zip(before["net"].parameters(), after["net"].parameters(), strict=True):
        moved = (old.detach() - old.grad * 0.01).tolist()
        assert new.tolist() == moved != old.tolist()


def test_hand_written_sgd_is_recorded_as_an_update() -> None:
    with as_torch():
        import torch  # gradviz

        with torch.record() as recorder:
            _, names = execute("SGD by hand")
    program = recorder.program()
    updates = [instr.op for instr in program.instrs if instr.site.phase is Phase.UPDATE]
    assert updates == ["mul", "sub"] * 10
    for name, parameter in names["net"].named_parameters():
        slot = program.bound(name, len(program))
        assert slot is not None
        assert program.values[slot].tolist() == parameter.tolist()


def test_optim_does_the_same_as_the_loop_by_hand() -> None:
    # The loop of torch.optim runs a whole iteration more: with its gradients, the step is lr · gradient.
    _, before = execute("Backprop")
    _, after = execute("SGD by torch.optim")
    for old, new in zip(before["net"].parameters(), after["net"].parameters(), strict=True):
        assert new.tolist() == (old.detach() - new.grad * 0.01).tolist()


def test_torch_is_given_back() -> None:
    import sys

    before = {name: sys.modules.get(name) for name in MODULES}
    with as_torch():
        assert sys.modules["torch"] is MODULES["torch"]
        from torch.nn.parameter import Parameter
        from torchvision.models import resnet18

        assert Parameter.__module__ == "gradviz.nn.parameter"
        assert resnet18.__module__ == "gradviz.models.resnet"
    assert {name: sys.modules.get(name) for name in MODULES} == before
