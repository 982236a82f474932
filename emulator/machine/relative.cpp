// SPDX-License-Identifier: Apache-2.0
#include "machine/relative.h"

#include <algorithm>
#include <string_view>

#include "machine/wave.h"

namespace hipemu {
namespace {

void add(std::vector<register_range>& to, register_range r, uint64_t by) {
  const int end = r.first < 256 ? 256 : r.first < first_scalar ? first_scalar : first_scalar + sreg::vcc;
  if (r.count == 0 || r.first + by + r.count > static_cast<uint64_t>(end)) return;
  r.first = static_cast<uint16_t>(r.first + by);
  to.push_back(r);
}

// The destination and the source of a relative move: whether M0 is added, or a part of it to each.
touched_registers of_move(const wave& w, const instruction& i) {
  const std::string_view name = i.name;
  const uint32_t m0 = w.s[sreg::m0];
  const bool parts = name.find("_2_b") != name.npos || name == "v_swaprel_b32";
  const bool of_destination = name.find("movreld") != name.npos || name.find("movrelsd") != name.npos;
  const bool of_source = name.find("movrels") != name.npos;
  const uint32_t to = parts ? m0 >> 16 & 0x3ff : of_destination ? m0 : 0;
  const uint32_t from = parts ? m0 & 0x3ff : of_source ? m0 : 0;
  touched_registers r;
  add(r.writes, range_of(i.x(0)), to);
  add(r.reads, range_of(i.x(1)), from);
  if (name == "v_swaprel_b32") {
    add(r.reads, range_of(i.x(0)), to);
    add(r.writes, range_of(i.x(1)), from);
  }
  return r;
}

// M0[15:12] chooses among sources (bits 0 to 2) and the destination (3), M0[7:0] is added.
touched_registers of_mode(const wave& w, const instruction& i) {
  const uint32_t by = w.s[sreg::m0] & 0xff, which = w.s[sreg::m0] >> 12 & 0xf;
  touched_registers r;
  for (const register_range& x : i.reads)
    if (x.first >= first_scalar) r.reads.push_back(x);
  for (const register_range& x : i.writes)
    if (x.first >= first_scalar) r.writes.push_back(x);
  for (int n = 0; n < i.operand_count; ++n) {
    if (i.x(n).is != operand::vector) continue;
    const bool written = n < i.destinations;
    const int bit = written ? 3 : n - i.destinations;
    const uint32_t moved = bit <= 3 && which >> bit & 1 ? by : 0;
    const register_range x = range_of(i.x(n));
    add(written ? r.writes : r.reads, x, moved);
    // What adds to its destination reads it where it writes it.
    const auto is_read = [&](const register_range& other) { return other.overlaps(x); };
    if (written && std::any_of(i.reads.begin(), i.reads.end(), is_read)) add(r.reads, x, moved);
  }
  return r;
}

}  // namespace

bool is_relative(const instruction& i) {
  return i.name.find("_movrel") != i.name.npos || i.name == "v_swaprel_b32";
}

touched_registers relative_registers(const wave& w, const instruction& i) {
  const uint32_t used = is_relative(i) ? ~0u : 0xf0ff;
  if ((w.s_defined[sreg::m0] & used) != used) return {};
  return is_relative(i) ? of_move(w, i) : of_mode(w, i);
}

}  // namespace hipemu
