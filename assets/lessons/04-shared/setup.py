import gradviz as torch

# One number takes three ways to the result: y = 3·a + a·a.
for place in (4.0, -1.5):
    a = torch.tensor(place, dtype=torch.float64, requires_grad=True)
    left = 3 * a
    right = a * a
    y = left + right
    y.backward()
