"""A step of training with a fault: nothing clears the gradients of the iteration before."""


def step_without_zero_grad(net, criterion, optimizer, x, target):
    """Returns the loss before the update."""
    # optimizer.zero_grad() is missing here
    output = net(x)
    loss = criterion(output, target)
    loss.backward()  # adds to what .grad holds already
    optimizer.step()
    return loss
