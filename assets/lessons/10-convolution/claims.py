def sizes(torch):
    """conv2d rounds the output size down and does not turn the kernel round."""
    conv2d = torch.nn.functional.conv2d
    x, w = torch.arange(49.0).reshape(1, 1, 7, 7), torch.arange(9.0).reshape(1, 1, 3, 3)
    return [
        list(conv2d(x, w, stride=2).shape),
        list(conv2d(x[..., :6, :6], w, stride=2).shape),
        list(conv2d(x, w, padding=1).shape),
        conv2d(x, w)[0, 0, 0, 0].item(),
    ]


def gradients(torch):
    """Both gradients are convolutions: of the picture with G, and of G with the kernel turned round.

    In steps of two, G is spread out by zeros first.
    """
    conv2d = torch.nn.functional.conv2d
    x = (torch.arange(25.0).reshape(1, 1, 5, 5) - 12).requires_grad_()
    w = torch.tensor([[[[2.0, 0.0, -1.0], [2.0, 3.0, 0.0], [0.0, -1.0, 1.0]]]], requires_grad=True)
    G = torch.tensor([[[[1.0, -2.0], [0.5, 4.0]]]])
    (conv2d(x, w, stride=2) * G).sum().backward()
    spread = torch.zeros(1, 1, 3, 3)
    spread[:, :, ::2, ::2] = G
    with torch.no_grad():
        assert torch.equal(w.grad, conv2d(x, spread))
        assert torch.equal(x.grad, conv2d(spread, torch.flip(w, (2, 3)), padding=2))
    return [w.grad, x.grad]
