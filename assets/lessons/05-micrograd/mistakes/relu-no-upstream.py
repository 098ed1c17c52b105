def relu_backward(x, upstream):
    return 1.0 if x > 0 else 0.0
