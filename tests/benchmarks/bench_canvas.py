"""Frame times of the canvas: python -m tests.benchmarks.bench_canvas [nodes …]

A frame is what one step of a gesture costs: the change and the painting of the widget, in milliseconds, and
the processor time of it. 60 frames a second leave 16.7 ms for each.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from statistics import median, quantiles

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from gradviz.ui.fonts import install_fonts
from gradviz.ui.graph.canvas import GraphCanvas
from gradviz.ui.graph.state import NodeState
from gradviz.ui.theme import DARK
from PyQt6.QtWidgets import QApplication

from tests.ui.graph.layouts import many, rows

FRAMES = 120
SIZE = (1600, 900)


def frames(app: QApplication, canvas: GraphCanvas, step: Callable[[int], None]) -> str:
    """Median and 95th percentile of FRAMES steps."""
    times, busy = [], []
    for number in range(FRAMES):
        start, work = time.perf_counter(), time.process_time()
        step(number)
        canvas.repaint()
        times.append((time.perf_counter() - start) * 1e3)
        busy.append((time.process_time() - work) * 1e3)
        app.processEvents()
    tail, own = quantiles(times, n=20)[-1], quantiles(busy, n=20)[-1]
    return (
        f"median {median(times):6.2f}   p95 {tail:6.2f}   processor {median(busy):6.2f}   p95 {own:6.2f} ms"
    )


def bench(app: QApplication, count: int) -> None:
    """All gestures on a graph of `count` nodes."""
    model = many(count)
    canvas = GraphCanvas(DARK)
    canvas.set_reduced_motion(True)
    canvas.resize(*SIZE)
    layout = rows(model, canvas.measure(model), columns=round(count**0.5))
    laid_out = time.perf_counter()
    canvas.set_graph(model, layout)
    shown = time.perf_counter()
    canvas.show()
    app.processEvents()
    print(f"{count} nodes, {len(model.edges)} edges: set_graph {(shown - laid_out) * 1e3:.0f} ms")

    def pan(number: int) -> None:
        canvas.mover.go(canvas.camera.panned(9 if number % 40 < 20 else -9, 5 if number % 20 < 10 else -5))

    def zoom(number: int) -> None:
        canvas.mover.go(canvas.camera.zoomed(1.1 if number % 24 < 12 else 1 / 1.1, 500, 300))

    def recolour(number: int) -> None:
        done = NodeState("done", "mean 0.12", 0.5) if number % 2 else NodeState("pending")
        canvas.set_states({node.id: done for node in model.nodes})

    def step(number: int) -> None:
        at = (number * 7) % count
        canvas.set_states({f"i{at}": NodeState("current", "mean 0.5"), f"i{at - 7}": NodeState("done", "1")})
        canvas.set_current(f"i{at}", follow=False)

    for name, scale in (("fit", 0.0), ("0.3", 0.3), ("0.5", 0.5), ("1.0", 1.0)):
        canvas.fit(smooth=False)
        if scale:
            canvas.mover.go(canvas.camera.zoomed(scale / canvas.camera.scale))
        for title, action in (("pan", pan), ("zoom", zoom), ("recolour all", recolour), ("step", step)):
            print(f"  {name:4s} {title:13s} {frames(app, canvas, action)}")
    canvas.close()


if __name__ == "__main__":
    application = QApplication([])
    install_fonts(application)
    for size in [int(text) for text in sys.argv[1:]] or [1000, 10_000]:
        bench(application, size)
