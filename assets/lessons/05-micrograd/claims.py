def five_rules_are_enough(torch):
    """The gradients that the rules of this lesson give, in a topological order, are the engine's."""
    a = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    b = torch.tensor(-0.5, dtype=torch.float64, requires_grad=True)
    p = a * b
    s = p + a
    t, r = torch.tanh(s), torch.relu(s)
    (t * r).backward()
    grad_t, grad_r = r.item(), t.item()  # the product
    grad_s = grad_t * (1 - t.item() ** 2) + (grad_r if s.item() > 0 else 0.0)  # tanh, relu
    grad_p, grad_a = grad_s, grad_s  # the sum
    grad_a, grad_b = grad_a + grad_p * b.item(), grad_p * a.item()  # the product, added to what is there
    assert abs(a.grad.item() - grad_a) < 1e-12
    assert abs(b.grad.item() - grad_b) < 1e-12
    return [a.grad.item(), b.grad.item()]
