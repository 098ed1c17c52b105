import gradviz as torch


def number(value, trained=True):
    return torch.tensor(value, dtype=torch.float64, requires_grad=trained)


# Two inputs, two hidden neurons with relu, one output: nine weights, each a number of its own.
w11, w12, b1 = number(1.0), number(0.5), number(0.0)
w21, w22, b2 = number(-1.0), number(1.0), number(0.5)
v1, v2, c = number(1.0), number(-1.0), number(0.4)

# Three points of the two moons; t is -1 for the upper moon and 1 for the lower one.
for place in ((0.0, 1.0, -1.0), (1.0, -0.5, 1.0), (2.0, 0.4, 1.0)):
    x1, x2, t = (number(each, trained=False) for each in place)
    s1 = w11 * x1 + w12 * x2 + b1
    h1 = torch.relu(s1)
    s2 = w21 * x1 + w22 * x2 + b2
    h2 = torch.relu(s2)
    score = v1 * h1 + v2 * h2 + c
    margin = t * score
    loss = torch.relu(1 - margin)
    for each in (w11, w12, b1, w21, w22, b2, v1, v2, c):
        each.grad = None
    loss.backward()
    with torch.no_grad():
        for each in (w11, w12, b1, w21, w22, b2, v1, v2, c):
            each -= 0.1 * each.grad
