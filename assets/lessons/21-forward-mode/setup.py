import gradviz as torch


def number(value, trained=False):
    return torch.tensor(value, dtype=torch.float64, requires_grad=trained)


a, b = number(3.0, True), number(4.0, True)

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

# Three inputs, one output: z = (u1·u2·u3)², three products. Forward mode sweeps once for each input.
u1, u2, u3 = number(2.0, True), number(0.5, True), number(3.0, True)
r = u1 * u2
s = r * u3
z = s * s
for du1, du2, du3 in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)):
    dr = (number(du1) * u2 + u1 * number(du2)).detach()
    ds = (dr * u3 + r * number(du3)).detach()
    dz = (ds * s + s * ds).detach()
z.backward()

# One input, three outputs: v², v³ and v⁶, three products again. Reverse mode sweeps once for each output.
v, dv = number(2.0, True), number(1.0)
square = v * v
dsquare = (dv * v + v * dv).detach()
cube = square * v
dcube = (dsquare * v + square * dv).detach()
sixth = cube * cube
dsixth = (dcube * cube + cube * dcube).detach()
torch.autograd.grad(square, v, retain_graph=True)
torch.autograd.grad(cube, v, retain_graph=True)
sixth.backward()
