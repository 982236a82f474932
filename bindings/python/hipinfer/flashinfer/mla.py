# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's multi-head latent attention, weights absorbed, over a paged cache. plan copies index tensors to the device and reads
none there: lengths are read by the kernels, so a captured graph replays with new ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops
from ._attention import FP8, Planned, Ready, Result, graph_buffers, outputs, place, refuse, scale_of


@dataclass(frozen=True)
class MLAPlanMetadata:
    """Where the requests' tokens and keys are: by a page table of all requests side by side (csr), or of a row a request (dense)."""

    qo_indptr: Optional[Tensor] = None
    kv_indptr: Optional[Tensor] = None
    kv_indices: Optional[Tensor] = None
    kv_len_arr: Optional[Tensor] = None
    cum_seq_lens_q: Optional[Tensor] = None
    block_tables: Optional[Tensor] = None
    seq_lens: Optional[Tensor] = None
    max_q_len: Optional[int] = None

    @classmethod
    def csr(cls, qo_indptr: Tensor, kv_indptr: Tensor, kv_indices: Tensor, kv_len_arr: Tensor) -> MLAPlanMetadata:
        return cls(qo_indptr=qo_indptr, kv_indptr=kv_indptr, kv_indices=kv_indices, kv_len_arr=kv_len_arr)

    @classmethod
    def dense(cls, cum_seq_lens_q: Tensor, block_tables: Tensor, seq_lens: Tensor,
              max_q_len: Optional[int] = None) -> MLAPlanMetadata:
        return cls(cum_seq_lens_q=cum_seq_lens_q, block_tables=block_tables, seq_lens=seq_lens, max_q_len=max_q_len)

    @classmethod
    def dual(cls, qo_indptr: Tensor, kv_indptr: Tensor, kv_indices: Tensor, kv_len_arr: Tensor, *, cum_seq_lens_q: Tensor,
             block_tables: Tensor, seq_lens: Tensor, max_q_len: Optional[int] = None) -> MLAPlanMetadata:
        return cls(qo_indptr, kv_indptr, kv_indices, kv_len_arr, cum_seq_lens_q, block_tables, seq_lens, max_q_len)


def _side_by_side(who: str, given: Any) -> List[Tensor]:
    """qo_indptr, kv_indptr, kv_indices, kv_len_arr. Of a table with a row a request, its spare entries stay in it: lengths decide."""
    csr = [given.qo_indptr, given.kv_indptr, given.kv_indices, given.kv_len_arr]
    if all(t is not None for t in csr):
        return csr
    if any(t is not None for t in csr):
        raise TypeError(f"{who}: qo_indptr, kv_indptr, kv_indices and kv_len_arr go together")
    if given.cum_seq_lens_q is None or given.block_tables is None or given.seq_lens is None:
        raise TypeError(f"{who}: qo_indptr, kv_indptr, kv_indices and kv_len_arr are needed, or cum_seq_lens_q, block_tables and "
                        "seq_lens")
    requests, pages = given.block_tables.shape
    begins = torch.arange(requests + 1, device=given.block_tables.device, dtype=torch.int32) * pages
    return [given.cum_seq_lens_q, begins, given.block_tables.reshape(-1), given.seq_lens]


def _parts(name: str, both: Any, first: Optional[Tensor], second: Optional[Tensor], width: int) -> Tuple[Tensor, Tensor]:
    """The latent and the rotated part, given as two tensors, as a pair, or side by side in one."""
    if both is None:
        if first is None or second is None:
            raise TypeError(f"{name}: both parts are needed")
        return first, second
    if first is not None or second is not None:
        raise TypeError(f"{name}: given twice")
    if isinstance(both, torch.Tensor):
        return both[..., :width], both[..., width:]
    latent, rotated = both
    return latent, rotated


