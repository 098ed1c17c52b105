def order(value, inputs):
    """All values that `value` is made of, and itself: each once, and after its inputs.

    `inputs` says for each value what it was computed from, such as {"y": ["t", "r"], "t": ["s"]}; a value
    that was not computed is not in it.
    """
    return [value]
