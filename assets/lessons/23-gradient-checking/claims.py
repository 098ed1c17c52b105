def kink(torch):
    """relu's gradient at 0 is 0, and abs's as well."""
    found = []
    for function in (torch.relu, torch.abs):
        x = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
        function(x).backward()
        found.append(x.grad.item())
    return found


def checker(torch):
    """gradcheck accepts a right gradient in double precision."""
    x = torch.tensor([0.7, -1.2], dtype=torch.float64, requires_grad=True)
    return bool(torch.autograd.gradcheck(lambda v: (torch.tanh(v) * v).sum(), (x,)))
