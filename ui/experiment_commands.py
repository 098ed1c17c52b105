"""The commands that try something out on the number that the inspector shows."""

from __future__ import annotations

from collections.abc import Callable

from gradviz.app.i18n import tr

from .main_window import MainWindow


def connect_experiments(window: MainWindow) -> None:
    """Give the commands of the inspector's cards what they do."""
    experiments = window.inspector.experiments
    window.inspector.told.connect(window.messages.show_message)

    def with_inspector(act: Callable[[], None]) -> Callable[[], None]:
        def shown() -> None:
            window.docks.show_inspector()
            act()

        return shown

    def open_microscope() -> None:
        """Look closely at the element that the inspector shows."""
        chosen = window.inspector.chosen()
        window.centre.setCurrentWidget(window.graph)
        if chosen is None or not window.microscope.look_at(*chosen):
            window.messages.show_message(
                tr("Nothing is computed here yet: step forward, then choose an element.")
            )

    window.inspector.microscope_wanted.connect(open_microscope)
    window.commands.connect(check_gradient=with_inspector(experiments.open_check), microscope=open_microscope)
