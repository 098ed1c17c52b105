import gradviz as torch

# One neuron: two inputs, two weights, a bias and tanh.
x1 = torch.tensor(2.0)
x2 = torch.tensor(-1.0)
w1 = torch.tensor(0.5, requires_grad=True)
w2 = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(0.25, requires_grad=True)
target = torch.tensor(1.0)

p1 = w1 * x1
p2 = w2 * x2
s = p1 + p2
z = s + b
y = torch.tanh(z)
error = y - target
loss = error * error

loss.backward()

learning_rate = 0.1
with torch.no_grad():
    w1 -= learning_rate * w1.grad
    w2 -= learning_rate * w2.grad
    b -= learning_rate * b.grad
