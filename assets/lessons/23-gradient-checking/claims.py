import warnings


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


def best_step(torch):
    """Two-sided differences are most exact near the cube root of eps, one-sided near its square root."""
    at = torch.linspace(0.5, 1.5, 40, dtype=torch.float64)
    right = torch.tanh(at) + at * (1 - torch.tanh(at) ** 2)
    steps = [10 ** (-quarter / 4) for quarter in range(4, 53)]  # 0.1 to 1e-13

    def y(x):
        return torch.tanh(x) * x

    def best(slope):
        errors = [((slope(h) - right) ** 2).mean().item() for h in steps]
        return steps[errors.index(min(errors))]

    two = best(lambda h: (y(at + h) - y(at - h)) / (2 * h))
    one = best(lambda h: (y(at + h) - y(at)) / h)
    eps = 2.2e-16
    assert 0.2 < two / eps ** (1 / 3) < 5
    assert 0.2 < one / eps ** (1 / 2) < 5
    return "as expected"


def single_precision(torch):
    """gradcheck warns of float32, and does not confirm there what it confirms in float64."""
    found = []
    for dtype in (torch.float64, torch.float32):
        x = torch.tensor([0.7, -1.2], dtype=dtype, requires_grad=True)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                found.append(bool(torch.autograd.gradcheck(lambda v: (torch.tanh(v) * v).sum(), (x,))))
            except RuntimeError as error:
                found += [type(error).__name__, str(told[0].message)]
    return found
