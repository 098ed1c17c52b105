def add_backward(a, b, upstream):
    """The gradients of a and b for y = a + b."""
    return 0.0, 0.0
