def add_backward(a, b, upstream):
    return upstream, upstream
