// SPDX-License-Identifier: Apache-2.0
// The matrix instructions, and where in lanes and registers their matrices lie. Sources: AMD's matrix instruction
// calculator (ROCm/amd_matrix_instruction_calculator) for gfx90a, gfx942, gfx11 and gfx12; for gfx950's f8f6f4 and its
// scales the tables and measurements of Composable Kernel's test/mx_mfma_op; for gfx950's sparse B of eight registers,
// published one-hot probes of the 16x16 forms on an MI350 (tests/test_matrix.py has their formulas): the 32x32 forms are
// taken to be alike, a guess.
#pragma once

#include <algorithm>
#include <cstdint>

#include "machine/target.h"

namespace hipemu {

enum class element : uint8_t {
  f64,
  f32,
  xf32,  // f32 of which the upper 10 bits of mantissa count
  f16,
  bf16,
  fp8,  // e4m3, of the target's kind
  bf8,  // e5m2, likewise
  fp6,
  bf6,
  fp4,
  i8,
  iu8,  // signed where neg_lo says so
  iu4,
  i32,
  f8f6f4,  // as cbsz says of A, blgp of B
};

constexpr int bits_of(element x) {
  switch (x) {
    case element::f64:
      return 64;
    case element::f32:
    case element::xf32:
    case element::i32:
      return 32;
    case element::f16:
    case element::bf16:
      return 16;
    case element::fp6:
    case element::bf6:
      return 6;
    case element::fp4:
    case element::iu4:
      return 4;
    default:
      return 8;
  }
}

// D = A B + C; A is m x k, B is k x n, `blocks` times. Sparse: A holds two of every four neighbours in k.
struct matrix_operation {
  const char* name;
  const char* older;  // gfx90a's name, or null
  element d, a, b;
  uint8_t m, n, k, blocks = 1;
  bool sparse = false, scaled = false;
};

// All layouts have one form. Lanes are cut into runs of `lanes` neighbours: one lane a row of A, a column of B, C and D.
// Each run holds, of one block, `elements` elements that differ in the other index; `groups` runs split that index
// between them, `chunk` neighbours at a time. Runs of the blocks of one group follow each other. All are powers of two.
struct tile_layout {
  int lanes = 0, groups = 0, blocks = 1, elements = 0, chunk = 0;
  bool crossed = false;  // groups 1 and 2 change places

  // k of A and B, the row of C and D.
  int index(int group, int e) const {
    const int place = crossed ? (group & 1) << 1 | group >> 1 : group;
    return (e & -chunk) * groups + place * chunk + (e & (chunk - 1));
  }
  int first_lane(int group, int block) const { return (group * blocks + block) * lanes; }
};

// A's (its elements of type x) and B's. On gfx11 all 16-lane runs hold the same.
inline tile_layout input_layout(const matrix_operation& o, element x, bool is_b, const target_info& t, int wave_lanes) {
  tile_layout l;
  l.lanes = is_b ? o.n : o.m;
  l.blocks = o.blocks;
  const int k = o.sparse && !is_b ? o.k / 2 : o.k, bits = bits_of(x);
  if (t.cdna())
    l.groups = wave_lanes / (l.lanes * l.blocks);
  else if (t.gen == generation::rdna3)
    l.groups = 1;
  else
    l.groups = std::min(wave_lanes / 16, k * bits / 32);  // 4-bit tiles may leave the upper half of a wave unused
  l.elements = k / l.groups;
  l.chunk = l.elements;
  if (t.cdna()) {
    if (o.a == element::f8f6f4 && bits == 8) l.chunk = 16;
    if (o.sparse && l.elements * bits == 256) l.chunk = l.elements / 2;  // four registers for each half of k
  } else if (t.gen == generation::rdna4) {
    if (bits == 16) l.chunk = o.sparse && is_b ? 8 : 4;
    l.crossed = l.groups == 4 && bits != 16;
  }
  return l;
}

// C's and D's. Blocks that do not fit beside each other in the lanes follow each other in registers.
inline tile_layout output_layout(const matrix_operation& o, const target_info& t, int wave_lanes) {
  tile_layout l;
  l.lanes = o.n;
  const int runs = wave_lanes / o.n;
  if (t.cdna()) {
    l.chunk = o.d == element::f64 ? 1 : 4;
    l.blocks = std::max(1, wave_lanes * l.chunk / (o.m * o.n));
  }
  l.groups = runs / l.blocks;
  l.elements = o.m / l.groups;
  if (t.gen == generation::rdna3) l.chunk = 1;
  if (t.gen == generation::rdna4) {
    l.chunk = l.elements;
    l.crossed = l.groups == 4;
  }
  return l;
}

}  // namespace hipemu
