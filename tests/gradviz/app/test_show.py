"""`gradviz.show`: the graph behind a tensor as it was, without a trace in the user's tensors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradviz.engine.errors import GradError
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase, Program
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor

import gradviz
from gradviz import nn
from gradviz.app import show as show_module
from gradviz.app.graph.build import build_graph
from gradviz.app.recording import Recording
from gradviz.app.show import make_recording, show
from gradviz.app.storage import StorageError, load_recording
from gradviz.models import LeNet


def tensor(value: Any, requires_grad: bool = False) -> Tensor:
    made: Tensor = gradviz.tensor(value)
    return made.requires_grad_(requires_grad)


def program(recording: Recording) -> Program:
    (iteration,) = recording.iterations
    return iteration.program


def neuron() -> dict[str, Tensor]:
    x, w, b = tensor([1.0, -2.0]), tensor([0.5, 0.25], True), tensor(0.1, True)
    y = gradviz.tanh((x * w).sum() + b)
    return {"x": x, "w": w, "b": b, "y": y}


def test_forward_as_it_was_and_backward_as_it_would_be() -> None:
    variables = neuron()
    shown = program(make_recording((variables["y"],), variables))
    assert [instr.op for instr in shown.instrs[:4]] == ["mul", "sum", "add", "tanh"]
    assert {slot.name for slot in shown.slots} == {"", "x", "w", "b", "y"}
    assert all(instr.site.phase is Phase.BACKWARD for instr in shown.instrs[4:])
    assert shown.loss == shown.instrs[3].output
    for computed, kept in zip(run(shown), shown.values, strict=True):
        assert computed.tobytes() == kept.tobytes()
    assert all(instr.site.file == __file__ for instr in shown.instrs)
    gradient = shown.bound("w.grad", len(shown))
    assert gradient is not None
    variables["y"].backward()
    assert shown.values[gradient].tobytes() == variables["w"].grad.numpy().tobytes()


def test_gradients_are_as_before() -> None:
    variables = neuron()
    make_recording((variables["y"],), variables)
    assert variables["w"].grad is None
    variables["y"].backward()
    grad = variables["w"].grad
    assert grad is not None
    seen, before = grad.numpy(), grad.numpy().copy()
    shown = program(make_recording((variables["y"],), variables))  # the graph is freed by now
    assert variables["w"].grad is grad
    np.testing.assert_array_equal(seen, before)
    assert shown.bound("w.grad", 0) is None  # the picture begins before there was a gradient
    with pytest.raises(RuntimeError, match="second time"):
        variables["y"].backward()


def test_showing_twice_gives_the_same() -> None:
    net, x, target = LeNet(), tensor(np.full((1, 1, 32, 32), 0.5, np.float32)), tensor([3])
    loss = nn.CrossEntropyLoss()(net(x), target)
    one, two = (program(make_recording((loss,), {"x": x, "loss": loss})) for _ in range(2))
    assert one.pretty() == two.pretty()
    assert one.bindings == two.bindings


def test_modules_are_found_by_their_parameters() -> None:
    net, x, target = LeNet(), tensor(np.full((1, 1, 32, 32), 0.5, np.float32)), tensor([3])
    loss = nn.CrossEntropyLoss()(net(x), target)
    recording = make_recording((loss,), {"net": net, "x": x, "target": target, "loss": loss})
    shown = program(recording)
    assert recording.title == "show(loss)"
    assert shown.scopes["conv1"].title == "Conv2d"
    assert shown.scopes["fc3"].description == "Linear(in_features=84, out_features=10, bias=True)"
    assert {"max_pool2d", "max_pool2d#2", "cross_entropy"} <= set(shown.scopes)
    titles = [node.title for node in build_graph(shown).nodes if node.phase is Phase.FORWARD]
    order = ["x", "conv1", "relu", "max_pool2d", "conv2", "relu", "max_pool2d", "flatten", "fc1", "relu"]
    assert titles == [*order, "fc2", "relu", "fc3"]
    assert {Path(file).name for file in recording.sources} == {"lenet.py", Path(__file__).name}
    loss.backward()
    for name, parameter in net.named_parameters():
        slot = shown.bound(f"{name}.grad", len(shown))
        assert slot is not None
        assert parameter.grad is not None
        assert shown.values[slot].tobytes() == parameter.grad.numpy().tobytes()


def test_a_module_that_is_called_twice_has_two_boxes() -> None:
    net = nn.Sequential(nn.Linear(2, 2))
    x = tensor([[1.0, 2.0]])
    loss = net(gradviz.tanh(net(x))).sum()
    assert set(program(make_recording((loss,), {})).scopes) == {"0", "0#2"}


def test_several_tensors() -> None:
    a = tensor(2.0, True)
    one, other, wide = a * 3.0, a * a, a * tensor([1.0, 2.0])
    shown = program(make_recording((one, other, wide), {"one": one, "other": other}))
    forward = [instr for instr in shown.instrs if instr.site.phase is Phase.FORWARD]
    assert len(forward) == 3
    gradient = [row.slot for row in shown.bindings if row.name == "a.grad"]
    assert gradient == []  # `a` is not among the variables
    accumulated = [instr.output for instr in shown.instrs if instr.op == "accumulate_grad"]
    assert float(shown.values[accumulated[-1]]) == 3.0 + 4.0


def test_a_tensor_that_is_no_number_shows_forward_only() -> None:
    a = tensor([1.0, 2.0], True)
    shown = program(make_recording((a * 2.0,), {}))
    assert [instr.op for instr in shown.instrs] == ["mul"]


def test_what_was_recorded() -> None:
    a = tensor(2.0)
    with record() as recorder:
        b = a * 3.0
    for thing in (recorder, recorder.program(), make_recording((recorder,), {})):
        shown = program(make_recording((thing,), {"b": b, "thing": thing}))
        assert [instr.op for instr in shown.instrs] == ["mul"]


@pytest.mark.parametrize(
    ("things", "error", "words"),
    [
        ((), TypeError, "what?"),
        ((3.0,), TypeError, "not float"),
        ((gradviz.tensor([1.0]),), GradError, "no graph behind this tensor.*record()"),
    ],
)
def test_what_cannot_be_shown(things: tuple[Any, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make_recording(things, {})


class Started:
    """Stands in for subprocess.Popen and notes what would have been started."""

    def __init__(self) -> None:
        self.command: list[str] = []
        self.options: dict[str, Any] = {}
        self.waited = False
        self.returncode: int | None = None

    def __call__(self, command: list[str], **options: Any) -> Started:
        self.command, self.options = command, options
        return self

    def wait(self) -> int:
        self.waited = True
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    popen = Started()
    monkeypatch.setattr(show_module.subprocess, "Popen", popen)
    monkeypatch.setenv("GRADVIZ_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return popen


def test_a_window_of_its_own(started: Started, tmp_path: Path) -> None:
    w = tensor(2.0, True)
    loss = w * w
    show(loss)
    assert started.command[:4] == [sys.executable, "-P", "-m", "gradviz"]
    recording = load_recording(started.command[4])
    assert recording.title == "show(loss)"
    assert {"w", "loss"} <= {slot.name for slot in program(recording).slots}
    assert started.options["start_new_session"] is True
    assert started.options["stdin"] == subprocess.DEVNULL
    assert not started.waited
    show(loss, block=True)
    assert started.waited


def test_old_files_are_removed(started: Started, tmp_path: Path) -> None:
    loss = tensor(2.0, True) * 2.0
    for _ in range(show_module.KEPT + 5):
        show(loss)
    files = list((tmp_path / "cache" / "shown").iterdir())
    assert len(files) == show_module.KEPT + 1
    assert Path(started.command[4]) in files


def test_without_a_place_for_files_the_temporary_folder_does(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setattr(show_module.tempfile, "tempdir", str(tmp_path))
    show(tensor(2.0, True) * 2.0)
    assert Path(started.command[4]).parent == tmp_path


def test_a_full_disk_is_told(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gradviz.app.atomic.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        show(tensor(2.0, True) * 2.0)
    assert started.command == []


def test_without_a_display_the_file_is_named(
    started: Started, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    show(tensor(2.0, True) * 2.0)
    assert started.command == []
    path = capsys.readouterr().err.rpartition(" ")[2].strip()
    assert load_recording(path).iterations


def test_the_window_s_process_finds_gradviz(tmp_path: Path) -> None:
    code = "import gradviz, sys; sys.stdout.write(gradviz.__version__)"
    command = [*show_module.command(tmp_path / "x")[:2], "-c", code]
    done = subprocess.run(
        command, env=show_module.environment(), cwd=tmp_path, capture_output=True, timeout=60, check=True
    )
    assert done.stdout.decode() == gradviz.__version__


def test_nobody_waits_for_the_window(tmp_path: Path) -> None:
    """A script ends at once and without a ResourceWarning, while the window lives on."""
    script = (
        "import sys, gradviz\n"
        "from gradviz.app import show as module\n"
        "module.command = lambda path: [sys.executable, '-c', 'input()']\n"
        "x = gradviz.tensor(2.0).requires_grad_()\n"
        "gradviz.show(x * x)\n"
    )
    environment = {**show_module.environment(), "GRADVIZ_CACHE_DIR": str(tmp_path), "DISPLAY": ":0"}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == b""
    assert done.returncode == 0
    assert len(os.listdir(tmp_path / "shown")) == 1


def test_a_layer_of_the_library_is_a_box_already() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))
    x = tensor(np.full((1, 1, 6, 6), 0.5, np.float32))
    inside = program(make_recording((net(x).sum(),), {"net": net, "x": x}))
    assert not any("max_pool2d" in path for path in inside.scopes)
    alone = program(make_recording((nn.MaxPool2d(2)(net[0](x)).sum(),), {"net": net, "x": x}))
    assert "max_pool2d" in alone.scopes
