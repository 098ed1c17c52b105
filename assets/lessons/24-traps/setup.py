import gradviz as torch

# One weight used twice, once behind detach().
w = torch.tensor(3.0, requires_grad=True)
kept = w * w
cut = kept.detach() * w
cut.backward()

# A result that is not a leaf.
v = torch.tensor(2.0, requires_grad=True)
hidden = v * 5
hidden.retain_grad()
out = hidden * hidden
out.backward()
