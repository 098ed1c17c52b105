"""Saying that what is shown belongs to older weights than those of now."""

from __future__ import annotations

from gradviz.app.i18n import tr


def stale_text(shown: int | None, newest: int | None) -> str:
    """ "iteration 120; now 340", or "" if nothing newer is known."""
    if shown is None or newest is None or newest <= shown:
        return ""
    return tr("iteration {shown}; now {newest}").format(shown=shown, newest=newest)
