"""A run of the gallery as an experiment: looked at often, and named after what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import replace

from ..experiment import Experiment
from ..i18n import tr
from ..recording import Iteration, Recording
from .items import Item
from .words import title

LOOK_EVERY = 20  # iterations: these networks are so small that looking takes longer than training


class GalleryRun(Experiment):
    """An item of the gallery, broken or repaired."""

    def __init__(self, item: Item, repaired: bool = False, seed: int = 0) -> None:
        super().__init__(item.spec(repaired, seed), lambda spec: item.build(spec, repaired))
        self.item, self.repaired = item, repaired
        self.trainer.look_every, self.trainer.look_share = LOOK_EVERY, math.inf

    def recording(self, *iterations: Iteration) -> Recording:
        """As for any experiment, under the item's title."""
        words = tr("{title} (repaired)") if self.repaired else tr("{title} (broken)")
        return replace(super().recording(*iterations), title=words.format(title=title(self.item.rule)))
