import gradviz as torch
import gradviz.nn as nn
import gradviz.optim as optim

# A parabola, and two steps on it with each of four learning rates.
curvature = 5.0
for rate in (0.02, 0.15, 0.3, 0.5):
    w = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    optimizer = optim.SGD([w], lr=rate)
    for _ in range(2):
        optimizer.zero_grad()
        loss = curvature * w**2 / 2
        loss.backward()
        optimizer.step()

# A small network that shall learn "exclusive or", twice from the same weights.
x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
target = torch.tensor([[0.0], [1.0], [1.0], [0.0]], dtype=torch.float64)
for rate in (0.1, 0.8):
    torch.manual_seed(5)
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    optimizer = optim.SGD(net.parameters(), lr=rate)
    for _ in range(2):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), target)
        loss.backward()
        optimizer.step()
