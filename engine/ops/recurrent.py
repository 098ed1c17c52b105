"""One time step of recurrent networks: Elman's, the LSTM and the GRU, composed of weighted sums and gates.

Sources: J. Elman, "Finding Structure in Time", 1990; S. Hochreiter, J. Schmidhuber, "Long Short-Term
Memory", 1997, with the forget gate of F. Gers et al., 2000; K. Cho et al., "Learning Phrase Representations
using RNN Encoder-Decoder", 2014.
"""

from __future__ import annotations

from ..api import public
from ..composite import composite
from ..errors import ShapeError
from ..tensor import Tensor
from .activation import relu
from .hyperbolic import tanh
from .math import sigmoid
from .matmul import linear
from .split import chunk


@public("torch")
@composite(
    "rnn_tanh_cell",
    formula=r"h' = \tanh(W x + b + U h + c)",
    derivative=r"\dfrac{\partial h'}{\partial h} = (1 - h'^2)\,U,"
    r"\quad \dfrac{\partial h'}{\partial x} = (1 - h'^2)\,W",
    en="Mixes the new input with what the network remembers, and squashes the sum into −1 … 1.",
    zh="把新的输入与网络记住的内容加权混合，再把和压缩到 −1 到 1 之间。",
)
def rnn_tanh_cell(
    input: Tensor,
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """tanh(W x + b + U h + c): (N, in) and (N, hidden) give (N, hidden)."""
    _check(input, w_ih, (hx, w_hh.shape[1]))
    return tanh(linear(input, w_ih, b_ih) + linear(hx, w_hh, b_hh))


@public("torch")
@composite(
    "rnn_relu_cell",
    formula=r"h' = \max(0,\; W x + b + U h + c)",
    derivative=r"\dfrac{\partial h'}{\partial h} = [h' > 0]\,U,"
    r"\quad \dfrac{\partial h'}{\partial x} = [h' > 0]\,W",
    en="Mixes the new input with what the network remembers, and sets negative sums to 0.",
    zh="把新的输入与网络记住的内容加权混合，并把负的和置为 0。",
)
def rnn_relu_cell(
    input: Tensor,
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """max(W x + b + U h + c, 0): (N, in) and (N, hidden) give (N, hidden)."""
    _check(input, w_ih, (hx, w_hh.shape[1]))
    return relu(linear(input, w_ih, b_ih) + linear(hx, w_hh, b_hh))


@public("torch")
@composite(
    "lstm_cell",
    formula=r"i, f, o = \sigma(W x + b + U h + c),\quad g = \tanh(W x + b + U h + c),"
    r"\quad c' = f\,c + i\,g,\quad h' = o\,\tanh c'",
    derivative=r"\dfrac{\partial c'}{\partial c} = f,\quad \dfrac{\partial c'}{\partial g} = i,"
    r"\quad \dfrac{\partial h'}{\partial c'} = o\,(1 - \tanh^2 c')",
    en="The forget gate f decides how much of the memory c stays, the input gate i how much is written, the "
    "output gate o how much is shown.",
    zh="遗忘门 f 决定记忆 c 保留多少，输入门 i 决定写入多少，输出门 o 决定输出多少。",
)
def lstm_cell(
    input: Tensor,
    hx: tuple[Tensor, Tensor] | list[Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """(h', c') from (N, in) and hx = (h, c); the weights' rows are those of i, f, g and o, in this order."""
    if not isinstance(hx, (tuple, list)):
        raise TypeError(
            f"lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not {type(hx).__name__}"
        )
    hidden, memory = hx
    _check(input, w_ih, (hidden, w_hh.shape[1]), (memory, w_hh.shape[0] // 4))
    sums = linear(input, w_ih, b_ih) + linear(hidden, w_hh, b_hh)
    enter, forget, news, show = chunk(sums, 4, 1)
    memory = sigmoid(forget) * memory + sigmoid(enter) * tanh(news)
    return sigmoid(show) * tanh(memory), memory


@public("torch")
@composite(
    "gru_cell",
    formula=r"r, z = \sigma(W x + b + U h + c),\quad n = \tanh(W x + b + r\,(U h + c)),"
    r"\quad h' = (1 - z)\,n + z\,h",
    derivative=r"\dfrac{\partial h'}{\partial h} = z + \dots,\quad \dfrac{\partial h'}{\partial n} = 1 - z,"
    r"\quad \dfrac{\partial h'}{\partial z} = h - n",
    en="The update gate z decides how much of the state stays; the rest becomes n, for which the reset "
    "gate r dampens what is remembered.",
    zh="更新门 z 决定状态保留多少；其余变为 n，计算 n 时重置门 r 削弱记住的内容。",
)
def gru_cell(
    input: Tensor,
    hx: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> Tensor:
    """h' from (N, in) and (N, hidden); the rows of the weights are those of r, z and n, in this order."""
    _check(input, w_ih, (hx, w_hh.shape[1]))
    reset, update, news = chunk(linear(input, w_ih, b_ih), 3, 1)
    reset_h, update_h, news_h = chunk(linear(hx, w_hh, b_hh), 3, 1)
    n = tanh(news + sigmoid(reset + reset_h) * news_h)
    return n + sigmoid(update + update_h) * (hx - n)


def _check(input: Tensor, w_ih: Tensor, *states: tuple[Tensor, int]) -> None:
    """The sizes that would otherwise broadcast, or be blamed on a weight; each state with its wanted size."""
    if input.ndim != 2 or input.shape[1] != w_ih.shape[1]:
        given = input.shape[-1] if input.ndim else 0
        raise ShapeError(f"input has inconsistent input_size: got {given} expected {w_ih.shape[1]}")
    for number, (state, size) in enumerate(states):
        rows = state.shape[0] if state.ndim else 0
        if rows != input.shape[0]:
            raise ShapeError(
                f"Input batch size {input.shape[0]} doesn't match hidden{number} batch size {rows}"
            )
        if state.ndim != 2 or state.shape[1] != size:
            raise ShapeError(
                f"hidden{number} has inconsistent hidden_size: got {state.shape[-1]}, expected {size}"
            )
