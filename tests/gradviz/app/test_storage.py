"""Recordings survive being saved and read, bit for bit; a failed write changes nothing."""

from __future__ import annotations

import json
import math
import os
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Instr, Program, Site, Slot, SlotKind
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradviz.app.recording import Metrics, Recording
from gradviz.app.storage import Limits, StorageError, load_recording, save_recording
from gradviz.app.storage_json import FormatError, from_json, to_json
from gradviz.app.storage_values import DTYPES
from tests.gradviz.app.archives import recorded, same_recording
from tests.gradviz.app.random_programs import programs
from tests.programs import lenet_like, neuron

ATTRIBUTES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(...),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.tuples(*[st.none() | st.integers()] * 3).map(lambda parts: slice(*parts))
        | st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=8,
)
VALUES = st.sampled_from(DTYPES).flatmap(lambda d: hnp.arrays(d, hnp.array_shapes(min_dims=0, min_side=0)))


def round_trip(recording: Recording, folder: Path) -> Recording:
    path = folder / "walk.gradviz"
    save_recording(recording, path)
    return load_recording(path)


def test_a_whole_recording(tmp_path: Path) -> None:
    recording = recorded(
        lenet_like(),
        lenet_like(seed=1),
        sources={"lenet.py": "net = Net()\n", "\udc80 odd.py": "'\ud800'\r\n"},
        description="Net(\n  (conv1): Conv2d(…)\n)",
        classes=("零", "one"),
        problem="ValueError: no",
        problem_file="lenet.py",
        problem_line=3,
        trained=(Metrics(3, math.inf, {"w": math.nan}), Metrics(4, 0.5, {}, {"w": 1e-300}, 2.0)),
        notes=("The first 2 of 4 iterations are recorded",),
    )
    again = round_trip(recording, tmp_path)
    assert same_recording(recording, again)
    assert os.listdir(tmp_path) == ["walk.gradviz"]
    assert all(not value.flags.writeable for it in again.iterations for value in it.program.values)


def test_nothing_at_all(tmp_path: Path) -> None:
    assert same_recording(Recording("", ()), round_trip(Recording("", ()), tmp_path))


def test_an_empty_program(tmp_path: Path) -> None:
    recording = recorded(Program((), (), ()))
    assert math.isnan(recording.iterations[0].metrics.loss)
    assert same_recording(recording, round_trip(recording, tmp_path))


@given(several=st.lists(programs(), max_size=3))
def test_random_programs(several: list[Program], tmp_path_factory: pytest.TempPathFactory) -> None:
    recording = recorded(*several)
    assert same_recording(recording, round_trip(recording, tmp_path_factory.mktemp("random")))


@given(values=st.lists(VALUES, max_size=6))
def test_values_of_every_dtype_and_layout(
    values: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory
) -> None:
    values += [value.T for value in values] + [np.broadcast_to(value, (2, *value.shape)) for value in values]
    slots = tuple(Slot(value.shape, value.dtype.name, SlotKind.INPUT) for value in values)
    recording = recorded(Program((), slots, tuple(values)))
    assert same_recording(recording, round_trip(recording, tmp_path_factory.mktemp("values")))


@given(ATTRIBUTES)
def test_attributes(value: Any) -> None:
    stored = json.loads(json.dumps(to_json(value), allow_nan=False))
    assert repr(from_json(stored)) == repr(value)


def test_what_cannot_be_stored_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "walk.gradviz"
    save_recording(recorded(neuron()), path)
    before = path.read_bytes()
    program = neuron()
    strange = Instr("add", (0, 1), {"key": object()}, 2, Site())
    slots = (*program.slots[:2], Slot((), "float32", SlotKind.VALUE))
    for wrong in (
        Program((strange,), slots, program.values[:3]),
        Program((), (Slot((), "complex64", SlotKind.INPUT),), (np.zeros((), np.complex64),)),
    ):
        with pytest.raises(StorageError, match="walk.gradviz cannot be saved"):
            save_recording(recorded(wrong), path)
    with pytest.raises(StorageError, match="too big"):
        save_recording(recorded(lenet_like()), path, Limits(json=1000))
    with pytest.raises(StorageError, match="too big"):
        save_recording(recorded(lenet_like()), path, Limits(values=1000))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_equal_values_are_stored_once(tmp_path: Path) -> None:
    program = lenet_like()
    copied = replace(program, values=tuple(value.copy() for value in program.values))
    save_recording(recorded(program), tmp_path / "one")
    save_recording(recorded(program, program, copied), tmp_path / "three")
    with zipfile.ZipFile(tmp_path / "one") as one, zipfile.ZipFile(tmp_path / "three") as three:
        name = "values/float32.npy"
        assert one.getinfo(name).file_size == three.getinfo(name).file_size > 4 * 61_706
        with three.open(name) as member:  # numpy's own reader understands it
            assert np.lib.format.read_array(member, allow_pickle=False).dtype == np.float32


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "walk.gradviz"
    save_recording(recorded(neuron()), path)
    before = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gradviz.app.atomic.os.fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        save_recording(recorded(lenet_like()), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.gradviz"
    link.symlink_to(tmp_path / "real" / "walk.gradviz")
    save_recording(recorded(neuron()), link)
    assert link.is_symlink()
    assert (tmp_path / "real" / "walk.gradviz").is_file()


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "walk.gradviz"):
        with pytest.raises(StorageError, match="cannot be saved"):
            save_recording(recorded(neuron()), path)


def test_errors_speak_of_what_is_wrong() -> None:
    for wrong in ({"a": 1, "b": 2}, {}, object()):
        with pytest.raises(FormatError):
            from_json(wrong)
    with pytest.raises(TypeError, match="object cannot be stored"):
        to_json(object())
    assert partial(Metrics, 1)(math.nan).seconds == 0.0


def test_every_attribute_of_every_op_can_be_stored() -> None:
    rng = np.random.default_rng(0)
    assert len(REGISTRY) > 50
    for name, op in REGISTRY.items():
        for sample in op.samples(rng):
            for key, value in sample.attrs.items():
                stored = json.loads(json.dumps(to_json(value), allow_nan=False))
                assert repr(from_json(stored)) == repr(value), (name, key)
