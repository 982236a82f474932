// SPDX-License-Identifier: Apache-2.0
// What differs from GPU to GPU and is a number or a yes or no. Sources: LLVM's AMDGPU usage guide, AMD's ISA manuals.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hipemu {

enum class generation : uint8_t { gcn5, cdna1, cdna2, cdna3, cdna4, rdna2, rdna3, rdna4 };

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
  int l2_bytes;   // of one die
  int memory_bus_bits;
  uint64_t memory_bytes;
  double memory_bytes_per_second;
  double clock_hz;  // the engine's peak
  bool fp8_fnuz;    // fp8 instructions read and write the FNUZ encodings

  bool cdna() const { return gen <= generation::cdna4; }  // gfx9: gfx906 too, which is older than the name
  // Scratch whose place the hardware knows by itself; else kernels are told it in SGPRs.
  bool knows_scratch() const { return gen >= generation::cdna3 && gen != generation::rdna2; }
  // The ids of a work-item share one register.
  bool packs_ids() const { return gen >= generation::cdna2 && gen != generation::rdna2; }
  bool rdna() const { return !cdna(); }
};

std::span<const target_info> all_targets();
// The target of that name, or null.
const target_info* find_target(std::string_view name);
// Names of all targets, for messages: "gfx90a, gfx942, ...".
std::string target_names();

}  // namespace hipemu
