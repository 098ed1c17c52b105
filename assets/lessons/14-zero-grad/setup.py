import gradviz as torch
import gradviz.optim as optim

# The smallest model there is: y = w · x. The best weight is 1.5, because 1.5 · 2 = 3.
x = torch.tensor(2.0)
target = torch.tensor(3.0)

# Run A: somebody forgot to call zero_grad().
w = torch.tensor(0.5, requires_grad=True)
optimizer = optim.SGD([w], lr=0.1)
for _ in range(3):
    y = w * x
    error = y - target
    loss = error * error
    loss.backward()
    optimizer.step()

# Run B: the same from the beginning, with zero_grad().
v = torch.tensor(0.5, requires_grad=True)
optimizer = optim.SGD([v], lr=0.1)
for _ in range(3):
    optimizer.zero_grad(set_to_none=False)  # fill .grad with zeros, so that it can be seen
    y = v * x
    error = y - target
    loss = error * error
    loss.backward()
    optimizer.step()
