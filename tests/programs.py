"""Programs made by hand, of the form that the recorder gives, for tests that need a program but no engine.

    program = lenet_like()  # forward, loss, backward, SGD update; modules conv1, conv2, fc1, fc2, fc3
    neuron(), scalar_mlp(), mlp_like(), chain(n), resnet_like(blocks)

Values are random (seeded) except for plain arithmetic on numbers, which is right.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gradviz.engine.program import Program, SlotKind

from tests.program_builder import Builder, Shape


def _parameters(b: Builder, module: str, *shapes: Shape) -> list[int]:
    return [
        b.leaf(shape, f"{module}.{name}", SlotKind.PARAMETER)
        for name, shape in zip(("weight", "bias"), shapes, strict=False)
    ]


def lenet_like(batch: int = 1, backward: bool = True, update: bool = True, seed: int = 0) -> Program:
    """LeNet-5 on one 32×32 image with SGD: modules conv1, conv2, fc1, fc2, fc3 and functions between them."""
    b = Builder("lenet.py", seed)
    n = batch
    conv1 = _parameters(b, "conv1", (6, 1, 5, 5), (6,))
    conv2 = _parameters(b, "conv2", (16, 6, 5, 5), (16,))
    fcs = {
        name: _parameters(b, name, (o, i), (o,))
        for name, i, o in (("fc1", 400, 120), ("fc2", 120, 84), ("fc3", 84, 10))
    }
    x = b.leaf((n, 1, 32, 32), "x")
    target = b.leaf((n,), "target", dtype="int64", value=np.full(n, 3))
    stride = {"stride": (1, 1), "padding": (0, 0)}
    pool = {"kernel_size": (2, 2), "stride": (2, 2)}
    says1 = ("conv1", "Conv2d", "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))")
    says2 = ("conv2", "Conv2d", "Conv2d(6, 16, kernel_size=(5, 5), stride=(1, 1))")
    h = b.call(says1, "conv2d", [x, *conv1], (n, 6, 28, 28), **stride)
    h = b.function("max_pool2d", [b.function("relu", [h], (n, 6, 28, 28))], (n, 6, 14, 14), **pool)
    h = b.call(says2, "conv2d", [h, *conv2], (n, 16, 10, 10), **stride)
    h = b.function("max_pool2d", [b.function("relu", [h], (n, 16, 10, 10))], (n, 16, 5, 5), **pool)
    h = b.function("flatten", [h], (n, 400), start_dim=1)
    for name, (weight, bias) in fcs.items():
        o, i = b.slots[weight].shape
        h = b.call(
            (name, "Linear", f"Linear(in_features={i}, out_features={o}, bias=True)"),
            "linear",
            [h, weight, bias],
            (n, o),
        )
        if name != "fc3":
            h = b.function("relu", [h], (n, o))
    return b.finish(b.cross_entropy(h, target), backward, update)


def mlp_like(
    hidden: int = 16, batch: int = 4, backward: bool = True, update: bool = True, seed: int = 0
) -> Program:
    """A Sequential of Linear, ReLU, Linear: paths "0", "1", "2"."""
    b = Builder("mlp.py", seed)
    first = _parameters(b, "0", (hidden, 2), (hidden,))
    second = _parameters(b, "2", (2, hidden), (2,))
    x = b.leaf((batch, 2), "x")
    target = b.leaf((batch,), "y", dtype="int64", value=np.zeros(batch))
    h = b.call(
        ("0", "Linear", f"Linear(in_features=2, out_features={hidden}, bias=True)"),
        "linear",
        [x, *first],
        (batch, hidden),
    )
    h = b.call(("1", "ReLU", "ReLU()"), "relu", [h], (batch, hidden))
    h = b.call(
        ("2", "Linear", f"Linear(in_features={hidden}, out_features=2, bias=True)"),
        "linear",
        [h, *second],
        (batch, 2),
    )
    return b.finish(b.cross_entropy(h, target), backward, update)


def neuron(backward: bool = True, update: bool = False, seed: int = 0) -> Program:
    """micrograd's neuron: o = tanh(x1 w1 + x2 w2 + b), numbers only, no modules."""
    b = Builder("neuron.py", seed)
    given = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.8813735870195432}
    x1, x2, w1, w2, bias = (
        b.leaf((), name, requires_grad=True, value=value) for name, value in given.items()
    )
    x1w1 = b.function("mul", [x1, w1], (), called="x1w1")
    x2w2 = b.function("mul", [x2, w2], (), called="x2w2")
    both = b.function("add", [x1w1, x2w2], (), called="x1w1x2w2")
    n = b.function("add", [both, bias], (), called="n")
    o = b.function("tanh", [n], (), called="o")
    return b.finish(o, backward, update)


