def mul_backward(a, b, upstream):
    return upstream * b, upstream * a
