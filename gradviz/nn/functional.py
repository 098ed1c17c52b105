"""The functions of `torch.nn.functional`."""

from gradviz.engine.ops.activation import log_softmax, relu, softmax
from gradviz.engine.ops.adaptive_pool import adaptive_avg_pool2d
from gradviz.engine.ops.avg_pool import avg_pool2d
from gradviz.engine.ops.conv_call import conv2d
from gradviz.engine.ops.dropout import dropout
from gradviz.engine.ops.loss import cross_entropy, mse_loss, nll_loss
from gradviz.engine.ops.math import sigmoid, tanh
from gradviz.engine.ops.matmul import linear
from gradviz.engine.ops.max_pool import max_pool2d
from gradviz.engine.ops.norm import batch_norm
from gradviz.engine.ops.one_hot import one_hot
from gradviz.engine.ops.pad import pad

__all__ = [
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "conv2d",
    "cross_entropy",
    "dropout",
    "linear",
    "log_softmax",
    "max_pool2d",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "pad",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
