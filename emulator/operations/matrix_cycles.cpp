// SPDX-License-Identifier: Apache-2.0
// Sources: LLVM's scheduling models of gfx90a, gfx942 and gfx950 (in passes of four cycles), but for f8f6f4, where the
// model does not know the formats, AMD's peak rates; AMD's matrix instruction calculator for gfx11 and gfx12.
#include "operations/matrix_cycles.h"

#include "operations/matrix_table.h"

namespace hipemu {
namespace {

int passes(const matrix_operation& o, const instruction& i, generation gen) {
  if (o.a == element::f64) return o.m == 4 ? 4 : gen == generation::cdna4 ? 16 : 8;
  if (o.m == 4) return 2;
  const bool is_large = o.m == 32;
  if (o.a == element::f8f6f4) {
    const bool is_byte = i.cbsz < 2 || i.blgp < 2;
    return (is_large ? 8 : 4) * (is_byte ? 2 : 1);
  }
  // Full rate came with gfx942, for all but f32 and the forms of several blocks.
  const bool is_fast = gen > generation::cdna2 && o.a != element::f32 && o.blocks == 1;
  return (is_large ? 16 : 8) / (is_fast ? 2 : 1);
}

}  // namespace

uint16_t matrix_issue_cycles(const instruction& i, const target_info& target) {
  for (const matrix_operation& o : matrix_table::rows) {
    if (i.name != o.name && (o.older == nullptr || i.name != o.older)) continue;
    if (target.cdna()) return static_cast<uint16_t>(4 * passes(o, i, target.gen));
    if (target.gen == generation::rdna3) return o.a == element::iu4 ? 16 : 32;
    return bits_of(o.a) == 16 ? 16 : 8;
  }
  return 0;
}

}  // namespace hipemu
