def modes(torch):
    """In training the batch's own mean and variance are used, in eval the running ones."""
    layer = torch.nn.BatchNorm1d(1)
    x = torch.tensor([[1.0], [3.0], [4.0], [8.0]])
    trained = layer(x).flatten().tolist()
    running = [layer.running_mean.item(), layer.running_var.item()]
    layer.eval()
    return [trained, running, layer(x).flatten().tolist()]
