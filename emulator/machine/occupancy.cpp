// SPDX-License-Identifier: Apache-2.0
#include "machine/occupancy.h"

#include <algorithm>

namespace hipemu {

int registers_of(const kernel& k, const target_info& t) {
  return (static_cast<int>(k.rsrc1 & 63) + 1) * (t.cdna() || k.wave_size == 32 ? 8 : 4);
}

int blocks_per_unit(const kernel& k, const target_info& t, int block, size_t dynamic_lds) {
  const int waves = (block + static_cast<int>(k.wave_size) - 1) / static_cast<int>(k.wave_size);
  // RDNA gives registers out in larger pieces than its descriptors count, and half as many lanes twice the registers.
  const int piece = t.cdna() ? 8 : k.wave_size == 32 ? 24 : 12;
  const int available = t.cdna() || k.wave_size == 32 ? t.registers : t.registers / 2;
  const int each = (registers_of(k, t) + piece - 1) / piece * piece;
  const int waves_of_simd = std::min(t.cdna() ? 8 : 16, available / each);
  const int unit = t.rdna() ? 2 : 1;
  int blocks = waves_of_simd * t.simds * unit / waves;
  if (const uint64_t lds = k.lds_bytes + dynamic_lds)
    blocks = static_cast<int>(std::min<uint64_t>(blocks, static_cast<uint64_t>(t.lds_bytes) * unit / lds));
  return blocks;
}

}  // namespace hipemu
