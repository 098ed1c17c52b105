def modes(torch):
    """In training the batch's own mean and variance are used, in eval the running ones."""
    layer = torch.nn.BatchNorm1d(1)
    x = torch.tensor([[1.0], [3.0], [4.0], [8.0]])
    trained = layer(x).flatten().tolist()
    running = [layer.running_mean.item(), layer.running_var.item()]
    layer.eval()
    return [trained, running, layer(x).flatten().tolist()]


def tied_together(torch):
    """In training a sample's output depends on the others, in eval it does not."""
    found = []
    for training in (True, False):
        outputs = []
        for other in (3.0, 7.0):
            layer = torch.nn.BatchNorm1d(1)
            layer.train(training)
            outputs.append(layer(torch.tensor([[1.0], [other], [4.0], [8.0]]))[0].item())
        assert (outputs[0] == outputs[1]) == (not training)
        found.append(outputs)
    return found


def own_weights(torch):
    """BatchNorm2d has gamma and beta for each feature, keeps two running averages, and has this epsilon."""
    layer = torch.nn.BatchNorm2d(3)
    names = sorted(name for name, _ in layer.named_parameters())
    kept = [layer.running_mean.tolist(), layer.running_var.tolist()]
    return [names, layer.weight.tolist(), layer.bias.tolist(), kept, layer.eps]


def no_bias_needed(torch):
    """A bias in the layer before changes nothing, and gets no gradient worth the name."""
    x = torch.tensor([[1.0], [3.0], [4.0], [8.0]], dtype=torch.float64)
    G = torch.tensor([[1.0], [0.0], [0.0], [2.0]], dtype=torch.float64)
    outputs = []
    for value in (0.0, 5.0):
        bias = torch.tensor([value], dtype=torch.float64, requires_grad=True)
        y = torch.nn.BatchNorm1d(1).double()(x + bias)
        (y * G).sum().backward()
        outputs.append(y)
        assert bias.grad.abs().max() < 1e-9
    assert (outputs[0] - outputs[1]).abs().max() < 1e-9
    return outputs[0]
