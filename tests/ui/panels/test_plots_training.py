"""The plots of a run show its log's numbers, keep up with it, and remember what was chosen."""

from collections.abc import Iterator

import numpy as np
import pytest
from gradviz.ui.panels.plots.catalogue import GROUPS, PLOTS
from gradviz.ui.panels.plots.figure_view import LONGEST
from gradviz.ui.panels.plots.panel import PlotsPanel
from gradviz.ui.theme import ThemeManager
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.recording import Metrics
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from gradviz.app.snapshots import activation_slots
from gradviz.app.train_log import TrainLog
from tests.ui.fakes import lenet
from tests.ui.panels.plot_runs import MoonsRun
from tests.ui.panels.plotting import canvas, lines


@pytest.fixture
def run() -> MoonsRun:
    return MoonsRun()


@pytest.fixture
def session(run: MoonsRun) -> Session:
    made = Session(Settings())
    made.load(run.recording())
    assert made.timeline is not None
    made.timeline.end()
    return made


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, session: Session, run: MoonsRun) -> Iterator[PlotsPanel]:
    made = PlotsPanel(session, ThemeManager("light"))
    qtbot.addWidget(made)
    made.resize(1200, 320)
    with qtbot.waitSignal(made.figure.ready, timeout=30_000):
        made.show()
    made.follow(run)
    yield made
    made.shut_down()
    set_language("en")


# Numbers.


