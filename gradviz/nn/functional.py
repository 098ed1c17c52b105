"""The functions of `torch.nn.functional`."""

from gradviz.engine.ops.activation import relu, relu_
from gradviz.engine.ops.adaptive_pool import adaptive_avg_pool2d
from gradviz.engine.ops.avg_pool import avg_pool2d
from gradviz.engine.ops.conv_call import conv2d
from gradviz.engine.ops.dropout import dropout
from gradviz.engine.ops.elu import celu, celu_, elu, elu_, selu, selu_
from gradviz.engine.ops.gates import glu, gumbel_softmax, softmin, softsign, tanhshrink
from gradviz.engine.ops.loss import cross_entropy, mse_loss, nll_loss
from gradviz.engine.ops.math import sigmoid, tanh
from gradviz.engine.ops.matmul import linear
from gradviz.engine.ops.max_pool import max_pool2d
from gradviz.engine.ops.norm import batch_norm
from gradviz.engine.ops.one_hot import one_hot
from gradviz.engine.ops.pad import pad
from gradviz.engine.ops.pieces import (
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    hardtanh_,
    leaky_relu,
    leaky_relu_,
    relu6,
    softshrink,
    threshold,
    threshold_,
)
from gradviz.engine.ops.prelu import prelu, rrelu, rrelu_
from gradviz.engine.ops.softmax import log_softmax_implied as log_softmax
from gradviz.engine.ops.softmax import softmax_implied as softmax
from gradviz.engine.ops.softplus import logsigmoid, mish, silu, softplus

__all__ = [
    "adaptive_avg_pool2d",
    "avg_pool2d",
    "batch_norm",
    "celu",
    "celu_",
    "conv2d",
    "cross_entropy",
    "dropout",
    "elu",
    "elu_",
    "glu",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "log_softmax",
    "logsigmoid",
    "max_pool2d",
    "mish",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "pad",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rrelu",
    "rrelu_",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
]
