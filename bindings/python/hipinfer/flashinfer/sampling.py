# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's sampling. hipinfer is deterministic for a seed and an offset, whatever `deterministic` says. Of equal elements at
a threshold it keeps the lowest indices, so that exactly `top_k` are left, where FlashInfer may keep them all."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple, Union

import torch
from torch import Tensor

from .. import torch as ops

Number = Union[None, int, Tensor]
Samples = Union[Tensor, Tuple[Tensor, Tensor]]


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
    state = torch.tensor([seed, offset + (numbers + 3) // 4 * 4], dtype=torch.int64, device="cpu")
    generator.set_state(state.view(torch.uint8))
    return seed % 2**64, offset


def _random(seed: Number, offset: Number, generator: Optional[torch.Generator], device: torch.device, numbers: int,
            count: int) -> Dict[str, Any]:
    """The words for seed and offset, each a number or a tensor of one or `count`; where one is left out, those of the
    generator."""
    if seed is None or offset is None:
        seed, offset = _advance(generator, device, numbers)
    if isinstance(seed, torch.Tensor) or isinstance(offset, torch.Tensor):
        parts = [torch.as_tensor(v, dtype=torch.int64, device=device).reshape(-1) for v in (seed, offset)]
        if max(p.numel() for p in parts) == 1:
            return {"philox": torch.cat(parts)}
        return {"philox": torch.stack([p.expand(count) for p in parts], -1)}
    return {"seed": seed, "offset": offset}


def _settings(each: Dict[str, Tuple[Union[Tensor, float], torch.dtype]], indices: Optional[Tensor]) -> Dict[str, Any]:
    """A setting is a number, or a tensor of one for each row, of which an output takes that of the row it is sampled from."""
    words: Dict[str, Any] = {}
    for name, (value, dtype) in each.items():
        if isinstance(value, torch.Tensor):
            value = value.to(dtype)
            words[name + "s"] = value if indices is None else value.index_select(0, indices.long())
        else:
            words[name] = value
    return words


def _samples(function: Any, rows: Tensor, indices: Optional[Tensor], return_valid: bool, words: Dict[str, Any]) -> Samples:
    """Samples have the dtype of `indices`."""
    count = (rows if indices is None else indices).shape[0]
    valid = torch.empty(count, dtype=torch.bool, device=rows.device) if return_valid else None
    ids = function(rows, indices=indices, valid=valid, **words)
    if indices is not None:
        ids = ids.to(indices.dtype)
    return (ids, valid) if valid is not None else ids


def _check_nan(check_nan: bool, rows: Tensor, name: str) -> None:
    if check_nan and bool(torch.isnan(rows).any()):
        raise ValueError(f"Input {name} contains NaN.")


def _joint(filter_apply_order: str) -> bool:
    if filter_apply_order not in ("top_k_first", "joint"):
        raise ValueError(f"Invalid filter_apply_order: {filter_apply_order}")
    return filter_apply_order == "joint"


def sampling_from_logits(logits: Tensor, indices: Optional[Tensor] = None, deterministic: bool = True,
                         generator: Optional[torch.Generator] = None, check_nan: bool = False, seed: Number = None,
                         offset: Number = None) -> Tensor:
    """A token id for each row (or for each of `indices`, rows that may repeat), by the softmax of its logits."""
    _check_nan(check_nan, logits, "logits")
    count = (logits if indices is None else indices).shape[0]
    words = _random(seed, offset, generator, logits.device, count * logits.shape[1], count)
    return _samples(ops.sampling_from_logits, logits, indices, False, words)  # type: ignore[return-value]


def _from_probs(function: Any, probs: Tensor, each: Dict[str, Tuple[Union[Tensor, float], torch.dtype]], indices: Optional[Tensor],
                generator: Optional[torch.Generator], check_nan: bool, seed: Number, offset: Number, return_valid: bool,
                rounds: int = 32, **more: Any) -> Samples:
    _check_nan(check_nan, probs, "probs")
    count = (probs if indices is None else indices).shape[0]
    words = {**_settings(each, indices), **_random(seed, offset, generator, probs.device, count * rounds, count), **more}
    return _samples(function, probs, indices, return_valid, words)


def sampling_from_probs(probs: Tensor, indices: Optional[Tensor] = None, deterministic: bool = True,
                        generator: Optional[torch.Generator] = None, check_nan: bool = False, seed: Number = None,
                        offset: Number = None, return_valid: bool = False) -> Samples:
    """A token id for each row (or for each of `indices`), by its probabilities."""
    return _from_probs(ops.sampling_from_probs, probs, {}, indices, generator, check_nan, seed, offset, return_valid, 1)


def top_p_sampling_from_probs(probs: Tensor, top_p: Union[Tensor, float], indices: Optional[Tensor] = None, deterministic: bool = True,
                              generator: Optional[torch.Generator] = None, check_nan: bool = False, seed: Number = None,
                              offset: Number = None, return_valid: bool = False) -> Samples:
    """Of the fewest largest probabilities that reach top_p of the row's sum."""
    return _from_probs(ops.top_p_sampling_from_probs, probs, {"top_p": (top_p, torch.float32)}, indices, generator, check_nan, seed,
                       offset, return_valid)


def top_k_sampling_from_probs(probs: Tensor, top_k: Union[Tensor, int], indices: Optional[Tensor] = None, deterministic: bool = True,
                              generator: Optional[torch.Generator] = None, check_nan: bool = False, seed: Number = None,
                              offset: Number = None, return_valid: bool = False) -> Samples:
    """Of the top_k largest probabilities."""
    return _from_probs(ops.top_k_sampling_from_probs, probs, {"top_k": (top_k, torch.int32)}, indices, generator, check_nan, seed,
                       offset, return_valid)


def min_p_sampling_from_probs(probs: Tensor, min_p: Union[Tensor, float], indices: Optional[Tensor] = None, deterministic: bool = True,
                              generator: Optional[torch.Generator] = None, check_nan: bool = False, seed: Number = None,
                              offset: Number = None, return_valid: bool = False) -> Samples:
    """Of the probabilities that are at least min_p of the largest."""
    return _from_probs(ops.min_p_sampling_from_probs, probs, {"min_p": (min_p, torch.float32)}, indices, generator, check_nan, seed,
                       offset, return_valid)


def top_k_top_p_sampling_from_probs(probs: Tensor, top_k: Union[Tensor, int], top_p: Union[Tensor, float],
                                    indices: Optional[Tensor] = None, filter_apply_order: str = "top_k_first",
                                    deterministic: bool = True, generator: Optional[torch.Generator] = None, check_nan: bool = False,
                                    seed: Number = None, offset: Number = None, return_valid: bool = False,
                                    top_k_max: Optional[int] = None) -> Samples:
    """Of the top k, and of these (or, "joint", of all) the top p."""
    return _from_probs(ops.top_k_top_p_sampling_from_probs, probs, {"top_k": (top_k, torch.int32), "top_p": (top_p, torch.float32)},
                       indices, generator, check_nan, seed, offset, return_valid, joint=_joint(filter_apply_order))


def top_k_top_p_sampling_from_logits(logits: Tensor, top_k: Union[Tensor, int], top_p: Union[Tensor, float],
                                     indices: Optional[Tensor] = None, filter_apply_order: str = "top_k_first",
                                     deterministic: bool = True, generator: Optional[torch.Generator] = None,
                                     check_nan: bool = False, seed: Number = None, offset: Number = None,
                                     top_k_max: Optional[int] = None) -> Tensor:
    """A token id for each row (or for each of `indices`, rows that may repeat): of the top k, and of these (or, "joint", of all)
    the top p."""
    joint = _joint(filter_apply_order)
    _check_nan(check_nan, logits, "logits")
    count = (logits if indices is None else indices).shape[0]
    words = {**_settings({"top_k": (top_k, torch.int32), "top_p": (top_p, torch.float32)}, indices),
             **_random(seed, offset, generator, logits.device, count * 32, count), "joint": joint}
    return _samples(ops.top_k_top_p_sampling_from_logits, logits, indices, False, words)  # type: ignore[return-value]


def top_p_renorm_probs(probs: Tensor, top_p: Union[Tensor, float], is_deterministic: bool = False) -> Tensor:
    """The fewest largest probabilities that reach top_p of the row's sum, divided by theirs, and 0; in f32."""
    return ops.top_p_renorm_probs(probs.float(), **_settings({"top_p": (top_p, torch.float32)}, None))


def top_k_renorm_probs(probs: Tensor, top_k: Union[Tensor, int], is_deterministic: bool = False) -> Tensor:
    """The top_k largest probabilities, divided by their sum, and 0."""
    return ops.top_k_renorm_probs(probs, **_settings({"top_k": (top_k, torch.int32)}, None))


def top_k_mask_logits(logits: Tensor, top_k: Union[Tensor, int]) -> Tensor:
    """The top_k largest logits, and -inf."""
    return ops.top_k_mask_logits(logits, **_settings({"top_k": (top_k, torch.int32)}, None))


top_p_renorm_prob, top_k_renorm_prob = top_p_renorm_probs, top_k_renorm_probs  # older names


def chain_speculative_sampling(draft_probs: Tensor, draft_token_ids: Tensor, target_probs: Tensor,
                               maybe_output_accepted_token_num: Optional[Tensor] = None,
                               maybe_output_emitted_draft_token_num: Optional[Tensor] = None, deterministic: bool = True,
                               generator: Optional[torch.Generator] = None, seed: Number = None,
                               offset: Number = None) -> Tuple[Tensor, Tensor, Tensor]:
    """The draft's tokens that are kept, one more, then -1; and the two counts, which are added to the tensors that are given."""
    requests, places = draft_token_ids.shape
    counts = [given if given is not None and given.dtype == torch.int32 else
              torch.zeros(requests, dtype=torch.int32, device=draft_probs.device)
              for given in (maybe_output_accepted_token_num, maybe_output_emitted_draft_token_num)]
    words = _random(seed, offset, generator, draft_probs.device, requests * (places + 1), requests)
    ids = ops.chain_speculative_sampling(draft_probs, draft_token_ids, target_probs, counts[0], counts[1], **words)
    for i, given in enumerate((maybe_output_accepted_token_num, maybe_output_emitted_draft_token_num)):
        if given is not None and given is not counts[i]:
            counts[i] = given.add_(counts[i])
    return ids, counts[0], counts[1]
