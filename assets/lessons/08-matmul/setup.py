import gradviz as torch

# C = A B, and a loss that weights each element of C: its gradient with respect to C is G.
A = torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]], requires_grad=True)
B = torch.tensor([[2.0, -1.0, 0.0, 1.0], [1.0, 3.0, -2.0, 0.0], [-2.0, 5.0, 1.0, 4.0]], requires_grad=True)
G = torch.tensor([[1.0, -2.0, 0.5, 0.0], [3.0, 1.0, -1.0, 2.0]])
C = A @ B
weighted = C * G
loss = weighted.sum()
loss.backward()
