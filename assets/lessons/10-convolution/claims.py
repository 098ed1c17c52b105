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
