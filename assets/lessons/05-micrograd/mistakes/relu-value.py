def relu_backward(x, upstream):
    return upstream * max(x, 0.0)
