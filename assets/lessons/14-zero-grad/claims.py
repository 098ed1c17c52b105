"""Who changes .grad: backward adds, step reads, zero_grad clears."""


def loss(w):
    """The loss of the lesson: (2 w - 3)²."""
    return (w * 2.0 - 3.0) ** 2


def start(torch):
    """A weight and its optimizer."""
    w = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    return w, torch.optim.SGD([w], lr=0.1)


def run(torch, clear):
    """What .grad and the weight are after each of three steps, cleared or not."""
    w, optimizer = start(torch)
    rows = []
    for _ in range(3):
        if clear:
            optimizer.zero_grad()
        loss(w).backward()
        rows.append([w.grad.item(), w.item()])
        optimizer.step()
        rows.append([w.grad.item(), w.item()])  # step has left .grad as it was
    return rows


def both_runs(torch):
    """Without zero_grad the gradients add up."""
    return [run(torch, clear=False), run(torch, clear=True)]


def none_or_zero(torch):
    """zero_grad leaves None, or zeros if it is told to; the next backward gives the same."""
    found = []
    for options in ({}, {"set_to_none": False}):
        w, optimizer = start(torch)
        loss(w).backward()
        optimizer.zero_grad(**options)
        cleared = None if w.grad is None else w.grad.item()
        loss(w).backward()
        found.append([cleared, w.item(), w.grad.item()])
    return found


def too_early(torch):
    """Cleared between backward and step, the weight never moves."""
    w, optimizer = start(torch)
    for _ in range(3):
        loss(w).backward()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()
    return w.item()


def halves(torch):
    """Two halves of a batch, one backward each, give the gradient of the whole; means count half."""
    samples = torch.linspace(-1, 2, 64, dtype=torch.float64)
    found = []
    for reduce, share in ((torch.sum, 1.0), (torch.mean, 0.5)):
        w, _ = start(torch)
        reduce((w * samples - 1) ** 2).backward()
        whole = w.grad.item()
        w.grad = None
        for half in (samples[:32], samples[32:]):
            (reduce((w * half - 1) ** 2) * share).backward()
        assert abs(whole - w.grad.item()) < 1e-12
        found.append(whole)
    return found
