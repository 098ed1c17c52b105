"""The layout client: answers from Graphviz's process, and in any case some answer.

The child is either the real worker or a stand-in that misbehaves as told.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gradviz.ui.workers.layout import LayoutClient
from pytestqt.qtbot import QtBot

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.model import GraphModel
from gradviz.app.layout.types import Layout
from tests.programs import lenet_like, mlp_like, neuron, scalar_mlp

LENET = build_graph(lenet_like())
OPEN = build_graph(lenet_like(), frozenset({"fc1"}))
MLP = build_graph(mlp_like())
NEURON = build_graph(neuron())

# Reads one request after another; `behave(number, request)` returns the bytes to send.
FAKE = """
import json, os, struct, sys, time
from pathlib import Path
def send(message):
    body = json.dumps(message).encode()
    return struct.pack("!I", len(body)) + body
def answer(request):
    sys.path.insert(0, {root!r})
    from gradviz.app.layout.worker import answer
    return send(answer(json.dumps(request).encode()))
starts = Path({folder!r}) / "starts"
with starts.open("a") as file:
    file.write("x")
{behave}
number = 0
while len(header := sys.stdin.buffer.read(4)) == 4:
    request = json.loads(sys.stdin.buffer.read(struct.unpack("!I", header)[0]))
    number += 1
    sys.stdout.buffer.write(behave(number, request))
    sys.stdout.buffer.flush()
