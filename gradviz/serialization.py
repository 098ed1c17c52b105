"""`save` and `load`: state dicts and nested data as safetensors files, which hold data and no code.

A flat dict of tensors, such as `net.state_dict()`, is an ordinary safetensors file, which PyTorch reads with
`safetensors.torch.load_file`. What else there is (numbers, lists, the nesting) is described in the file's
metadata, as JSON. Pickle, which PyTorch's own files are, is never read: loading one can run any code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from gradviz.app.atomic import replaced
from gradviz.engine.node import leaf
from gradviz.engine.tensor import Tensor

from .plain_data import Packer, UnknownContentError, unpack

_KEY = "gradviz"  # of our description within the metadata
_DTYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}
_ADVICE = (
    "gradviz loads no pickles, as they can run any code. Convert it once, where PyTorch is installed: "
    "import torch; from safetensors.torch import save_file; "
    "save_file(torch.load({old!r}, map_location='cpu'), {new!r})"
)


class FileContentError(ValueError):
    """A file that `load` cannot read; the message names it and what is wrong."""


def save(
    obj: Any,
    f: str | os.PathLike[str] | BinaryIO,
    pickle_module: Any = None,
    pickle_protocol: int | None = None,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Write tensors, or dicts, lists and tuples of tensors and plain values, to a safetensors file.

    A path is replaced in one step: if writing fails, the file is as it was before.
    Errors: TypeError for what is no data (a module: save its `state_dict()`), OSError.
    """
    from safetensors.numpy import save as to_bytes  # only who saves needs it

    if pickle_module is not None:
        raise TypeError("save: gradviz writes safetensors, never pickles: leave out pickle_module")
    packer = Packer()
    described = packer.pack(obj)
    metadata = {"format": "pt", _KEY: json.dumps(described, ensure_ascii=False, allow_nan=False)}
    content = to_bytes(packer.arrays, metadata)
    if hasattr(f, "write"):
        f.write(content)
        return
    with replaced(Path(f)) as stream:
        stream.write(content)


def load(
    f: str | os.PathLike[str] | BinaryIO,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """What `save` has written, or any other safetensors file as a dict of tensors.

    `map_location`, `weights_only` and `mmap` change nothing: there is one device, and no code in the file.
    Errors: FileContentError (a ValueError) for a pickle, such as PyTorch's own files are, and for a damaged
    file; OSError.
    """
    if pickle_module is not None or pickle_load_args:
        raise TypeError("load: gradviz reads safetensors, never pickles: leave out what is meant for them")
    name = getattr(f, "name", "the file") if hasattr(f, "read") else os.fspath(f)
    content = f.read() if hasattr(f, "read") else Path(f).read_bytes()
    _refuse_other_formats(content, str(name))
    arrays, metadata = _read(content, str(name))
    if _KEY not in metadata:
        return {key: Tensor._from_node(leaf(array)) for key, array in arrays.items()}
    try:
        return unpack(json.loads(metadata[_KEY]), arrays)
    except (UnknownContentError, ValueError, RecursionError) as error:
        raise FileContentError(f"load: {name} is damaged: {error}") from error


def _read(content: bytes, name: str) -> tuple[dict[str, np.ndarray], Mapping[str, str]]:
    """The arrays in the order of the header, and the metadata."""
    from safetensors import SafetensorError, deserialize  # only who loads needs it

    try:
        entries = dict(deserialize(content))  # type: ignore[no-untyped-call]
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except (SafetensorError, ValueError) as error:
        raise FileContentError(f"load: {name} is no safetensors file, or a damaged one: {error}") from error
    metadata = header.pop("__metadata__", None) or {}
    return {key: _array(key, entries[key], name) for key in header}, metadata


def _array(key: str, entry: Mapping[str, Any], name: str) -> np.ndarray:
    kind, data, shape = entry["dtype"], entry["data"], entry["shape"]
    if kind == "BF16":  # the upper half of a float32
        high = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        return high.view(np.float32).reshape(shape)
    if kind not in _DTYPES:
        raise FileContentError(f"load: {key} in {name} has the dtype {kind}, which gradviz does not have")
    order = np.dtype(_DTYPES[kind]).newbyteorder("<")
    return np.frombuffer(data, order).astype(_DTYPES[kind]).reshape(shape)


def _refuse_other_formats(content: bytes, name: str) -> None:
    if content[8:9] == b"{":  # a safetensors header, whatever its length begins with
        return
    new = f"{Path(name).stem}.safetensors"
    if content[:1] == b"\x80":
        raise FileContentError(f"load: {name} is a pickle. " + _ADVICE.format(old=name, new=new))
    if content[:2] != b"PK":
        return
    if b"recording.json" in content[:4096]:
        raise FileContentError(f"load: {name} is a recording; `gradviz {name}` opens it")
    if b"data.pkl" in content or b"/version" in content:
        raise FileContentError(
            f"load: {name} was written by PyTorch's torch.save, with a pickle inside. "
            + _ADVICE.format(old=name, new=new)
        )
    raise FileContentError(f"load: {name} is a zip archive, not a safetensors file")
