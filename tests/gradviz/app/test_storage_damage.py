"""Whatever is wrong with a file is said, with its name, and does no harm."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradviz.engine.program import Program, Slot, SlotKind
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.session import Session
from gradviz.app.storage import Limits, StorageError, load_recording, save_recording
from tests.gradviz.app.archives import edit, npy, put, recorded, rewrite, same_recording
from tests.programs import neuron

PROGRAM = ("iterations", 0, "program")
INSTR = (*PROGRAM, "instrs", 1)  # %output = add(inputs), attrs, output, site, origin
SLOT = (*PROGRAM, "slots", 0)  # shape, dtype, kind, name, requires_grad, offset
WRONG: dict[str, tuple[Callable[[Any], object], str]] = {
    "another format": (put("a poem", "format"), "no recording"),
    "a newer version": (put(2, "version"), "newer gradviz"),
    "version zero": (put(0, "version"), "version"),
    "no title": (lambda main: main.pop("title"), "title is missing"),
    "title is a number": (put(5, "title"), "5 where a str should be"),
    "iterations is text": (put("abc", "iterations"), "list should be"),
    "an iteration is a number": (put(1, "iterations", 0), "dict should be"),
    "a negative iteration": (put(-1, "iterations", 0, "number"), "-1 is not from 0"),
    "no program": (lambda main: main["iterations"][0].pop("program"), "program is missing"),
    "a row too short": (put(["add"], *INSTR), "1 instead of 6"),
    "it reads itself": (lambda main: row(main)[1].__setitem__(0, row(main)[3]), "before it is written"),
    "written twice": (lambda main: row(main).__setitem__(3, row(main, 0)[3]), "second time"),
    "a slot that does not exist": (put(10**6, *INSTR, 3), "does not exist"),
    "a negative slot": (put(-1, *INSTR, 1, 0), "-1 is not from 0"),
    "a slot that is true": (put(True, *INSTR, 1, 0), "True is not from 0"),
    "an origin in the future": (put(10**6, *INSTR, 5), "origin"),
    "an unknown site": (put(10**6, *INSTR, 4), "site"),
    "an unknown phase": (put("sleep", *PROGRAM, "sites", 0, 1), "sleep"),
    "an unknown kind": (put("secret", *SLOT, 2), "secret"),
    "a strange dtype": (put("object", *SLOT, 1), "object"),
    "another dtype": (put("int64", *SLOT, 1), "values at"),
    "another shape": (put([10**9, 10**9], *SLOT, 0), "values at"),
    "many dimensions": (put([1] * 100, *SLOT, 0), "no tensor"),
    "an offset beyond the end": (put(10**9, *SLOT, 5), "values at"),
    "a slot that nobody writes": (put("value", *SLOT, 2), "before it is written|without an instruction"),
    "an attribute of no kind": (put({"x": {"code": 1}}, *INSTR, 2), "not a value"),
    "a bad float": (put({"x": {"float": "1; import os"}}, *INSTR, 2), "not a number"),
    "a bad slice": (put({"x": {"slice": [1]}}, *INSTR, 2), "1 instead of 3"),
    "deep attributes": (put({"x": json.loads("[" * 50 + "]" * 50)}, *INSTR, 2), "deep"),
    "a loss that is none": (put(10**6, *PROGRAM, "loss"), "slot"),
    "a binding beyond the end": (put(10**6, *PROGRAM, "bindings", 0, 0), "moment"),
    "bindings out of order": (lambda main: program(main)["bindings"].reverse(), "order"),
    "a binding to no slot": (put(10**6, *PROGRAM, "bindings", 0, 2), "slot"),
    "a contribution elsewhere": (put(10**6, *PROGRAM, "contributions", 0, 1), "outside"),
    "a contribution of another shape": (
        lambda main: (
            program(main)["slots"].append([[2], "float32", "input", "", False, 0])
            or program(main)["contributions"][0].__setitem__(3, len(program(main)["slots"]) - 1)
        ),
        "shape",
    ),
    "a contribution to no input": (put(10**6, *PROGRAM, "contributions", 0, 2), "outside"),
    "a scope is a number": (put(1, *PROGRAM, "scopes"), "list should be"),
    "metrics are text": (put("good", "iterations", 0, "metrics"), "dict should be"),
    "the loss is text": (put("low", "iterations", 0, "metrics", "loss"), "not a number"),
    "sources is a list": (put([], "sources"), "dict should be"),
    "notes are numbers": (put([1], "notes"), "str should be"),
    "trained is a number": (put(1, "trained"), "list should be"),
    "a negative line": (put(-3, "problem_line"), "line"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a good file."""
    path = tmp_path_factory.mktemp("good") / "good.gradviz"
    save_recording(recorded(neuron(), neuron(), sources={"a.py": "x = 1\n"}), path)
    return path.read_bytes()


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("", "not a file"), ("pipe", "not a file"), ("missing", "no such file")):
        with pytest.raises(StorageError, match=words):
            load_recording(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"import torch\n", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
def test_other_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.gradviz"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="other.gradviz cannot be read: .*no recording"):
        load_recording(path)


def program(main: Any) -> Any:
    return main["iterations"][0]["program"]


def row(main: Any, index: int = 1) -> Any:
    return program(main)["instrs"][index]


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_contents(archive: bytes, tmp_path: Path, name: str) -> None:
    change, words = WRONG[name]
    path = edit(archive, tmp_path / "wrong.gradviz", change)
    with pytest.raises(StorageError, match=f"wrong.gradviz cannot be read: .*({words})"):
        load_recording(path)


@pytest.mark.parametrize(
    "main", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"format": "\xff"}', b"9" * 10_000, b"{}"]
)
def test_bad_json(archive: bytes, tmp_path: Path, main: bytes) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        load_recording(rewrite(archive, tmp_path / "bad.gradviz", recording=main))


