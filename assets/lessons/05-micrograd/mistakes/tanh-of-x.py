def tanh_backward(x, upstream):
    return upstream * (1 - x * x)
