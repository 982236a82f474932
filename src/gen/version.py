#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the version that include/hipinfer/version.h states."""

import re
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[2] / "include/hipinfer/version.h").read_text()
VERSION = ".".join(re.search(rf"VERSION_{part} (\d+)", TEXT)[1] for part in ("MAJOR", "MINOR", "PATCH"))

if __name__ == "__main__":
    print(VERSION)
