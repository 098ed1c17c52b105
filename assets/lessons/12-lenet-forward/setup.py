import gradviz as torch
from gradviz.data import digits
from gradviz.models import LeNet

torch.manual_seed(3)  # the same random weights every time

data = digits()  # 1,797 handwritten digits of 8×8 pixels, enlarged to the 32×32 that LeNet expects
image = torch.from_numpy(data.inputs[3:4])

net = LeNet()
output = net(image)
