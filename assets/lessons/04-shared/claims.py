def accumulates(torch):
    """A value that is used in three places gets the sum of three contributions."""
    a = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)
    (3 * a + a * a).backward()
    return a.grad.item()
