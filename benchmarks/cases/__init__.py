# SPDX-License-Identifier: Apache-2.0
"""The cases; importing a module registers its own."""

from . import activations, attention, elementwise, flux, gemm, kv, norms, quantise, rope, sampling  # noqa: F401
