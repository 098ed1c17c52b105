def hessian(torch):
    """create_graph makes gradients that can be differentiated again; without it they cannot."""
    x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    f = x * x * y + y * y * y
    first = torch.autograd.grad(f, (x, y), create_graph=True)
    rows = [torch.autograd.grad(g, (x, y), retain_graph=True) for g in first]
    plain = torch.autograd.grad(f, (x, y), retain_graph=True)
    return [[[each.item() for each in row] for row in rows], [g.requires_grad for g in plain]]


def product(torch):
    """The Hessian times a vector, by two backward passes and by PyTorch's own function for it."""

    def function(x, y):
        return x * x * y + y * y * y

    x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    fx, fy = torch.autograd.grad(function(x, y), (x, y), create_graph=True)
    by_hand = torch.autograd.grad(fx * 1.0 + fy * 2.0, (x, y))
    v = (torch.tensor(1.0, dtype=torch.float64), torch.tensor(2.0, dtype=torch.float64))
    _, ready = torch.autograd.functional.hvp(function, (x.detach(), y.detach()), v)
    return [[each.item() for each in by_hand], [each.item() for each in ready]]
