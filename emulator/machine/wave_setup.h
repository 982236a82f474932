// SPDX-License-Identifier: Apache-2.0
// A wave as the hardware starts it: its first registers, MODE, EXEC and scratch.
// Source: LLVM's AMDGPU usage guide, "Initial Kernel Execution State".
#pragma once

#include <cstdint>

namespace hipemu {

struct wave;
struct workgroup;

// `scratch` is this wave's; `first` the flat index of its first work-item.
void start_wave(wave& w, const workgroup& group, uint64_t scratch, uint32_t first);

}  // namespace hipemu
