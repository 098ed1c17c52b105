"""The functions of `torch.nn.functional`."""

from gradviz.engine.api import guarded
from gradviz.engine.ops.activation import relu, relu_
from gradviz.engine.ops.adaptive_call import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
)
from gradviz.engine.ops.attention import scaled_dot_product_attention
from gradviz.engine.ops.bilinear import bilinear
from gradviz.engine.ops.binary_losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from gradviz.engine.ops.conv_call import conv1d, conv2d, conv3d
from gradviz.engine.ops.conv_transpose import conv_transpose1d, conv_transpose2d
from gradviz.engine.ops.cross_entropy import cross_entropy, nll_loss
from gradviz.engine.ops.distance import (
    cosine_embedding_loss,
    cosine_similarity,
    normalize,
    pairwise_distance,
    pdist,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from gradviz.engine.ops.divergence import gaussian_nll_loss, kl_div, poisson_nll_loss
from gradviz.engine.ops.dropout import dropout
from gradviz.engine.ops.elu import celu, celu_, elu, elu_, selu, selu_
from gradviz.engine.ops.embedding import embedding
from gradviz.engine.ops.embedding_bag import embedding_bag
from gradviz.engine.ops.feature_dropout import (
    alpha_dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from gradviz.engine.ops.gates import glu, gumbel_softmax, softmin, softsign, tanhshrink
from gradviz.engine.ops.gelu import gelu
from gradviz.engine.ops.hyperbolic import tanh
from gradviz.engine.ops.interpolate import interpolate, upsample, upsample_bilinear, upsample_nearest
from gradviz.engine.ops.layer_norm import group_norm, layer_norm, local_response_norm, rms_norm
from gradviz.engine.ops.lp_pool import lp_pool1d, lp_pool2d
from gradviz.engine.ops.margin_losses import (
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
)
from gradviz.engine.ops.math import sigmoid
from gradviz.engine.ops.matmul import linear
from gradviz.engine.ops.max_unpool import max_unpool1d, max_unpool2d
from gradviz.engine.ops.multi_head import multi_head_attention_forward
from gradviz.engine.ops.norm import batch_norm, instance_norm
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
from gradviz.engine.ops.pool_call import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from gradviz.engine.ops.pool_volumes import adaptive_avg_pool3d, adaptive_max_pool3d, avg_pool3d, max_pool3d
from gradviz.engine.ops.prelu import prelu, rrelu, rrelu_
from gradviz.engine.ops.shuffle import channel_shuffle, pixel_shuffle, pixel_unshuffle
from gradviz.engine.ops.smooth_losses import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from gradviz.engine.ops.softmax import log_softmax_implied as log_softmax
from gradviz.engine.ops.softmax import softmax_implied as softmax
from gradviz.engine.ops.softplus import logsigmoid, mish, silu, softplus
from gradviz.engine.ops.unfold import fold, unfold

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "celu_",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "mish",
    "mse_loss",
    "multi_head_attention_forward",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pdist",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rms_norm",
    "rrelu",
    "rrelu_",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]

for _name in __all__:
    globals()[_name] = guarded(globals()[_name])
