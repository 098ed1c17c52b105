"""Rules, plots and files read one moment of a log that training goes on to write."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gradviz.app.diagnosis.watch import Watch
from gradviz.app.gallery.items import ITEMS
from gradviz.app.gallery.run import GalleryRun
from gradviz.app.plot_data import PlotData
from gradviz.app.plot_data_series import rate_curve
from gradviz.app.train_log import TrainLog
from gradviz.app.train_rows import Rows


@pytest.fixture
def growing(monkeypatch: pytest.MonkeyPatch) -> GalleryRun:
    """A run that trains on while its log is read: each look at one of its columns finds one row more."""
    run = GalleryRun(ITEMS["zero_grad"])
    run.train(3)
    log, column = run.trainer.log, Rows.column

    def later(self: Rows, kind: str, name: str) -> np.ndarray:
        if self is log.rows:
            last = log.rows[-1]
            log.add_row(replace(last, iteration=last.iteration + 1))
        return column(self, kind, name)

    for _ in range(100):  # enough for the rules that look at a while
        last = log.rows[-1]
        log.add_row(replace(last, iteration=last.iteration + 1, loss=math.log(10)))
    monkeypatch.setattr(Rows, "column", later)
    return run


def test_rules(growing: GalleryRun) -> None:
    watch = Watch(growing)
    assert all(one.iteration <= 103 for one in watch.look())


def test_plots(growing: GalleryRun) -> None:
    data = PlotData((), None, growing.trainer.log)
    curves = [data.loss, rate_curve(data.rows), *data.ratios]
    assert {(len(curve.x), len(curve.y)) for curve in curves} == {(103, 103)}


def test_files(growing: GalleryRun) -> None:
    log = growing.trainer.log
    written = log.to_json()
    assert TrainLog.from_json(written).rows[-1].iteration == 103
    assert len(log.csv().splitlines()) == 1 + len(log.rows)


def test_it_is_one_moment() -> None:
    log = TrainLog()
    run = GalleryRun(ITEMS["zero_grad"])
    run.train(2)
    for row in run.trainer.log.rows:
        log.add_row(row)
    moment = log.so_far()
    log.add_row(replace(log.rows[-1], iteration=3))
    assert [row.iteration for row in moment.rows] == [1, 2]
    assert len(moment.column("loss")) == 2
    assert moment.version < log.version
