"""Data sets, samplers and loaders: orders, batches, splits, and messages."""

from __future__ import annotations

from collections import Counter, namedtuple
from collections.abc import Iterator

import numpy as np
import pytest
from gradviz.engine.program import SlotKind

import gradviz as torch
from gradviz.utils.data import (
    BatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    StackDataset,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)


class Squares(Dataset):
    def __init__(self, count: int) -> None:
        self.count = count

    def __getitem__(self, index: int) -> tuple[int, float]:
        if not 0 <= index < self.count:
            raise IndexError(index)
        return index, float(index**2)

    def __len__(self) -> int:
        return self.count


class Stream(IterableDataset):
    def __iter__(self) -> Iterator[int]:
        return iter(range(5))


def test_batches_in_order() -> None:
    loader = DataLoader(Squares(5), batch_size=2)
    batches = [(i.tolist(), s.tolist()) for i, s in loader]
    assert batches == [([0, 1], [0.0, 1.0]), ([2, 3], [4.0, 9.0]), ([4], [16.0])]
    assert len(loader) == 3
    assert len(DataLoader(Squares(5), batch_size=2, drop_last=True)) == 2
    (first, second) = next(iter(loader))
    assert (str(first.dtype), str(second.dtype)) == ("torch.int64", "torch.float64")


def test_the_same_seed_gives_the_same_order_and_another_pass_another_one() -> None:
    loader = DataLoader(Squares(50), batch_size=50, shuffle=True)
    torch.manual_seed(3)
    one, two = [next(iter(loader))[0].tolist() for _ in range(2)]
    torch.manual_seed(3)
    assert next(iter(loader))[0].tolist() == one
    assert one != two
    assert sorted(one) == sorted(two) == list(range(50))
    own = [list(RandomSampler(range(20), generator=torch.Generator().manual_seed(1))) for _ in range(2)]
    assert own[0] == own[1]


def test_single_samples_and_functions_of_ones_own() -> None:
    assert list(DataLoader(Squares(2), batch_size=None)) == [[0, 0.0], [1, 1.0]]
    assert list(DataLoader([1, 2, 3], batch_size=2, collate_fn=sum)) == [3, 3]
    chosen = DataLoader([10, 20, 30], batch_sampler=[[2, 0], [1]])
    assert [batch.tolist() for batch in chosen] == [[30, 10], [20]]
    assert [b.tolist() for b in DataLoader([10, 20, 30], sampler=[2, 1])] == [[30], [20]]


def test_streams() -> None:
    assert [b.tolist() for b in DataLoader(Stream(), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Stream(), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(Stream(), batch_size=None)) == [0, 1, 2, 3, 4]
    assert list(Stream() + Stream()) == [0, 1, 2, 3, 4] * 2
    with pytest.raises(AssertionError, match="ChainDataset only supports IterableDataset"):
        list(ChainDataset([[1]]))


def test_workers_change_nothing() -> None:
    plain = [batch.tolist() for batch in DataLoader(range(5), 2)]
    loader = DataLoader(range(5), 2, num_workers=2, persistent_workers=True, pin_memory=True)
    assert [batch.tolist() for batch in loader] == plain
    assert loader.prefetch_factor == 2


def test_sets_made_of_sets() -> None:
    both = ConcatDataset([Squares(2), Squares(3)])
    assert [both[i][0] for i in range(5)] == [0, 1, 0, 1, 2]
    assert both[-1] == (2, 4.0)
    assert len(both) == len(Squares(2) + Squares(3)) == 5
    with pytest.raises(ValueError, match="absolute value of index should not exceed dataset length"):
        both[-6]
    assert Subset(Squares(9), [4, 2])[1] == (2, 4.0)
    assert StackDataset(range(3), "abc")[1] == (1, "b")
    assert StackDataset(x=range(3), y="abc")[2] == {"x": 2, "y": "c"}
    pair = TensorDataset(torch.arange(4), torch.arange(8).reshape(4, 2))
    assert [each.tolist() for each in pair[3]] == [3, [6, 7]]
    assert len(pair) == 4
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        TensorDataset(torch.ones(2), torch.ones(3))


def test_random_splits_are_disjoint_and_repeatable() -> None:
    parts = random_split(range(10), [6, 4], generator=torch.Generator().manual_seed(0))
    again = random_split(range(10), [6, 4], generator=torch.Generator().manual_seed(0))
    assert [part.indices for part in parts] == [part.indices for part in again]
    assert sorted(i for part in parts for i in part.indices) == list(range(10))
    assert [len(part) for part in random_split(range(10), [0.35, 0.35, 0.3])] == [4, 3, 3]
    with pytest.raises(ValueError, match="Sum of input lengths does not equal the length"):
        random_split(range(10), [6, 5])
    with pytest.raises(ValueError, match="Fraction at index 0 is not between 0 and 1"):
        random_split(range(10), [1.5, -0.5])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        random_split(range(2), [0.99, 0.01])


def test_samplers() -> None:
    torch.manual_seed(0)
    assert sorted(SubsetRandomSampler([7, 8, 9])) == [7, 8, 9]
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=300))
    assert set(drawn) == {0, 1, 2}
    assert len(drawn) == 300
    assert len(list(RandomSampler(range(3), num_samples=7))) == 7
    counts = Counter(WeightedRandomSampler([0.0, 1.0, 3.0], 4000))
    assert counts[0] == 0
    assert counts[2] / counts[1] == pytest.approx(3, rel=0.15)
    assert sorted(WeightedRandomSampler([1.0, 1.0], 2, replacement=False)) == [0, 1]
    assert list(BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]
    assert len(BatchSampler(range(5), 2, False)) == 3


