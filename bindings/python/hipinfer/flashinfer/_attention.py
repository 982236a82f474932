# SPDX-License-Identifier: Apache-2.0
"""What FlashInfer's attention wrappers share: layouts, options, buffers that a graph reads, masks."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

import torch
from torch import Tensor

from .._abi import DeviceTypeCode
from ..context import Context, default_context

Cache = Union[Tensor, Tuple[Tensor, Tensor]]
Scale = Union[None, float, Tensor]
Dtype = Union[None, str, torch.dtype]
Result = Union[Tensor, Tuple[Tensor, Tensor]]

MOST_KEYS = 2**30  # of a request
FP8 = (torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2, torch.float8_e5m2fnuz)

_invariant: Dict[torch.device, Context] = {}
_slopes: Dict[Tuple[int, torch.device], Tensor] = {}  # for good: a captured graph reads them


def refuse(who: str, **words: Any) -> None:
    """What would change the result and is not there is refused by name."""
    for name, value in words.items():
        if value is not None:
            shown = f"={value!r}" if isinstance(value, (str, int, float)) else ""
            raise NotImplementedError(f"flashinfer.{who}: hipinfer does not have {name}{shown}")


def dtype_of(value: Dtype) -> Optional[torch.dtype]:
    return getattr(torch, value) if isinstance(value, str) else value


def pages_of(cache: Cache, layout: str) -> Tuple[Tensor, Tensor]:
    """Keys and values, [pages, slots, heads, dim] each."""
    if isinstance(cache, (tuple, list)):
        keys, values = cache
    elif isinstance(cache, torch.Tensor):
        keys, values = cache.unbind(1)
    else:
        raise KeyError(f"paged_kv_cache: {type(cache).__name__}, expected a tensor or a pair of tensors")
    return (keys, values) if layout == "NHD" else (keys.transpose(1, 2), values.transpose(1, 2))


def by_tokens(layout: str, *tensors: Tensor) -> List[Tensor]:
    """[keys, heads, dim] of tensors in either layout."""
    if layout not in ("NHD", "HND"):
        raise KeyError(f"Invalid kv_layout {layout}")
    return [x if layout == "NHD" else x.transpose(0, 1) for x in tensors]


def alibi_slopes(heads: int, device: Optional[torch.device] = None) -> Tensor:
    """ALiBi's slope of each head (Press et al. 2021, arXiv:2108.12409): 2^(-8 h / n) for the h-th of n heads from 1 on, n the largest
    power of two; the heads past n get every second one of twice as many."""
    whole = 1 << (heads.bit_length() - 1)
    first = torch.arange(1, whole + 1, device=device, dtype=torch.float32) * (-8.0 / whole)
    rest = (torch.arange(heads - whole, device=device, dtype=torch.float32) * 2 + 1) * (-4.0 / whole)
    return torch.exp2(torch.cat((first, rest)))


def scale_of(value: float) -> float:
    """The operation's 0 is its default; a factor that leaves nothing of a score is as good as 0."""
    return float(value) or 1e-30


def window_of(window_left: int) -> int:
    """The operation's window counts the token's own key; 0 is none."""
    return window_left + 1 if 0 <= window_left < MOST_KEYS - 1 else 0


