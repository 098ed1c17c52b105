"""The commands that try something out on the number that the inspector shows."""

from __future__ import annotations

from collections.abc import Callable

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

    window.commands.connect(check_gradient=with_inspector(experiments.open_check))
