# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's routing of tokens to experts."""

from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor

from .. import torch as ops


def fused_topk_deepseek(scores: Tensor, bias: Tensor, n_group: int, topk_group: int, topk: int, routed_scaling_factor: float,
                        topk_values: Tensor, topk_indices: Tensor, launch_with_pdl: bool = True,
                        routing_replay_out: Optional[Tensor] = None, *, backend: str = "default") -> None:
    """The topk best experts of the topk_group best groups, by sigmoid(scores) + bias, and their weights: sigmoid(scores) over its
    sum, times the factor. Any topk up to the experts of these groups, up to 1024 experts, and a bias of f32 or of scores' dtype."""
    expected = (scores.shape[0], topk)
    for name, given in (("topk_values", topk_values), ("topk_indices", topk_indices)):
        if tuple(given.shape) != expected:
            raise ValueError(f"{name} must have the shape {expected}, got {tuple(given.shape)}")
    if routing_replay_out is not None and (routing_replay_out.dtype != torch.int16 or routing_replay_out.shape[0] < expected[0] or
                                           routing_replay_out.shape[1:] != expected[1:]):
        raise ValueError(f"routing_replay_out must be int16 with {topk} columns and {expected[0]} rows or more")
    ops.grouped_top_k(topk_values, topk_indices, scores, bias, n_group, topk_group, routed_scaling_factor)
    if routing_replay_out is not None:
        routing_replay_out[:expected[0]].copy_(topk_indices)
