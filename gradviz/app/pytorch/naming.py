"""Names for the variables of a written script."""

from __future__ import annotations

import keyword
import re

TAKEN = {
    *("torch", "F", "np", "Path", "values", "archive", "state", "number", "step", "recorded", "prefix"),
    *("v", "changed", "parameter", "put", "key", "Key"),
}
"""Names that the script uses itself."""


class Names:
    """Gives each value a name of its own: what the user called it, as far as Python allows, or its op's."""

    def __init__(self) -> None:
        self._used = set(TAKEN)

    def new(self, wish: str) -> str:
        """A name like the wish that has not been given yet: "conv1.weight" becomes `conv1_weight`."""
        base = re.sub(r"\W", "_", wish).strip("_") or "value"
        if base[0].isdigit():
            base = f"layer_{base}"
        if keyword.iskeyword(base) or keyword.issoftkeyword(base):
            base += "_"
        name, number = base, 2
        while name in self._used:
            name, number = f"{base}_{number}", number + 1
        self._used.add(name)
        return name
