import gradviz as torch

# Every operation of the engine that you write: +, ×, tanh and relu, and values that are used twice.
a = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
b = torch.tensor(-0.5, dtype=torch.float64, requires_grad=True)
p = a * b
s = p + a
t = torch.tanh(s)
r = torch.relu(s)
y = t * r
y.backward()
