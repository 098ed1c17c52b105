import gradviz as torch

# A neuron with a gate: z is used twice.
x = torch.tensor(1.5)
w = torch.tensor(-0.8, requires_grad=True)
b = torch.tensor(0.3, requires_grad=True)
target = torch.tensor(0.7)

p = w * x
z = p + b
t = torch.tanh(z)
y = t * z
error = target - y
loss = error * error

loss.backward()
