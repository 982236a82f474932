#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the version that include/hipinfer/version.h states."""

import re
from pathlib import Path

text = (Path(__file__).resolve().parents[2] / "include/hipinfer/version.h").read_text()
print(".".join(re.search(rf"VERSION_{part} (\d+)", text)[1] for part in ("MAJOR", "MINOR", "PATCH")))
