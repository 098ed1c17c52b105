"""Max-pooling over windows: winners and their values in one pass, and the way back."""

from __future__ import annotations

import math

from ..memory import Memory, Row, convert, ints
from ..operators import beats, evens, interleaved_high, interleaved_low, odds
from ..routine import kernel
from ..simd import BYTES, between, fill, lanes, load, load_masked, select, store_masked, zeros
from .ends import put_before


@kernel
def max_pool2d(memory: Memory, row: Row) -> None:
    """The largest of each window and its place row · W + column: the first of equals, and NaN before all.

    Row: planes, x, values, places, H, W, output rows and columns, window (2), stride (2), padding (2),
    dilation (2).
    """
    planes, x, out, places, height, wide, rows, cols = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    )  # fmt: skip
    window_y, window_x, stride_y, stride_x, pad_y, pad_x, gap_y, gap_x = (
        row[8], row[9], row[10], row[11], row[12], row[13], row[14], row[15]
    )  # fmt: skip
    index = ints(memory)
    for _ in range(planes):
        for r in range(rows):
            for c in range(cols):
                found = -1
                best = memory[x]
                for i in range(window_y):
                    y = r * stride_y - pad_y + i * gap_y
                    if y < 0 or y >= height:
                        continue
                    for j in range(window_x):
                        at = c * stride_x - pad_x + j * gap_x
                        if at < 0 or at >= wide:
                            continue
                        value = memory[x + y * wide + at]
                        if found < 0 or value > best or value != value:
                            best = value
                            found = y * wide + at
                memory[out] = best
                index[places] = found
                out += 1
                places += 1
        x += height * wide


@kernel
def max_pool2d_backward(memory: Memory, row: Row) -> None:
    """Each upstream number to its winner. Row: planes, g, places, dx, windows and pixels of a plane."""
    planes, g, places, out, windows, pixels = row[0], row[1], row[2], row[3], row[4], row[5]
    index = ints(memory)
    for p in range(planes * pixels):
        memory[out + p] = convert(memory, 0)
    for _ in range(planes):
        for k in range(windows):
            memory[out + index[places + k]] += memory[g + k]
        g += windows
        places += windows
        out += pixels


