import gradviz as torch
import gradviz.nn as nn
import gradviz.optim as optim
from gradviz.data import digits
from gradviz.models import LeNet

torch.manual_seed(3)

data = digits()  # 1,797 digits, 8×8 pixels each, enlarged to the 32×32 that LeNet expects
image = torch.from_numpy(data.inputs[:1])
target = torch.from_numpy(data.targets[:1])

net = LeNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.01)

optimizer.zero_grad()
output = net(image)
loss = criterion(output, target)
loss.backward()
optimizer.step()
