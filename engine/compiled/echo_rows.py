"""The memory that tells machine code which calls a round of training foresees: words, by their numbers.

It begins with the function that does what is unusual and its first argument; then come objects, places in
them (see `slots`) and what changes as the round goes on. From STEPS on there is a word for each entry of the
trace: where the row of the call that begins with it lies, NOTHING or UNSEEN. A row is followed by its lists.
"""

NOTHING, UNSEEN = 0, 1
"""No call of a layer begins there, or one that only Python can match."""

(
    STAND_IN,
    RECEIVER,
    NONE,
    NOT_IMPLEMENTED,
    TENSOR,
    NODE,
    TYPE_AT,
    NODE_AT,
    WANTS_AT,
    TAPE_AT,
    LATE_AT,
    ROW_AT,
    OF_AT,
    STORAGE_AT,
    SPEC_AT,
    OP_AT,
    INFERENCE_AT,
    ARRAY_AT,
    STATE,
    RECORDER,
    ORIGIN,
    GRAD_ENABLED,
    INFERRING,
    THREADS,
    ZERO,
    FALSE,
    STRIDES,
    ITEM,
    SEQUENCE,
    FIRST,
    HIDDEN,
    CURSOR,
    ROUND,
    NODES,
    NUMBERS,
    VIEWS,
    HANDLES,
    VALUES,
    TAKEN,
    STEPS,
) = range(40)
"""Addresses of objects; what ends in AT is a slot of `Tensor` or `Node`, counted in words. STATE and
INFERRING are dictionaries, after which come their keys. FIRST is the place of the first result, HIDDEN the
tensor that stands for results that nobody sees, CURSOR the entry that comes next. From ROUND on they are the
round's."""

(
    CALLED,
    STOP,
    TENSORS,
    SETTINGS,
    READS,
    WANTS,
    GRADS,
    SHOWN,
    BOUNDS,
    SIZE,
    ATTRIBUTES,
    EMPTIES,
    PARTS,
    ROW,
) = range(14)
"""A row: what is called, the entry after it, how many of its arguments are tensors and how many settings, how
many values are read, whether the result requires a gradient and gradients were on (True or False), the number
of the result that it is a view of, or -1; how many values have bounds; how many attributes the layer has, or
-1 for a function, and how many of them are compared, are empty tables, are parameters or buffers.

Its lists: settings; values (see READ); values with bounds (place, bound); attributes (key, value); empty
tables (key); parameters and buffers (key of the table, key, tensor or None)."""

READ, PAIR = 5, 2
"""Words for each value that is read (a tensor, or 0 for an argument; its place; whether it requires a
gradient; the spec and the strides that a new value may have, or 0), and for what has a key."""
