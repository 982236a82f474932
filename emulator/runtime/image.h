// SPDX-License-Identifier: Apache-2.0
// From a pointer that a program gave to the bytes of the ELF file that a target runs.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/target.h"

namespace hipemu {

// Relocations inside a code object are 32 bits wide; nothing larger is one.
inline constexpr uint64_t image_bytes_max = uint64_t{1} << 31;

// The ELF's bytes: the image itself, or the entry of a clang-offload-bundler bundle, compressed or not. Nothing is read
// that is not mapped, whatever the headers say. Throws load_error.
std::vector<uint8_t> read_image(const void* image, size_t bytes, const target_info& target);

// Throws load_error unless the target runs code with these e_flags and this ABI version.
void check_target(uint32_t flags, uint8_t abi_version, const target_info& target);

}  // namespace hipemu
