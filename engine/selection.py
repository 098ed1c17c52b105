"""Which of several equal elements sort, topk, kthvalue and mode put first: the same as PyTorch on the CPU.

PyTorch calls the C++ library's `nth_element`, `partial_sort` and `sort`, and for kthvalue Hoare's quickselect
with the median of three as the pivot. Which of two equal elements comes first depends on the way they go, so
that way is gone here too, where there are equal elements; otherwise numpy sorts.
Sources: D. R. Musser, "Introspective sorting and selection algorithms", Software 27, 1997, in the form of
libstdc++'s bits/stl_algo.h and bits/stl_heap.h; C. A. R. Hoare, "Algorithm 65: Find", CACM 4, 1961.
"""

from __future__ import annotations

import numpy as np

SHORT = 16  # what sort leaves to insertion, which keeps the order of equal elements


def ranks(line: np.ndarray, descending: bool = False) -> np.ndarray:
    """Equal elements get equal numbers, smaller ones smaller; NaN counts as the largest."""
    found = np.unique(line, return_inverse=True)[1].reshape(-1)
    return -found if descending else found


class _Sequence:
    """Positions that are rearranged by the numbers at them."""

    def __init__(self, numbers: np.ndarray, loose: bool = False) -> None:
        self._loose = loose  # numbers of which NaN is neither smaller nor larger than any
        self.rank: list[float] = numbers.tolist()
        self.at = list(range(len(self.rank)))

    def less(self, i: int, j: int) -> bool:
        return self.rank[self.at[i]] < self.rank[self.at[j]]

    def swap(self, i: int, j: int) -> None:
        self.at[i], self.at[j] = self.at[j], self.at[i]

    def nth_element(self, nth: int) -> None:
        """The element that belongs to `nth` comes there, smaller ones before it."""
        first, last = 0, len(self.at)
        depth = 2 * (last.bit_length() - 1)
        while last - first > 3:
            if depth == 0:
                self._heap_select(first, nth + 1, last)
                self.swap(first, nth)
                return
            depth -= 1
            cut = self._partition(first, last)
            first, last = (cut, last) if cut <= nth else (first, cut)
        self._insertion_sort(first, last)

    def partial_sort(self, middle: int) -> None:
        """The smallest come first, in order, up to `middle`."""
        self._heap_select(0, middle, len(self.at))
        self._sort_heap(0, middle)

    def sort(self, last: int) -> None:
        """The elements before `last` come into order."""
        if last > 0:
            self._quick_sort(0, last, 2 * (last.bit_length() - 1))
            self._insertion_sort(0, last)

    def quick_select(self, nth: int) -> None:
        """As `nth_element`, by quickselect."""
        left, right = 0, len(self.at) - 1
        while right > left:
            if right == left + 1:
                if self.less(right, left):
                    self.swap(left, right)
                return
            self.swap(left + (right - left) // 2, left + 1)
            for a, b in ((left + 1, right), (left, right), (left + 1, left)):
                if self.less(b, a):
                    self.swap(a, b)
            i, j, pivot = left + 1, right, self.rank[self.at[left]]
            while True:
                i += 1
                while self.rank[self.at[i]] < pivot:
                    i += 1
                j -= 1
                while self.rank[self.at[j]] > pivot:
                    j -= 1
                if j < i:
                    break
                self.swap(i, j)
            self.swap(left, j)
            left, right = (i if j <= nth else left), (j - 1 if j >= nth else right)

    def _quick_sort(self, first: int, last: int, depth: int) -> None:
        while last - first > SHORT:
            if depth == 0:
                self._heap_select(first, last, last)
                self._sort_heap(first, last)
                return
            depth -= 1
            cut = self._partition(first, last)
            self._quick_sort(cut, last, depth)
            last = cut

    def _insertion_sort(self, first: int, last: int) -> None:
        """An element goes before all that are larger, up to the first that is not."""
        for i in range(first + 1, last) if self._loose else ():
            value, j = self.at[i], i
            while j > first and (
                self.rank[value] < self.rank[self.at[j - 1]] or self.rank[value] < self.rank[self.at[first]]
            ):
                self.at[j] = self.at[j - 1]
                j -= 1
            self.at[j] = value
        if not self._loose:
            self.at[first:last] = sorted(self.at[first:last], key=self.rank.__getitem__)  # comes to the same

    def _partition(self, first: int, last: int) -> int:
        """Around the median of the second, the middle and the last element."""
        self._median_to(first, first + 1, first + (last - first) // 2, last - 1)
        pivot = self.rank[self.at[first]]
        low, high = first + 1, last
        while True:
            while self.rank[self.at[low]] < pivot:
                low += 1
            high -= 1
            while pivot < self.rank[self.at[high]]:
                high -= 1
            if low >= high:
                return low
            self.swap(low, high)
            low += 1

    def _median_to(self, result: int, a: int, b: int, c: int) -> None:
        if self.less(a, b):
            chosen = b if self.less(b, c) else c if self.less(a, c) else a
        else:
            chosen = a if self.less(a, c) else c if self.less(b, c) else b
        self.swap(result, chosen)

    def _heap_select(self, first: int, middle: int, last: int) -> None:
        size = middle - first
        for parent in range((size - 2) // 2, -1, -1) if size > 1 else ():
            self._sift(first, parent, size, self.at[first + parent])
        for i in range(middle, last):
            if self.less(i, first):
                self._pop(first, middle, i)

    def _sort_heap(self, first: int, last: int) -> None:
        while last - first > 1:
            last -= 1
            self._pop(first, last, last)

    def _pop(self, first: int, last: int, result: int) -> None:
        value = self.at[result]
        self.at[result] = self.at[first]
        self._sift(first, 0, last - first, value)

    def _sift(self, first: int, hole: int, size: int, value: int) -> None:
        """Down to a leaf along the larger children, then up to where the value belongs."""
        top, child = hole, hole
        while child < (size - 1) // 2:
            child = 2 * (child + 1)
            if self.less(first + child, first + child - 1):
                child -= 1
            self.at[first + hole] = self.at[first + child]
            hole = child
        if size % 2 == 0 and child == (size - 2) // 2:
            child = 2 * (child + 1)
            self.at[first + hole] = self.at[first + child - 1]
            hole = child - 1
        parent = (hole - 1) // 2
        while hole > top and self.rank[self.at[first + parent]] < self.rank[value]:
            self.at[first + hole] = self.at[first + parent]
            hole = parent
            parent = (hole - 1) // 2
        self.at[first + hole] = value


def topk(line: np.ndarray, k: int, largest: bool, in_order: bool) -> np.ndarray:
    """The positions of the `k` largest or smallest elements of a line."""
    numbers = ranks(line, largest)
    sequence = _Sequence(numbers)
    if k == 0:
        return np.zeros(0, np.int64)
    if k * 64 <= len(line):
        sequence.partial_sort(k)
    else:
        sequence.nth_element(k - 1)
        if in_order:
            sequence.sort(k - 1)
    return np.array(sequence.at[:k], np.int64)


def order(line: np.ndarray, descending: bool) -> np.ndarray:
    """The positions that put a line into order."""
    sequence = _Sequence(ranks(line, descending))
    sequence.sort(len(line))
    return np.array(sequence.at, np.int64)


def median(line: np.ndarray, skip_nan: bool) -> int:
    """The position of the lower median, the first of equals; of the first NaN, unless they are skipped."""
    nan = line != line
    if nan.any() and not skip_nan:
        return int(nan.argmax())
    count = len(line) - int(nan.sum())
    return int(np.argsort(line, kind="stable")[(max(count, 1) - 1) // 2])


def kth(line: np.ndarray, k: int) -> int:
    """The position of the k-th smallest element, counted from 0."""
    numbers = ranks(line)
    if int(numbers.max(initial=0)) == len(line) - 1:  # all differ
        return int(np.argsort(numbers)[k])
    sequence = _Sequence(numbers)
    sequence.quick_select(k)
    return sequence.at[k]


def mode(line: np.ndarray) -> int:
    """The position of the most frequent element, of the smallest such: where its run ends when sorted."""
    loose = bool((line != line).any())
    sequence = _Sequence(line if loose else ranks(line), loose)
    sequence.sort(len(line))
    best, found, count = 0, 0, 0
    for i, at in enumerate(sequence.at):
        count += 1
        last = i == len(sequence.at) - 1
        if last or line[at] != line[sequence.at[i + 1]]:
            if count > best:
                best, found = count, at
            count = 0
    return found
