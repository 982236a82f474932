# SPDX-License-Identifier: Apache-2.0
"""What the loaded library holds: operations, kernels, targets and code objects."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from . import _abi
from ._library import check, lib


class Kernel(NamedTuple):
    """A row of the dispatch table; Context(disable=...) takes "op/kernel"."""

    op: str
    kernel: str
    module: str
    targets: str
    condition: str
    stage: str


def library_version() -> str:
    return lib.hipinfer_version_string().decode()


def last_kernel() -> str:
    """"op/kernel" that served this thread's last successful operation; "" if it had nothing to do."""
    return lib.hipinfer_last_kernel().decode()


def operations() -> List[str]:
    return [lib.hipinfer_op_name(i).decode() for i in range(lib.hipinfer_op_count())]


def kernels() -> List[Kernel]:
    """Every kernel, in the order in which dispatch tries them."""
    rows = []
    for i in range(lib.hipinfer_kernel_count()):
        info = _abi.KernelInfo(struct_size=ctypes.sizeof(_abi.KernelInfo))
        check(lib.hipinfer_kernel_get(i, info))
        rows.append(Kernel(*(getattr(info, name).decode() for name in Kernel._fields)))
    return rows


def targets() -> List[str]:
    """GPU targets with built-in code objects."""
    return [lib.hipinfer_target_name(i).decode() for i in range(lib.hipinfer_target_count())]


def code_object(target: str, module: str) -> bytes:
    """The code object of a module, for hipModuleLoadData or cuModuleLoadData."""
    data, size = ctypes.c_void_p(), ctypes.c_size_t()
    check(lib.hipinfer_code_object(target.encode(), module.encode(), data, size))
    return ctypes.string_at(data, size.value)


_fp8: Dict[Tuple[str, Optional[int]], Any] = {}


def default_fp8(tensor: Any) -> Any:
    """The e4m3 of the torch tensor's device: torch.float8_e4m3fnuz where its hardware has that encoding (MI300), else
    torch.float8_e4m3fn."""
    import torch

    device = (tensor.device.type, tensor.device.index)
    found = _fp8.get(device)
    if found is None:
        name = getattr(torch.cuda.get_device_properties(tensor.device), "gcnArchName", "") if device[0] == "cuda" else ""
        found = _fp8[device] = torch.float8_e4m3fnuz if name.startswith("gfx942") else torch.float8_e4m3fn
    return found


def manifest() -> Any:
    """Each operation's kernels, symbols, workgroup sizes and the layout of the argument struct."""
    return json.loads(lib.hipinfer_manifest().decode())
