def mul_backward(a, b, upstream):
    return upstream * a, upstream * b
