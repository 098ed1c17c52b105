"""Modules, layers and losses, as in `torch.nn`."""

from . import functional, init
from .module import Module
from .modules.activation import Dropout, Flatten, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .modules.container import ModuleList, Sequential
from .modules.conv import Conv2d
from .modules.linear import Identity, Linear
from .modules.loss import CrossEntropyLoss, MSELoss, NLLLoss
from .modules.named import ModuleDict, ParameterDict, ParameterList
from .modules.norm import BatchNorm2d
from .modules.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from .parameter import Buffer, Parameter

__all__ = [
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BatchNorm2d",
    "Buffer",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Flatten",
    "Identity",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "functional",
    "init",
]
