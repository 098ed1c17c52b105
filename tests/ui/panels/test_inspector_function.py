"""The inspector explains the composed function around an operation: in a box of its own or as a layer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.composite import COMPOSITES
from gradviz.engine.recorder import record
from pytestqt.qtbot import QtBot

import gradviz as torch
from gradviz import nn
from gradviz.app.i18n import set_language
from gradviz.app.recording import Iteration, Metrics, Recording
from gradviz.app.session import Session
from gradviz.app.storage import load_recording, save_recording
from gradviz.nn import functional as F
from tests.ui.panels.inspecting import go, program, shown

ENTRY = COMPOSITES["batch_norm"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    set_language("en")


def recording(as_layer: bool) -> Recording:
    """Batch norm of a number that has been doubled before."""
    x = torch.tensor(np.arange(6, dtype=np.float32).reshape(3, 2), requires_grad=True)
    with record() as recorder:
        y = x * 2
        z = (
            nn.Sequential(nn.BatchNorm2d(2))(y.reshape(3, 2, 1, 1))
            if as_layer
            else F.batch_norm(y, None, None, training=True)
        )
        z.sum().backward()
    return Recording("norm", (Iteration(1, recorder.program(), Metrics(1, 0.0)),))


@pytest.mark.parametrize("as_layer", [False, True])
def test_what_an_operation_is_a_part_of(qtbot: QtBot, tmp_path: Path, as_layer: bool) -> None:
    path = tmp_path / "norm.gradviz"
    save_recording(recording(as_layer), path)
    session = Session()
    session.load(load_recording(path))
    panel = shown(qtbot, session)
    seen = 0
    for index, instr in enumerate(program(session).instrs):
        go(session, panel, index + 1)
        part = panel.function
        inside = instr.site.module in ("batch_norm", "0")
        assert part.isVisible() == inside, instr
        if inside:
            seen += 1
            assert part.title.text() == "A part of batch_norm"
            assert part.sentence.text() == ENTRY.says["en"]
            assert part.formula.text() == f"${ENTRY.formula}$"
            assert part.derivative.text() == f"${ENTRY.derivative}$"
    assert seen > 10
    set_language("zh_CN")
    go(session, panel, 3)
    assert panel.function.sentence.text() == ENTRY.says["zh"]
