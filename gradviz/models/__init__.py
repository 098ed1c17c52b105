"""Networks to look into: LeNet-5, a multi-layer perceptron, ResNet-18."""

from .lenet import Net as LeNet
from .mlp import MLP
from .resnet import ResNet, resnet18

__all__ = ["MLP", "LeNet", "ResNet", "resnet18"]
