def takes_logits(torch):
    """cross_entropy takes logits, stays finite for large ones, and averages."""
    logits = torch.tensor([[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]], dtype=torch.float64)
    target = torch.tensor([1, 1])
    cross_entropy, softmax = torch.nn.functional.cross_entropy, torch.nn.functional.softmax
    each = cross_entropy(logits, target, reduction="none")
    return [
        cross_entropy(logits, target).item(),
        each.mean().item(),
        cross_entropy(logits + 1000, target).item(),
        cross_entropy(softmax(logits, dim=1), target).item(),
    ]


def only_differences(torch):
    """softmax is the same for logits that are all larger, and stays finite where e to the z would not."""
    softmax = torch.nn.functional.softmax
    logits = torch.tensor([2.0, 1.0, -1.0], dtype=torch.float64)
    p = softmax(logits, dim=0)
    for shift in (100, 10000):
        assert (softmax(logits + shift, dim=0) - p).abs().max() < 1e-12
    return p


def gradient(torch):
    """The gradient of the logits is (p - y) / N."""
    logits = torch.tensor([[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]], dtype=torch.float64, requires_grad=True)
    torch.nn.functional.cross_entropy(logits, torch.tensor([1, 1])).backward()
    p = torch.nn.functional.softmax(logits.detach(), dim=1)
    y = torch.tensor([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    assert (logits.grad - (p - y) / 2).abs().max() < 1e-12
    return logits.grad
