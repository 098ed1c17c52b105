import gradviz as torch
import gradviz.nn.functional as F

G = torch.tensor([[[[2.0, -1.0], [3.0, 0.5]]]])  # will be the gradient of the output

# Max-pooling: of each 2 x 2 window the largest.
x = torch.tensor(
    [[[[1.0, 5.0, 2.0, -1.0], [3.0, 0.0, 4.0, 2.0], [-2.0, -3.0, 7.0, 7.0], [-1.0, -4.0, 6.0, 1.0]]]],
    requires_grad=True,
)
top = F.max_pool2d(x, 2)
weighted = top * G
loss = weighted.sum()
loss.backward()

# Average-pooling: of each window the mean.
u = x.detach().clone().requires_grad_()
mean = F.avg_pool2d(u, 2)
shared = mean * G
total = shared.sum()
total.backward()