def claim(shape: str, descr: str = "<f4") -> bytes:
    """A .npy of a few bytes that claims to be larger."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(64)


@pytest.mark.parametrize(
    "values",
    [
        None,
        b"",
        b"\x93NUMPY",
        npy(np.zeros(1000)),
        npy(np.zeros((10, 10), np.float32)),
        npy(np.array([{"a": 1}], dtype=object)),
        claim("(1000000000000000,)"),
        claim("(-16,)"),
        claim("(16, 1)"),
        claim("(16,)", "|O"),
        claim("(16,)", ">f4"),
        claim("__import__('os')"),
    ],
)
def test_wrong_values(archive: bytes, tmp_path: Path, values: bytes | None) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        load_recording(rewrite(archive, tmp_path / "wrong.gradviz", float32=values))


def test_truth_values_are_true_or_false(tmp_path: Path) -> None:
    recording = recorded(Program((), (Slot((2,), "bool", SlotKind.INPUT),), (np.array([True, False]),)))
    save_recording(recording, tmp_path / "good")
    broken = npy(np.array([True, False]))[:-2] + b"\x01\x02"
    with pytest.raises(StorageError, match="neither 0 nor 1"):
        load_recording(rewrite((tmp_path / "good").read_bytes(), tmp_path / "bad", bool=broken))


def test_bombs(archive: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.gradviz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("recording.json", b" " * (200 * 2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(StorageError, match="too big"):
        load_recording(path)
    path.write_bytes(archive)
    with pytest.raises(StorageError, match="too big"):
        load_recording(path, Limits(values=10))


def test_a_file_that_lies_about_its_size(archive: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.gradviz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("recording.json", b" " * 2**24)
    size = (2**24).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(StorageError, match="cannot be read"):
        load_recording(path, Limits(json=1000))


@given(cut=st.floats(0, 1, exclude_max=True))
def test_truncated(archive: bytes, tmp_path_factory: pytest.TempPathFactory, cut: float) -> None:
    path = tmp_path_factory.mktemp("cut") / "cut.gradviz"
    path.write_bytes(archive[: int(len(archive) * cut)])
    with pytest.raises(StorageError, match="cut.gradviz cannot be read"):
        load_recording(path)


@given(place=st.floats(0, 1, exclude_max=True), damage=st.binary(min_size=1, max_size=8))
def test_damaged_anywhere(
    archive: bytes, tmp_path_factory: pytest.TempPathFactory, place: float, damage: bytes
) -> None:
    """It is refused, or the damage was where it does not matter (a time stamp) and all is read as before."""
    folder = tmp_path_factory.mktemp("damage")
    (folder / "good").write_bytes(archive)
    start = int(len(archive) * place)
    (folder / "bad").write_bytes(archive[:start] + damage + archive[start + len(damage) :])
    try:
        found = load_recording(folder / "bad")
    except StorageError as error:
        assert str(folder / "bad") in str(error)
    else:
        assert same_recording(found, load_recording(folder / "good"))


@given(data=st.data())
def test_any_part_replaced_by_anything(
    archive: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """What comes through the reader is a sound program, whatever the JSON says."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        main = json.loads(old.read("recording.json"))
    part, steps = main, []
    while isinstance(part, (dict, list)) and part and (not steps or data.draw(st.integers(0, 5))):
        keys = sorted(part) if isinstance(part, dict) else range(len(part))
        steps.append((part, data.draw(st.sampled_from(keys))))
        part = steps[-1][0][steps[-1][1]]
    junk = st.none() | st.booleans() | st.integers(-3, 50) | st.floats() | st.text(max_size=5)
    steps[-1][0][steps[-1][1]] = data.draw(
        junk | st.lists(junk, max_size=6) | st.dictionaries(st.text(), junk)
    )
    path = tmp_path_factory.mktemp("junk") / "junk.gradviz"
    rewrite(archive, path, recording=json.dumps(main).encode())
    try:
        found = load_recording(path)
    except StorageError:
        return
    session = Session()
    session.load(found)
    session.open_all()
    if session.timeline is not None:
        for moment in range(session.timeline.length + 1):
            session.timeline.go(moment)
            program, state = session.program, session.state
            assert program is not None
            assert state is not None
            for slot, info in enumerate(program.slots):
                shown = (state.value(slot), state.gradient(slot))
                assert all(array is None or array.shape == info.shape for array in shown)
        assert session.current_node is not None or session.timeline.length == 0