def options_of(who: str, heads: int, head_dim: int, device: torch.device, pos_encoding_mode: str, window_left: int,
               logits_soft_cap: Optional[float], sm_scale: Optional[float]) -> Dict[str, Any]:
    """The operation's options; sm_scale is always there, for scales multiply it."""
    if pos_encoding_mode == "ROPE_LLAMA":
        refuse(who, pos_encoding_mode=pos_encoding_mode)
    if pos_encoding_mode not in ("NONE", "ALIBI"):
        raise KeyError(f"Invalid pos_encoding_mode {pos_encoding_mode}")
    words: Dict[str, Any] = {"sm_scale": 1 / math.sqrt(head_dim) if sm_scale is None else scale_of(sm_scale)}
    words["sliding_window"] = window_of(window_left)
    if logits_soft_cap is not None and logits_soft_cap > 0:
        words["logits_soft_cap"] = float(logits_soft_cap)
    if pos_encoding_mode == "ALIBI":
        if "logits_soft_cap" in words:  # FlashInfer caps the sum of score and bias, hipinfer the score
            refuse(who, pos_encoding_mode=pos_encoding_mode, logits_soft_cap=logits_soft_cap)
        if (heads, device) not in _slopes:
            _slopes[heads, device] = alibi_slopes(heads, device)
        words["alibi_slopes"] = _slopes[heads, device]
    return words


def of_cache(words: Dict[str, Any], keys: Tensor, k_scale: Scale, v_scale: Scale) -> Tuple[Dict[str, Any], Scale, Scale]:
    """Scales of a cache of fp8 that the kernel reads, and those that are left: of keys a number, which multiplies sm_scale."""
    if keys.dtype not in FP8:
        return words, k_scale, v_scale
    if isinstance(k_scale, torch.Tensor):
        words, k_scale = {**words, "k_scale": k_scale.to(keys.device, torch.float32).reshape(-1)}, None
    if isinstance(v_scale, torch.Tensor):
        words, v_scale = {**words, "v_scale": v_scale.to(keys.device, torch.float32).reshape(-1)}, None
    elif v_scale is not None and v_scale != 1:
        words, v_scale = {**words, "v_scale": torch.full((1,), v_scale, device=keys.device, dtype=torch.float32)}, None
    return words, k_scale, v_scale


def with_run_options(words: Dict[str, Any], scales: Sequence[Scale], window_left: Optional[int],
                     sinks: Optional[Tensor]) -> Dict[str, Any]:
    """With what run is told besides: q_scale and k_scale, which multiply sm_scale (one in device memory is read, which waits for
    it), a window in place of the planned one, sinks."""
    factor = 1.0
    for s in scales:
        if s is not None:
            factor *= float(s)
    if factor != 1:
        words = {**words, "sm_scale": scale_of(words["sm_scale"] * factor)}
    if window_left is not None:
        words = {**words, "sliding_window": window_of(window_left)}
    if sinks is None:
        return words
    if "alibi_slopes" in words:  # a sink has no position: what FlashInfer counts positions from would matter
        refuse("sinks", pos_encoding_mode="ALIBI")
    return {**words, "sinks": sinks}


def default_of(device: torch.device) -> Context:
    kind = DeviceTypeCode.CPU if device.type == "cpu" else DeviceTypeCode.HIP if torch.version.hip else DeviceTypeCode.CUDA
    return default_context((int(kind), device.index or 0))


def invariant_context(device: torch.device) -> Context:
    """Where a split never depends on the batch: what fixed_split_size and disable_split_kv ask for."""
    found = _invariant.get(device)
    if found is None:
        kind = "cpu" if device.type == "cpu" else "hip" if torch.version.hip else "cuda"
        found = _invariant[device] = Context(f"{kind}:{device.index or 0}", batch_invariant=True)
    return found


def graph_buffers(**buffers: Optional[Tensor]) -> List[Tensor]:
    found: List[Tensor] = []
    for name, buffer in buffers.items():
        if not isinstance(buffer, torch.Tensor):
            raise ValueError(f"{name}: a tensor is needed with use_cuda_graph")
        if buffer.dtype != torch.int32:
            raise ValueError(f"{name}: dtype {buffer.dtype}, expected torch.int32")
        found.append(buffer)
    return found


