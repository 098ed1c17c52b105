"""Scripts for the child process, and how one run of it went."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from gradviz.engine.program import Program

import gradviz
from gradviz.app.recording import Recording
from gradviz.app.storage import load_recording

ROOT = Path(gradviz.__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
CHILD = [sys.executable, "-P", "-m", "gradviz.app.script_child"]

TRAINING = """
import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(0)

X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
Y = torch.tensor([0, 1, 1, 0])
X = (X - 0.5) * 2

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 8)
        self.fc2 = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))

def main(epochs):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(epochs):
        optimizer.zero_grad()
        out = net(X)
        loss = criterion(out, Y)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            accuracy = out.argmax(1) == Y
        print(epoch, loss.item())

if __name__ == "__main__":
    import sys
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
"""

MANUAL = """
import gradviz as torch
w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
x = torch.tensor(3.0)
for i in range(4):
    y = w * x + b
    loss = (y - 1.0) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
    w.grad = None
    b.grad = None
"""


class Run:
    """One finished run."""

    def __init__(self, code: int, out: bytes, err: bytes, file: Path) -> None:
        self.code, self.out, self.err, self.file = code, out.decode("utf-8", "replace"), err.decode(), file

    @property
    def recording(self) -> Recording:
        return load_recording(self.file)

    @property
    def programs(self) -> list[Program]:
        return [iteration.program for iteration in self.recording.iterations]


class Script:
    """Writes scripts into a folder and runs them in the child process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self,
        text: str | bytes,
        *arguments: str,
        options: tuple[str, ...] = (),
        name: str = "script.py",
        **env: str,
    ) -> Run:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        out = self.folder / "out.gradviz"
        command = [*CHILD, *options, str(path), "--out", str(out), *arguments]
        environment = {**ENVIRONMENT, **env}
        process = subprocess.run(
            command, capture_output=True, cwd=self.folder, env=environment, timeout=120, check=False
        )
        return Run(process.returncode, process.stdout, process.stderr, out)