@kernel
def lines_pool2d(memory: Memory, row: Row) -> None:
    """The same with a vector of windows at a time, whose columns begin one or two pixels apart."""
    planes, x, out, places, height, wide, rows, cols = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]
    )  # fmt: skip
    window_y, window_x, stride_y, stride_x, pad_y, pad_x, gap_y, gap_x = (
        row[8], row[9], row[10], row[11], row[12], row[13], row[14], row[15]
    )  # fmt: skip
    index = ints(memory)
    width = lanes(memory)
    none, lowest = zeros(memory), fill(memory, -math.inf)
    unknown = fill(memory, -1)
    longer = width * 8 // BYTES  # how many numbers have room where a place has
    for _ in range(planes):
        for r in range(rows):
            y = r * stride_y - pad_y
            for c in range(0, cols, width):
                best, won = lowest, unknown
                count = min(width, cols - c)
                for i in range(window_y):
                    if y + i * gap_y < 0 or y + i * gap_y >= height:
                        continue
                    for j in range(window_x):
                        left = c * stride_x - pad_x + j * gap_x  # the pixel under the first lane
                        here = x + (y + i * gap_y) * wide + left
                        value = load_masked(memory, here, between(memory, -left, wide - left))
                        if stride_x == 2:
                            more = between(memory, -left - width, wide - left - width)
                            value = evens(value, load_masked(memory, here + width, more))
                        # lanes whose pixel is inside
                        first = max(0, (1 - left) // 2 if stride_x == 2 else -left)
                        behind = (wide - left + 1) // 2 if stride_x == 2 else wide - left
                        inside = between(memory, first, behind)
                        taken = beats(value, best)
                        shift = fill(memory, i * gap_y * wide + j * gap_x)
                        found = select(taken, shift, select(won < none, shift, won))
                        won = select(inside, found, won)
                        best = select(inside, select(taken, value, best), best)
                rest = between(memory, 0, count)
                store_masked(memory, out, best, rest)
                # noted where the places will be, then written from the last on
                noted = places * longer
                store_masked(memory, noted, won, rest)
                for k in range(count - 1, -1, -1):
                    index[places + k] = int(memory[noted + k]) + y * wide + (c + k) * stride_x - pad_x
                out += count
                places += count
        x += height * wide


@kernel
def pairs_pool2d(memory: Memory, row: Row) -> None:
    """Windows of 2 × 2 side by side. Winners are noted as 0, 1, 2, 3, the position in the window. The last
    vector of a line begins earlier, where it would not fit; short lines run over into the next, which comes
    later.

    Row: planes, x, values, winners, H, W, output rows and columns, whether a relu comes before: the largest
    of numbers that are cut off at 0 is their largest, cut off at 0.
    """
    planes, x, out, winners, height, wide, rows, cols, cut = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    width = lanes(memory)
    none, one, two, three = zeros(memory), fill(memory, 1), fill(memory, 2), fill(memory, 3)
    last = max(cols - width, 0)
    end, end_of_winners = out + planes * rows * cols, winners + planes * rows * cols
    for _ in range(planes):
        for r in range(rows):
            top = x + 2 * r * wide
            for start in range(0, cols, width):
                c = min(start, last)
                first, second = load(memory, top + 2 * c), load(memory, top + 2 * c + width)
                third, fourth = load(memory, top + wide + 2 * c), load(memory, top + wide + 2 * c + width)
                best, won, other = evens(first, second), none, odds(first, second)
                taken = beats(other, best)
                best, won = select(taken, other, best), select(taken, one, won)
                other = evens(third, fourth)
                taken = beats(other, best)
                best, won = select(taken, other, best), select(taken, two, won)
                other = odds(third, fourth)
                taken = beats(other, best)
                best, won = select(taken, other, best), select(taken, three, won)
                if cut != 0:
                    best = select(best <= none, none, best)
                put_before(memory, out + c, best, end)
                put_before(memory, winners + c, won, end_of_winners)
            out += cols
            winners += cols
        x += height * wide


@kernel
def pairs_pool2d_backward(memory: Memory, row: Row) -> None:
    """The way back. Row: planes, g, winners, dx, H, W, rows and columns of g, whether a relu comes before,
    and the largest of each window: where it was cut off, nothing goes back."""
    planes, g, winners, out, height, wide, rows, cols, cut, largest = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
    )  # fmt: skip
    width = lanes(memory)
    none, one, two, three = zeros(memory), fill(memory, 1), fill(memory, 2), fill(memory, 3)
    last = max(cols - width, 0)
    end = out + planes * height * wide
    for _ in range(planes):
        for r in range(rows):
            top = out + 2 * r * wide
            for start in range(0, cols, width):
                c = min(start, last)
                value, won = load(memory, g + c), load(memory, winners + c)
                if cut != 0:
                    value = select(load(memory, largest + c) <= none, none, value)
                a, b = select(won == none, value, none), select(won == one, value, none)
                put_before(memory, top + 2 * c, interleaved_low(a, b), end)
                put_before(memory, top + 2 * c + width, interleaved_high(a, b), end)
                a, b = select(won == two, value, none), select(won == three, value, none)
                put_before(memory, top + wide + 2 * c, interleaved_low(a, b), end)
                put_before(memory, top + wide + 2 * c + width, interleaved_high(a, b), end)
            if 2 * cols < wide:
                memory[top + 2 * cols] = convert(memory, 0)
                memory[top + wide + 2 * cols] = convert(memory, 0)
            g += cols
            winners += cols
            largest += cols
        if 2 * rows < height:
            for p in range(wide):
                memory[out + 2 * rows * wide + p] = convert(memory, 0)
        out += height * wide
