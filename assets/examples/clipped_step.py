"""A step of training that keeps the gradients short: their common norm is at most `max_norm`."""

from gradviz.nn.utils import clip_grad_norm_


def clipped_step(max_norm):
    """The step for a largest norm."""

    def training_step(net, criterion, optimizer, x, target):
        """Returns the loss before the update."""
        optimizer.zero_grad()  # zero the gradient buffers
        output = net(x)
        loss = criterion(output, target)
        loss.backward()
        clip_grad_norm_(net.parameters(), max_norm)  # make long gradients shorter
        optimizer.step()  # does the update
        return loss

    return training_step
