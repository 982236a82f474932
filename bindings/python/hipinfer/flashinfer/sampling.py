# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's sampling, as far as hipinfer has it. It is always deterministic for a seed and an offset."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple, Union

import torch
from torch import Tensor

from .. import torch as ops


def softmax(logits: Tensor, temperature: Union[None, Tensor, float] = None, enable_pdl: Optional[bool] = None) -> Tensor:
    """Probabilities in f32, at one temperature or one for each row."""
    if isinstance(temperature, torch.Tensor):
        return ops.softmax(logits, temperatures=temperature.to(torch.float32), dtype=torch.float32)
    return ops.softmax(logits, 1.0 if temperature is None else float(temperature), dtype=torch.float32)


def _advance(generator: Optional[torch.Generator], device: torch.device, numbers: int) -> Tuple[int, int]:
    """Seed and offset of the generator, torch's own of the device by default, which moves on by so many numbers."""
    if device.type != "cuda":
        generator = generator or torch.default_generator
        return int(torch.randint(2**62, (1,), generator=generator)), 0
    if generator is None:
        index = torch.cuda.current_device() if device.index is None else device.index
        generator = torch.cuda.default_generators[index]
    seed, offset = (int(v) for v in generator.get_state().view(torch.int64))
    state = torch.tensor([seed, offset + (numbers + 3) // 4 * 4], dtype=torch.int64)
    generator.set_state(state.view(torch.uint8))
    return seed, offset


def top_k_top_p_sampling_from_logits(logits: Tensor, top_k: Union[Tensor, int], top_p: Union[Tensor, float],
                                     indices: Optional[Tensor] = None, filter_apply_order: str = "top_k_first",
                                     deterministic: bool = True, generator: Optional[torch.Generator] = None,
                                     check_nan: bool = False, seed: Union[None, int, Tensor] = None,
                                     offset: Union[None, int, Tensor] = None) -> Tensor:
    """A token id for each row (or for each of `indices`, rows that may repeat): the top k, of these the top p."""
    if filter_apply_order == "joint":
        raise NotImplementedError('flashinfer.sampling.top_k_top_p_sampling_from_logits: hipinfer has no filter_apply_order="joint"')
    if filter_apply_order != "top_k_first":
        raise ValueError(f"Invalid filter_apply_order: {filter_apply_order}")
    if check_nan and bool(torch.isnan(logits).any()):
        raise ValueError("Input logits contains NaN.")
    words: Dict[str, Any] = {}
    if indices is not None:
        logits = logits.index_select(0, indices.long())
    for name, value, dtype in (("top_k", top_k, torch.int32), ("top_p", top_p, torch.float32)):
        if isinstance(value, torch.Tensor):
            value = value.to(dtype)
            words[name + "s"] = value if indices is None else value.index_select(0, indices.long())
        else:
            words[name] = value
    if isinstance(seed, torch.Tensor) or isinstance(offset, torch.Tensor):
        parts = [torch.as_tensor(0 if v is None else v, dtype=torch.int64, device=logits.device).reshape(1) for v in (seed, offset)]
        words["philox"] = torch.cat(parts)
    elif seed is None:
        words["seed"], words["offset"] = _advance(generator, logits.device, logits.numel())
    else:
        words["seed"], words["offset"] = seed, offset or 0
    return ops.top_k_top_p_sampling_from_logits(logits, **words)
