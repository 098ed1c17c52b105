"""LeNet-5 in its modern form: two convolutions, two poolings, three fully connected layers.

Source: Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE, 1998.
"""

import gradviz as torch
import gradviz.nn as nn
import gradviz.nn.functional as F


class Net(nn.Module):
    """Classifies images of 1 channel and 32×32 pixels into 10 classes."""

    def __init__(self):
        super().__init__()
        # 1 input image channel, 6 output channels, 5×5 square convolution
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        # an affine operation: y = Wx + b
        self.fc1 = nn.Linear(16 * 5 * 5, 120)  # 5×5 from image dimension
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        """Scores for the 10 classes (N, 10), from images (N, 1, 32, 32)."""
        # Max pooling over a (2, 2) window
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        # If the size is a square, you can specify it with a single number
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)  # flatten all dimensions except the batch dimension
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x
