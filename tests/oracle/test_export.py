"""Scripts that are written for PyTorch run there, and give the losses that were recorded."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

from tests.gradviz.app.scripts import ENVIRONMENT, TRAINING

pytestmark = pytest.mark.oracle

LENET = """
import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)

torch.manual_seed(0)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for _ in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(torch.randn(4, 1, 32, 32)), torch.randint(0, 10, (4,)))
    loss.backward()
    optimizer.step()
"""

ADAM = """
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
net = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.05, amsgrad=True)
schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
data = TensorDataset(torch.randn(12, 3), torch.randn(12, 1))
for epoch in range(2):
    for x, y in DataLoader(data, batch_size=4, shuffle=True):
        optimizer.zero_grad()
        loss = ((net(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
    schedule.step()
"""

BY_HAND = """
import torch

torch.manual_seed(2)
w = torch.randn(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
X = torch.randn(8, 2)
y = X @ torch.tensor([[1.0], [-2.0]]) + 0.5
for step in range(4):
    loss = ((X @ w + b - y) ** 2).mean() + 0.01 * (w[0] ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
    w.grad.zero_()
    b.grad.zero_()
"""

ACCUMULATED = """
import torch
import torch.nn as nn

torch.manual_seed(3)
net = nn.Linear(4, 2)
optimizer = torch.optim.RMSprop(net.parameters(), lr=0.02, centered=True, momentum=0.5)
for step in range(3):
    optimizer.zero_grad()
    for part in range(2):
        x = torch.randn(5, 4)
        loss = torch.logsumexp(net(x), 1).mean() if hasattr(torch, "logsumexp") else net(x).exp().sum()
        loss.backward()
    optimizer.step()
"""

INDEXED = """
import torch

torch.manual_seed(4)
table = torch.randn(6, 3, requires_grad=True)
optimizer = torch.optim.Adagrad([table], lr=0.5)
for step in range(3):
    optimizer.zero_grad()
    rows = table[torch.tensor([0, 2, 2, 5])]
    mask = rows > 0
    parts = torch.cat([rows[mask], rows[:, 1:].reshape(-1)])
    biggest = rows.max(dim=1).values
    loss = (parts.clamp(-1, 1) ** 2).sum() + biggest.sum() - torch.where(mask, rows, 0.5 * rows).mean()
    loss.backward()
    optimizer.step()
"""

SCRIPTS = {
    "mlp": TRAINING,
    "lenet": LENET,
    "adam": ADAM,
    "by hand": BY_HAND,
    "accumulated": ACCUMULATED,
    "indexed": INDEXED,
}


def run(*command: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_same_losses(name: str, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(SCRIPTS[name])
    run("-m", "gradviz", "export", "model.py", "--to", "pytorch", "--out", "theirs.py", folder=tmp_path)
    text = (tmp_path / "theirs.py").read_text("utf-8")
    assert "gradviz" not in text.partition("import torch")[2]
    printed = run("-P", "-W", "error", "theirs.py", folder=tmp_path)
    found = re.findall(r"iteration \d+: loss (\S+), recorded (\S+)", printed)
    assert len(found) == 3, printed
    for loss, recorded in found:
        assert float(loss) == pytest.approx(float(recorded), rel=2e-5, abs=1e-6)
    losses = [recorded for _, recorded in found]
    assert len(set(losses)) == 3
