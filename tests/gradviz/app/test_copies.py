"""Copies of the weights know their size, and thin out evenly."""

import itertools
import random

import numpy as np

from gradviz.app.copies import Copies, size_of, thin


def state(elements: int) -> dict[int, np.ndarray]:
    return {0: np.zeros(elements, np.float32), 1: np.zeros(2)}


def test_the_size_is_that_of_what_is_there() -> None:
    chance = random.Random(0)
    copies: Copies[dict[int, np.ndarray]] = Copies()
    for _ in range(300):
        number = chance.randrange(40)
        if number in copies and chance.random() < 0.5:
            del copies[number]
        else:
            copies[number] = state(chance.randrange(50))
        assert copies.nbytes == sum(map(size_of, copies.values()))
    assert len(copies) > 5


def test_the_ends_and_the_neighbours_of_what_goes_stay() -> None:
    copies: Copies[dict[int, np.ndarray]] = Copies()
    for number in range(0, 1000, 10):
        copies[number] = state(1)
    before = list(copies)
    assert thin([copies], 10, 20)
    gone = [place for place, number in enumerate(before) if number not in copies]
    assert len(gone) == 20
    assert gone[0] > 0
    assert gone[-1] < len(before) - 1
    assert all(b - a > 1 for a, b in itertools.pairwise(gone))
    assert np.mean(gone) < 40, "what was long ago goes first"


def test_one_at_a_time_it_takes_the_one_that_is_missed_least() -> None:
    copies: Copies[dict[int, np.ndarray]] = Copies()
    for number in (0, 10, 15, 20, 400, 410, 420):
        copies[number] = state(1)
    assert thin([copies], 10)
    assert list(copies) in ([0, 15, 20, 400, 410, 420], [0, 10, 20, 400, 410, 420])
    while thin([copies], 10):
        pass
    assert list(copies) == [0, 420]
    assert not thin([copies], 10)