"""
ROOT = Path(__file__).resolve().parents[3]


class Watcher:
    """What a client has said."""

    def __init__(self, client: LayoutClient) -> None:
        self.layouts: dict[int, Layout] = {}
        self.messages: list[tuple[int, str]] = []
        client.finished.connect(self._finished)
        client.failed.connect(lambda token, message: self.messages.append((token, message)))

    def _finished(self, token: int, layout: Layout) -> None:
        assert token not in self.layouts
        self.layouts[token] = layout


Make = Callable[..., tuple[LayoutClient, Watcher]]


@pytest.fixture
def make(qapp: object, tmp_path: Path) -> Iterator[Make]:
    clients: list[LayoutClient] = []

    def build(behave: str = "", **settings: float) -> tuple[LayoutClient, Watcher]:
        worker = {}
        if behave:
            program = tmp_path / "fake.py"
            program.write_text(FAKE.format(root=str(ROOT), folder=str(tmp_path), behave=behave))
            worker["worker"] = (str(program),)
        settings = {"time_limit": 60, **settings}
        client = LayoutClient(**settings, **worker)  # type: ignore[arg-type]
        clients.append(client)
        return client, Watcher(client)

    yield build
    for client in clients:
        client.close()
        client.deleteLater()


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text())


def ask(client: LayoutClient, model: GraphModel) -> int:
    return client.request(model, {node.id: (100.0, 40.0) for node in model.nodes})


def wait_for(qtbot: QtBot, watcher: Watcher, token: int) -> Layout:
    qtbot.waitUntil(lambda: token in watcher.layouts, timeout=30_000)
    return watcher.layouts[token]


def test_a_layout_arrives_with_all_its_names(make: Make, qtbot: QtBot) -> None:
    client, watcher = make()
    assert client.process_id == 0  # nothing runs before it is needed
    layout = wait_for(qtbot, watcher, ask(client, OPEN))
    assert layout.method == "dot"
    assert set(layout.nodes) == {node.id for node in OPEN.nodes}
    assert set(layout.edges) == {edge.id for edge in OPEN.edges}
    assert set(layout.groups) == {group.id for group in OPEN.groups}
    assert layout.nodes["m:conv1:forward"].width == pytest.approx(100)
    assert not watcher.messages


def test_the_same_graph_comes_from_the_cache(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    client, watcher = make("behave = lambda n, r: answer(r) if n < 3 else os._exit(1)")
    first = wait_for(qtbot, watcher, ask(client, LENET))
    wait_for(qtbot, watcher, ask(client, MLP))
    again = ask(client, build_graph(lenet_like(seed=5)))  # another iteration, equal in structure
    assert again not in watcher.layouts  # not before the caller knows the token
    assert wait_for(qtbot, watcher, again) == first
    assert not watcher.messages


def test_stale_requests_are_dropped(make: Make, qtbot: QtBot) -> None:
    client, watcher = make()
    tokens = [ask(client, model) for model in (LENET, OPEN, MLP, NEURON)]
    wait_for(qtbot, watcher, tokens[-1])
    assert list(watcher.layouts) == tokens[-1:]
    again = [ask(client, LENET), ask(client, NEURON)]
    wait_for(qtbot, watcher, again[-1])
    assert list(watcher.layouts) == [tokens[-1], again[-1]]


def test_asking_twice_for_what_is_under_way_computes_it_once(make: Make, qtbot: QtBot) -> None:
    client, watcher = make("behave = lambda n, r: answer(r) if n == 1 else os._exit(1)")
    ask(client, LENET)
    token = ask(client, LENET)
    assert wait_for(qtbot, watcher, token).method == "dot"
    assert list(watcher.layouts) == [token]


def test_a_new_request_does_not_wait_for_a_slow_old_one(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    client, watcher = make(
        "behave = lambda n, r: time.sleep(600) if len(starts.read_text()) == 1 else answer(r)"
    )
    ask(client, LENET)
    token = ask(client, MLP)
    assert wait_for(qtbot, watcher, token).method == "dot"
    assert not watcher.messages  # nobody misses the old one
    assert starts(tmp_path) == 2


def test_a_child_that_hangs_is_replaced(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    client, watcher = make(
        "behave = lambda n, r: time.sleep(600) if len(r['job']['nodes']) > 20 else answer(r)",
        time_limit=0.2,
        start_allowance=0.3,
    )
    token = ask(client, LENET)
    layout = wait_for(qtbot, watcher, token)
    assert layout.method == "simple"
    assert set(layout.nodes) == {node.id for node in LENET.nodes}
    assert [number for number, _ in watcher.messages] == [token]
    assert "0.2 s" in watcher.messages[0][1]
    # The same graph is not tried again, another one is.
    assert wait_for(qtbot, watcher, ask(client, LENET)).method == "simple"
    assert len(watcher.messages) == 1


@pytest.mark.parametrize(
    "bytes_",
    [
        "b'HTTP/1.1 200 OK'",
        "struct.pack('!I', 3) + b'???'",
        "send({'token': 1})",
        "send([1, 2])",
        "send({'token': 1, 'placed': {}})",
        "send({'placed': {'nodes': [], 'edges': [], 'groups': [], 'labels': [], 'method': 'dot'}})",
    ],
)
def test_garbage_from_the_child(make: Make, qtbot: QtBot, bytes_: str) -> None:
    client, watcher = make(f"behave = lambda n, r: {bytes_}")
    token = ask(client, MLP)
    assert wait_for(qtbot, watcher, token).method == "simple"
    assert "cannot be read" in watcher.messages[0][1]


def test_an_error_from_the_child(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    client, watcher = make("behave = lambda n, r: send({'token': 1, 'error': 'DotError: oh'})")
    assert wait_for(qtbot, watcher, ask(client, MLP)).method == "simple"
    assert "DotError: oh" in watcher.messages[0][1]
    wait_for(qtbot, watcher, ask(client, NEURON))
    assert starts(tmp_path) == 1  # it is still good


def test_a_child_that_dies_at_work(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    client, watcher = make("behave = lambda n, r: os._exit(3) if len(starts.read_text()) == 1 else answer(r)")
    token = ask(client, LENET)
    assert wait_for(qtbot, watcher, token).method == "simple"
    assert "ended unexpectedly" in watcher.messages[0][1]
    assert wait_for(qtbot, watcher, ask(client, LENET)).method == "dot"  # the next time it works


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_child(make: Make, qtbot: QtBot) -> None:
    client, watcher = make()
    wait_for(qtbot, watcher, ask(client, LENET))
    before = client.process_id
    os.kill(before, signal.SIGKILL)
    qtbot.waitUntil(lambda: client.process_id == 0, timeout=10_000)
    assert len(watcher.messages) == 1
    assert wait_for(qtbot, watcher, ask(client, MLP)).method == "dot"
    assert client.process_id not in (0, before)
    assert len(watcher.messages) == 1


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_child_that_is_killed_at_work(make: Make, qtbot: QtBot) -> None:
    client, watcher = make("behave = lambda n, r: time.sleep(600)")
    token = ask(client, LENET)
    qtbot.waitUntil(lambda: client.process_id != 0, timeout=10_000)
    os.kill(client.process_id, signal.SIGKILL)
    assert wait_for(qtbot, watcher, token).method == "simple"
    assert len(watcher.messages) == 1


def test_large_graphs_are_not_sent_to_graphviz(make: Make, qtbot: QtBot) -> None:
    client, watcher = make(largest=1500)
    program = scalar_mlp(10, 30)
    model = build_graph(program, all_modules(program))
    assert len(model.nodes) > 1500
    token = ask(client, model)
    assert token not in watcher.layouts
    assert wait_for(qtbot, watcher, token).method == "simple"
    assert str(len(model.nodes)) in watcher.messages[0][1]
    assert client.process_id == 0
    late = ask(client, model)
    token = ask(client, MLP)  # the large one is stale now
    wait_for(qtbot, watcher, token)
    assert late not in watcher.layouts


def test_closing_ends_the_child_and_silences_the_client(make: Make, qtbot: QtBot) -> None:
    client, watcher = make("behave = lambda n, r: time.sleep(600)")
    ask(client, LENET)
    qtbot.waitUntil(lambda: client.process_id != 0, timeout=10_000)
    child = client.process_id
    client.close()
    assert client.process_id == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    client.close()
    ask(client, MLP)
    assert client.process_id == 0
    assert not watcher.layouts
    assert not watcher.messages


def test_a_python_that_cannot_be_started(make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    client, watcher = make()
    token = ask(client, MLP)
    assert wait_for(qtbot, watcher, token).method == "simple"
    assert "cannot be started" in watcher.messages[0][1]


def test_an_empty_graph(make: Make, qtbot: QtBot) -> None:
    client, watcher = make()
    layout = wait_for(qtbot, watcher, ask(client, GraphModel((), ())))
    assert not layout.nodes
    assert not watcher.messages
