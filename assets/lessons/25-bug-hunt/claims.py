def nobody_notices(torch):
    """A backward rule is used as it is written; gradients are added up until they are cleared."""

    class Softplus(torch.autograd.Function):
        @staticmethod
        def forward(ctx, h):
            ctx.save_for_backward(h)
            return torch.log(1 + torch.exp(h))

        @staticmethod
        def backward(ctx, upstream):
            (h,) = ctx.saved_tensors
            return torch.sigmoid(h)

    w = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
    found = []
    for _ in range(2):
        (Softplus.apply(w * 1.5) * 3).backward()
        found.append(w.grad.item())
    return found


def update_in_no_grad(torch):
    """Without no_grad() the update itself would be recorded, and is refused."""
    w = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
    (w * w).backward()
    try:
        w -= 0.05 * w.grad
        told = "no error"
    except RuntimeError:
        told = "RuntimeError"
    with torch.no_grad():
        w -= 0.05 * w.grad
    return [told, w.item(), w.is_leaf]
