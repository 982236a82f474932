# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's concatenation of the two parts of a key."""

from __future__ import annotations

from torch import Tensor


def concat_mla_k(k: Tensor, k_nope: Tensor, k_rope: Tensor, *, backend: str = "default") -> None:
    """Writes k [tokens, heads, nope + rope]: each head's own part k_nope [tokens, heads, nope], then k_rope [tokens, 1, rope], which
    all heads share. By torch's copies."""
    if backend not in ("default", "cake"):
        raise ValueError(f"backend: {backend!r}, expected 'default' or 'cake'")
    tokens, heads, own = k_nope.shape
    if k_rope.shape[:2] != (tokens, 1) or k.shape != (tokens, heads, own + k_rope.shape[2]):
        raise ValueError(f"k {tuple(k.shape)}, k_nope {tuple(k_nope.shape)} and k_rope {tuple(k_rope.shape)}: expected "
                         "[tokens, heads, nope + rope], [tokens, heads, nope] and [tokens, 1, rope]")
    if not k.dtype == k_nope.dtype == k_rope.dtype:
        raise ValueError(f"k, k_nope and k_rope: dtypes {k.dtype}, {k_nope.dtype} and {k_rope.dtype}, expected one")
    k[..., :own].copy_(k_nope)
    k[..., own:].copy_(k_rope)
