import gradviz as torch

# y = tanh(x)·x at one place, once in double and once in single precision.
x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
t = torch.tanh(x)
y = t * x
y.backward()

s = torch.tensor(0.7, dtype=torch.float32, requires_grad=True)
r = torch.tanh(s)
z = r * s
z.backward()

# A kink: relu at 0.
k = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
a = torch.relu(k)
b = 3 * a
b.backward()
