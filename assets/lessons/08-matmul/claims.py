def linear_weight(torch):
    """nn.Linear keeps a weight as (outputs, inputs), computes x Wᵀ + b, and its gradient adds samples up."""
    layer = torch.nn.Linear(400, 120)
    x = torch.linspace(-1, 1, 32 * 400).reshape(32, 400)
    y = layer(x)
    y.sum().backward()
    by_hand = x @ layer.weight.T + layer.bias
    summed = sum(torch.ones(120, 1) @ sample.reshape(1, 400) for sample in x)  # over all samples
    assert (y - by_hand).abs().max() < 1e-4
    assert (layer.weight.grad - summed).abs().max() < 1e-4
    return [list(layer.weight.shape), list(layer.weight.grad.shape), list(layer.bias.grad.shape)]
