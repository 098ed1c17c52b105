"""Importing matplotlib, which takes half a second: in a thread, when the plots are first shown."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import as_file, files

FONTS = (
    "Inter-Regular.ttf",
    "Inter-Medium.ttf",
    "NotoSansCJKsc-Regular-Subset.ttf",
    "NotoSansMath-Subset.ttf",
)


def load_matplotlib(report: Callable[[object], bool]) -> None:
    """Import what the plots need and make the bundled fonts known to matplotlib."""
    # here and not at the top, to keep start-up fast
    import matplotlib.backends.backend_qtagg
    import matplotlib.figure
    import matplotlib.textpath  # noqa: F401  (for the inspector's formulas, which then come at once)

    load_fonts()


def load_fonts() -> None:
    """Make the bundled fonts known to matplotlib."""
    from matplotlib import font_manager  # see above

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for name in FONTS:
        with as_file(files("gradviz.assets") / "fonts" / name) as path:
            if str(path) not in known:
                font_manager.fontManager.addfont(str(path))
