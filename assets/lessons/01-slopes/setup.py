import gradviz as torch

# One number goes in, one number comes out: y = x·x − 4·x, at three places.
# In double precision, so that even a very small nudge can be seen.
for place in (3.0, 1.0, 2.0):
    x = torch.tensor(place, dtype=torch.float64, requires_grad=True)
    square = x * x
    shift = 4 * x
    y = square - shift
    y.backward()
