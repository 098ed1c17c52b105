"""A labelled set of samples, and the error that every reader raises."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


class DataError(ValueError):
    """A data file that is missing, damaged or of another kind; the message names it and what is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Samples and the class of each.

    Shapes: `inputs` float32 (N, ...), images as (N, 1, height, width) with values 0 (paper) to 1 (ink);
    `targets` int64 (N,), each an index into `classes`; or for a regression float32 (N, outputs), without
    classes.
    Errors: `DataError` when the counts differ or a target is no index into `classes`.
    """

    name: str
    inputs: NDArray[np.float32]
    targets: NDArray[Any]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.targets):
            raise DataError(f"{self.name}: {len(self.inputs)} inputs but {len(self.targets)} targets")
        if self.regression:
            return
        wrong = np.flatnonzero((self.targets < 0) | (self.targets >= len(self.classes)))
        if wrong.size:
            first = int(wrong[0])
            raise DataError(
                f"{self.name}: sample {first} has the target {int(self.targets[first])}, "
                f"but there are {len(self.classes)} classes"
            )

    @property
    def regression(self) -> bool:
        """Whether the targets are numbers, not classes."""
        return self.targets.dtype.kind == "f"

    def __len__(self) -> int:
        return len(self.targets)

    def select(self, which: NDArray[Any] | slice) -> "Dataset":
        """The samples at the given indices (or where a mask is true), in that order."""
        return replace(self, inputs=self.inputs[which], targets=self.targets[which])

    def split(self, every: int = 5) -> tuple["Dataset", "Dataset"]:
        """The training and the test samples: each class gives its every fifth sample to the test.

        No random numbers are drawn, so the split is the same everywhere and for ever.
        Errors: `ValueError` when `every` is below 2.
        """
        train, test = self.split_places(every)
        return self.select(train), self.select(test)

    def split_places(self, every: int = 5) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the samples of `split` are in this set."""
        if every < 2:
            raise ValueError(f"split: every must be 2 or more, not {every}")
        test = np.zeros(len(self), dtype=np.bool_)
        for target in range(len(self.classes)):
            test[np.flatnonzero(self.targets == target)[every - 1 :: every]] = True
        if self.regression:
            test[every - 1 :: every] = True
        return np.flatnonzero(~test), np.flatnonzero(test)
