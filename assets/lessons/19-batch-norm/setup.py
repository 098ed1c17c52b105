import gradviz as torch

# Batch normalisation of one feature of four samples, step by step, without gamma and beta.
x = torch.tensor([1.0, 3.0, 4.0, 8.0], dtype=torch.float64, requires_grad=True)
G = torch.tensor([1.0, 0.0, 0.0, 2.0], dtype=torch.float64)  # will be the gradient of xhat
mean = x.mean()
centred = x - mean
variance = (centred * centred).mean()
std = torch.sqrt(variance + 1e-5)
xhat = centred / std
loss = (xhat * G).sum()
loss.backward()
