# SPDX-License-Identifier: Apache-2.0
"""As decode.c, with the Python package and NumPy alone. Each argument is a device: cpu, hip, cuda:0."""

import sys

import hipinfer
import numpy as np

B, H, D, PAGES, SLOTS = 2, 2, 64, 4, 4
indptr, indices, last_page = (np.array(a, np.int32) for a in ([0, 3, 4], [2, 0, 3, 1], [2, 3]))
random = np.random.default_rng(1)
x, k, v = (random.standard_normal(shape, np.float32) for shape in ((B, H, D), (PAGES, SLOTS, H, D), (PAGES, SLOTS, H, D)))
gain = np.linspace(0.5, 1.5, D, dtype=np.float32)
norm = x / np.sqrt((x.astype(np.float64) ** 2).mean(-1, keepdims=True) + 1e-6) * gain
expected = np.empty((B, H, D))
for b in range(B):
    keys, values = (a[indices[indptr[b]:indptr[b + 1]]].reshape(-1, H, D)[:-SLOTS + last_page[b]] for a in (k, v))
    weights = np.exp(np.einsum("hd,jhd->hj", norm[b], keys) / np.sqrt(D))
    expected[b] = np.einsum("hj,jhd->hd", weights / weights.sum(-1, keepdims=True), values)

print(f"hipinfer {hipinfer.__version__} for {', '.join(hipinfer.targets())}")
for device in sys.argv[1:]:
    with hipinfer.Context(device) as context:
        query = hipinfer.from_numpy(x, context)
        hipinfer.rmsnorm(query, query, hipinfer.from_numpy(gain, context), eps=1e-6)
        output = hipinfer.zeros((B, H, D), "f32", context)
        cache = [hipinfer.from_numpy(a, context) for a in (k, v, indptr, indices, last_page)]
        hipinfer.paged_attention_decode(output, None, query, *cache)
        worst = np.abs([query.numpy() - norm, output.numpy() - expected]).max()  # a NaN if there is one
        print(f"{context.name}, {hipinfer.last_kernel()}: largest error {worst:.1e}")
        assert worst < 1e-5, worst