def test_loss_and_accuracy_by_iteration_and_epoch(panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("loss")
    shown = lines(panel)
    assert shown["loss"][1].tolist() == run.log.column("loss").tolist()
    assert shown["train"][1].tolist() == [row.train_loss for row in run.log.epochs]
    assert shown["test"][1].tolist() == [row.test_loss for row in run.log.epochs]
    panel.choose("accuracy")
    assert lines(panel)["accuracy"][1].tolist() == run.log.column("accuracy").tolist()
    panel.choose("rate")
    assert lines(panel)["lr"][1].tolist() == [0.02] * 3


def test_norms_of_gradients_and_of_the_optimizers_state(panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("norms")
    shown = lines(panel)
    assert list(shown) == list(run.log.parameters)
    for name, (_, y) in shown.items():
        assert y.tolist() == [row.gradient_norms[name] for row in run.log.rows]
    panel.choose("state")
    assert panel.header.item.currentText() == "exp_avg"
    panel.header.item.setCurrentIndex(1)
    panel.header.item.activated.emit(1)
    for name, (_, y) in lines(panel).items():
        assert y.tolist() == [s.state[name]["exp_avg_sq"] for s in run.log.snapshots]


def test_norms_by_depth_of_some_iterations(panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("depth")
    panel.figure.draw_now()
    drawn = [line.get_ydata().tolist() for line in panel.plots[0].moving()]  # type: ignore[attr-defined]
    weights = [[row.gradient_norms[n] for n in ("0.weight", "2.weight")] for row in run.log.rows]
    biases = [run.log.rows[-1].gradient_norms[n] for n in ("0.bias", "2.bias")]
    assert drawn == [*weights, biases]


def test_dead_units(panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("dead")
    assert {name: y.tolist() for name, (_, y) in lines(panel).items()} == {
        "1": [s.dead["1"] for s in run.log.snapshots]
    }


@pytest.mark.parametrize(
    ("plot", "part", "name"),
    [
        ("gradient_heat", "gradients", "0.weight"),
        ("weight_heat", "weights", "2.bias"),
        ("activation_heat", "activations", "1"),
    ],
)
def test_distributions_over_time(panel: PlotsPanel, run: MoonsRun, plot: str, part: str, name: str) -> None:
    panel.choose(plot)
    panel.figure.draw_now()
    (shown,) = panel.plots
    heat = shown._heat  # type: ignore[attr-defined]
    row = heat.names.index(name)
    spread = getattr(run.log.snapshots[1], part)[name]
    place = int(np.argmax(heat.shares[row, :, 1]))
    bins = heat.shares.shape[1]
    axes = shown.all_axes()[0]
    x, y = axes.transData.transform((2.2, row + (bins - 1 - place + 0.5) / (bins + 1)))
    share = 100 * spread.counts.max() / spread.linear.sum()
    assert f"{name} · iteration 2: {share:.3g} %" in shown.read(axes, x, y)
    (image,) = shown.moving()
    pixels = np.asarray(image.get_array(), float)  # type: ignore[attr-defined]
    left, right, _, _ = image.get_extent()  # type: ignore[attr-defined]
    column = int((2.2 - left) / (right - left) * pixels.shape[1])
    mine = pixels[row * (bins + 1) : row * (bins + 1) + bins, column]
    strongest = np.abs(mine - mine.max(axis=0)).sum(axis=1).argmax()  # the ground is white
    assert heat.shares[row, bins - 1 - strongest, 1] == heat.shares[row, :, 1].max()


def test_feature_maps_of_this_moment(qtbot: QtBot, panel: PlotsPanel, session: Session) -> None:
    panel.follow(None)
    session.load(lenet())
    assert session.timeline is not None
    assert session.program is not None
    panel.choose("features")
    panel.figure.draw_now()
    (plot,) = panel.plots
    (axes,) = plot.all_axes()
    assert not axes.images
    session.timeline.end()
    panel.figure.draw_now()
    assert len(axes.images) == 1
    value = session.program.values[activation_slots(session.program)["conv1"]]
    x, y = axes.transData.transform((0.5, 0.5))
    text = plot.read(axes, x, y)
    assert text.startswith("conv1[0, 0, 0, 0] = ")
    assert float(text.rpartition(" ")[2].replace("−", "-")) == pytest.approx(value[0, 0, 0, 0], rel=1e-3)


def test_ten_thousand_iterations_are_thinned_but_keep_their_extremes(panel: PlotsPanel) -> None:
    class Long(MoonsRun):
        def __init__(self) -> None:
            super().__init__(0)
            rng = np.random.default_rng(0)
            for n, loss in enumerate(rng.random(10_000), 1):
                self.log.add_row(Metrics(n, 50.0 if n == 7777 else loss))

    run = Long()
    panel.follow(run)
    panel.choose("loss")
    x, y = lines(panel)["loss"]
    assert len(x) < 5000
    assert (y.max(), x[y.argmax()]) == (50.0, 7777)
    assert y.min() == run.log.column("loss").min()
    assert (x[0], x[-1]) == (1, 10_000)


# Live.


def test_a_growing_log_is_followed_while_it_trains(qtbot: QtBot, panel: PlotsPanel, run: MoonsRun) -> None:
    panel.choose("loss")
    panel.figure.draw_now()
    panel.set_running(True)
    run.step()
    line = next(iter(panel.plots[0].moving()))
    qtbot.waitUntil(lambda: len(line.get_xdata()) == 4)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: len(panel.maps.path) > 0 and panel.maps._looking is None)
    number, weights = panel.maps.path[-1]
    assert number == 4
    assert np.array_equal(weights["0.weight"], run.evaluator().weights()["0.weight"])
    panel.set_running(False)
    assert not panel._poll.isActive()


def test_what_came_of_training_is_drawn_without_a_rest(
    qtbot: QtBot, panel: PlotsPanel, run: MoonsRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.choose("loss")
    figure = panel.figure
    figure.draw_now()
    panel.set_running(True)
    with monkeypatch.context() as slow:
        slow.setattr(canvas(panel), "show_data", lambda data: setattr(canvas(panel), "seconds", 60.0))
        figure.request()
        qtbot.waitUntil(lambda: not figure._stale)
    assert figure._rest.interval() == LONGEST, "it rests long, but not for ever"
    run.step()
    panel.set_running(False)
    line = next(iter(panel.plots[0].moving()))
    assert figure._rest.interval() == 0
    qtbot.waitUntil(lambda: len(line.get_xdata()) == 4)  # type: ignore[attr-defined]


def test_nothing_is_drawn_while_nothing_changes(qtbot: QtBot, panel: PlotsPanel) -> None:
    def settled() -> bool:
        maps, figure = panel.maps, panel.figure
        return maps._looking is None and not maps._rest.isActive() and not figure._stale

    panel.choose("loss")
    panel.set_running(True)
    panel._look()
    qtbot.waitUntil(settled)
    drawn = canvas(panel).blits + canvas(panel).full_drawings
    for _ in range(3):
        panel._look()
    assert settled()
    assert canvas(panel).blits + canvas(panel).full_drawings == drawn
    panel.set_running(False)


def test_what_a_script_recorded_is_looked_at_in_the_background(
    qtbot: QtBot, panel: PlotsPanel, run: MoonsRun, session: Session
) -> None:
    panel.follow(None)
    panel.choose("dead")
    qtbot.waitUntil(lambda: len(panel.data().rows.snapshots) == 3)
    assert lines(panel)["1"][1].tolist() == [s.dead["1"] for s in run.log.snapshots]
    run.step()
    session.add_iteration(run.iterations[-1])
    qtbot.waitUntil(lambda: len(panel.data().rows.snapshots) == 4)


# What is remembered, said and written.


def test_plot_and_scale_are_remembered(qtbot: QtBot, panel: PlotsPanel, session: Session) -> None:
    panel.choose("norms")
    assert panel.header.log.isChecked()
    panel.header.log.click()
    other = PlotsPanel(session, ThemeManager("dark"))
    qtbot.addWidget(other)
    assert other.tab == "norms"
    assert not other.header.log.isChecked()
    other.shut_down()


def test_every_plot_is_reached_by_its_group(panel: PlotsPanel) -> None:
    for number, (group, plots) in enumerate(GROUPS.items()):
        panel.header.tabs.setCurrentIndex(number)
        assert panel.tab == plots[0], group
        for place, plot in enumerate(plots):
            panel.header.which.setCurrentIndex(place)
            panel.header.which.activated.emit(place)
            assert panel.tab == plot
    panel.header.tabs.setCurrentIndex(1)
    assert panel.tab == GROUPS["training"][-1]  # each group remembers its own
    for _ in PLOTS:
        panel.step(1)
    assert panel.tab == GROUPS["training"][-1]


def test_groups_have_names_in_both_languages(panel: PlotsPanel) -> None:
    for language in ("zh_CN", "en"):
        set_language(language)
        texts = [panel.header.tabs.tabText(i) for i in range(panel.header.tabs.count())]
        assert all(text.isascii() for text in texts) is (language == "en")


def test_every_plot_has_its_numbers_as_csv(qtbot: QtBot, panel: PlotsPanel) -> None:
    panel.choose("boundary")
    qtbot.waitUntil(lambda: panel.maps.answers is not None and panel.maps._looking is None)
    for name in PLOTS:
        if name in ("kernels", "features", "surface"):  # two moons have no images
            continue
        panel.choose(name)
        for plot in panel.plots:
            written = plot.csv(panel.data()).splitlines()
            assert len(written) > 1, name
            assert len({line.count(",") for line in written}) == 1, name


def test_an_empty_log_says_what_to_do(panel: PlotsPanel) -> None:
    class Empty(MoonsRun):
        def __init__(self) -> None:
            super().__init__(0)
            self.log = TrainLog()

    panel.follow(Empty())
    for name in ("loss", "accuracy", "rate", "gradient_heat", "norms", "depth", "updates", "state", "dead"):
        panel.choose(name)
        panel.figure.draw_now()
        (text,) = panel.plots[0].texts()
        assert text.get_visible(), name
        assert text.get_text(), name
