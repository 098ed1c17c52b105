"""What machine code must know of Python's objects to make a tensor: a table of addresses and places."""

(
    NONE,
    TRUE,
    TENSOR,
    TYPE_AT,
    TAPE_AT,
    ROW_AT,
    WANTS_GRAD_AT,
    ADDRESS_AT,
    GRAD_ENABLED,
    RECORDER,
    ORIGIN,
    MODULE_NAME,
    PHASE_NAME,
    INFERRING,
    EVER,
    SEQUENCE,
    OBJECTS,
) = range(17)
"""Addresses of objects; what ends in AT is a place in an object, counted in words: its type, and slots of
`Tensor` (tape, row, requires_grad) and of `Tape` (address). Then keys of the thread's state, the state of
`inferring` with a key of it, and the iterator that numbers nodes."""
