"""What the lesson says of gradients that nobody asked for, and of those of the logits."""


def nobody_asked(torch):
    """An image that requires no gradient gets none; one that does gets one that is not zero."""
    conv = torch.nn.Conv2d(1, 6, 5)
    silent, asked = torch.ones(1, 1, 8, 8), torch.ones(1, 1, 8, 8).requires_grad_()
    for image in (silent, asked):
        conv(image).sum().backward()
    assert silent.grad is None
    assert asked.grad.abs().max() > 0
    return [list(asked.grad.shape), list(conv.weight.grad.shape)]


def p_minus_y(torch):
    """The gradients of the logits of one image are p - y and add up to 0."""
    logits = torch.linspace(-0.1, 0.1, 10).reshape(1, 10).requires_grad_()
    torch.nn.CrossEntropyLoss()(logits, torch.tensor([3])).backward()
    p = torch.nn.functional.softmax(logits.detach(), dim=1)
    y = torch.tensor([[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    assert (logits.grad - (p - y)).abs().max() < 1e-6
    assert logits.grad.sum().abs() < 1e-6
    return logits.grad
