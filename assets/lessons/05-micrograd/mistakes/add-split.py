def add_backward(a, b, upstream):
    return upstream / 2, upstream / 2
