# SPDX-License-Identifier: Apache-2.0
"""The operations; importing them registers their cases."""
from . import decode, gemm, prefill, rope, rows  # noqa: F401
