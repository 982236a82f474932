# SPDX-License-Identifier: Apache-2.0
"""Arguments of kernels that are not a compiler's: what the descriptor leaves out, what the caller does, what the metadata has too
many of."""

import struct

import pytest
from hip_api import SUCCESS, Memory, code, function, launch, out, pointer, reset
from hip import runtime
from plain import code_object
from toolchain import TARGETS

WAIT = {"gfx9": "s_waitcnt 0", "gfx11": "s_waitcnt lgkmcnt(0)", "gfx12": "s_wait_kmcnt 0x0"}
BUFFER, WORD = "size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global", "size: 4, .offset: {}, .value_kind: by_value"


@pytest.fixture(autouse=True)
def clean():
    yield reset()
    reset()
    runtime().take_report()


def storing(target: str, at: int, **options) -> bytes:
    """A kernel that loads four words of its arguments and stores the one at `at`."""
    wait = next(text for name, text in WAIT.items() if target.startswith(name))
    return code_object(target, f"s_load_dwordx2 s[4:5], s[0:1], 0x0\ns_load_dwordx4 s[8:11], s[0:1], 0x8\n{wait}\nv_mov_b32 v1, 0\n"
                               f"v_mov_b32 v2, s{8 + (at - 8) // 4}\nglobal_store_dword v1, v2, s[4:5]\ns_endpgm", **options)


def run(target: str, image: bytes, *words: int):
    runtime().use(target)
    module = out("hipModuleLoadData", pointer, image)
    memory = Memory(4)
    assert launch(function(module, "k"), struct.pack(f"=Q{len(words)}I", memory.at.value, *words)) == SUCCESS
    synchronised = code("hipDeviceSynchronize")
    return struct.unpack("=I", memory.read())[0] if synchronised == SUCCESS else None


@pytest.mark.parametrize("target", TARGETS)
def test_a_descriptor_without_the_size(target):
    arguments = (BUFFER, *(WORD.format(at) for at in (8, 12, 16, 20)))
    assert run(target, storing(target, 20, segment=(0, 24), arguments=arguments), 5, 6, 7, 8) == 8


@pytest.mark.parametrize("target", TARGETS)
def test_fewer_arguments_than_the_kernel_takes(target):
    """HIP does not look at the size. What is not there may be loaded, not used."""
    arguments = (BUFFER, *(WORD.format(at) for at in (8, 12, 16, 20)))
    for at, given in ((12, 2), (16, 3), (20, 4)):
        assert run(target, storing(target, at, segment=(24, 24), arguments=arguments), *range(50, 50 + given)) == 49 + given
    assert run(target, storing(target, 16, segment=(24, 24), arguments=arguments), 5, 6) is None
    report = runtime().take_report()
    assert "use of an undefined value: the value to store depends on a value that nothing wrote" in report and "global_store" in report


@pytest.mark.parametrize("hidden", [False, True])
def test_arguments_past_the_segment(hidden, capfd):
    past = "size: 4, .offset: 24, .value_kind: " + ("hidden_block_count_x" if hidden else "by_value")
    image = storing("gfx942", 12, segment=(24, 24), arguments=(BUFFER, WORD.format(8), WORD.format(12), past))
    assert run("gfx942", image, 5, 6, 7) == 6
    assert "hipemu: warning: k: the argument of 4 bytes at 24 lies past the 24 bytes that it has: not passed" in capfd.readouterr().err


def test_preloaded_arguments_that_are_not_there():
    """gfx942's user SGPRs s2 to s5 hold the first four words."""
    for at, given, expected in ((4, 1, 5), (5, 1, None)):
        text = f"s_endpgm\n.fill 63, 4, 0xbf800000\nv_mov_b32 v1, 0\nv_mov_b32 v2, s{at}\nglobal_store_dword v1, v2, s[2:3]\ns_endpgm"
        image = code_object("gfx942", text, arguments=(BUFFER, WORD.format(8), WORD.format(12)),
                            directives=(".amdhsa_user_sgpr_kernarg_preload_length 4",))
        assert run("gfx942", image, *range(5, 5 + given)) == expected
