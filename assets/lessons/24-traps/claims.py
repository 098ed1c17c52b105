import warnings


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


def no_way_back(torch):
    """What no_grad() has computed has no graph: backward reports an error."""
    w = torch.tensor(3.0, requires_grad=True)
    with torch.no_grad():
        kept = w * w
        cut = kept.detach() * w
    return [cut.requires_grad, cut.grad_fn is None, _told(cut.backward)]


def not_kept(torch):
    """Without retain_grad() the .grad of a result is None, and reading it warns."""
    v = torch.tensor(2.0, requires_grad=True)
    hidden = v * 5
    (hidden * hidden).backward()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = hidden.grad
    return [found is None, len(told), told[0].category.__name__]


def weights(torch):
    """A leaf is updated inside no_grad() only; .data works as well, and is not counted."""

    def lowered(w):
        w -= 0.1 * w.grad

    def trained():
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        (w * w).sum().backward()
        return w

    outside, inside, data = trained(), trained(), trained()
    told = _told(lambda: lowered(outside))
    with torch.no_grad():
        lowered(inside)
    data.data -= 0.1 * data.grad
    y = torch.exp(data)
    y.data.add_(1)  # backward needs it, and does not see this
    return [told, inside.tolist(), data.tolist(), inside.requires_grad, _told(y.sum().backward)]


def no_derivative(torch):
    """The results of argmax and of comparisons need no gradient, without an error."""
    x = torch.tensor([1.0, 3.0, 2.0], requires_grad=True)
    return [x.argmax().requires_grad, (x > 2).requires_grad, (x > 2).dtype == torch.bool]


def a_new_tensor(torch):
    """y = y + 1 makes a new tensor, so that the gradient is right."""
    w = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = torch.exp(w)
    y = y + 1
    y.sum().backward()
    return w.grad


def optimizers_may(torch):
    """An optimizer changes a leaf in place, which stays a leaf and is trained on."""
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    same = w
    for _ in range(2):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    return [w.tolist(), w is same, w.is_leaf, w.requires_grad]
