"""The rules to practise, and how an exercise for each is made: a few lines of code, and what is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...inside.predict import Kind
from .numbers import Draw


@dataclass(frozen=True, slots=True)
class Draft:
    """Code without its imports, and what is asked: the gradient or the value of a name."""

    code: str
    name: str
    gradient: bool = True
    kind: Kind = "number"


Maker = Callable[[Draw], Draft]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `topic` is what the lessons call it."""

    id: str
    topic: str
    make: Maker


def _scalar_op(expression: str) -> Maker:
    """y = f(a, b), on its own, with a factor behind it, or with a loss that is squared."""

    def make(draw: Draw) -> Draft:
        asked = draw.rng.choice([name for name in "ab" if name in expression])
        lines = [f"{name} = {draw.tensor(leaf=name == asked)}" for name in "ab" if name in expression]
        lines.append(f"y = {expression}")
        lines.append(
            {
                1: f"loss = {draw.number()} * y",
                2: f"target = {draw.number()}\nloss = (y - target) ** 2",
                3: f"z = y * {draw.number()} + {draw.number()}\nloss = (z - {draw.number()}) ** 2",
            }[draw.level]
        )
        return Draft("\n".join(lines), asked)

    return make


def _curve(function: str) -> Maker:
    """The slope of a function at a number near zero."""

    def make(draw: Draw) -> Draft:
        x = draw.rng.choice([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5])
        lines = [f"x = torch.tensor({x}, requires_grad=True)"]
        if draw.level == 1:
            lines += [f"y = torch.{function}(x)", f"loss = {draw.number()} * y"]
        else:
            lines += [f"z = x * {draw.rng.choice([0.5, -0.5, 1.5, -1.5])}", f"y = torch.{function}(z)"]
            lines += [
                f"loss = {draw.number()} * y" if draw.level == 2 else f"loss = (y - {draw.number()}) ** 2"
            ]
        return Draft("\n".join(lines), "x")

    return make


def _relu(draw: Draw) -> Draft:
    size = draw.level + 1
    return Draft(
        f"x = {draw.distinct(size, leaf=True)}\ny = torch.relu(x)\n"
        f"w = {draw.tensor(size)}\nloss = (w * y).sum()",
        "x",
    )


def _chain(draw: Draw) -> Draft:
    lines = [f"x = {draw.tensor(leaf=True)}", f"u = {draw.number()} * x"]
    lines.append(f"v = u + {draw.number()}")
    if draw.level > 1:
        lines.append(f"v = v * {draw.number()}")
    if draw.level > 2:
        lines.append(f"v = v - {draw.number()}")
    lines.append("loss = v**2" if draw.level > 1 else f"loss = {draw.number()} * v")
    return Draft("\n".join(lines), "x")


def _fan_in(draw: Draw) -> Draft:
    a, b = draw.number(), draw.number()
    if draw.level == 1:
        body = f"p = {a} * x\nq = {b} * x\nloss = p + q"
    elif draw.level == 2:
        body = f"p = {a} * x\nq = x * x\nloss = p + q"
    else:
        body = f"p = x * {a}\nq = p * x\nr = q + {b} * x\nloss = r * p"
    return Draft(f"x = {draw.tensor(leaf=True)}\n{body}", "x")


def _broadcast(draw: Draw) -> Draft:
    rows, columns = {1: (2, 2), 2: (3, 2), 3: (3, 3)}[draw.level]
    size = (columns,) if draw.level < 3 else (rows, 1)
    return Draft(
        f"x = {draw.tensor(rows, columns)}\nb = {draw.tensor(*size, leaf=True)}\n"
        f"y = x + b\nw = {draw.tensor(rows, columns)}\nloss = (w * y).sum()",
        "b",
    )


def _matmul(asked: str) -> Maker:
    def make(draw: Draw) -> Draft:
        n, k, m = {1: (1, 2, 1), 2: (2, 2, 2), 3: (2, 3, 2)}[draw.level]
        x, w = draw.tensor(n, k, leaf=asked == "x"), draw.tensor(k, m, leaf=asked != "x")
        code = f"x = {x}\nw = {w}\ny = x @ w\n"
        if not asked:
            return Draft(f"{code}loss = y.sum()", "y", gradient=False)
        return Draft(f"{code}g = {draw.tensor(n, m)}\nloss = (g * y).sum()", asked)

    return make


def _conv(asked: str) -> Maker:
    def make(draw: Draw) -> Draft:
        size = {1: 3, 2: 3, 3: 4}[draw.level]
        window = 2 if draw.level < 3 else 3
        out = size - window + 1
        code = (
            f"x = {draw.tensor(1, 1, size, size, leaf=asked == 'x')}\n"
            f"w = {draw.tensor(1, 1, window, window, leaf=asked != 'x')}\ny = F.conv2d(x, w)\n"
        )
        if not asked:
            return Draft(f"{code}loss = y.sum()", "y", gradient=False)
        return Draft(f"{code}g = {draw.tensor(1, 1, out, out)}\nloss = (g * y).sum()", asked)

    return make


