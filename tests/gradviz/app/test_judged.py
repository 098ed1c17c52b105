"""Which test samples stand behind a cell of the confusion matrix."""

import numpy as np

from gradviz.app.evaluator import confusion_of
from gradviz.app.judged import Judged

RNG = np.random.default_rng(3)
OUTPUTS = RNG.normal(size=(50, 4)).astype(np.float32)
TARGETS = RNG.integers(0, 4, 50)
JUDGED = Judged(2, OUTPUTS, TARGETS, np.arange(100, 150))


def test_every_cell_has_as_many_samples_as_it_says() -> None:
    counts = confusion_of(OUTPUTS, TARGETS, 4)
    for true in range(4):
        for said in range(4):
            found = JUDGED.find(true, said)
            assert len(found) == counts[true][said]
            assert all((verdict.true, verdict.said) == (true, said) for verdict in found)
        assert len(JUDGED.find(true)) == sum(counts[true]) - counts[true][true]
    assert len(JUDGED.find()) == sum(map(sum, counts)) - sum(counts[k][k] for k in range(4))


def test_the_surest_come_first_and_sureness_is_softmax() -> None:
    found = JUDGED.find()
    assert [v.sure for v in found] == sorted((v.sure for v in found), reverse=True)
    row = OUTPUTS[found[0].place - 100].astype(np.float64)
    assert np.isclose(found[0].sure, (np.exp(row) / np.exp(row).sum()).max())
    assert np.isclose(Judged(1, OUTPUTS * 0 + 1e4, TARGETS, JUDGED.places).find()[0].sure, 0.25)
