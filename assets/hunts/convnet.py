import gradviz as torch
import gradviz.nn.functional as F

# Two convolutions; one half of the network looks at the largest number of a window, the other at the average.
torch.manual_seed(3)
image = torch.randn(1, 1, 6, 6)
k1 = torch.randn(2, 1, 3, 3, requires_grad=True)
k2 = torch.randn(2, 2, 3, 3, requires_grad=True)

c1 = F.conv2d(image, k1)
r = F.leaky_relu(c1, 0.1)
c2 = F.conv2d(r, k2, padding=1)
top = F.max_pool2d(c2, 2)
middle = F.avg_pool2d(c1, 2)
both = top * middle
loss = both.mean()

loss.backward()
