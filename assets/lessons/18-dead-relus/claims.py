def slopes(torch):
    """relu has the slope 0 for negative numbers and at 0, leaky_relu 0.01 if nothing else is said."""
    found = []
    for function in (torch.relu, torch.nn.functional.leaky_relu, torch.nn.functional.gelu):
        x = torch.tensor([-2.0, 3.0], dtype=torch.float64, requires_grad=True)
        function(x).sum().backward()
        found.append(x.grad.tolist())
    return found
