// SPDX-License-Identifier: Apache-2.0
// What differs from GPU to GPU and is a number or a yes or no. Sources: LLVM's AMDGPU usage guide, AMD's ISA manuals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hipemu {

enum class generation : uint8_t { cdna2, cdna3, cdna4, rdna3, rdna4 };

struct target_info {
  const char* name;     // "gfx942": the processor for LLVM
  const char* feature;  // what gcnArchName carries after the name: ":sramecc+:xnack-"
  const char* generic;  // "gfx9-4-generic": the generic code objects that it runs, or ""
  const char* card;     // a card with this GPU
  generation gen;
  int wave_size;  // lanes of a wave
  int compute_units;
  int simds;      // of a compute unit
  int lds_bytes;  // the most that a workgroup may have
  int lds_banks;  // four bytes wide
  int registers;  // VGPRs and AGPRs together that a lane of one SIMD has
  uint64_t memory_bytes;
  double memory_bytes_per_second;
  double clock_hz;  // the engine's peak
  bool fp8_fnuz;    // fp8 instructions read and write the FNUZ encodings

  bool cdna() const { return gen <= generation::cdna4; }
  bool rdna() const { return !cdna(); }
};

// The target of that name, or null.
const target_info* find_target(std::string_view name);
// Names of all targets, for messages: "gfx90a, gfx942, ...".
std::string target_names();

}  // namespace hipemu
