// SPDX-License-Identifier: Apache-2.0
// LDS as instructions reach it: checked for bounds, alignment and races, and counted.
#pragma once

#include "operations/memory_access.h"

namespace hipemu {

struct lds_addresses {
  uint64_t active = 0;
  alignas(64) uint32_t x[lanes_max];
};

// What a store will write: the rows of registers, from their upper halves if `high`. A store of what another wave has
// stored there already is no race.
struct stored_rows {
  const uint32_t* row = nullptr;
  bool high = false;
  uint8_t byte(int lane, uint32_t n) const {
    return static_cast<uint8_t>(row[n / 4 * lanes_max + static_cast<uint32_t>(lane)] >>
                                (8 * (n % 4) + (high ? 16 : 0)));
  }
};

// Where the lanes go, `bytes` each. Throws what the checks find. The addresses of inactive lanes become an active one's.
void access_lds(wave& w, const instruction& i, lds_addresses& addresses, int bytes, access_kind kind, lane_bytes& here,
                stored_rows stored = {});

}  // namespace hipemu
