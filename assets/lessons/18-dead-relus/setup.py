import gradviz as torch
import gradviz.nn.functional as F

# One neuron with relu and four samples. The learning rate is too large.
x = torch.tensor([0.5, 1.0, 1.5, 2.0], dtype=torch.float64)
target = torch.tensor([0.2, 0.2, 0.2, 0.2], dtype=torch.float64)
w = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
b = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
for _ in range(2):
    s = w * x + b
    h = torch.relu(s)
    loss = ((h - target) ** 2).mean()
    w.grad = b.grad = None
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad

# The same dead neuron, with a leak.
v = w.detach().clone().requires_grad_()
c = b.detach().clone().requires_grad_()
m = v * x + c
k = F.leaky_relu(m, 0.1)
leaky_loss = ((k - target) ** 2).mean()
leaky_loss.backward()