class BatchMLAPagedAttentionWrapper(Ready):
    """Latent attention of a batch with any number of query tokens a request. The workspace holds partial results of long requests;
    if it is too small the call says what it needs. Which kernel serves is no choice of the caller's: backend is taken and changes
    nothing."""

    def __init__(self, float_workspace_buffer: Tensor, use_cuda_graph: bool = False, qo_indptr: Optional[Tensor] = None,
                 kv_indptr: Optional[Tensor] = None, kv_indices: Optional[Tensor] = None, kv_len_arr: Optional[Tensor] = None,
                 backend: str = "auto") -> None:
        self._float_workspace_buffer, self.device = float_workspace_buffer, float_workspace_buffer.device
        self._int_workspace_buffer = torch.empty(0, device=self.device, dtype=torch.uint8)
        self._pin_memory_int_workspace_buffer = torch.empty(0, dtype=torch.uint8, device="cpu")
        self._cached_module, self._plan_info = Planned(), None
        self._backend = "fa2" if backend == "auto" else backend
        self._use_cuda_graph = use_cuda_graph
        self._buffers: Optional[List[Tensor]] = None
        if use_cuda_graph:
            self._buffers = graph_buffers(qo_indptr=qo_indptr, kv_indptr=kv_indptr, kv_indices=kv_indices, kv_len_arr=kv_len_arr)
            requests = self._buffers[3].numel()
            for name, buffer in (("qo_indptr", self._buffers[0]), ("kv_indptr", self._buffers[1])):
                if buffer.numel() != requests + 1:
                    raise ValueError(f"{name}: {buffer.numel()} entries, expected {requests + 1}, one more than kv_len_arr")
        self._qo_indptr_buf, self._kv_indptr_buf = qo_indptr, kv_indptr
        self._kv_indices_buf, self._kv_len_arr_buf = kv_indices, kv_len_arr
        self._causal, self._sm_scale, self._page_size = False, 0.0, 0
        self._head_dim_ckv, self._head_dim_kpe, self._num_heads = 0, 0, 0
        self._q_data_type: Optional[torch.dtype] = None
        self._kv_data_type: Optional[torch.dtype] = None
        self._lse_mode = "none"

    def plan(self, qo_indptr: Optional[Tensor] = None, kv_indptr: Optional[Tensor] = None, kv_indices: Optional[Tensor] = None,
             kv_len_arr: Optional[Tensor] = None, num_heads: Optional[int] = None, head_dim_ckv: Optional[int] = None,
             head_dim_kpe: Optional[int] = None, page_size: Optional[int] = None, causal: Optional[bool] = None,
             sm_scale: Optional[float] = None, q_data_type: Optional[torch.dtype] = None,
             kv_data_type: Optional[torch.dtype] = None, use_profiler: bool = False, *, metadata: Optional[MLAPlanMetadata] = None,
             cum_seq_lens_q: Optional[Tensor] = None, block_tables: Optional[Tensor] = None, seq_lens: Optional[Tensor] = None,
             max_q_len: Optional[int] = None, query_layout: Optional[str] = None, kv_cache_layout: Optional[str] = None,
             lse_mode: str = "none", output_dtype: Optional[torch.dtype] = None, output_scale: str = "none",
             scale_mode: str = "default", skip_softmax: bool = False, enable_pdl: Optional[bool] = None,
             use_sinks: bool = False) -> None:
        """max_q_len, query_layout and kv_cache_layout are taken and not needed: run takes its tensors in either layout."""
        who = type(self).__name__
        refuse(who, use_profiler=use_profiler or None, output_scale=None if output_scale == "none" else output_scale,
               scale_mode=None if scale_mode == "default" else scale_mode, skip_softmax=skip_softmax or None,
               use_sinks=use_sinks or None)
        given = (qo_indptr, kv_indptr, kv_indices, kv_len_arr, cum_seq_lens_q, block_tables, seq_lens, max_q_len)
        if metadata is not None and any(x is not None for x in given):
            raise ValueError(f"{who}: metadata and tensors that it holds are given")
        if (num_heads is None or head_dim_ckv is None or head_dim_kpe is None or page_size is None or causal is None
                or sm_scale is None or q_data_type is None or kv_data_type is None):
            raise TypeError(f"{who}: num_heads, head_dim_ckv, head_dim_kpe, page_size, causal, sm_scale, q_data_type and "
                            "kv_data_type are needed")
        if kv_data_type in FP8 or kv_data_type != q_data_type:
            refuse(who, kv_data_type=str(kv_data_type))
        refuse(who, output_dtype=None if output_dtype in (None, q_data_type) else str(output_dtype))
        if lse_mode not in ("none", "base2", "basee"):
            raise ValueError(f"lse_mode: {lse_mode!r}, expected 'none', 'base2' or 'basee'")
        tables = _side_by_side(who, MLAPlanMetadata(*given) if metadata is None else metadata)
        names = ("qo_indptr", "kv_indptr", "kv_indices", "kv_len_arr")
        placed = place(self._buffers, self.device, True, **dict(zip(names, tables)))
        self._qo_indptr_buf, self._kv_indptr_buf, self._kv_indices_buf, self._kv_len_arr_buf = placed
        self._num_heads, self._head_dim_ckv, self._head_dim_kpe, self._page_size = num_heads, head_dim_ckv, head_dim_kpe, page_size
        self._causal, self._sm_scale, self._lse_mode = causal, float(sm_scale), lse_mode
        self._q_data_type, self._kv_data_type = q_data_type, kv_data_type

    def run(self, q_nope: Optional[Tensor] = None, q_pe: Optional[Tensor] = None, ckv_cache: Optional[Tensor] = None,
            kpe_cache: Optional[Tensor] = None, out: Optional[Tensor] = None, lse: Optional[Tensor] = None, return_lse: bool = False,
            profiler_buffer: Optional[Tensor] = None, kv_len: Optional[Tensor] = None, page_table: Optional[Tensor] = None,
            return_lse_base_on_e: bool = False, o_scale: Optional[float] = None, *, query: Any = None, kv_cache: Any = None,
            ckv_scale: Optional[float] = None, ckv_scale_arr: Optional[Tensor] = None, kpe_scale: Optional[float] = None,
            sinks: Optional[Tensor] = None, skip_softmax_threshold_scale_factor: Optional[float] = None, bmm1_scale: Any = None,
            bmm2_scale: Any = None) -> Result:
        """Of q_nope [tokens, heads, head_dim_ckv] and q_pe [tokens, heads, head_dim_kpe] over ckv_cache and kpe_cache, whose pages are
        [page_size, head_dim_ckv] and [page_size, head_dim_kpe]: the output, with return_lse also the logarithm, base 2, of the
        softmax's sum."""
        who = type(self).__name__
        refuse(who, profiler_buffer=profiler_buffer, kv_len=kv_len, page_table=page_table, o_scale=o_scale, ckv_scale=ckv_scale,
               ckv_scale_arr=ckv_scale_arr, kpe_scale=kpe_scale, sinks=sinks,
               skip_softmax_threshold_scale_factor=skip_softmax_threshold_scale_factor, bmm1_scale=bmm1_scale, bmm2_scale=bmm2_scale)
        if self._q_data_type is None:
            raise RuntimeError(f"{who}: run comes after plan")
        nope, pe = _parts("query", query, q_nope, q_pe, self._head_dim_ckv)
        latent, rotated = _parts("kv_cache", kv_cache, ckv_cache, kpe_cache, self._head_dim_ckv)
        for name, t, dtype in (("q_nope", nope, self._q_data_type), ("q_pe", pe, self._q_data_type),
                               ("ckv_cache", latent, self._kv_data_type), ("kpe_cache", rotated, self._kv_data_type)):
            if t.dtype != dtype:
                raise ValueError(f"{name}: dtype {t.dtype}, and plan was told {dtype}")
        if nope.shape[1:] != (self._num_heads, self._head_dim_ckv) or pe.shape[1:] != (self._num_heads, self._head_dim_kpe):
            raise ValueError(f"q_nope {tuple(nope.shape)} and q_pe {tuple(pe.shape)}, and plan was told of {self._num_heads} heads of "
                             f"{self._head_dim_ckv} and {self._head_dim_kpe}")
        if latent.shape[1] != self._page_size:
            raise ValueError(f"ckv_cache: pages of {latent.shape[1]}, and plan was told of {self._page_size}")
        out, lse = outputs(nope, out, lse, return_lse or lse is not None)
        workspace = self._float_workspace_buffer.reshape(-1).view(torch.uint8)
        ops.paged_mla_attention(nope, pe, latent, rotated, self._qo_indptr_buf, self._kv_indptr_buf, self._kv_indices_buf,
                                self._kv_len_arr_buf, scale_of(self._sm_scale), output=out, lse=lse, causal=bool(self._causal),
                                workspace=workspace)
        if lse is None:
            return out
        if return_lse_base_on_e or self._lse_mode == "basee":
            lse.mul_(math.log(2))
        return (out, lse) if return_lse else out
