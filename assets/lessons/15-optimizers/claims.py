"""Each optimizer of the lesson against its equations, written out by hand."""


def valley(torch):
    """The start and the curvatures of the lesson."""
    curvature = torch.tensor([0.5, 4.0], dtype=torch.float64)
    w = torch.tensor([3.0, 1.0], dtype=torch.float64, requires_grad=True)
    return w, curvature


def path(torch, make, steps=3):
    """Where an optimizer has been after each step."""
    w, curvature = valley(torch)
    optimizer = make([w])
    places = []
    for _ in range(steps):
        optimizer.zero_grad()
        ((curvature * w * w).sum() / 2).backward()
        optimizer.step()
        places.append(w.detach().clone())
    return places


def agrees(torch, places, direction):
    """The places, once it is clear that w ← w − 0.2 · direction(g, t) leads to them as well."""
    w, curvature = valley(torch)
    w = w.detach().clone()
    for t, place in enumerate(places, start=1):
        w = w - 0.2 * direction(curvature * w, t)
        assert (w - place).abs().max() < 1e-12
    return places


def sgd_by_hand(torch):
    """f.data.sub_(f.grad.data * learning_rate) is what SGD does."""
    w, curvature = valley(torch)
    ((curvature * w * w).sum() / 2).backward()
    for f in [w]:
        f.data.sub_(f.grad.data * 0.2)
    (place,) = path(torch, lambda params: torch.optim.SGD(params, lr=0.2), steps=1)
    assert (w.detach() == place).all()
    return place


def momentum(torch):
    """The velocity begins as the first gradient and does not contain the learning rate."""
    v = 0.0

    def direction(g, t):
        nonlocal v
        v = 0.9 * v + g
        return v

    return agrees(torch, path(torch, lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.9)), direction)


def nesterov(torch):
    """The step is g + μ v, with the velocity that already contains g."""
    v = 0.0

    def direction(g, t):
        nonlocal v
        v = 0.9 * v + g
        return g + 0.9 * v

    places = path(torch, lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.9, nesterov=True))
    return agrees(torch, places, direction)


def rmsprop(torch):
    """The mean square begins with 0 and is not corrected; ε is added to the root."""
    s = 0.0

    def direction(g, t):
        nonlocal s
        s = 0.9 * s + 0.1 * g * g
        return g / (s**0.5 + 1e-8)

    return agrees(torch, path(torch, lambda p: torch.optim.RMSprop(p, lr=0.2, alpha=0.9)), direction)


def adam(torch):
    """Both means are corrected; the defaults are β₁ = 0.9, β₂ = 0.999, ε = 1e-8."""
    m = s = 0.0

    def direction(g, t):
        nonlocal m, s
        m = 0.9 * m + 0.1 * g
        s = 0.999 * s + 0.001 * g * g
        return (m / (1 - 0.9**t)) / ((s / (1 - 0.999**t)) ** 0.5 + 1e-8)

    return agrees(torch, path(torch, lambda p: torch.optim.Adam(p, lr=0.2)), direction)


def first_step_of_adam(torch):
    """Every weight moves by the learning rate, however large its gradient."""
    start, _ = valley(torch)
    first = path(torch, lambda p: torch.optim.Adam(p, lr=0.2), steps=1)[0]
    return [round(moved, 6) for moved in (start.detach() - first).tolist()]


def momentum_buffer(torch):
    """The buffer begins as the first gradient, then fades and gets the new one, or its share of it."""
    found = {}
    for dampening in (0.0, 0.9):
        w, curvature = valley(torch)
        optimizer = torch.optim.SGD([w], lr=0.2, momentum=0.9, dampening=dampening)
        expected = None
        for _ in range(3):
            optimizer.zero_grad()
            ((curvature * w * w).sum() / 2).backward()
            g = w.grad.clone()
            expected = g if expected is None else 0.9 * expected + (1 - dampening) * g
            optimizer.step()
            assert (optimizer.state[w]["momentum_buffer"] - expected).abs().max() < 1e-12
        found[str(dampening)] = expected
    return found


def remembered(torch):
    """For each weight SGD keeps nothing, momentum and RMSProp one number, Adam two."""
    optim = torch.optim
    found = []
    for make in (
        lambda p: optim.SGD(p, lr=0.2),
        lambda p: optim.SGD(p, lr=0.2, momentum=0.9),
        lambda p: optim.RMSprop(p, lr=0.2),
        lambda p: optim.Adam(p, lr=0.2),
    ):
        w, curvature = valley(torch)
        optimizer = make([w])
        (curvature * w).sum().backward()
        optimizer.step()
        kept = optimizer.state[w].values() if w in optimizer.state else ()
        found.append(sum(getattr(each, "shape", None) == w.shape for each in kept))
    return found


def steady(torch):
    """With a steady gradient the velocity grows towards ten times the gradient, for a momentum of 0.9."""
    w = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.2, momentum=0.9)
    for _ in range(300):
        optimizer.zero_grad()
        (3.0 * w).backward()
        optimizer.step()
    return optimizer.state[w]["momentum_buffer"].item()
