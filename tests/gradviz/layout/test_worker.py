"""The layout process: answers whatever it is asked, prints nothing into its answers, and starts quickly."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

import gradviz
from gradviz.app.layout import worker
from gradviz.app.layout.job import Job, Placed
from gradviz.app.layout.wire import HEADER, LIMIT, Unpacker, pack
from tests.gradviz.layout.pictures import check, job

ROOT = Path(gradviz.__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
MODULE = [sys.executable, "-P", "-m", "gradviz.app.layout.worker"]


class Child:
    """A running worker."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            MODULE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
        )

    def ask_bytes(self, data: bytes) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()
        (length,) = HEADER.unpack(self.process.stdout.read(HEADER.size))
        return json.loads(self.process.stdout.read(length))

    def ask(self, token: int, request: Job) -> Any:
        return self.ask_bytes(pack({"token": token, "job": request.to_json()}))

    def close(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(20)


@pytest.fixture
def child() -> Iterator[Child]:
    it = Child()
    yield it
    it.close()


def test_it_answers_and_ends_with_its_input(child: Child) -> None:
    for token, name in enumerate(["lenet", "lenet, two open", "neuron"]):
        answer = child.ask(token, job(name))
        assert answer["token"] == token
        check(job(name), Placed.from_json(answer["placed"], job(name)))
    assert child.close() == 0


GARBAGE = [
    b"",
    b"\xff\xfe",
    b"[",
    b"null",
    b"[1, 2]",
    b'"text"',
    b"{}",
    b'{"token": 1}',
    b'{"token": 1, "job": null}',
    b'{"token": 1, "job": {"nodes": 3, "edges": [], "groups": []}}',
    b'{"token": 1, "job": {"nodes": [["a", "b", 0, -1, -1, 0, 0]], "edges": [], "groups": []}}',
    b'{"token": 1, "job": {"nodes": [[NaN, 1, 0, -1, -1, 0, 0]], "edges": [], "groups": []}}',
    b'{"token": 1, "job": {"nodes": [], "edges": [[0, 9, false, 0]], "groups": []}}',
    b"[" * 100_000,
]


def test_bad_requests_are_answered_with_an_error(child: Child) -> None:
    for body in GARBAGE:
        answer = child.ask_bytes(HEADER.pack(len(body)) + body)
        assert answer["error"]
        assert "placed" not in answer
    assert "placed" in child.ask(7, job("mlp"))  # and it goes on
    assert child.close() == 0


def test_a_broken_stream_ends_it(child: Child) -> None:
    assert "bytes" in child.ask_bytes(HEADER.pack(LIMIT + 1))["error"]
    assert child.process.wait(20) == 1


def test_what_libraries_print_does_not_reach_the_answers() -> None:
    code = (
        "import sys; from gradviz.app.layout import worker; worker.serve = lambda *_: print('x', flush=True)"
    )
    code += "; sys.exit(worker.main())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENVIRONMENT, check=True)
    assert done.stdout == b""
    assert done.stderr.strip() == b"x"


def test_it_loads_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys, json; from gradviz.app.layout import worker; before = sorted(sys.modules)"
        "; worker.answer(json.dumps({'token': 1, 'job': {'nodes': [[9, 9, 0, -1, -1, 0, 0]], 'edges': [],"
        " 'groups': []}}).encode()); print(json.dumps([before, sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENVIRONMENT, check=True)
    before, after = json.loads(done.stdout)
    heavy = {"numba", "matplotlib", "scipy", "PyQt6", "psygnal", "gradviz.engine"}
    assert not heavy & set(after)
    assert not {"numpy", "pygraphviz"} & set(before)
    assert "pygraphviz" in after


def test_the_unpacker_takes_messages_in_any_pieces() -> None:
    data = pack({"a": 1}) + pack([2, 3]) + pack("x")
    for size in (1, 2, 5, len(data)):
        unpacker = Unpacker()
        got = [m for start in range(0, len(data), size) for m in unpacker.feed(data[start : start + size])]
        assert got == [{"a": 1}, [2, 3], "x"]
    with pytest.raises(ValueError, match="bytes"):
        Unpacker().feed(b"HTTP")
    with pytest.raises(ValueError, match="Expecting"):
        Unpacker().feed(HEADER.pack(1) + b"?")


def test_serving_stops_at_a_cut_message() -> None:
    sink = BytesIO()
    assert worker.serve(BytesIO(pack({"token": 1})[:-1]), sink) == 0
    assert sink.getvalue() == b""
