def gate(torch):
    """relu passes no gradient on where its input is negative, and none at 0."""
    found = []
    for value in (-0.95, 0.0, 0.7):
        x = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        torch.relu(x).backward()
        found.append(x.grad.item())
    return found
