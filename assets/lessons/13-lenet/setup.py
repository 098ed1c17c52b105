import gradviz as torch
import gradviz.nn as nn
import gradviz.optim as optim
from gradviz.data import digits
from gradviz.models import LeNet

torch.manual_seed(3)  # the same random weights every time

data = digits()  # 1,797 handwritten digits of 8×8 pixels, enlarged to the 32×32 that LeNet expects
image = torch.from_numpy(data.inputs[3:4])
target = torch.from_numpy(data.targets[3:4])

net = LeNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.01)

for _ in range(2):
    optimizer.zero_grad()
    output = net(image)
    loss = criterion(output, target)
    loss.backward()
    optimizer.step()
