import gradviz as torch

# A 2 x 3 tensor plus a row of three: the row is used for every line.
numbers = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
x = torch.tensor(numbers, requires_grad=True)
b = torch.tensor([10.0, 20.0, 30.0], requires_grad=True)
y = x + b
G = torch.tensor([[1.0, -1.0, 2.0], [3.0, 0.5, -4.0]])
weighted = y * G
loss = weighted.sum()
loss.backward()

# A product with a row and a number.
c = torch.tensor([2.0, -1.0, 0.5], requires_grad=True)
s = torch.tensor(3.0, requires_grad=True)
data = torch.tensor(numbers)
z = data * c * s
total = z.sum()
total.backward()

# dot and matmul.
u = torch.tensor([1.0, 2.0, 3.0])
v = torch.tensor([4.0, 5.0, 6.0], requires_grad=True)
products = u * v
inner = torch.dot(u, v)
rows = torch.matmul(data, v)
both = inner + rows.sum()
both.backward()