def scalar_mlp(inputs: int = 2, hidden: int = 4, seed: int = 0, backward: bool = True) -> Program:
    """A layer of micrograd's neurons and one at the end: some hundred numbers without modules or names."""
    b = Builder("micrograd.py", seed)
    xs = [b.leaf((), f"x{i}", value=0.5 + i) for i in range(inputs)]

    def one(values: Sequence[int], name: str) -> int:
        total = b.leaf((), f"{name}.b", requires_grad=True, value=0.1)
        for i, x in enumerate(values):
            w = b.leaf((), f"{name}.w{i}", requires_grad=True, value=0.1 * (i + 1))
            total = b.function("add", [total, b.function("mul", [w, x], ())], ())
        return b.function("tanh", [total], ())

    layer = [one(xs, f"h{j}") for j in range(hidden)]
    return b.finish(one(layer, "out"), backward, False)


def chain(length: int, backward: bool = True, seed: int = 0) -> Program:
    """x -> tanh -> mul -> tanh -> …: `length` forward ops on one number."""
    b = Builder("chain.py", seed)
    h = b.leaf((), "x", requires_grad=True, value=0.3)
    for i in range(length):
        h = b.op("mul", [h, h], ()) if i % 2 else b.op("tanh", [h], ())
    return b.finish(h, backward, False)


def resnet_like(
    blocks: Sequence[int] = (2, 2, 2, 2), backward: bool = True, update: bool = True, seed: int = 0
) -> Program:
    """ResNet-18's structure with few channels; `blocks` says how many blocks layer1, layer2 … have."""
    b = Builder("resnet.py", seed)
    channels, size = 4, 8

    def conv(name: str, x: int, shape: Shape, kernel: int) -> int:
        outside = b.enter(
            name,
            "module",
            "Conv2d",
            f"Conv2d({b.slots[x].shape[1]}, {shape[1]}, kernel_size=({kernel}, {kernel}))",
        )
        (weight,) = _parameters(b, b.module, (shape[1], b.slots[x].shape[1], kernel, kernel))
        out = b.op("conv2d", [x, weight], shape, stride=(1, 1), padding=(kernel // 2, kernel // 2))
        b.leave(outside)
        return out

    def norm(name: str, x: int) -> int:
        outside = b.enter(name, "module", "BatchNorm2d", f"BatchNorm2d({b.slots[x].shape[1]})")
        weights = _parameters(b, b.module, (b.slots[x].shape[1],), (b.slots[x].shape[1],))
        mean = b.leaf((b.slots[x].shape[1],), f"{b.module}.running_mean", SlotKind.BUFFER)
        out = b.op("batch_norm", [x, *weights], b.slots[x].shape, training=True)
        b.op("mul", [mean, b.number(0.9)], b.slots[mean].shape)
        b.leave(outside)
        return out

    def relu(x: int) -> int:
        return b.call(("relu", "ReLU", "ReLU(inplace=True)"), "relu", [x], b.slots[x].shape)

    def block(name: str, x: int, shape: Shape) -> int:
        outside = b.enter(name, "module", "BasicBlock")
        y = relu(norm("bn1", conv("conv1", x, shape, 3)))
        y = norm("bn2", conv("conv2", y, shape, 3))
        if b.slots[x].shape != shape:
            inside = b.enter("downsample", "module", "Sequential")
            x = norm("1", conv("0", x, shape, 1))
            b.leave(inside)
        y = relu(b.function("add", [y, x], shape))
        b.leave(outside)
        return y

    x = b.leaf((1, 3, 2 * size, 2 * size), "x")
    target = b.leaf((1,), "target", dtype="int64", value=[0])
    h = relu(norm("bn1", conv("conv1", x, (1, channels, size, size), 7)))
    h = b.call(
        ("maxpool", "MaxPool2d", "MaxPool2d(kernel_size=3, stride=2, padding=1)"),
        "max_pool2d",
        [h],
        (1, channels, size, size),
    )
    for layer, count in enumerate(blocks):
        outside = b.enter(f"layer{layer + 1}", "module", "Sequential")
        wide, side = channels * 2**layer, max(size // 2**layer, 1)
        for i in range(count):
            h = block(str(i), h, (1, wide, side, side))
        b.leave(outside)
    wide = b.slots[h].shape[1]
    pooled = b.call(
        ("avgpool", "AdaptiveAvgPool2d", "AdaptiveAvgPool2d(output_size=(1, 1))"),
        "adaptive_avg_pool2d",
        [h],
        (1, wide, 1, 1),
    )
    flat = b.function("flatten", [pooled], (1, wide), start_dim=1)
    fc = _parameters(b, "fc", (10, wide), (10,))
    logits = b.call(
        ("fc", "Linear", f"Linear(in_features={wide}, out_features=10, bias=True)"),
        "linear",
        [flat, *fc],
        (1, 10),
    )
    return b.finish(b.cross_entropy(logits, target), backward, update)
