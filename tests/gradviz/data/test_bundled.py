"""The digits that come with gradviz, two moons, and what every Dataset promises."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.data import DataError, Dataset, digits, two_moons
from gradviz.data.handwriting import enlarge, load


@pytest.fixture(scope="module")
def raw() -> Dataset:
    return digits(scale=8)


def test_digits_for_lenet() -> None:
    data = digits()
    assert len(data) == 1797
    assert data.inputs.shape == (1797, 1, 32, 32)
    assert data.inputs.dtype == np.float32
    assert data.targets.dtype == np.int64
    assert data.inputs.min() == 0
    assert data.inputs.max() == 1
    assert data.classes == tuple("0123456789")
    assert np.bincount(data.targets).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_raw_digits_are_sixteenths(raw: Dataset) -> None:
    assert raw.inputs.shape == (1797, 1, 8, 8)
    counts = raw.inputs * 16
    np.testing.assert_array_equal(counts, np.round(counts))
    assert raw.targets[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    np.testing.assert_array_equal(counts[0, 0, 0], [0, 0, 5, 13, 9, 1, 0, 0])  # as the UCI's file begins


@pytest.mark.parametrize("scale", [9, 16, 28, 32, 64])
def test_enlarged_digits_keep_their_place_and_ink(raw: Dataset, scale: int) -> None:
    image = raw.inputs[:50, 0]
    large = enlarge(image, scale)
    drawn = scale * 3 / 4
    ink = large.sum(axis=(1, 2)) / (drawn / 8) ** 2
    if scale >= 16:  # below that a source pixel is less than an output pixel wide
        np.testing.assert_allclose(ink, image.sum(axis=(1, 2)), rtol=0.02)
    for axis in (1, 2):
        centre = (image.sum(axis=3 - axis) * (np.arange(8) + 0.5)).sum(axis=1) / image.sum(axis=(1, 2)) - 4
        moved = (large.sum(axis=3 - axis) * (np.arange(scale) + 0.5)).sum(axis=1) / large.sum(axis=(1, 2))
        np.testing.assert_allclose(moved - scale / 2, centre * drawn / 8, atol=0.3)


def test_enlarging_is_symmetric(raw: Dataset) -> None:
    image = raw.inputs[:5, 0]
    np.testing.assert_allclose(enlarge(image[:, ::-1], 32), enlarge(image, 32)[:, ::-1], atol=1e-6)
    np.testing.assert_allclose(
        enlarge(image.swapaxes(1, 2), 32), enlarge(image, 32).swapaxes(1, 2), atol=1e-6
    )


def test_digits_leave_paper_round_the_edge() -> None:
    images = digits().inputs[:, 0]
    assert not images[:, :2].any()
    assert not images[:, -2:].any()
    assert not images[:, :, :2].any()
    assert not images[:, :, -2:].any()


def test_too_small_a_scale() -> None:
    with pytest.raises(ValueError, match="scale must be 8 or more, not 7"):
        digits(scale=7)


def test_split_is_the_same_each_time_and_even() -> None:
    train, test = digits(scale=8).split()
    assert (len(train), len(test)) == (1442, 355)
    assert np.ptp(np.bincount(test.targets)) <= 2
    again = digits(scale=8).split()[1]
    np.testing.assert_array_equal(again.inputs, test.inputs)
    everything = np.concatenate([train.inputs, test.inputs]).reshape(1797, -1)
    expected = digits(scale=8).inputs.reshape(1797, -1)
    np.testing.assert_array_equal(np.sort(everything, axis=0), np.sort(expected, axis=0))


def test_split_needs_two_parts(raw: Dataset) -> None:
    with pytest.raises(ValueError, match="every must be 2 or more"):
        raw.split(every=1)


@given(place=st.integers(0, 1 << 20), bit=st.integers(0, 7), cut=st.booleans())
def test_a_damaged_archive_is_told(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int, cut: bool
) -> None:
    good = io.BytesIO()
    images, labels = np.zeros((3, 8, 8), np.uint8), np.array([1, 2, 3], np.uint8)
    np.savez_compressed(good, images=images, labels=labels)
    content = bytearray(good.getvalue())
    place %= len(content)
    if cut:
        del content[place:]
    else:
        content[place] ^= 1 << bit
    file = tmp_path_factory.mktemp("data") / "damaged.npz"
    file.write_bytes(content)
    try:
        found = load(file)
    except DataError as error:
        assert "damaged.npz" in str(error)
    else:  # the bytes that no reader looks at, such as the date
        np.testing.assert_array_equal(found[0], images)
        np.testing.assert_array_equal(found[1], labels)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"images": np.zeros((2, 8, 8), np.uint8)}, "not a readable archive"),
        ({"images": np.zeros((2, 8, 8)), "labels": np.zeros(2, np.uint8)}, "expected bytes, found float64"),
        (
            {"images": np.zeros((2, 8, 8), np.uint8), "labels": np.zeros(3, np.uint8)},
            "do not belong together",
        ),
        (
            {"images": np.zeros((2, 8, 9), np.uint8), "labels": np.zeros(2, np.uint8)},
            "do not belong together",
        ),
        ({"images": np.full((1, 8, 8), 17, np.uint8), "labels": np.zeros(1, np.uint8)}, "value 17"),
    ],
)
def test_a_wrong_archive_is_told(tmp_path: Path, arrays: dict[str, np.ndarray], words: str) -> None:
    np.savez(tmp_path / "wrong.npz", **arrays)
    with pytest.raises(DataError, match=f"wrong.npz.*{words}"):
        load(tmp_path / "wrong.npz")


def test_pickled_archives_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", images=np.array([print], dtype=object), labels=np.zeros(1, np.uint8))
    with pytest.raises(DataError, match="allow_pickle"):
        load(tmp_path / "evil.npz")


@given(n=st.integers(2, 300), seed=st.integers(0, 2**32 - 1))
def test_moons_without_noise_lie_on_their_circles(n: int, seed: int) -> None:
    data = two_moons(n, noise=0, seed=seed)
    assert data.inputs.dtype == np.float32
    assert np.bincount(data.targets).tolist() == [n // 2, n - n // 2]
    upper, lower = data.inputs[data.targets == 0], data.inputs[data.targets == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1, atol=1e-6)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1, atol=1e-6)
    assert (upper[:, 1] > -1e-6).all()
    assert (lower[:, 1] < 0.5 + 1e-6).all()


def test_moons_follow_their_seed() -> None:
    first, same, other = two_moons(50, seed=3), two_moons(50, seed=3), two_moons(50, seed=4)
    np.testing.assert_array_equal(first.inputs, same.inputs)
    assert not np.array_equal(first.inputs, other.inputs)
    spread = two_moons(2000, noise=0.5).inputs - two_moons(2000, noise=0).inputs
    assert 0.4 < spread.std() < 0.6


@pytest.mark.parametrize(
    ("n", "noise", "words"), [(1, 0.1, "n must"), (10, -1, "noise"), (10, float("nan"), "noise")]
)
def test_impossible_moons(n: int, noise: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        two_moons(n, noise)


def test_a_dataset_checks_itself() -> None:
    with pytest.raises(DataError, match="pair: 2 inputs but 3 targets"):
        Dataset("pair", np.zeros((2, 1), np.float32), np.zeros(3, np.int64), ("a",))
    with pytest.raises(DataError, match="sample 1 has the target 7, but there are 2 classes"):
        Dataset("pair", np.zeros((2, 1), np.float32), np.array([0, 7]), ("a", "b"))


def test_select(raw: Dataset) -> None:
    ones = raw.select(raw.targets == 1)
    assert set(ones.targets) == {1}
    assert len(raw.select(slice(0, 3))) == 3
    np.testing.assert_array_equal(raw.select(np.array([5, 5])).targets, [5, 5])
