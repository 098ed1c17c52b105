"""Where in the tree of modules something is: the way up, by which parameters and modules know their names."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .parameter import Parameter
    from .tree import Tree


class Place(NamedTuple):
    """An attribute of a module."""

    holder: weakref.ref[Tree]
    name: str


def path_of(module: Tree) -> str:
    """The dotted path of a module below its root, "layer1.0.conv1"; "" for a root.

    A module that several others hold has the path of the first.
    """
    for place in module._places:
        holder = place.holder()
        if holder is not None and holder._modules.get(place.name) is module:
            return _join(path_of(holder), place.name)
    return ""


def name_of(parameter: Parameter) -> str:
    """The dotted name of a parameter, "conv1.weight"; "" if no module holds it."""
    for place in getattr(parameter, "places", ()):
        holder = place.holder()
        if holder is not None and holder._parameters.get(place.name) is parameter:
            return _join(path_of(holder), place.name)
    return ""


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
