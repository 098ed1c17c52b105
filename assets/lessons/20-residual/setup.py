import gradviz as torch

# Four layers, each tanh(0.5·h), one after the other.
x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
p1 = torch.tanh(0.5 * x)
p2 = torch.tanh(0.5 * p1)
p3 = torch.tanh(0.5 * p2)
p4 = torch.tanh(0.5 * p3)
p4.backward()

# The same layers, each added to what goes past it.
z = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
t1 = torch.tanh(0.5 * z)
r1 = z + t1
t2 = torch.tanh(0.5 * r1)
r2 = r1 + t2
t3 = torch.tanh(0.5 * r2)
r3 = r2 + t3
t4 = torch.tanh(0.5 * r3)
r4 = r3 + t4
r4.backward()
