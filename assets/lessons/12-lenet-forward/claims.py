"""LeNet-5 as a row of layers: its shapes, its parameters, and what one number of it sees."""


def layers(torch):
    """The layers of the lesson, in order."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def shapes_and_parameters(torch):
    """The shape behind each layer, for one image and for a batch of 64, and all parameters."""
    net = layers(torch)
    x = torch.zeros(1, 1, 32, 32)
    shapes = []
    for layer in net:
        x = layer(x)
        shapes.append(list(x.shape))
    sizes = [parameter.numel() for parameter in net.parameters()]
    batch = list(net(torch.zeros(64, 1, 32, 32)).shape)
    return {"shapes": shapes, "sizes": sizes, "all": sum(sizes), "batch": batch}


def receptive_fields(torch):
    """How many rows of the image have an influence on one number behind each layer, found by gradients.

    Average pooling stands for max-pooling, and all weights are 1: then nothing that counts has gradient 0.
    """
    nn = torch.nn
    net = [nn.Conv2d(1, 6, 5), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.AvgPool2d(2)]
    for layer in net:
        for parameter in layer.parameters():
            parameter.data.fill_(1.0)
    image = torch.ones(1, 1, 32, 32, requires_grad=True)
    rows, x = [], image
    for layer in net:
        x = layer(x)
        image.grad = None
        x[0, 0, 2, 2].backward(retain_graph=True)
        rows.append(int((image.grad[0, 0].abs().sum(1) > 0).sum().item()))
    return rows
