// SPDX-License-Identifier: Apache-2.0
// LDS as instructions reach it: checked for bounds, alignment and races, and counted.
#pragma once

#include "operations/memory_access.h"

namespace hipemu {

struct lds_addresses {
  uint64_t active = 0;
  alignas(64) uint32_t x[lanes_max];
};

// Where the lanes go, `bytes` each. Throws what the checks find. The addresses of inactive lanes become an active one's.
void access_lds(wave& w, const instruction& i, lds_addresses& addresses, int bytes, access_kind kind, lane_bytes& here);

}  // namespace hipemu
