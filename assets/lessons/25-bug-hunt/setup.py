import gradviz as torch


class Softplus(torch.autograd.Function):  # ln(1 + eʰ), with a backward rule written by hand
    @staticmethod
    def forward(ctx, h):
        ctx.save_for_backward(h)
        return torch.log(1 + torch.exp(h))

    @staticmethod
    def backward(ctx, upstream):
        (h,) = ctx.saved_tensors
        return torch.sigmoid(h)


x, target = torch.tensor(1.5, dtype=torch.float64), torch.tensor(0.5, dtype=torch.float64)
w1 = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
w2 = torch.tensor(-1.2, dtype=torch.float64, requires_grad=True)
for _ in range(3):
    h = w1 * x
    a = Softplus.apply(h)
    y = w2 * a
    error = y - target
    loss = error * error
    loss.backward()
    with torch.no_grad():
        w1 -= 0.05 * w1.grad
        w2 -= 0.05 * w2.grad
