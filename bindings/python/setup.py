# SPDX-License-Identifier: Apache-2.0
"""The version, and the wheel's tag: the package is pure Python, but a wheel with the library in it is of one platform."""

import re
from pathlib import Path

from setuptools import Distribution, setup

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70.1 leaves wheels to the package `wheel`
    from wheel.bdist_wheel import bdist_wheel

PACKAGE = Path(__file__).with_name("hipinfer")
HAS_LIBRARY = (PACKAGE / "libhipinfer.so").exists()


class Package(Distribution):
    def has_ext_modules(self):
        return HAS_LIBRARY


class Wheel(bdist_wheel):
    def get_tag(self):
        # Any Python 3 loads it through ctypes: only the platform part of the tag is the library's.
        return ("py3", "none", super().get_tag()[2] if HAS_LIBRARY else "any")


version = re.search(r"^VERSION = \((\d+), (\d+), (\d+)\)", (PACKAGE / "_abi.py").read_text(), re.M)
setup(version=".".join(version.groups()), distclass=Package, cmdclass={"bdist_wheel": Wheel})
