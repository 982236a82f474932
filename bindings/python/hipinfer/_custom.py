# SPDX-License-Identifier: Apache-2.0
"""The operations as torch's custom operators, torch.ops.hipinfer.NAME, for what looks at a call before it is made: torch.compile,
torch.export, fake and meta tensors. Each takes the operation's arguments, then its options, then its workspace, and writes into
the outputs that it is given; so there is nothing to infer, and a call's fake does nothing."""

from __future__ import annotations

from ctypes import c_float, c_uint64
from typing import Any, List, Optional, Sequence, Tuple

import torch

from . import _call, ops
from ._abi import FUNCTIONS
from ._call import POINTER_TO_TENSOR, Operation

_library = torch.library.Library("hipinfer", "DEF")
# Kernels take the strides that the caller chose, and refuse some.
_TAGS = (torch.Tag.pt2_compliant_tag, getattr(torch.Tag, "needs_exact_strides", torch.Tag.needs_fixed_stride_order))


Field = Tuple[str, Any]  # name, and what ctypes calls its type; None: a tensor


def fields_of(operation: Operation) -> List[Field]:
    """What the operator takes."""
    kinds = FUNCTIONS[f"hipinfer_{operation.name}"][1][1:]
    tensors = {i for i, _ in operation.tensors}
    found: List[Field] = [(name, None if i in tensors else kinds[i]) for i, name in enumerate(operation.arguments)]
    if operation.options is not None:
        found += [(field[0], None if field[1] is POINTER_TO_TENSOR else field[1]) for field in operation.options._fields_[1:]]
    return found + ([("workspace", None)] if operation.query is not None else [])


def schema(operation: Operation, fields: Sequence[Field]) -> str:
    """NAME(tensors and numbers) -> (). Which tensors may be left out is for the operation to say."""
    written = {operation.arguments[i] for i, is_written in operation.tensors if is_written} | {"workspace"}
    words = []
    for i, (name, kind) in enumerate(fields):
        of = f"Tensor(a{i}!)?" if name in written else "Tensor?" if kind is None else "float" if kind is c_float else "SymInt"
        words.append(f"{of} {name}")
    return f"{operation.name}({', '.join(words)}) -> ()"


def register(operation: Operation) -> None:
    count, options, fields = len(operation.arguments), len(operation.option_fields), fields_of(operation)
    unsigned = [i for i, (_, kind) in enumerate(fields) if kind is c_uint64]

    def run(*given: Any) -> None:
        values = list(given)
        for i in unsigned:
            values[i] %= 2**64
        chosen = values[count:count + options] if options else None
        operation.run(values[:count], chosen, None, None, *values[count + options:])

    def refuse_gradients(*values: Any) -> None:
        if torch.is_grad_enabled() and any(isinstance(v, torch.Tensor) and v.requires_grad for v in values):
            raise RuntimeError(f"{operation.name}: a tensor requires a gradient, which hipinfer does not have: call it under "
                               "torch.no_grad(), or with tensors that are detached")
        with torch._C._AutoDispatchBelowAutograd():
            operator(*values)

    _library.define(schema(operation, fields), tags=_TAGS)
    operator = getattr(torch.ops.hipinfer, operation.name).default
    for key in ("CPU", "CUDA"):
        _library.impl(operation.name, run, key)
    _library.impl(operation.name, refuse_gradients, "Autograd")
    torch.library.register_fake(f"hipinfer::{operation.name}", lambda *_: None, lib=_library)
    operation.custom = operator


def traced(operation: Operation, args: Sequence[Any], options: Optional[Sequence[Any]], stream: Any, context: Any,
           workspace: Any) -> None:
    """The call as an operator. What a graph cannot hold is refused."""
    if stream is not None or context is not None:
        raise RuntimeError(f"{operation.name}: stream and context cannot be given where torch traces the call")
    # Where the options are left out, they are zeros and no tensors.
    chosen = [None if convert is None else 0 for _, convert in operation.option_fields] if options is None else options
    values: List[Any] = [int(v) if isinstance(v, bool) else v for v in (*args, *chosen)]
    # The operator's integers are of 64 bits, with a sign.
    values = [v - 2**64 if isinstance(v, int) and v >= 2**63 else v for v in values]
    operation.custom(*values, *([] if operation.query is None else [workspace]))


def fake(values: Sequence[Any]) -> bool:
    """Whether tensors have no memory, all that are there: one that lacks it among others is a mistake."""
    tensors = [v for v in values if v is not None]
    return bool(tensors) and all(
        isinstance(v, torch.Tensor) and (v.is_meta or isinstance(v, torch._subclasses.FakeTensor)) for v in tensors)


def register_all() -> None:
    for operation in vars(ops).values():
        if isinstance(operation, Operation):
            register(operation)
    _call.tracing = _call.Tracing(torch.compiler.is_compiling, traced, fake)
