// SPDX-License-Identifier: Apache-2.0
#include "machine/dpp.h"

namespace hipemu {
namespace {

// A row is 16 lanes. `control` is the number in the instruction's text.
int source_lane(dpp_kind kind, uint32_t control, int lane, int wave_size) {
  const int row = lane & ~15, in_row = lane & 15, n = static_cast<int>(control);
  const auto within_row = [&](int x) { return x < 0 || x > 15 ? -1 : row + x; };
  switch (kind) {
    case dpp_kind::none:
      return lane;
    case dpp_kind::quad_perm:
      return (lane & ~3) + (control >> 2 * (lane & 3) & 3);
    case dpp_kind::row_shl:
      return within_row(in_row + n);
    case dpp_kind::row_shr:
      return within_row(in_row - n);
    case dpp_kind::row_ror:
      return row + ((in_row - n) & 15);
    case dpp_kind::wave_shl:
      return lane + 1 < wave_size ? lane + 1 : -1;
    case dpp_kind::wave_rol:
      return (lane + 1) % wave_size;
    case dpp_kind::wave_shr:
      return lane - 1;
    case dpp_kind::wave_ror:
      return (lane + wave_size - 1) % wave_size;
    case dpp_kind::row_mirror:
      return row + 15 - in_row;
    case dpp_kind::row_half_mirror:
      return (lane & ~7) + 7 - (lane & 7);
    // Lane 15 of each row for the row after it; lane 31 for the two rows after it. The others keep what they have.
    case dpp_kind::row_bcast15:
      return row >= 16 ? row - 1 : -1;
    case dpp_kind::row_bcast31:
      return lane >= 32 ? 31 : -1;
    case dpp_kind::row_newbcast:
    case dpp_kind::row_share:
      return row + n;
    case dpp_kind::row_xmask:
      return row + (in_row ^ n);
    case dpp_kind::dpp8:
      return (lane & ~7) + (control >> 3 * (lane & 7) & 7);
  }
  return -1;
}

}  // namespace

std::shared_ptr<const dpp_pattern> dpp_pattern_of(const instruction& i, int wave_size) {
  if (i.dpp == dpp_kind::none) return nullptr;
  auto pattern = std::make_unique<dpp_pattern>();
  for (int l = 0; l < wave_size; ++l) {
    const int from = source_lane(i.dpp, i.dpp_control, l, wave_size);
    const bool written = i.dpp == dpp_kind::dpp8 || ((i.row_mask >> l / 16 & 1) && (i.bank_mask >> l % 16 / 4 & 1));
    if (from >= 0) pattern->from[l] = from;
    pattern->inside |= static_cast<uint64_t>(from >= 0) << l;
    pattern->written |= static_cast<uint64_t>(written) << l;
  }
  return pattern;
}

}  // namespace hipemu
