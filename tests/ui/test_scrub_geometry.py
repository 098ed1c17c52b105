"""Where moments are drawn on the timeline, and which runs of modules."""

from itertools import pairwise

from gradviz.engine.program import Phase
from gradviz.ui.panels.scrub_geometry import Span, module_runs, outermost
from hypothesis import given
from hypothesis import strategies as st

from tests.programs import lenet_like, resnet_like


@given(st.integers(0, 500), st.integers(1, 500), st.floats(50, 5000), st.data())
def test_a_moment_is_found_where_it_is_drawn(
    start: int, count: int, width: float, data: st.DataObject
) -> None:
    span = Span(start, start + count, 8.0, width)
    moment = data.draw(st.integers(start, start + count))
    assert span.moment_at(span.x_of(moment)) == moment
    if moment < start + count:
        assert span.instruction_at(span.x_of(moment + 0.5)) == moment


def test_outside_of_the_span_the_ends_answer() -> None:
    span = Span(10, 20, 0.0, 100.0)
    assert span.moment_at(-50) == 10
    assert span.moment_at(500) == 20
    assert span.instruction_at(-1) is None
    assert span.instruction_at(100) is None
    assert Span(5, 5, 0.0, 100.0).moment_at(50) == 5


def test_runs_cover_the_program_and_change_where_modules_do() -> None:
    program = lenet_like()
    runs = module_runs(program)
    assert runs[0].start == 0
    assert runs[-1].stop == len(program)
    for before, after in pairwise(runs):
        assert before.stop == after.start
        assert (before.phase, before.title) != (after.phase, after.title)
    assert [run.title for run in runs if run.phase is Phase.FORWARD][:3] == ["conv1", "relu", "max_pool2d"]


def test_deep_modules_are_named_by_the_outermost() -> None:
    runs = module_runs(resnet_like((2, 1), backward=False))
    titles = [run.title for run in outermost(runs)]
    assert titles == [
        "conv1",
        "bn1",
        "relu",
        "maxpool",
        "layer1",
        "layer2",
        "avgpool",
        "flatten",
        "fc",
        "cross_entropy",
    ]
    assert sum(run.stop - run.start for run in outermost(runs)) == runs[-1].stop