Point = namedtuple("Point", ["x", "y"])


def test_collating() -> None:
    batch = default_collate([Point(1.0, {"a": [1, 2], "b": "u"}), Point(2.0, {"a": [3, 4], "b": "v"})])
    assert type(batch) is Point
    assert batch.x.tolist() == [1.0, 2.0]
    assert [each.tolist() for each in batch.y["a"]] == [[1, 3], [2, 4]]
    assert batch.y["b"] == ["u", "v"]
    assert default_collate([np.float32(1.5), np.float32(2)]).dtype is torch.float32
    assert default_collate([np.zeros((2, 3))] * 4).shape == (4, 2, 3)
    assert default_collate([True, False]).tolist() == [True, False]
    with pytest.raises(TypeError, match="default_collate: batch must contain tensors, numpy arrays"):
        default_collate([object()])
    with pytest.raises(RuntimeError, match="each element in list of batch should be of equal size"):
        default_collate([[1], [1, 2]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shuffle": True, "sampler": [0]}, "sampler option is mutually exclusive with shuffle"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "batch_sampler option is mutually exclusive with"),
        ({"batch_size": None, "drop_last": True}, "batch_size=None option disables auto-batching"),
        ({"batch_size": 0}, "batch_size should be a positive integer value, but got batch_size=0"),
        ({"num_workers": -1}, "num_workers option should be non-negative"),
        ({"timeout": -1}, "timeout option should be non-negative"),
        ({"prefetch_factor": 2}, "prefetch_factor option could only be specified in multiprocessing"),
        ({"persistent_workers": True}, "persistent_workers option needs num_workers > 0"),
    ],
)
def test_options_that_exclude_each_other(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DataLoader(range(3), **options)


def test_streams_have_no_order() -> None:
    with pytest.raises(ValueError, match="expected unspecified shuffle option, but got shuffle=True"):
        DataLoader(Stream(), shuffle=True)
    with pytest.raises(ValueError, match="expected unspecified sampler option"):
        DataLoader(Stream(), sampler=[1])
    with pytest.raises(ValueError, match="attribute should not be set after DataLoader is initialized"):
        DataLoader(range(3)).batch_size = 2


def test_batches_are_inputs_of_a_recording() -> None:
    loader = DataLoader(TensorDataset(torch.ones(4, 2)), batch_size=2)
    w = torch.ones(2, requires_grad=True)
    with torch.record() as recorder:
        for (x,) in loader:
            (x * w).sum().backward()
    program = recorder.program()
    assert "stack" not in {instr.op for instr in program.instrs}
    assert [slot.kind for slot in program.slots if slot.name == "x"] == [SlotKind.INPUT] * 2
