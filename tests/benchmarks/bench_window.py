"""What one waits for in the window: python -m tests.benchmarks.bench_window

Layout times from 50 to 5,000 nodes, from the key press to the painted step on LeNet (goal: 95 % within 16
ms), and from Enter to the open module on ResNet-18 (goal: 100 ms). The load of the machine is printed,
as it is part of the numbers; beside the time that passed stands the processor time of this process.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gradviz.engine.program import Program
from gradviz.ui.app import Gradviz
from gradviz.ui.fonts import install_fonts
from gradviz.ui.graph.lettering import Lettering
from gradviz.ui.workers.layout import LayoutClient
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

import gradviz
import gradviz.nn.functional as F
from gradviz.app.graph.limits import LARGEST
from gradviz.app.layout.compose import Memory
from gradviz.app.layout.job import make_job
from gradviz.app.layout.library import dot_layout, draw
from gradviz.app.layout.types import Layout
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.settings import Settings
from gradviz.models import resnet18
from tests.ui.fakes import lenet
from tests.ui.graph.layouts import many

PATIENCE = 60.0  # seconds


def wait(app: QApplication, until: Callable[[], bool]) -> None:
    """Handle events until something holds."""
    end = time.perf_counter() + PATIENCE
    while not until():
        if time.perf_counter() > end:
            raise TimeoutError
        app.processEvents()


def layouts(app: QApplication) -> None:
    """Time from the request to the layout."""
    client, answers = LayoutClient(), []
    client.finished.connect(lambda token, layout: answers.append(layout))
    letters = Lettering()
    client.request(many(10), letters.sizes(many(10)))  # the child starts
    wait(app, lambda: bool(answers))
    for count in (50, 200, 500, 1000, 1400, 2000, 5000):
        model = many(count)
        sizes = letters.sizes(model)
        answers.clear()
        start = time.perf_counter()
        client.request(model, sizes)
        wait(app, lambda: bool(answers))
        layout: Layout = answers[0]
        passed, busy = (time.perf_counter() - start) * 1e3, 0.0
        if count < LARGEST:
            work = time.process_time()
            dot_layout(make_job(model, sizes), Memory(draw))
            busy = (time.process_time() - work) * 1e3
        print(f"  layout of {count:5d} nodes  {passed:8.1f} ms ({layout.method}), processor {busy:7.1f} ms")
    client.close()


def resnet() -> Program:
    """One forward and backward pass of ResNet-18 on a picture of 64×64."""
    gradviz.manual_seed(0)
    net, x, y = resnet18(), gradviz.randn(1, 3, 64, 64), gradviz.tensor([3])
    net.eval()
    with gradviz.record() as recorder:
        F.cross_entropy(net(x), y).backward()
    return recorder.program()


def steps(app: QApplication, made: Gradviz) -> None:
    """Time from the key press to the painted step, forth and back through LeNet."""
    made.session.load(lenet())
    window = made.window
    wait(app, lambda: len(window.graph.canvas.scene) > 0)
    timeline = made.session.timeline
    assert timeline is not None
    window.graph.canvas.setFocus()
    for overlay in ("", "gradient"):
        window.graph.overlaying.choose(overlay)
        canvas, busy, all_of_it = [], [], []
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Right):
            for _ in range(timeline.length):
                start, work = time.perf_counter(), time.process_time()
                QTest.keyClick(window.graph.canvas, key)
                window.graph.canvas.repaint()
                canvas.append((time.perf_counter() - start) * 1e3)
                busy.append((time.process_time() - work) * 1e3)
                app.processEvents()
                all_of_it.append((time.perf_counter() - start) * 1e3)
        for title, times in (("canvas painted", canvas), ("its processor", busy), ("all panels", all_of_it)):
            tail = quantiles(times, n=20)[-1]
            print(
                f"  step, overlay {overlay or 'none':8s} {title:15s} {median(times):6.1f} ms, p95 {tail:6.1f}"
            )


def folds(app: QApplication, made: Gradviz) -> None:
    """Time from Enter to the open module, first and again (from the cache)."""
    program = resnet()
    row = Iteration(1, program, metrics_of(program, 1))
    made.session.load(Recording("resnet18", (row,)))
    graph = made.window.graph
    wait(app, lambda: graph.placing.pending is None and len(graph.canvas.scene) > 0)
    for turn in ("first", "again"):
        for path in ("layer1", "layer1.0", "layer4", "layer4.1"):
            node = next(
                n.id for n in graph.canvas.scene.model.nodes if n.module == path and n.kind == "module"
            )
            start, work = time.perf_counter(), time.process_time()
            graph.toggle(node)
            wait(app, lambda: graph.placing.pending is None)
            graph.canvas.repaint()
            passed, busy = ((time.perf_counter() - start) * 1e3, (time.process_time() - work) * 1e3)
            print(f"  open {path:9s} {turn}  {passed:6.1f} ms, processor {busy:6.1f} ms")
        made.session.close_all()
        wait(app, lambda: graph.placing.pending is None)
    passed, busy = [], []
    made.session.open_all()
    wait(app, lambda: graph.placing.pending is None)
    whole = made.session.open_modules
    names = sorted(whole)
    for path, other in list(pairwise(names))[::12]:
        made.session.open_all()
        for name in (path, other):  # so that no layout is known of what comes next
            made.session.toggle_module(f"g:{name}:forward")
            wait(app, lambda: graph.placing.pending is None)
        node = next(
            (n.id for n in graph.canvas.scene.model.nodes if n.module == path and n.kind == "module"), ""
        )
        if node:
            start, work = time.perf_counter(), time.process_time()
            graph.toggle(node)
            wait(app, lambda: graph.placing.pending is None)
            graph.canvas.repaint()
            passed.append((time.perf_counter() - start) * 1e3)
            busy.append((time.process_time() - work) * 1e3)
    print(
        f"  open one of {len(passed)} with all others open  {median(passed):6.1f} ms,"
        f" p95 {quantiles(passed, n=20)[-1]:6.1f}, processor {median(busy):6.1f},"
        f" p95 {quantiles(busy, n=20)[-1]:6.1f}"
    )


def main() -> None:
    """Print all of it."""
    app = QApplication(sys.argv)
    install_fonts(app)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    layouts(app)
    made = Gradviz(app, Settings.load(Path(tempfile.mkdtemp())), "en", "dark")
    made.window.resize(1280, 800)
    made.window.show()
    app.processEvents()
    made.window.lab.cancel()
    steps(app, made)
    folds(app, made)
    made.window.close()
    made.shut_down()
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
