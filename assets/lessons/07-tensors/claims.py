import numpy


def four_rules(torch):
    """dot and matmul: matrices, vectors, a number, and more dimensions with a vector."""
    a = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    b = torch.arange(12.0).reshape(3, 4)
    u, v = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0])
    many = torch.arange(24.0).reshape(2, 4, 3)
    assert torch.equal(a @ b, torch.matmul(a, b))
    return [
        torch.dot(u, v).item(),
        torch.matmul(u, v).item(),
        (a * 2).tolist(),
        torch.matmul(many, v).tolist(),
    ]


def refused(torch):
    """torch.dot takes vectors only, and matmul no plain number."""
    a, v = torch.ones(2, 3), torch.ones(3)
    found = []
    for attempt in (
        lambda: torch.dot(a, v),
        lambda: torch.matmul(a, torch.tensor(2.0)),
        lambda: torch.matmul(a, 2),
    ):
        try:
            attempt()
            found.append("fine")
        except TypeError:
            found.append("TypeError")
        except RuntimeError:
            found.append("RuntimeError")
    return found


def as_numpy_does(torch):
    """What numpy's dot does four times is matmul, dot, multiplication and matmul again."""
    a, b = numpy.arange(6.0).reshape(2, 3), numpy.arange(12.0).reshape(3, 4)
    u, v = numpy.array([1.0, 2.0, 3.0]), numpy.array([4.0, 5.0, 6.0])
    many = numpy.arange(24.0).reshape(2, 4, 3)
    pairs = (
        (numpy.dot(a, b), torch.matmul(torch.tensor(a), torch.tensor(b))),
        (numpy.dot(u, v), torch.dot(torch.tensor(u), torch.tensor(v))),
        (numpy.dot(2.0, a), torch.tensor(a) * 2),
        (numpy.dot(many, v), torch.matmul(torch.tensor(many), torch.tensor(v))),
    )
    for theirs, ours in pairs:
        assert numpy.array_equal(theirs, ours.numpy())
    return [ours for _, ours in pairs]


def dtypes(torch):
    """Whole numbers are int64, decimals float32; a mixture becomes the larger kind, plain numbers adapt."""
    whole, decimal = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])
    double = torch.tensor([1.0], dtype=torch.float64)
    mixed = (whole + decimal, decimal + double)
    adapted = (decimal * 2, decimal + 0.1, double + 0.1, whole + 2, whole + 0.5)
    return [str(t.dtype) for t in (whole, decimal, *mixed, *adapted)]
