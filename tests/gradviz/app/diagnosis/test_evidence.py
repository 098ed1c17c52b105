"""What rules find in real runs: the evidence is what the engine computed."""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.tensor import Tensor

from gradviz.app.diagnosis.gradients import carried_gradients
from gradviz.app.diagnosis.rules import RULES, causes_of
from gradviz.app.diagnosis.watch import Watch
from gradviz.app.gallery.items import ITEMS
from gradviz.app.gallery.run import GalleryRun
from gradviz.app.recording import norm


def test_gradients_are_carried_where_zero_grad_is_missing_only() -> None:
    broken, repaired = (GalleryRun(ITEMS["zero_grad"], good) for good in (False, True))
    for run in (broken, repaired):
        run.train(3)
    names = [name for name, _ in broken.trainer.parameters]
    program = broken.history.recorded[2]
    carried = carried_gradients(program)
    assert set(carried) == set(names)
    assert carried_gradients(broken.history.recorded[1]) == {}  # there was nothing to carry yet
    assert carried_gradients(repaired.history.recorded[2]) == {}
    found = {one.rule: one for one in Watch(broken).look()}["zero_grad"]
    first = broken.history.recorded[1]
    before = first.bound(f"{found.place}.grad", len(first))
    assert before is not None
    assert found.evidence["old"] == pytest.approx(norm(first.values[before]))  # what iteration 1 left
    assert found.evidence["new"] == pytest.approx(norm(program.values[carried[found.place][1]]))
    assert found.evidence["parameters"] == len(names)


def test_gradients_that_are_added_up_on_purpose_are_no_fault() -> None:
    item, count = ITEMS["zero_grad"], 0

    def step(net: object, criterion: object, optimizer: object, x: Tensor, target: Tensor) -> Tensor:
        nonlocal count
        if count % 2 == 0:
            optimizer.zero_grad()  # type: ignore[attr-defined]
        count += 1
        loss: Tensor = criterion(net(x), target)  # type: ignore[operator]
        loss.backward()
        if count % 2 == 0:
            optimizer.step()  # type: ignore[attr-defined]
        return loss

    run = GalleryRun(item)
    object.__setattr__(run.trainer.parts, "step", step)
    run.train(12)
    assert "zero_grad" not in {finding.rule for finding in Watch(run).look()}


def test_evidence_is_what_the_engine_computed() -> None:
    run = GalleryRun(ITEMS["vanishing"])
    run.train(61)
    found = {one.rule: one for one in Watch(run).look()}["vanishing"]
    program = run.history.program_at(found.iteration)
    ends = []
    for name in (run.trainer.parameters[0][0], run.trainer.parameters[-2][0]):
        slot = program.bound(f"{name}.grad", len(program))
        assert slot is not None
        ends.append(float(np.sqrt(np.mean(np.square(program.values[slot], dtype=np.float64)))))
    assert found.evidence["first"] == pytest.approx(ends[0], rel=1e-5)
    assert found.evidence["ratio"] == pytest.approx(ends[0] / ends[1], rel=1e-5)


def test_a_finding_stays_as_it_was_found() -> None:
    run = GalleryRun(ITEMS["loss_scale"])
    watch = Watch(run)
    run.train(5)
    assert watch.stale
    first = watch.look()
    assert not watch.stale
    run.train(5)
    assert watch.look() == first


def test_what_may_be_the_reason_comes_first() -> None:
    run = GalleryRun(ITEMS["not_normalised"])
    run.train(101)
    found = Watch(run).look()
    assert found[0].rule == "not_normalised"
    scale = next(finding for finding in found if finding.rule == "loss_scale")
    assert [cause.rule for cause in causes_of(scale, found)] == ["not_normalised"]
    assert causes_of(found[0], found) == ()


def test_reasons_are_rules_and_go_round_in_no_circle() -> None:
    def reach(rule: str) -> set[str]:
        return {rule}.union(*(reach(cause) for cause in RULES[rule].causes))

    for rule in RULES.values():
        assert all(rule.id not in reach(cause) for cause in rule.causes)
