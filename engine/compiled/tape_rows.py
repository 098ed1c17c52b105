"""How a tape lies in memory: a head of eight words, rows of eight words, and the values of the rows."""

ADD, SUB, MUL, DIV, CONSTANT, LEAF, LINK = range(7)
"""What a row is: an op, or a value from outside (without a gradient, with one), or one of an older tape."""
KIND, LEFT, RIGHT, NUMBER, PLACE, AT, WANTS, FREED = range(8)
"""The words of a row; WANTS has a bit for each input that gradients flow to."""
COUNT, CAPACITY, SIZE, HERE, SINGLE, VALUES = range(6)
"""The words of the head: rows taken, rows there are, elements of a value, the present place, whether numbers
are single, and where the values begin (in bytes)."""
WORDS = 8
FULL, UNWANTED, AGAIN = -1, -2, -3
"""What takes the place of a row's number when there is none."""
