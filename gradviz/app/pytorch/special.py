"""The ops whose PyTorch expression depends on more than a template can say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .operand import Operand, keywords, source

Inputs = Sequence[Operand]
Attrs = Mapping[str, Any]


def _gather(inputs: Inputs, attrs: Attrs) -> str:
    x, k, dim = inputs[0].tensor, inputs[1].tensor, attrs["dim"]
    if len(inputs[1].shape) == len(inputs[0].shape):
        return f"torch.gather({x}, {dim}, {k})"
    return f"torch.gather({x}, {dim}, {k}.unsqueeze({dim})).squeeze({dim})"  # one for each line


def _list(inputs: Inputs) -> str:
    return "[" + ", ".join(each.tensor for each in inputs) + "]"


def _cat(inputs: Inputs, attrs: Attrs) -> str:
    return f"torch.cat({_list(inputs)}, dim={attrs['dim']})"


def _stack(inputs: Inputs, attrs: Attrs) -> str:
    return f"torch.stack({_list(inputs)}, dim={attrs['dim']})"


def _clone(inputs: Inputs, attrs: Attrs) -> str:
    kept = "memory_format=torch.contiguous_format" if attrs.get("contiguous") else ""
    return f"{inputs[0].tensor}.clone({kept})"


def _squeeze(inputs: Inputs, attrs: Attrs) -> str:
    dim = attrs.get("dim")
    return f"{inputs[0].tensor}.squeeze({'' if dim is None else source(dim)})"


def _extreme(name: str) -> Callable[[Inputs, Attrs], str]:
    """amax and amin take an empty tuple for all dimensions."""

    def write(inputs: Inputs, attrs: Attrs) -> str:
        dim = attrs["dim"]
        dims = "()" if dim is None else source(dim)
        return f"torch.{name}({inputs[0].tensor}, dim={dims}, keepdim={attrs['keepdim']})"

    return write


def _pad(inputs: Inputs, attrs: Attrs) -> str:
    widths = [size for pair in reversed(attrs["widths"]) for size in pair]  # the last dimension first
    return f"F.pad({inputs[0].tensor}, {source(tuple(widths))}, value={source(attrs['value'])})"


def _nll_loss(inputs: Inputs, attrs: Attrs) -> str:
    weight = f", weight={inputs[2].text}" if len(inputs) > 2 else ""
    return f"F.nll_loss({inputs[0].text}, {inputs[1].text}{weight}{keywords(attrs)})"


def _bce_with_logits(inputs: Inputs, attrs: Attrs) -> str:
    weight = f", pos_weight={inputs[2].text}" if len(inputs) > 2 else ""
    name = "F.binary_cross_entropy_with_logits"
    return f"{name}({inputs[0].text}, {inputs[1].text}{weight}{keywords(attrs)})"


def _max_pool2d_indices(inputs: Inputs, attrs: Attrs) -> str:
    return f"F.max_pool2d({inputs[0].text}{keywords(attrs)}, return_indices=True)[1]"


def _max_pool2d(inputs: Inputs, attrs: Attrs) -> str:
    x, k = inputs[0].text, inputs[1].text
    return f"{x}.flatten(-2).gather(-1, {k}.flatten(-2)).reshape({k}.shape)"


def _max_unpool2d(inputs: Inputs, attrs: Attrs) -> str:
    x, k = inputs[0].text, inputs[1].text
    shape = source(attrs["shape"])
    zeros = f"torch.zeros({shape}, dtype={x}.dtype).flatten(-2)"
    return f"{zeros}.scatter(-1, {k}.flatten(-2), {x}.flatten(-2)).reshape({shape})"


def _logsumexp(inputs: Inputs, attrs: Attrs) -> str:
    dim = tuple(range(len(inputs[0].shape))) if attrs["dim"] is None else attrs["dim"]
    return f"torch.logsumexp({inputs[0].tensor}, {source(dim or (0,))}, {attrs['keepdim']})"


def _prod(inputs: Inputs, attrs: Attrs) -> str:
    x, dim, ndim = inputs[0].tensor, attrs["dim"], len(inputs[0].shape)
    if dim is None:
        return f"torch.prod({x})" + (f".reshape({source((1,) * ndim)})" if attrs["keepdim"] else "")
    (at,) = dim if isinstance(dim, (tuple, list)) else (dim,)
    return f"torch.prod({x}, {at}, {attrs['keepdim']})"


def _median(inputs: Inputs, attrs: Attrs) -> str:
    name = "torch.nanmedian" if attrs["skip_nan"] else "torch.median"
    if "dim" not in attrs:
        return f"{name}({inputs[0].tensor})"
    return f"{name}({inputs[0].tensor}, {attrs['dim']}, {attrs['keepdim']})[1]"


_RESAMPLING = {"linear": "bilinear", "cubic": "bicubic"}


def _resample(inputs: Inputs, attrs: Attrs) -> str:
    """One dimension as the width of a picture of height 1, which stays 1."""
    x, shape, dim = inputs[0].tensor, list(inputs[0].shape), attrs["dim"]
    mode, _, antialias = attrs["mode"].partition("-anti")
    options = f"mode={_RESAMPLING.get(mode, mode)!r}"
    if mode in _RESAMPLING:
        options += f", align_corners={attrs['align_corners']}, antialias={bool(antialias)}"
    scale = attrs["scale"]
    size = f"size=(1, {attrs['size']})" if scale is None else f"scale_factor=(1.0, {source(scale)})"
    length = shape.pop(dim)
    lines = f"{x}.movedim({dim}, -1).reshape(1, -1, 1, {length})"
    back = f"reshape({source((*shape, attrs['size']))}).movedim(-1, {dim})"
    return f"F.interpolate({lines}, {size}, {options}).{back}"


def _slice_key(items: Sequence[Any]) -> str:
    parts = []
    for item in items:
        if isinstance(item, (tuple, list)):
            start, stop, step = item
            parts.append(f"{start}:{stop}" + ("" if step == 1 else f":{step}"))
        else:
            parts.append(source(item))
    return ", ".join([*parts, "..."])


def _index_key(ndim: int, indices: Inputs, at: Sequence[int]) -> str:
    parts: list[str] = []
    for dim, index in zip(at, indices, strict=True):
        parts += [":"] * (dim - _covered(parts, indices, at))
        parts.append(index.text)
    return ", ".join(parts)


def _covered(parts: list[str], indices: Inputs, at: Sequence[int]) -> int:
    """How many dimensions the parts so far take: a mask takes as many as it has."""
    spans = {index.text: len(index.shape) if index.dtype == "bool" else 1 for index in indices}
    return sum(spans.get(part, 1) for part in parts)


def _index(inputs: Inputs, attrs: Attrs) -> str:
    return f"{inputs[0].tensor}[{_index_key(len(inputs[0].shape), inputs[1:], attrs['at'])}]"


def _index_put(inputs: Inputs, attrs: Attrs) -> str:
    key = _index_key(len(inputs[0].shape), inputs[2:], attrs["at"])
    return f"put({inputs[0].tensor}, key[{key}], {inputs[1].text})"


def _slice(inputs: Inputs, attrs: Attrs) -> str:
    return f"{inputs[0].tensor}[{_slice_key(attrs['items'])}]"


def _slice_put(inputs: Inputs, attrs: Attrs) -> str:
    return f"put({inputs[0].tensor}, key[{_slice_key(attrs['items'])}], {inputs[1].text})"


SPECIAL: Mapping[str, Callable[[Inputs, Attrs], str]] = {
    "amax": _extreme("amax"),
    "amin": _extreme("amin"),
    "max": _extreme("amax"),
    "min": _extreme("amin"),
    "binary_cross_entropy_with_logits": _bce_with_logits,
    "cat": _cat,
    "clone": _clone,
    "gather": _gather,
    "take_max": _gather,
    "take_min": _gather,
    "index": _index,
    "index_put": _index_put,
    "max_pool2d": _max_pool2d,
    "max_pool2d_indices": _max_pool2d_indices,
    "max_unpool2d": _max_unpool2d,
    "nll_loss": _nll_loss,
    "pad": _pad,
    "slice": _slice,
    "slice_put": _slice_put,
    "squeeze": _squeeze,
    "stack": _stack,
    "logsumexp": _logsumexp,
    "prod": _prod,
    "cummax": _gather,
    "cummin": _gather,
    "median": _median,
    "median_indices": _median,
    "resample": _resample,
    "sort": _gather,
    "topk": _gather,
    "take_median": _gather,
    "kthvalue": _gather,
    "mode": _gather,
}

HELPERS = '''\
class Key:
    def __getitem__(self, key):
        return key


key = Key()


def put(x, where, value):
    """A copy of x in which x[where] is value."""
    x = x.clone()
    x[where] = value
    return x
'''
"""What `put` and `key` mean, for scripts that use them."""

PARAMETER = '''\
def parameter(x):
    """A tensor of its own that wants a gradient."""
    return x.detach().clone().requires_grad_()
'''
