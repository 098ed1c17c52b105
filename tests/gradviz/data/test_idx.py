"""MNIST's files: every type, every way to be broken."""

import gzip
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradviz.data import DataError, mnist, read_idx

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
Write = Callable[..., Path]


def idx(array: np.ndarray) -> bytes:
    code = CODES[array.dtype.str[1:]]
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


SAMPLE = idx(np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4))


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    folder = tmp_path_factory.mktemp("idx")

    def write(content: bytes, name: str = "file-idx") -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


@given(
    data=st.data(),
    compress=st.booleans(),
    kind=st.sampled_from(sorted(CODES)),
    shape=hnp.array_shapes(max_dims=4, min_side=0, max_side=5),
)
def test_what_is_written_is_read(
    write: Write, data: st.DataObject, compress: bool, kind: str, shape: tuple[int, ...]
) -> None:
    array = data.draw(hnp.arrays(np.dtype(kind), shape))
    content = idx(array)
    found = read_idx(write(gzip.compress(content) if compress else content))
    assert found.dtype == array.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)


@given(cut=st.integers(0, len(SAMPLE) - 1))
def test_cut_off_anywhere(write: Write, cut: int) -> None:
    with pytest.raises(DataError, match="file-idx.*(cut off|not an IDX file|empty)"):
        read_idx(write(SAMPLE[:cut]))


@given(cut=st.integers(0, len(gzip.compress(SAMPLE)) - 1))
def test_compressed_and_cut_off_anywhere(write: Write, cut: int) -> None:
    with pytest.raises(DataError, match="file-idx"):
        read_idx(write(gzip.compress(SAMPLE)[:cut]))


@given(place=st.integers(0, len(SAMPLE) - 1), value=st.integers(0, 255))
def test_changed_anywhere(write: Write, place: int, value: int) -> None:
    content = bytearray(SAMPLE)
    content[place] = value
    try:
        found = read_idx(write(bytes(content)))
    except DataError as error:
        assert "file-idx" in str(error)
        assert place < 16  # the numbers themselves may have any value
    else:
        assert found.nbytes == 24
        assert place >= 16 or value == SAMPLE[place] or place in (2, 3)


@given(place=st.integers(0, 1 << 20), bit=st.integers(0, 7))
def test_compressed_and_changed_anywhere(write: Write, place: int, bit: int) -> None:
    content = bytearray(gzip.compress(SAMPLE, mtime=0))
    content[place % len(content)] ^= 1 << bit
    try:
        found = read_idx(write(bytes(content)))
    except DataError as error:
        assert "file-idx" in str(error)
    else:  # gzip's own header has bytes that mean nothing here, such as the date
        np.testing.assert_array_equal(found, np.arange(24).reshape(2, 3, 4))


@given(content=st.binary(max_size=200))
def test_any_bytes_at_all(write: Write, content: bytes) -> None:
    try:
        read_idx(write(content))
    except DataError as error:
        assert "file-idx" in str(error)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an IDX file .it is empty"),
        (b"\x89PNG....", "not an IDX file .it starts with 89 50 4e 47"),
        (bytes([0, 0, 0x0A, 1, 0, 0, 0, 0]), "no type of number 0x0a"),
        (bytes([0, 0, 8, 0]), "0 dimensions"),
        (bytes([0, 0, 8, 9]) + bytes(36), "9 dimensions"),
        (SAMPLE + b"x", "more than the declared 24 bytes"),
        (gzip.compress(SAMPLE + b"x" * 1000, mtime=0), "more than the declared 24 bytes"),
        (bytes([0, 0, 8, 3]) + b"\xff" * 12, "declares 4294967295 x 4294967295 x 4294967295 numbers"),
    ],
)
def test_what_is_wrong_is_named(write: Write, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=f"file-idx: .*{words}"):
        read_idx(write(content))


@pytest.mark.parametrize("compress", [False, True])
def test_a_huge_declared_size_costs_no_memory(write: Write, compress: bool) -> None:
    content = bytes([0, 0, 8, 1]) + struct.pack(">I", 1 << 30) + b"only this"
    path = write(gzip.compress(content) if compress else content)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="cut off, 9 of 1,073,741,824 bytes"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_small_file_that_unpacks_to_much_stops_at_the_declared_size(write: Write) -> None:
    path = write(gzip.compress(SAMPLE + bytes(1 << 26)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="more than the declared"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_unreadable_places(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing: there is no such file"):
        read_idx(tmp_path / "nothing")
    with pytest.raises(DataError, match=r"cannot be read \(.+\)"):
        read_idx(tmp_path)


IMAGES = np.random.RandomState(0).randint(0, 256, (5, 28, 28)).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5], np.uint8)


def put(folder: Path, images: np.ndarray, labels: np.ndarray, prefix: str = "train") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{prefix}-images-idx3-ubyte").write_bytes(idx(images))
    (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(labels))
    return folder


@pytest.mark.parametrize("place", ["", "MNIST/raw", "raw"])
def test_mnist(tmp_path: Path, place: str) -> None:
    put(tmp_path / place, IMAGES, LABELS)
    data = mnist(tmp_path)
    assert data.inputs.shape == (5, 1, 28, 28)
    assert data.inputs.dtype == np.float32
    np.testing.assert_array_equal(data.inputs[:, 0], IMAGES / np.float32(255))
    assert data.targets.tolist() == [3, 1, 4, 1, 5]


def test_mnist_for_lenet(tmp_path: Path) -> None:
    data = mnist(put(tmp_path, IMAGES, LABELS, "t10k"), "test", pad=True, limit=3)
    assert data.inputs.shape == (3, 1, 32, 32)
    np.testing.assert_array_equal(data.inputs[:, 0, 2:30, 2:30], IMAGES[:3] / np.float32(255))
    assert data.inputs.sum() == pytest.approx(IMAGES[:3].sum() / 255, rel=1e-5)
    assert len(data.targets) == 3


def test_mnist_compressed_or_with_dots(tmp_path: Path) -> None:
    (tmp_path / "train-images.idx3-ubyte").write_bytes(idx(IMAGES))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS)))
    assert len(mnist(tmp_path)) == 5


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (IMAGES[:4], LABELS, "train-images.*: 4 images, but .*train-labels.* has 5 labels"),
        (IMAGES[:0], LABELS[:0], "train-images.*holds no images"),
        (IMAGES, LABELS + np.uint8(5), "train-labels.*a label is 10"),
        (IMAGES[:, :20], LABELS, r"train-images.*expected bytes \(N, 28, 28\), found uint8 \(5, 20, 28\)"),
        (IMAGES.astype("i2"), LABELS, "train-images.*found int16"),
        (IMAGES, IMAGES, r"train-labels.*expected bytes \(N,\), found uint8 \(5, 28, 28\)"),
    ],
)
def test_files_that_are_not_mnist(tmp_path: Path, images: np.ndarray, labels: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        mnist(put(tmp_path, images, labels))


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no train-images-idx3-ubyte or train-images-idx3-ubyte.gz"):
        mnist(tmp_path)
    with pytest.raises(DataError, match="there is no such folder"):
        mnist(tmp_path / "nowhere")
