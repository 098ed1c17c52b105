import gradviz as torch

# f(x, y) = x²·y + y³, its gradient, and then the gradient of the gradient.
x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
y = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
f = x * x * y + y * y * y
fx, fy = torch.autograd.grad(f, (x, y), create_graph=True)

# Each element of the gradient is differentiated again: the rows of the Hessian.
fxx, fxy = torch.autograd.grad(fx, (x, y), retain_graph=True)
fyx, fyy = torch.autograd.grad(fy, (x, y), retain_graph=True)

# The Hessian times a vector (1, 2), without the Hessian.
slope = fx * 1.0 + fy * 2.0
hx, hy = torch.autograd.grad(slope, (x, y))
