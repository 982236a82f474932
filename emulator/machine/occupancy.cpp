// SPDX-License-Identifier: Apache-2.0
#include "machine/occupancy.h"

#include <algorithm>

namespace hipemu {

// LLVM's AMDGPU usage guide: compute_pgm_rsrc1's GRANULATED_WORKITEM_VGPR_COUNT, compute_pgm_rsrc3's ACCUM_OFFSET.
register_counts registers_of(const kernel& k, const target_info& t) {
  const int granule = t.cdna() ? (t.gen < generation::cdna2 ? 4 : 8) : k.wave_size == 32 ? 8 : 4;
  const int total = (static_cast<int>(k.rsrc1 & 63) + 1) * granule;
  if (t.gen == generation::cdna1) return {total, total, total};  // two files of one size
  if (t.gen == generation::gcn5 || t.rdna()) return {total, total, 0};
  const int vector = std::min(total, (static_cast<int>(k.rsrc3 & 63) + 1) * 4);
  return {total, vector, total - vector};
}

namespace {

// How many waves a SIMD holds at most; registers of one kind that it has for a lane of such a wave, and the pieces that it
// gives them out in. LLVM's AMDGPUBaseInfo.cpp: getMaxWavesPerEU, getTotalNumVGPRs, getVGPRAllocGranule.
struct simd {
  int waves, registers, piece;
};
simd simd_of(const target_info& t, uint32_t wave_size) {
  if (t.gen < generation::cdna2) return {10, 256, 4};
  if (t.cdna()) return {8, t.registers, 8};
  const int half = wave_size == 32 ? 1 : 2;  // half as many lanes, twice the registers
  return {16, t.registers / half, (t.gen == generation::rdna2 ? 16 : 24) / half};
}

}  // namespace

int blocks_per_unit(const kernel& k, const target_info& t, int block, size_t dynamic_lds) {
  const int waves = (block + static_cast<int>(k.wave_size) - 1) / static_cast<int>(k.wave_size);
  const simd s = simd_of(t, k.wave_size);
  const int each = (registers_of(k, t).total + s.piece - 1) / s.piece * s.piece;
  const int waves_of_simd = std::min(s.waves, s.registers / each);
  const int unit = t.rdna() ? 2 : 1;
  int blocks = waves_of_simd * t.simds * unit / waves;
  if (const uint64_t lds = k.lds_bytes + dynamic_lds)
    blocks = static_cast<int>(std::min<uint64_t>(blocks, static_cast<uint64_t>(t.lds_bytes) * unit / lds));
  return blocks;
}

}  // namespace hipemu
