# SPDX-License-Identifier: Apache-2.0
"""LLM-inference kernels for AMD GPUs, NVIDIA GPUs and CPUs.

    import numpy as np, hipinfer
    x = np.random.randn(8, 4096).astype(np.float32)
    y = np.empty_like(x)
    hipinfer.rmsnorm(y, x, np.ones(4096, np.float32))

Operations write into the caller's arrays: NumPy's, torch's, anything with __dlpack__, or hipinfer's own Tensor on any
device. On a GPU they only enqueue.
"""

import importlib as _importlib
import typing as _typing

try:
    import numpy as _numpy  # noqa: F401
except ImportError as e:
    raise ImportError(f"hipinfer needs NumPy, which cannot be imported here ({e}): pip install numpy") from e

from ._abi import VERSION as _VERSION
from .context import Context, Event, Graph, Stream, default_context, device_count
from .create import TensorSpec, as_tensor, empty, from_dlpack, from_numpy, pinned, zeros
from .errors import (ArgumentError, DeviceError, DTypeError, HipinferError, InternalError, OutOfMemoryError, ShapeError,
                     TensorError, UnsupportedError, WorkspaceError)
from .inside import Kernel, code_object, kernels, last_kernel, library_version, manifest, operations, targets
from .ops import *  # noqa: F403
from .ops import __all__ as _operations
from .tensor import Buffer, Tensor

__version__ = ".".join(map(str, _VERSION))

__all__ = [  # noqa: PLE0604
    "ArgumentError", "Buffer", "Context", "DeviceError", "DTypeError", "Event", "Graph", "HipinferError", "InternalError", "Kernel",
    "OutOfMemoryError", "ShapeError", "Stream", "Tensor", "TensorError", "TensorSpec", "UnsupportedError",
    "WorkspaceError", "as_tensor", "code_object", "default_context", "device_count", "empty", "from_dlpack", "from_numpy",
    "kernels", "last_kernel", "library_version", "manifest", "operations", "pinned", "targets", "zeros", *_operations,
]


if _typing.TYPE_CHECKING:
    from . import flashinfer as flashinfer
    from . import torch as torch
else:  # hidden from type checkers, for which every name would exist
    def __getattr__(name):
        if name in ("torch", "flashinfer"):  # they import torch, so only once they are asked for
            return _importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
