import math


def tanh_backward(x, upstream):
    """The gradient of x for y = tanh(x)."""
    y = math.tanh(x)
    return 0.0 * y
