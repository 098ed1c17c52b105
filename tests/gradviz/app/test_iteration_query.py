"""What one may write to go to an iteration."""

import pytest

from gradviz.app.i18n import set_language
from gradviz.app.iteration_query import MOST, Mark, epoch_marks, iteration_of
from gradviz.app.train_log import EpochRow

MARKS = [Mark("epoch 3", 540), Mark("Dead units", 77)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("120", 120), (" 5 ", 5), ("first", 5), ("LAST", 905), ("-10", 290), ("−10", 290), ("+ 20", 320)),
        *(("50 %", 455), ("0%", 5), ("100％", 905), ("12,5 %", 118), ("epoch 3", 540), ("dead UNITS", 77)),
    ],
)
def test_what_is_understood(text: str, number: int) -> None:
    assert iteration_of(text, 5, 905, 300, MARKS) == number


@pytest.mark.parametrize("text", ["", "x", "1.5", "epoch 4", "--3", "50 % more"])
def test_what_is_not(text: str) -> None:
    with pytest.raises(ValueError, match="Write a number"):
        iteration_of(text, 5, 905, 300, MARKS)


@pytest.mark.parametrize("text", ["4", "906", "-296", "101 %"])
def test_what_is_not_remembered(text: str) -> None:
    with pytest.raises(ValueError, match="Only 5 to 905"):
        iteration_of(text, 5, 905, 300, MARKS)


def test_signs_count_from_the_last_one_if_none_is_shown() -> None:
    assert iteration_of("-5", 1, 100, None) == 95


def test_in_another_language_both_are_understood() -> None:
    set_language("zh_CN")
    try:
        rows = [EpochRow(1, 10, 0.0, 0.0, 0.0, 0.0)]
        (mark,) = epoch_marks(rows)
        assert mark.title != "epoch 1"
        assert iteration_of(mark.title, 1, 20, 1, [mark]) == 10
        assert iteration_of("last", 1, 20, 1) == 20
    finally:
        set_language("en")


def test_of_many_epochs_some_are_offered() -> None:
    rows = [EpochRow(n, 10 * n, 0.0, 0.0, 0.0, 0.0) for n in range(1, 1001)]
    marks = epoch_marks(rows)
    assert len(marks) == MOST
    assert marks[0].iteration == 10
    assert marks[1].iteration == 60
