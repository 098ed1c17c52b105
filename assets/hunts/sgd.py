import gradviz as torch

# A line through points, fitted by gradient descent with momentum and weight decay, all written out.
inputs = torch.tensor([[1.0, 2.0], [0.5, -1.0], [-1.5, 1.0], [2.0, 0.5], [-0.5, -2.0], [1.5, -1.5]])
targets = torch.tensor([3.0, -0.5, -1.0, 2.5, -2.0, 0.5])
w = torch.tensor([0.5, -0.25], requires_grad=True)
velocity = torch.zeros(2)

for i in range(3):
    x = inputs[2 * i : 2 * i + 2]
    t = targets[2 * i : 2 * i + 2]
    y = x @ w
    error = y - t
    loss = (error * error).mean()
    w.grad = None
    loss.backward()
    with torch.no_grad():
        step = w.grad + 0.1 * w
        velocity = 0.9 * velocity + step
        w -= 0.05 * velocity
