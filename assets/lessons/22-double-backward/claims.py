def hessian(torch):
    """create_graph makes gradients that can be differentiated again; without it they cannot."""
    x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    f = x * x * y + y * y * y
    first = torch.autograd.grad(f, (x, y), create_graph=True)
    rows = [torch.autograd.grad(g, (x, y), retain_graph=True) for g in first]
    plain = torch.autograd.grad(f, (x, y), retain_graph=True)
    return [[[each.item() for each in row] for row in rows], [g.requires_grad for g in plain]]
