import gradviz as torch

# Batch normalisation, written out, on the outputs of a linear layer.
torch.manual_seed(5)
x = torch.randn(5, 2)
target = torch.randn(5, 3)
w = torch.randn(2, 3, requires_grad=True)

z = x @ w
mu = z.mean(0)
centred = z - mu
variance = (centred**2).mean(0)
scale = torch.sqrt(variance + 0.1)
n = centred / scale
fit = n * target
loss = torch.exp(-fit.sum() / 10)

loss.backward()
