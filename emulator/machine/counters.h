// SPDX-License-Identifier: Apache-2.0
// What a launch did, counted.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "machine/instruction.h"

namespace hipemu {

struct counters {
  std::array<uint64_t, static_cast<size_t>(instruction_class::count)> instructions{};  // wave instructions
  uint64_t workgroups = 0, waves = 0;
  uint64_t matrix_cycles = 0, valu_cycles = 0;  // issue cycles of one SIMD
  uint64_t bytes_read = 0, bytes_written = 0;   // device memory, as the lanes asked for them; scratch apart
  uint64_t scratch_bytes = 0;
  uint64_t lines_read = 0, lines_written = 0;                    // 128-byte lines touched, summed over instructions
  uint64_t distinct_read_bytes = 0, distinct_written_bytes = 0;  // of the launch's lines, each counted once
  uint64_t lds_bytes = 0;
  uint64_t lds_cycles = 0, lds_conflict_cycles = 0;  // cycles of the LDS, and those of them lost to bank conflicts
  uint64_t unaligned_accesses = 0;                   // to device memory, at no multiple of their width or 4
  // Accesses by their width in bytes a lane: 1, 2, 4, 8, 12, 16.
  std::array<uint64_t, 6> loads_by_width{}, stores_by_width{};

  void add(const counters& other);
};

}  // namespace hipemu
