# SPDX-License-Identifier: Apache-2.0
"""The tests of hipemu. HIPEMU_LIBRARY is the library; without it (or with HIPEMU_ASSEMBLE_ONLY=1) the instruction
tests only assemble. HIPEMU_TEST_SEED chooses the values."""

import os

os.environ.setdefault("HIPEMU_ASSEMBLE_ONLY", "" if os.environ.get("HIPEMU_LIBRARY") else "1")

import pytest


@pytest.fixture(scope="session")
def images(request):
    """The kernels of kernels/ in every variant that a chosen test names."""
    from foreign import Images
    parameters = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    made = Images(dict.fromkeys(p["variant"] for p in parameters if "variant" in p))
    yield made
    made.close()


@pytest.fixture
def code(variant, images):
    from foreign import Code
    from hip import runtime
    if variant.target not in runtime().targets:
        pytest.skip(f"there is no {variant.target} here")
    return Code(variant, images[variant])
