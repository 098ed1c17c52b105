def four_rules(torch):
    """dot and matmul: matrices, vectors, a number, and more dimensions with a vector."""
    a = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    b = torch.arange(12.0).reshape(3, 4)
    u, v = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0])
    many = torch.arange(24.0).reshape(2, 4, 3)
    return [
        torch.equal(a @ b, torch.matmul(a, b)),
        torch.dot(u, v).item(),
        torch.matmul(u, v).item(),
        (a * 2).tolist(),
        torch.matmul(many, v).tolist(),
    ]


def refused(torch):
    """torch.dot takes vectors only, and matmul no plain number."""
    a, v = torch.ones(2, 3), torch.ones(3)
    found = []
    for attempt in (lambda: torch.dot(a, v), lambda: torch.matmul(a, torch.tensor(2.0))):
        try:
            attempt()
            found.append("fine")
        except RuntimeError:
            found.append("RuntimeError")
    return found


def dtypes(torch):
    """Whole numbers are int64, decimals float32; a mixture becomes the larger kind."""
    whole, decimal = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])
    double = torch.tensor([1.0], dtype=torch.float64)
    return [str(t.dtype) for t in (whole, decimal, whole + decimal, decimal + double, decimal * 2)]
