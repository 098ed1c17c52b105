def linear_weight(torch):
    """nn.Linear keeps its weight as (outputs, inputs), and its gradient has the same shape."""
    layer = torch.nn.Linear(400, 120)
    layer(torch.ones(32, 400)).sum().backward()
    return [list(layer.weight.shape), list(layer.weight.grad.shape), list(layer.bias.grad.shape)]
