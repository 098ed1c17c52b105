import gradviz as torch
import gradviz.nn.functional as F

# A 4 x 4 picture and a 3 x 3 kernel; G will be the gradient of the output.
picture = [[[[1.0, 0.0, 2.0, -1.0], [3.0, 1.0, 0.0, 2.0], [0.0, -2.0, 1.0, 1.0], [2.0, 1.0, -1.0, 0.0]]]]
kernel = [[[[2.0, 0.0, -1.0], [2.0, 3.0, 0.0], [0.0, -1.0, 1.0]]]]
x = torch.tensor(picture, requires_grad=True)
w = torch.tensor(kernel, requires_grad=True)
G = torch.tensor([[[[1.0, -2.0], [0.5, 4.0]]]])
y = F.conv2d(x, w)
weighted = y * G
loss = weighted.sum()
loss.backward()

# The same with a border of zeros, and in steps of two.
same = torch.tensor(picture)
v = torch.tensor(kernel, requires_grad=True)
z = F.conv2d(same, v, stride=2, padding=1)
total = z.sum()
total.backward()
