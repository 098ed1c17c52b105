"""SGD on a parabola, below, at and above the critical learning rate."""


def critical_rate(torch):
    """Below 2 / c the weight shrinks, at 2 / c it jumps to and fro, above it grows."""
    found = {}
    for rate in (0.39, 0.4, 0.41):
        w = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=rate)
        for _ in range(20):
            optimizer.zero_grad()
            (5.0 * w**2 / 2).backward()
            optimizer.step()
        size = abs(w.item())
        grown = "same" if abs(size - 2.0) < 1e-9 else "larger" if size > 2.0 else "smaller"
        found[str(rate)] = {"size": size, "than at first": grown}
    return found
