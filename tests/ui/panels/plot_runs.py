"""A small run for the tests of the plots: a network on two moons, its log, and what it says."""

from collections.abc import Mapping

import numpy as np

import gradviz as torch
import gradviz.nn as nn
from gradviz.app.recording import Iteration, Metrics, Recording, metrics_of
from gradviz.app.snapshots import snapshot_of
from gradviz.app.train_log import EpochRow, TrainLog
from gradviz.data import Dataset, two_moons


class Judge:
    """Runs the model as it is, or with other weights."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    def weights(self) -> dict[str, np.ndarray]:
        return {name: p.detach().numpy().copy() for name, p in self.model.named_parameters()}

    def outputs(self, inputs: np.ndarray, weights: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        before = self.weights()
        with torch.no_grad():
            self._take(weights or before)
            found = self.model(torch.tensor(np.asarray(inputs, np.float32))).numpy().copy()
            self._take(before)
        return found

    def loss(
        self, inputs: np.ndarray, targets: np.ndarray, weights: Mapping[str, np.ndarray] | None = None
    ) -> float:
        outputs = torch.tensor(self.outputs(inputs, weights))
        return float(nn.CrossEntropyLoss()(outputs, torch.tensor(targets)))

    def _take(self, weights: Mapping[str, np.ndarray]) -> None:
        for name, p in self.model.named_parameters():
            p.copy_(torch.tensor(weights[name]))


class MoonsRun:
    """Adam on two moons: `steps` recorded iterations, with snapshots of all."""

    def __init__(self, steps: int = 3) -> None:
        torch.manual_seed(0)
        self.data: Dataset = two_moons(60, noise=0.1, seed=0)
        self.model = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 2))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.02)
        self.log = TrainLog()
        self.iterations: list[Iteration] = []
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        number = len(self.iterations) + 1
        with torch.record() as recorder:
            x, target = torch.tensor(self.data.inputs), torch.tensor(self.data.targets)
            recorder.name(x, "x")
            self.optimizer.zero_grad()
            loss = nn.CrossEntropyLoss()(self.model(x), target)
            loss.backward()
            self.optimizer.step()
        program = recorder.program()
        made = metrics_of(program, number)
        row = Metrics(
            number, made.loss, made.gradient_norms, made.update_ratios, 0.0, 0.02, 0.5 + number / 100
        )
        self.iterations.append(Iteration(number, program, row))
        self.log.add_row(row)
        self.log.add_snapshot(snapshot_of(program, number))
        self.log.add_epoch(EpochRow(number, number, 0.7 / number, 0.8, 0.8 / number, 0.75))

    def evaluator(self) -> Judge:
        return Judge(self.model)

    def recording(self) -> Recording:
        return Recording("moons", tuple(self.iterations), classes=self.data.classes)
