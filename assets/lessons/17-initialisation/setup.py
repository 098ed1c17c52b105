import gradviz as torch


def weight(spread):
    """64 x 64 random weights of this spread."""
    return torch.normal(0.0, spread, (64, 64), dtype=torch.float64, requires_grad=True)


# Four linear layers with tanh, 64 wide, on a batch of 64: with small, large and fitting weights.
torch.manual_seed(0)
x = torch.randn(64, 64, dtype=torch.float64)
G = torch.randn(64, 64, dtype=torch.float64)

for spread in (0.02, 0.5, 0.125):  # 0.125 = 1 / sqrt(64)
    torch.manual_seed(1)  # the same random numbers each time
    w1, w2, w3, w4 = weight(spread), weight(spread), weight(spread), weight(spread)
    a1 = x @ w1
    h1 = torch.tanh(a1)
    h2 = torch.tanh(h1 @ w2)
    h3 = torch.tanh(h2 @ w3)
    h4 = torch.tanh(h3 @ w4)
    loss = (h4 * G).sum()
    loss.backward()
