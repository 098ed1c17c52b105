"""Walking a graph of nodes from its results back, iteratively, so that depth does not matter."""

from __future__ import annotations

from collections.abc import Container, Iterable

from .node import Node


def reach(starts: Iterable[Node]) -> tuple[list[Node], dict[int, int]]:
    """Every node that gradients reach from `starts`, and by id how many contributions each will get."""
    stack = list({id(node): node for node in starts}.values())
    waiting = {id(node): 0 for node in stack}
    order = []
    while stack:
        node = stack.pop()
        order.append(node)
        for source, wanted in zip(node.inputs, node.mask, strict=True) if node.mask else ():
            if not wanted:
                continue
            before = waiting.get(id(source))
            waiting[id(source)] = 1 if before is None else before + 1
            if before is None:
                stack.append(source)
    return order, waiting


def leading_to(order: list[Node], targets: Container[int]) -> set[int]:
    """The ids of those nodes from which a node whose id is in `targets` can be reached, and of these."""
    relevant = {id(node) for node in order if id(node) in targets}
    for node in sorted(order, key=lambda n: n.sequence):
        if any(wanted and id(n) in relevant for n, wanted in zip(node.inputs, node.mask, strict=False)):
            relevant.add(id(node))
    return relevant
