"""How a tape lies in memory: a head, rows of eight words, and the values of the rows."""

ADD, SUB, MUL, DIV, SUM, MEAN, CONSTANT, LEAF, LINK = range(9)
"""What a row is: an op, or a value from outside (without a gradient, with one), or one of an older tape.
A sum or mean is of all elements of one row, and has one element; no row of the same tape is made of it."""
KIND, LEFT, RIGHT, NUMBER, PLACE, AT, WANTS, FREED = range(8)
"""The words of a row; WANTS has a bit for each input that gradients flow to. In rows of values from outside
LEFT is where they lie, or 0 where they cannot change, RIGHT the row from outside before (-1: none), and WANTS
marks those that backward has to look at."""
COUNT, CAPACITY, SIZE, HERE, SINGLE, VALUES, THREAD, STATE, CODE, MODULE, PHASE, OUTSIDE, NUMBERS = range(13)
"""The words of the head: rows taken, rows there are, elements of a value, the present place, whether numbers
are single, where the values begin (in bytes), the thread that may write, its state (a dict), and what the
present place is made of; the youngest row from outside; then the numbers that code has used first, each with
its row. Objects are addresses.
"""
NUMBERS_KEPT = 4
WORDS = 8
HEAD = NUMBERS + 2 * NUMBERS_KEPT
FULL, UNWANTED, AGAIN, ELSEWHERE = -1, -2, -3, -4
"""What takes the place of a row's number when there is none."""
