def add_backward(a, b, upstream):
    return 1.0, 1.0
