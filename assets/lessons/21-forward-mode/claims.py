def both_modes(torch):
    """Forward and reverse mode give the same products of the Jacobian with a vector."""

    def function(v):
        return torch.stack([v[0] * v[1], v[0] + v[1], v[0] * v[0]])

    x = torch.tensor([2.0, 5.0], dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(function, x)
    _, forward = torch.autograd.functional.jvp(function, x, torch.tensor([1.0, 3.0], dtype=torch.float64))
    _, reverse = torch.autograd.functional.vjp(
        function, x, torch.tensor([1.0, 0.0, 2.0], dtype=torch.float64)
    )
    return [jacobian.tolist(), forward.tolist(), reverse.tolist()]


def remembers_nothing(torch):
    """Inside no_grad() a result has no graph, and so nothing that could keep the values before it."""
    a = torch.tensor(3.0, requires_grad=True)
    with torch.no_grad():
        quiet = a * a
    return [quiet.requires_grad, quiet.grad_fn is None, (a * a).grad_fn is None]
