import gradviz as torch


def number(value):
    return torch.tensor(value, dtype=torch.float64)


a = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
b = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)

# Forward mode by hand: beside each value how fast it changes with a.
da, db = number(1.0), number(0.0)
p = a * b
dp = (da * b + a * db).detach()
q = p + a
dq = (dp + da).detach()
y = q * q
dy = (2 * q * dq).detach()

# Reverse mode: everything at once.
y.backward()
