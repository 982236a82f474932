# SPDX-License-Identifier: Apache-2.0
"""The tests of hipemu. HIPEMU_LIBRARY is the library; without it (or with HIPEMU_ASSEMBLE_ONLY=1) the instruction
tests only assemble. HIPEMU_TEST_SEED chooses the values."""

import os

os.environ.setdefault("HIPEMU_ASSEMBLE_ONLY", "" if os.environ.get("HIPEMU_LIBRARY") else "1")
