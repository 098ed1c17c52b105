"""Each claim about PyTorch that a lesson makes is true of PyTorch: the same comes out as on gradviz."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from gradviz.app.lessons.library import load_lessons  # noqa: E402
from gradviz.app.lessons.model import Claim  # noqa: E402
from gradviz.app.lessons.proofs import agree, run_claim  # noqa: E402

pytestmark = pytest.mark.oracle
CLAIMS = [
    pytest.param(claim, id=f"{lesson.id}-{claim.id}")
    for lesson in load_lessons()[0]
    for claim in lesson.claims
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_of_a_lesson(claim: Claim) -> None:
    ours, theirs = run_claim(claim, gradviz), run_claim(claim, torch)
    assert agree(ours, theirs, 1e-5), f"gradviz: {ours}, PyTorch: {theirs}"
