import gradviz as torch

# A small logistic regression, trained by Adam, all written out.
inputs = torch.tensor([[1.0, 2.0], [0.5, -1.0], [-1.5, 1.0], [2.0, 0.5], [-0.5, -2.0], [1.5, -1.5]])
labels = torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 1.0])
w = torch.tensor([0.5, -0.25], requires_grad=True)
m = torch.zeros(2)
v = torch.zeros(2)

for i in range(3):
    x = inputs[2 * i : 2 * i + 2]
    t = labels[2 * i : 2 * i + 2]
    p = torch.sigmoid(x @ w)
    loss = -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()
    w.grad = None
    loss.backward()
    with torch.no_grad():
        g = w.grad.clone()
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g * g
        m_hat = m / (1 - 0.9 ** (i + 1))
        v_hat = v / (1 - 0.99 ** (i + 1))
        w -= 0.1 * m_hat / (torch.sqrt(v_hat) + 1e-8)
