import gradviz as torch

# A price, a count, and what they make together.
price = torch.tensor(3.0, requires_grad=True)
count = torch.tensor(5.0)

total = price * count
loss = total - 20

loss.backward()
