"""The memory of `compiled.step_words`, filled for a follower; how the ends of its rounds are hastened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .compiled import step_words as words
from .echo_nodes import Form
from .echo_places import Memory
from .node import Node


class Steps:
    """`known` are the nodes whose values the executor knows, by number; machine code changes that list.

    `unmoved`, `postpone` and `renew` are those of `compiled.echo_steps`, or None.
    """

    def __init__(self, params: int, forms: list[Form]) -> None:
        self.known: list[Node | None] = [None] * len(forms)
        self._forms = forms
        self._memory = Memory(
            words, words.WORDS, {"PARAMS": params, "KNOWN": id(self.known), "FORMS": id(forms)}
        )
        self.unmoved = self._memory.function("unmoved")
        self.postpone = self._memory.function("postpone")
        self.renew: Callable[[Any, Any], int] | None = self._memory.function("renew")

    def begin(self, values: list[Node | None]) -> None:
        """Another round begins, which holds the nodes that it reads in this list."""
        self._memory.words[words.VALUES] = id(values)

    def know(self, nodes: Sequence[Node | None]) -> None:
        """These are the nodes from now on."""
        self.known[:] = nodes

    def forget(self) -> None:
        """The executor knows nothing any more."""
        self.known[:] = [None] * len(self.known)
