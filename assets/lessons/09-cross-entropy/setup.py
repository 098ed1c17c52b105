import gradviz as torch
import gradviz.nn.functional as F

# Three logits for one sample; class 1 would be right.
logits = torch.tensor([[2.0, 1.0, -1.0]], dtype=torch.float64, requires_grad=True)
target = torch.tensor([1])
p = F.softmax(logits, dim=1)  # only to be looked at: cross_entropy computes it by itself
loss = F.cross_entropy(logits, target)
loss.backward()

# Two samples at once.
both = torch.tensor([[2.0, 1.0, -1.0], [0.0, 3.0, 1.0]], dtype=torch.float64, requires_grad=True)
targets = torch.tensor([1, 1])
mean_loss = F.cross_entropy(both, targets)
mean_loss.backward()