def _pool(call: str) -> Maker:
    def make(draw: Draw) -> Draft:
        rows, columns = {1: (2, 2), 2: (2, 4), 3: (4, 4)}[draw.level]
        return Draft(
            f"x = {draw.distinct(1, 1, rows, columns, leaf=True)}\ny = F.{call}(x, 2)\n"
            f"g = {draw.tensor(1, 1, rows // 2, columns // 2)}\nloss = (g * y).sum()",
            "x",
        )

    return make


def _cross_entropy(draw: Draw) -> Draft:
    rows, classes = {1: (1, 2), 2: (1, 3), 3: (2, 3)}[draw.level]
    labels = [draw.rng.randrange(classes) for _ in range(rows)]
    return Draft(
        f"z = {draw.distinct(rows, classes, leaf=True)}\nlabels = torch.tensor({labels})\n"
        "logp = F.log_softmax(z, dim=1)\nloss = F.nll_loss(logp, labels)",
        "z",
    )


def _mean_square(draw: Draw) -> Draft:
    size = draw.level + 1
    return Draft(
        f"y = {draw.tensor(size, leaf=True)}\nt = {draw.distinct(size)}\nerror = y - t\n"
        "loss = (error * error).mean()",
        "y",
    )


def _update(rule: str) -> Maker:
    """One step of an optimizer, written out."""

    def make(draw: Draw) -> Draft:
        rate = draw.rng.choice([0.1, 0.5] if draw.level == 1 else [0.1, 0.2, 0.05])
        head = f"w = {draw.tensor(leaf=True)}\nx = {draw.tensor()}\nloss = (w * x - {draw.number()}) ** 2\n"
        step = {
            "sgd": f"w_new = w - {rate} * w.grad",
            "momentum": f"v = {draw.number()}\nv_new = 0.9 * v + w.grad\nw_new = w - {rate} * v_new",
            "decay": f"g = w.grad + 0.1 * w\nw_new = w - {rate} * g",
        }[rule]
        body = "\n".join(f"    {line}" for line in step.splitlines())
        return Draft(f"{head}loss.backward()\nwith torch.no_grad():\n{body}", "w_new", gradient=False)

    return make


def _shape(call: str) -> Maker:
    def make(draw: Draw) -> Draft:
        pick = draw.rng.randint
        if call == "conv":
            side, kernel, pad = pick(6, 12), draw.rng.choice([3, 5]), pick(0, draw.level - 1)
            stride = pick(1, 2) if draw.level == 3 else 1
            code = (
                f"x = torch.zeros(1, {pick(1, 3)}, {side}, {side})\n"
                f"conv = torch.nn.Conv2d(x.shape[1], {pick(2, 6)}, {kernel}, "
                f"padding={pad}, stride={stride})\n"
                "y = conv(x)\nloss = y.sum()"
            )
        elif call == "matmul":
            n, k, m = pick(2, 5), pick(2, 5), pick(2, 5)
            left = f"{n}, {k}" if draw.level < 3 else f"{pick(2, 4)}, {n}, {k}"
            code = (
                f"x = torch.zeros({left})\nw = torch.zeros({k}, {m}, requires_grad=True)\n"
                "y = x @ w\nloss = y.sum()"
            )
        else:
            n, m = pick(2, 5), pick(2, 5)
            left = f"{n}, 1" if draw.level > 1 else f"{n}, {m}"
            code = (
                f"a = torch.zeros({left}, requires_grad=True)\nb = torch.zeros({m})\n"
                "y = a + b\nloss = y.sum()"
            )
        return Draft(code, "y", gradient=False, kind="shape")

    return make


RULES = (
    Rule("add", "add", _scalar_op("a + b")),
    Rule("mul", "mul", _scalar_op("a * b")),
    Rule("sub", "add", _scalar_op("a - b")),
    Rule("div", "mul", _scalar_op("a / b")),
    Rule("square", "mul", _scalar_op("a**2")),
    Rule("chain", "chain rule", _chain),
    Rule("fan-in", "accumulate", _fan_in),
    Rule("tanh", "tanh", _curve("tanh")),
    Rule("sigmoid", "sigmoid", _curve("sigmoid")),
    Rule("exp", "exp", _curve("exp")),
    Rule("relu", "relu", _relu),
    Rule("broadcast", "broadcasting", _broadcast),
    Rule("broadcast-shape", "broadcasting", _shape("broadcast")),
    Rule("matmul", "matmul", _matmul("")),
    Rule("matmul-x", "matmul", _matmul("x")),
    Rule("matmul-w", "matmul", _matmul("w")),
    Rule("matmul-shape", "matmul", _shape("matmul")),
    Rule("mean-square", "loss", _mean_square),
    Rule("cross-entropy", "cross-entropy", _cross_entropy),
    Rule("conv", "convolution", _conv("")),
    Rule("conv-shape", "convolution", _shape("conv")),
    Rule("conv-x", "convolution", _conv("x")),
    Rule("conv-w", "convolution", _conv("w")),
    Rule("max-pool", "pooling", _pool("max_pool2d")),
    Rule("avg-pool", "pooling", _pool("avg_pool2d")),
    Rule("sgd", "update", _update("sgd")),
    Rule("decay", "update", _update("decay")),
    Rule("momentum", "update", _update("momentum")),
)
BY_ID = {rule.id: rule for rule in RULES}
TOPICS = tuple(dict.fromkeys(rule.topic for rule in RULES))
