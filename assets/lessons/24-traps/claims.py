def detach_and_no_grad(torch):
    """detach() cuts a way, no_grad() records none at all."""
    w = torch.tensor(3.0, requires_grad=True)
    ((w * w).detach() * w).backward()
    with torch.no_grad():
        still = w * 2
    return [w.grad.item(), still.requires_grad, (w * w).detach().requires_grad]


def leaves(torch):
    """Only leaves keep .grad, unless retain_grad() asks for it."""
    v = torch.tensor(2.0, requires_grad=True)
    hidden, other = v * 5, v * 7
    hidden.retain_grad()
    (hidden * hidden + other).backward()
    return [v.is_leaf, hidden.is_leaf, hidden.grad.item(), v.grad.item()]


def _told(function):
    """How the fault is told, as the kind that PyTorch's is: a RuntimeError."""
    try:
        function()
    except RuntimeError:
        return "RuntimeError"
    return "no error"


def in_place(torch):
    """A value that backward needs must not be changed in place; nor a leaf that is being trained."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.exp(w)
    y.add_(1)
    leaf = torch.tensor([1.0], requires_grad=True)
    return [_told(lambda: y.sum().backward()), _told(lambda: leaf.add_(1))]


def twice(torch):
    """A second backward pass through the same graph needs retain_graph=True."""
    w = torch.tensor(3.0, requires_grad=True)
    y = w * w
    y.backward()
    first = _told(y.backward)
    z = w * w
    w.grad = None
    z.backward(retain_graph=True)
    z.backward()
    return [first, w.grad.item()]


def whole_numbers(torch):
    """Only floating point numbers have gradients."""
    return _told(lambda: torch.tensor([1, 2], requires_grad=True))
