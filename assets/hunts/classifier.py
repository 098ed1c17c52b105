import gradviz as torch
import gradviz.nn.functional as F

# A classifier with two hidden layers and three classes.
torch.manual_seed(4)
x = torch.randn(4, 3)
labels = torch.tensor([0, 2, 1, 2])
w1 = torch.randn(3, 3, requires_grad=True)
b1 = torch.randn(3, requires_grad=True)
w2 = torch.randn(3, 3, requires_grad=True)
b2 = torch.randn(3, requires_grad=True)
w3 = torch.randn(3, 3, requires_grad=True)

h1 = torch.relu(x @ w1 + b1)
h2 = torch.sigmoid(h1 @ w2 + b2)
z = h2 @ w3
logp = F.log_softmax(z, dim=1)
loss = F.nll_loss(logp, labels)

loss.backward()
