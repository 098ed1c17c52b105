"""Batches take each sample once an epoch, and are known without those before."""

import numpy as np
import pytest

from gradviz.app.batches import Batches


@pytest.mark.parametrize(("count", "size"), [(10, 3), (10, 5), (3, 7), (1, 1)])
def test_each_sample_comes_once_in_an_epoch(count: int, size: int) -> None:
    batches = Batches(count, size, seed=3)
    flat = np.concatenate([batches.at(k) for k in range(3 * count)])
    assert all(batches.at(k).shape == (size,) for k in range(5))
    for epoch in range(3):
        assert sorted(flat[epoch * count : (epoch + 1) * count]) == list(range(count))


def test_any_batch_is_known_at_once() -> None:
    one, two = Batches(50, 8, 0), Batches(50, 8, 0)
    ahead = one.at(1000)
    for k in range(1000):
        two.at(k)
    np.testing.assert_array_equal(ahead, two.at(1000))
    assert not np.array_equal(ahead, Batches(50, 8, 1).at(1000))


def test_epochs_are_counted_in_whole_ones() -> None:
    batches = Batches(10, 3, 0)
    assert [batches.epoch(k) for k in range(8)] == [0, 0, 0, 0, 1, 1, 1, 2]
    assert [batches.end_of(e) for e in range(4)] == [0, 4, 7, 10]
    assert all(batches.epoch(batches.end_of(e)) == e for e in range(20))
