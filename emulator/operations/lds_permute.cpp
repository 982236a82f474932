// SPDX-License-Identifier: Apache-2.0
#include "operations/lds_permute.h"

#include "operations/lane_bytes.h"
#include "operations/lanes.h"

namespace hipemu {
namespace {

struct moved_lanes {
  uint32_t x[lanes_max] = {};
  defined_lanes defined{~uint64_t{0}, ~uint64_t{0}};  // what no lane gave is a zero
  void take(int to, uint32_t value, const defined_lanes& from_defined, int from, bool index_defined = true) {
    const uint64_t bit = uint64_t{1} << to;
    x[to] = value;
    const auto put = [&](uint64_t& flags, uint64_t source) {
      flags = source >> from & 1 && index_defined ? flags | bit : flags & ~bit;
    };
    put(defined.low, from_defined.low);
    put(defined.high, from_defined.high);
  }
};

const operand& register_of(const instruction& i, int index) {
  const operand& x = i.x(index);
  if (x.is != operand::vector || x.words != 1) bad_operand(i, index);
  return x;
}

void write(wave& w, const operand& to, const moved_lanes& m) {
  const uint64_t active = w.exec();
  if (active == w.all_lanes)
    std::memcpy(w.v(to.index), m.x, sizeof(uint32_t) * static_cast<size_t>(w.lanes));
  else
    each_bit(active, [&](int l) { w.v(to.index)[l] = m.x[l]; });
  defined_lanes& d = w.defined[to.index];
  d = {with_lanes(d.low, m.defined.low, active), with_lanes(d.high, m.defined.high, active)};
}

// The lane that an index in bytes means, for the lane that has it: gfx11's waves of 64 are two of 32 here.
int indexed_lane(const wave& w, uint32_t index, int lane) {
  const int range = w.target.gen == generation::rdna2 || w.target.gen == generation::rdna3 ? 32 : w.lanes;
  return (static_cast<int>(index / 4) & (range - 1)) + (lane & -range);
}

void bpermute(wave& w, const instruction& i, uint64_t readable) {
  const operand &to = register_of(i, 0), &index = register_of(i, 1), &data = register_of(i, 2);
  const uint64_t index_defined = w.defined[index.index].low & w.defined[index.index].high;
  const uint32_t *indices = w.v(index.index), *values = w.v(data.index);
  moved_lanes m;
  const defined_lanes& d = w.defined[data.index];
  if ((readable & index_defined & d.low & d.high & w.all_lanes) == w.all_lanes) {
#pragma GCC ivdep
    for (int l = 0; l < w.lanes; ++l) m.x[l] = values[indexed_lane(w, indices[l] + static_cast<uint32_t>(i.offset), l)];
    return write(w, to, m);
  }
  each_bit(w.exec(), [&](int l) {
    const int from = indexed_lane(w, indices[l] + static_cast<uint32_t>(i.offset), l);
    const bool can = readable >> from & 1, known = index_defined >> l & 1;
    if (can || !known) m.take(l, can ? values[from] : 0, w.defined[data.index], from, known);
  });
  write(w, to, m);
}

uint32_t reversed_five(uint32_t x) {
  return (x & 1) << 4 | (x & 2) << 2 | (x & 4) | (x & 8) >> 2 | (x & 16) >> 4;
}

// In groups of 32 lanes.
uint32_t swizzled_lane(uint32_t pattern, uint32_t lane) {
  const uint32_t mask = pattern & 31, parameter = pattern >> 5 & 31;
  if (pattern >= 0xe000) return reversed_five(lane) >> __builtin_popcount(mask) | (lane & mask);  // FFT
  if (pattern >= 0xc000) {                                                                        // rotate
    const uint32_t turned = pattern & 0x400 ? lane - parameter : lane + parameter;
    return (lane & mask) | (turned & ~mask & 31);
  }
  if (pattern & 0x8000) return (lane & ~3u) | (pattern >> 2 * (lane & 3) & 3);
  return ((lane & mask) | parameter) ^ (pattern >> 10 & 31);
}

}  // namespace

void ds_bpermute(wave& w, const instruction& i) {
  bpermute(w, i, w.exec());
}

void ds_bpermute_fetch_inactive(wave& w, const instruction& i) {
  bpermute(w, i, w.all_lanes);
}

void ds_permute(wave& w, const instruction& i) {
  const operand &to = register_of(i, 0), &index = register_of(i, 1), &data = register_of(i, 2);
  need_defined(w, w.defined[index.index].low & w.defined[index.index].high, w.exec(), "the lane to send to");
  const uint32_t *indices = w.v(index.index), *values = w.v(data.index);
  moved_lanes m;
  // Of lanes that send to one, the highest wins.
  each_bit(w.exec(), [&](int l) {
    m.take(indexed_lane(w, indices[l] + static_cast<uint32_t>(i.offset), l), values[l], w.defined[data.index], l);
  });
  write(w, to, m);
}

void ds_swizzle(wave& w, const instruction& i) {
  const operand &to = register_of(i, 0), &data = register_of(i, 1);
  const uint32_t* values = w.v(data.index);
  const uint64_t active = w.exec();
  moved_lanes m;
  each_bit(active, [&](int l) {
    const int from = (l & 32) + static_cast<int>(swizzled_lane(static_cast<uint32_t>(i.offset) & 0xffff, l & 31));
    if (active >> from & 1) m.take(l, values[from], w.defined[data.index], from);
  });
  write(w, to, m);
}

}  // namespace hipemu
