"""Weights are copied more rarely where iterations are quick."""

import pytest

from gradviz.app.intervals import EVERY, GLANCE, LONGEST, Intervals


def test_as_many_iterations_as_run_in_a_glance(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1.0]
    monkeypatch.setattr("gradviz.app.intervals.time.thread_time", lambda: clock[0])
    intervals = Intervals()
    intervals.begin(7)
    at = 7

    def after(seconds_each: float) -> int:
        """How long the next interval is when each iteration of this one took so long."""
        nonlocal at
        clock[0] += (intervals.length if at > 7 else 0) * seconds_each
        assert intervals.due(at)
        assert not intervals.due(at + 1)
        at += intervals.length
        return intervals.length

    assert after(0) == EVERY, "nobody knows yet how long iterations take"
    assert after(0.0001) == pytest.approx(GLANCE / 0.0001, abs=1)
    assert EVERY < intervals.length < LONGEST
    assert after(0.00001) == LONGEST
    assert after(0.002) == EVERY, "never more often than that"


def test_a_fixed_interval_stays() -> None:
    intervals = Intervals(7)
    intervals.begin(3)
    assert [number for number in range(3, 30) if intervals.due(number)] == [3, 10, 17, 24]
