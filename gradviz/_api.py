"""What `import gradviz as torch` offers: PyTorch's top-level names. Loaded when the first of them is used."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine import Tensor
from gradviz.engine.api import FUNCTIONS, guarded
from gradviz.engine.dtypes import DType as dtype  # noqa: N813  (PyTorch's name)
from gradviz.engine.dtypes import (
    bool_,
    float16,
    float32,
    float64,
    get_default_dtype,
    int8,
    int16,
    int32,
    int64,
    promote_types,
    set_default_dtype,
    uint8,
)
from gradviz.engine.layouts import (
    Layout,
    MemoryFormat,
    channels_last,
    channels_last_3d,
    contiguous_format,
    preserve_format,
    strided,
)
from gradviz.engine.ops.questions import finfo, iinfo
from gradviz.engine.printing import set_printoptions
from gradviz.engine.random import Generator, initial_seed, manual_seed
from gradviz.engine.recorder import record
from gradviz.engine.size import Device as device  # noqa: N813  (PyTorch's name)
from gradviz.engine.size import Size
from gradviz.engine.state import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from gradviz.scalar.value import Value

NAMES: dict[str, Any] = {
    **{entry.name: guarded(entry.function) for entry in FUNCTIONS if "torch" in entry.places},
    "Generator": Generator,
    "Size": Size,
    "Tensor": Tensor,
    "Value": Value,
    "bool": bool_,
    "channels_last": channels_last,
    "channels_last_3d": channels_last_3d,
    "contiguous_format": contiguous_format,
    "device": device,
    "double": float64,
    "dtype": dtype,
    "enable_grad": enable_grad,
    "finfo": finfo,
    "float": float32,
    "float16": float16,
    "float32": float32,
    "float64": float64,
    "get_default_dtype": get_default_dtype,
    "half": float16,
    "e": math.e,
    "iinfo": iinfo,
    "inf": math.inf,
    "inference_mode": inference_mode,
    "initial_seed": initial_seed,
    "int": int32,
    "int16": int16,
    "int32": int32,
    "int64": int64,
    "int8": int8,
    "is_grad_enabled": is_grad_enabled,
    "is_inference_mode_enabled": is_inference_mode_enabled,
    "layout": Layout,
    "long": int64,
    "manual_seed": manual_seed,
    "memory_format": MemoryFormat,
    "nan": math.nan,
    "no_grad": no_grad,
    "pi": math.pi,
    "preserve_format": preserve_format,
    "promote_types": promote_types,
    "record": record,
    "set_default_dtype": set_default_dtype,
    "set_grad_enabled": set_grad_enabled,
    "set_printoptions": set_printoptions,
    "strided": strided,
    "short": int16,
    "uint8": uint8,
}
