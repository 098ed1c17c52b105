import gradviz as torch

# Three operations, one after the other: u = 3·x, v = u − 4, y = v².
for place in (3.0, 1.0):
    x = torch.tensor(place, dtype=torch.float64, requires_grad=True)
    u = 3 * x
    v = u - 4
    y = v**2
    y.backward()
