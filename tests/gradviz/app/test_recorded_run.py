"""A recording gives its loss with other weights, as its own operations compute it, and the path it took."""

import numpy as np
import pytest

from gradviz.app.recorded_run import RecordedRun
from gradviz.app.recording import Recording
from tests.gradviz.app.scripts import Script

WALKS = """
import torch
for steps in (2, 1):
    w = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
v = torch.tensor(1.0, requires_grad=True)
(v * v).backward()
"""


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Two steps from (1, 2), one step from there again, and something with one number only."""
    return Script(tmp_path_factory.mktemp("walks"))(WALKS).recording


def test_the_loss_with_other_weights(walks: Recording) -> None:
    losses = RecordedRun(walks).evaluator_at(walks.iterations[1])
    assert {name: value.tolist() for name, value in losses.weights().items()} == {"w": [0.8, 1.6]}
    assert losses.loss(None, None) == pytest.approx(0.8**2 + 1.6**2)
    assert losses.loss(None, None, {"w": np.array([3.0, -4.0])}) == 25.0
    assert losses.weights()["w"].tolist() == [0.8, 1.6], "what is recorded stays"


def test_the_path_breaks_where_a_walk_begins_anew(walks: Recording) -> None:
    path = RecordedRun(walks).path(walks.iterations[0])
    places = [(number, None if w is None else np.round(w["w"], 6).tolist()) for number, w in path]
    assert places == [
        (1, [1.0, 2.0]),
        (2, [0.8, 1.6]),
        (2, [0.64, 1.28]),
        (3, None),
        (3, [1.0, 2.0]),
        (3, [0.8, 1.6]),
    ]


def test_one_number_spans_no_plane(walks: Recording) -> None:
    with pytest.raises(ValueError, match="two directions"):
        RecordedRun(walks).evaluator_at(walks.iterations[3])
