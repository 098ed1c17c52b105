"""The measures of the program under the cursor, shared by the overlay and the search."""

from __future__ import annotations

from gradviz.app.graph.measures import Measures
from gradviz.app.session import Session


class Measuring:
    """Keeps the measures of one program; another one's are made when they are asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._measures: Measures | None = None

    @property
    def measures(self) -> Measures | None:
        """None while nothing is recorded."""
        program = self._session.program
        if program is None:
            self._measures = None
        elif self._measures is None or self._measures.program is not program:
            self._measures = Measures(program)
        return self._measures
