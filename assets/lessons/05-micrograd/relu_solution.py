def relu_backward(x, upstream):
    return upstream if x > 0 else 0.0
