"""Networks to look into: LeNet-5, a multi-layer perceptron, ResNet-18."""

from gradviz.nn import Module

from .lenet import Net
from .mlp import MLP
from .resnet import ResNet, resnet18

LeNet: type[Module] = Net

__all__ = ["MLP", "LeNet", "ResNet", "resnet18"]
