"""Statistics agree with NumPy's, whatever the tensor."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradviz.app.tensor_facts import BINS, FactsCache, tensor_facts
from tests.programs import neuron

DTYPES = st.sampled_from(["float32", "float64", "int64", "bool"])
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=5)))


@given(ARRAYS)
def test_statistics_are_those_of_the_finite_elements(array: np.ndarray) -> None:
    facts = tensor_facts(array)
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    assert facts.shape == array.shape
    assert facts.nonfinite == array.size - finite.size
    assert facts.zeros == pytest.approx(np.mean(wide == 0) if array.size else 0.0)
    if not finite.size:
        assert math.isnan(facts.mean)
        assert facts.histogram is None
        return
    assert (facts.min, facts.max) == (finite.min(), finite.max())
    with np.errstate(over="ignore"):
        assert facts.mean == pytest.approx(finite.mean(), rel=1e-6, abs=1e-300)
        assert facts.std == pytest.approx(finite.std(), rel=1e-6, abs=1e-300)
    assert facts.histogram is not None
    assert facts.histogram.counts.sum() == finite.size
    assert len(facts.histogram.edges) == BINS + 1
    assert np.all(np.diff(facts.histogram.edges) >= 0)
    assert facts.histogram.edges[0] <= facts.min
    assert facts.max <= facts.histogram.edges[-1]


def test_histogram_counts_as_numpy_does() -> None:
    values = np.random.default_rng(0).normal(size=10_000)
    histogram = tensor_facts(values).histogram
    assert histogram is not None
    expected, _ = np.histogram(values, bins=BINS)
    assert np.abs(histogram.counts - expected).sum() <= 4  # a value on an edge may fall to either side


def test_large_tensors_are_sampled_for_the_histogram_only() -> None:
    values = np.zeros(3_000_000, np.float32)
    values[1] = 7.0
    facts = tensor_facts(values)
    assert facts.max == 7.0
    assert facts.histogram is not None
    assert facts.histogram.step == 3
    assert facts.histogram.counts.sum() == 1_000_000


def test_norm() -> None:
    assert tensor_facts(np.array([3.0, 4.0])).norm == pytest.approx(5.0)


def test_cache_computes_once_and_forgets_the_oldest() -> None:
    program, cache = neuron(), FactsCache(limit=2)
    first = cache.get(program, 0)
    assert cache.get(program, 0) is first
    cache.get(program, 1)
    cache.get(program, 2)
    assert cache.get(program, 0) is not first
    assert cache.get(neuron(), 0) is not cache.get(program, 0)
