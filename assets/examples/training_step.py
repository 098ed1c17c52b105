"""One step of training, as one writes it with PyTorch: zero_grad, forward, loss, backward, update."""


def training_step(net, criterion, optimizer, x, target):
    """Returns the loss before the update."""
    optimizer.zero_grad()  # zero the gradient buffers
    output = net(x)
    loss = criterion(output, target)
    loss.backward()
    optimizer.step()  # does the update
    return loss
