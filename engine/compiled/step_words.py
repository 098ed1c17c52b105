"""The memory that tells machine code how a round of training ends: words, by their numbers."""

(
    STAND_IN,
    RECEIVER,
    NONE,
    TRUE,
    FALSE,
    ZERO,
    ECHO_NODE,
    SEQUENCE,
    NODE_AT,
    WANTS_AT,
    TAPE_AT,
    STORAGE_AT,
    GRAD_AT,
    LATE_AT,
    SPEC_AT,
    OP_AT,
    OWNER_AT,
    HOOKS_AT,
    REQUIRES_AT,
    REPLACED_AT,
    NUMBER_AT,
    FORM_AT,
    SOURCE_AT,
    PARAMS,
    KNOWN,
    FORMS,
    VALUES,
    WORDS,
) = range(28)
"""The first two are 0, as nothing stands in. Then come addresses of objects; what ends in AT is a slot of
`Tensor`, `Node` or `EchoNode`, counted in words. PARAMS is how many parameters there are. KNOWN, FORMS and
VALUES are lists: the nodes that the executor knows the values of, by number, the forms of new ones, and the
nodes that the present round has read, by place."""
