// SPDX-License-Identifier: Apache-2.0
// The kernels of a code object as its metadata note describes them (LLVM's AMDGPU usage guide, "Code Object Metadata").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/code_object.h"

namespace hipemu {

struct described_kernel {
  std::string symbol;  // of the descriptor: "name.kd"
  kernel k;            // what the metadata says of it
};

// Throws load_error.
std::vector<described_kernel> parse_metadata(std::string_view note);

}  // namespace hipemu
