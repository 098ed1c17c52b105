"""How a tape lies in memory: a head, rows of eight words, and the values of the rows."""

ADD, SUB, MUL, DIV, CONSTANT, LEAF, LINK = range(7)
"""What a row is: an op, or a value from outside (without a gradient, with one), or one of an older tape."""
KIND, LEFT, RIGHT, NUMBER, PLACE, AT, WANTS, FREED = range(8)
"""The words of a row; WANTS has a bit for each input that gradients flow to."""
COUNT, CAPACITY, SIZE, HERE, SINGLE, VALUES, THREAD, STATE, CODE, MODULE, PHASE, NUMBERS = range(12)
"""The words of the head: rows taken, rows there are, elements of a value, the present place, whether numbers
are single, where the values begin (in bytes), the thread that may write, its state (a dict), and what the
present place is made of; then the numbers that code has used last, each with its row. Objects are addresses.
"""
NUMBERS_KEPT = 4
WORDS = 8
HEAD = NUMBERS + 2 * NUMBERS_KEPT
FULL, UNWANTED, AGAIN = -1, -2, -3
"""What takes the place of a row's number when there is none."""
