def ties(torch):
    """Of equal numbers in a window the first one, row by row, gets the whole gradient of max_pool2d."""
    x = torch.full((1, 1, 2, 4), 3.0, requires_grad=True)
    torch.nn.functional.max_pool2d(x, 2).sum().backward()
    return x.grad.tolist()


def windows(torch):
    """A window moves by its own size if no stride is given, and avg_pool2d divides by its area."""
    x = torch.arange(36.0).reshape(1, 1, 6, 6)
    functional = torch.nn.functional
    return [list(functional.max_pool2d(x, 2).shape), functional.avg_pool2d(x, 3).tolist()]


def border(torch):
    """The border of max_pool2d counts as minus infinity, so that negative numbers stay negative."""
    x = torch.tensor([[[[-2.0, -3.0], [-1.0, -4.0]]]])
    return torch.nn.functional.max_pool2d(x, 2, padding=1).tolist()


def amax_shares(torch):
    """Unlike max-pooling, amax shares its gradient out among equal numbers."""
    x = torch.tensor([7.0, 7.0, 6.0, 1.0], requires_grad=True)
    x.amax(0).backward()
    return x.grad.tolist()