def place(buffers: Optional[Sequence[Tensor]], device: torch.device, non_blocking: bool, **tensors: Tensor) -> List[Tensor]:
    """Index tensors, in int32 on the device; with a graph copied to the buffers that it reads."""
    names, given = list(tensors), list(tensors.values())
    if buffers is None:
        return [t.to(device, torch.int32, non_blocking=non_blocking) for t in given]
    for name, t, buffer in zip(names, given, buffers):
        if t.numel() > buffer.numel() or (t.numel() < buffer.numel() and "indices" not in name):
            fits = "do not fit in" if t.numel() > buffer.numel() else "do not fill"
            raise ValueError(f"{name}: {t.numel()} entries {fits} the graph's buffer of {buffer.numel()}")
        if t.data_ptr() != buffer.data_ptr():
            buffer[:t.numel()].copy_(t, non_blocking=non_blocking)
    return list(buffers)


def lengths_of(indptr: Tensor, last_page_len: Tensor, page_size: int) -> Tensor:
    """Keys of each request, of its pages and what is used of the last."""
    pages = torch.diff(indptr[:last_page_len.numel() + 1]).long()
    return torch.where(pages > 0, (pages - 1) * page_size + last_page_len, 0)


def byte_indptr(pairs: Tensor) -> Tensor:
    """Where each request's bytes of a packed mask begin, for so many pairs of a token and a key each."""
    begins = torch.zeros(pairs.numel() + 1, device=pairs.device, dtype=torch.int64)
    torch.cumsum((pairs + 7) // 8, 0, out=begins[1:])
    return begins


def packed_mask(mask: Tensor, pairs: Tensor, highest_first: bool = False) -> Tensor:
    """A bool mask, request by request, as bits: the lowest of a byte first (or the highest), each request from a byte on. Waits for
    nothing, so there are some bytes more."""
    flat = mask.to(pairs.device).reshape(-1)
    at, ends = torch.arange(flat.numel(), device=pairs.device), torch.cumsum(pairs, 0)
    request = torch.searchsorted(ends, at, right=True).clamp_(max=max(pairs.numel() - 1, 0))
    inside = at - (ends - pairs)[request]
    place = 7 - inside % 8 if highest_first else inside % 8
    packed = torch.zeros(flat.numel() // 8 + pairs.numel() + 1, device=pairs.device, dtype=torch.int32)
    packed.index_add_(0, byte_indptr(pairs)[request] + inside // 8, flat.to(torch.int32) << place.to(torch.int32))
    return packed.to(torch.uint8)


def count_from_first_query(lse: Optional[Tensor], words: Dict[str, Any], history: Callable[[], Tensor]) -> None:
    """With ALiBi, FlashInfer counts a token's position from its request's first query token, and hipinfer from the first key: the
    logarithms differ by the slope times history(), of each token the keys before that query."""
    if lse is not None and "alibi_slopes" in words:
        lse += history()[:, None] * (words["alibi_slopes"] * math.log2(math.e))


def check_lse(q: Tensor, lse: Optional[Tensor], base: str, layout: str) -> None:
    """How a prefill wrapper is asked to give the logarithms."""
    if base not in ("log2", "ln"):
        raise ValueError(f"lse_base: {base!r}, expected 'log2' or 'ln'")
    if layout not in ("NH", "HN"):
        raise ValueError(f"lse_layout: {layout!r}, expected 'NH' or 'HN'")
    if layout == "HN" and lse is not None and lse.shape != (q.shape[1], q.shape[0]):
        raise ValueError(f"lse: shape {tuple(lse.shape)}, expected {(q.shape[1], q.shape[0])}")


def outputs(q: Tensor, out: Optional[Tensor], lse: Optional[Tensor], return_lse: bool) -> Tuple[Tensor, Optional[Tensor]]:
    for name, given, shape in (("out", out, q.shape), ("lse", lse, q.shape[:2])):
        if given is not None and given.shape != shape:
            raise ValueError(f"{name}: shape {tuple(given.shape)}, expected {tuple(shape)}")
    if return_lse and lse is None:
        lse = torch.empty(q.shape[:2], device=q.device, dtype=torch.float32)
    return torch.empty_like(q) if out is None else out, lse if return_lse else None


def result(out: Tensor, lse: Optional[Tensor], v_scale: Scale) -> Result:
    if v_scale is not None and not (isinstance(v_scale, (int, float)) and v_scale == 1):
        out.mul_(v_scale)
    return out if lse is None else (out, lse)


class Planned:
    """Stands for the module that FlashInfer compiles: engines call its plan, which has nothing to do here."""

    def plan(self, *_: Any) -> List[int]:
        return []


class Ready:
    """What has nothing to do, because kernels are there before plan."""

    def prewarm_paged_kv_stride_variant(self, variant: str = "independent") -> None:
        """Keys and values may have different strides."""
        if variant != "independent":
            raise ValueError(f"variant: {variant!r}, expected 'independent'")

    def end_forward(self) -> None:
        """A name of earlier releases."""


class Wrapper(Ready):
    """What all wrappers have; engines read the names with an underscore, too."""

    def __init__(self, float_workspace_buffer: Tensor, kv_layout: str, use_cuda_graph: bool, backend: str, jit_args: Any):
        refuse(type(self).__name__, jit_args=jit_args)
        if kv_layout not in ("NHD", "HND"):
            raise KeyError(f"Invalid kv_layout {kv_layout}")
        self.device = float_workspace_buffer.device
        self._kv_layout, self._use_cuda_graph = kv_layout, use_cuda_graph
        self._backend = "fa2" if backend == "auto" else backend
        self._float_workspace_buffer = float_workspace_buffer
        self._int_workspace_buffer = torch.empty(0, device=self.device, dtype=torch.uint8)
        self._pin_memory_int_workspace_buffer = torch.empty(0, dtype=torch.uint8, device="cpu")
        self._cached_module, self._plan_info = Planned(), None
        self._words: Optional[Dict[str, Any]] = None
        self._q_dtype: Optional[torch.dtype] = None
        self._kv_dtype: Optional[torch.dtype] = None

    @property
    def is_cuda_graph_enabled(self) -> bool:
        return self._use_cuda_graph

    def reset_workspace_buffer(self, float_workspace_buffer: Tensor, int_workspace_buffer: Tensor) -> None:
        self._float_workspace_buffer, self._int_workspace_buffer = float_workspace_buffer, int_workspace_buffer

    def workspace_size(self, *_: Any, **__: Any) -> Tuple[int, int]:
        """Bytes of the two workspaces that the call needs, which are plan's arguments."""
        return 0, 0

    @property
    def resolved_backend(self) -> str:
        return self._backend

    def _keep(self, words: Dict[str, Any], q: Dtype, kv: Dtype, out: Dtype, invariant: bool) -> None:
        """What plan leaves for run."""
        self._q_dtype, self._kv_dtype = dtype_of(q), dtype_of(kv) or dtype_of(q)
        if dtype_of(out) not in (None, self._q_dtype):
            refuse(type(self).__name__, o_data_type=str(out))
        self._words = {**words, "context": invariant_context(self.device)} if invariant else words

    def _planned_words(self) -> Dict[str, Any]:
        if self._words is None:
            raise RuntimeError(f"{type(self).__name__}: run comes after plan")
        return self._words

    @contextmanager
    def _scaled(self, sm_scale: Optional[float]) -> Iterator[None]:
        """With this sm_scale in place of plan's."""
        planned = self._planned_words()
        if sm_scale is not None:
            self._words = {**planned, "sm_scale": scale_of(sm_scale)}
        try:
            yield
        finally:
            self._words = planned

    def _planned(self, q: Tensor, keys: Tensor) -> Dict[str, Any]:
        words = self._planned_words()
        for name, tensor, dtype in (("q", q, self._q_dtype), ("kv", keys, self._kv_dtype)):
            if tensor.dtype != dtype:
                raise ValueError(f"{name}: dtype {tensor.dtype}, and plan was told {name}_data_type {dtype}")
        return words
