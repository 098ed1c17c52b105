"""Softmax and its logarithm along one dimension, and the negative log-likelihood.

Row of the softmaxes: lines before, length, the distance between two elements of a line (lines that share it
lie side by side), then the arrays.
"""

from __future__ import annotations

import math

from ..memory import Memory, Row, convert, ints
from ..routine import kernel


@kernel
def log_softmax(memory: Memory, row: Row) -> None:
    """out = x − max x − log Σ exp(x − max x). Arrays: x, out."""
    before, count, step, x, out = row[0], row[1], row[2], row[3], row[4]
    for outer in range(before):
        for inner in range(step):
            at = outer * count * step + inner
            top = memory[x + at]
            for c in range(count):
                value = memory[x + at + c * step]
                if value > top or value != value:
                    top = value
            total = convert(memory, 0)
            for c in range(count):
                total += math.exp(memory[x + at + c * step] - top)
            log_total = math.log(total)
            for c in range(count):
                memory[out + at + c * step] = memory[x + at + c * step] - top - log_total


@kernel
def log_softmax_backward(memory: Memory, row: Row) -> None:
    """out = g − exp(y) · Σ g. Arrays: g, y, out."""
    before, count, step, g, y, out = row[0], row[1], row[2], row[3], row[4], row[5]
    for outer in range(before):
        for inner in range(step):
            at = outer * count * step + inner
            total = convert(memory, 0)
            for c in range(count):
                total += memory[g + at + c * step]
            for c in range(count):
                place = at + c * step
                memory[out + place] = memory[g + place] - math.exp(memory[y + place]) * total


@kernel
def softmax(memory: Memory, row: Row) -> None:
    """out = exp(x − max x) / Σ exp(x − max x). Arrays: x, out."""
    before, count, step, x, out = row[0], row[1], row[2], row[3], row[4]
    for outer in range(before):
        for inner in range(step):
            at = outer * count * step + inner
            top = memory[x + at]
            for c in range(count):
                value = memory[x + at + c * step]
                if value > top or value != value:
                    top = value
            total = convert(memory, 0)
            for c in range(count):
                value = math.exp(memory[x + at + c * step] - top)
                memory[out + at + c * step] = value
                total += value
            for c in range(count):
                memory[out + at + c * step] /= total


@kernel
def softmax_backward(memory: Memory, row: Row) -> None:
    """out = y · (g − Σ g y). Arrays: g, y, out."""
    before, count, step, g, y, out = row[0], row[1], row[2], row[3], row[4], row[5]
    for outer in range(before):
        for inner in range(step):
            at = outer * count * step + inner
            total = convert(memory, 0)
            for c in range(count):
                total += memory[g + at + c * step] * memory[y + at + c * step]
            for c in range(count):
                place = at + c * step
                memory[out + place] = memory[y + place] * (memory[g + place] - total)


@kernel
def count_targets(memory: Memory, row: Row) -> None:
    """How many targets count. Row: n, targets, classes, the number of those that do not count, out, trouble:
    a word that becomes 1 where there is no such class."""
    n, targets, classes, ignored, out, trouble = row[0], row[1], row[2], row[3], row[4], row[5]
    counted = 0
    for i in range(n):
        target = ints(memory)[targets + i]
        if target != ignored:
            counted += 1
            if target < 0 or target >= classes:
                ints(memory)[trouble] = 1
    memory[out] = counted


@kernel
def nll_loss(memory: Memory, row: Row) -> None:
    """out = −Σ x[i, target i], divided by the count of targets; or each for itself.

    Row: n, classes, x, targets, the one that does not count, 0 each, 1 sum, 2 mean; the count; out;
    whether to add.
    """
    n, classes, x, targets, ignored, how, count, out, add = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    total = convert(memory, 0)
    for i in range(n):
        target = ints(memory)[targets + i]
        value = convert(memory, 0)
        if target != ignored and 0 <= target < classes:
            value = -memory[x + i * classes + target]
        if how == 0:
            memory[out + i] = value
        total += value
    if how == 2:
        total /= memory[count]
    if how != 0:
        if add != 0:
            total += memory[out]
        memory[out] = total


@kernel
def nll_loss_backward(memory: Memory, row: Row) -> None:
    """−g at the targets, 0 elsewhere. Row: n, classes, g, targets, ignored, how, count (as above), out."""
    n, classes, g, targets, ignored, how, count, out = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    )  # fmt: skip
    for i in range(n * classes):
        memory[out + i] = convert(memory, 0)
    share = memory[g]
    if how == 2:
        share /= memory[count]
    for i in range(n):
        target = ints(memory)[targets + i]
        if target != ignored and 0 <= target < classes:
            memory[out + i * classes + target] = -(memory[g + i] if how == 0 else share)
