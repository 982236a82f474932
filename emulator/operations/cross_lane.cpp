// SPDX-License-Identifier: Apache-2.0
// Operations that look at other lanes: readlane, mbcnt, permlane. DPP is a modifier: lanes.h and machine/dpp.cpp.
#include <bit>

#include "operations/lanes.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

using u32 = uint32_t;
constexpr defined_lanes all_defined{~uint64_t{0}, ~uint64_t{0}};

// One lane to an SGPR, whatever EXEC says.
void read_one(wave& w, const instruction& i, int lane, bool lane_defined) {
  vector_operation v(w, i);
  lane_buffer<u32> room;
  const u32 x = v.words(0, room)[lane];
  const uint64_t defined = (v.def.low >> lane & 1) * 0xffff | (v.def.high >> lane & 1) * 0xffff0000;
  write_scalar(w, i.operands[0], x, 1, lane_defined ? defined : 0);
}

void read_lane(wave& w, const instruction& i) {
  const scalar_source lane = read_scalar(w, i.x(2));
  const uint64_t mask = static_cast<uint64_t>(w.lanes - 1);
  read_one(w, i, static_cast<int>(lane.x & mask), (lane.defined & mask) == mask);
}

void read_first_lane(wave& w, const instruction& i) {
  read_one(w, i, w.exec() ? std::countr_zero(w.exec()) : 0, true);
}

void write_lane(wave& w, const instruction& i) {
  const operand& to = i.x(0);
  if (to.is != operand::vector) bad_operand(i, 0);
  const scalar_source value = i.x(1).is == operand::constant ? scalar_source{constant_bits<u32>(i.x(1))}
                                                             : read_scalar(w, i.x(1)),
                      lane = read_scalar(w, i.x(2));
  const uint64_t mask = static_cast<uint64_t>(w.lanes - 1);
  need_defined(w, (lane.defined & mask) == mask ? ~uint64_t{0} : 0, 1, "the lane that is written");
  const int l = static_cast<int>(lane.x & mask);
  w.v(to.index)[l] = static_cast<u32>(value.x);
  const auto set = [l](uint64_t& bits, bool is) {
    bits = (bits & ~(uint64_t{1} << l)) | static_cast<uint64_t>(is) << l;
  };
  // This is how compilers spill masks, whose bits of lanes that are off may be undefined. A vector register cannot keep
  // that, so a half counts as defined when any bit of it is.
  set(w.defined[to.index].low, value.defined & 0xffff);
  set(w.defined[to.index].high, value.defined & 0xffff0000);
}

// How many of a mask's bits are below the lane's own: of its low or its high word.
template <bool High>
void count_below(wave& w, const instruction& i) {
  static constexpr auto below = [] {
    lane_buffer<u32> mask{};
    for (int l = 0; l < lanes_max; ++l) {
      const uint64_t lower = (uint64_t{1} << l) - 1;
      mask.x[l] = static_cast<u32>(High ? lower >> 32 : lower);
    }
    return mask;
  }();
  vector_operation v(w, i);
  lane_buffer<u32> a_room, b_room, room;
  const u32 *a = v.in<u32>(0, a_room), *b = v.in<u32>(1, b_room);
  u32* d = v.out<u32>(room);
  each_lane(w.lanes, d, [](u32 x, u32 y, u32 m) { return static_cast<u32>(std::popcount(x & m)) + y; }, a, b, below.x);
  v.done<u32>(d);
}

// Each lane takes source 0 of the lane that from(l) names. With `fetch_inactive` it may be inactive; otherwise the lane
// gets 0 (`bound_ctrl`) or keeps what it had.
template <class From>
void permute(wave& w, const instruction& i, const From& from, bool fetch_inactive, bool bound_ctrl,
             defined_lanes selects_defined) {
  vector_operation v(w, i);
  lane_buffer<u32> room, moved;
  const u32* x = v.words(0, room);
  const uint64_t exec = w.exec();
  defined_lanes d;
  for (int l = 0; l < w.lanes; ++l) {
    const int s = from(l);
    const bool can = fetch_inactive || exec >> s & 1;
    moved.x[l] = can ? x[s] : 0;
    d.low |= (can ? v.def.low >> s & 1 : uint64_t{1}) << l;
    d.high |= (can ? v.def.high >> s & 1 : uint64_t{1}) << l;
    if (!can && !bound_ctrl) v.active &= ~(uint64_t{1} << l);
  }
  v.store(i.operands[0], moved.x, d & selects_defined);
}

// Within rows of 16, or (Cross = 16) from the other row of the pair: 16 selects of 4 bits, in two scalars.
template <int Cross>
void permute_rows(wave& w, const instruction& i) {
  const scalar_source low = read_scalar(w, i.x(2)), high = read_scalar(w, i.x(3));
  const uint64_t selects = (low.x & 0xffffffff) | high.x << 32;
  const bool defined = !(~low.defined & 0xffffffff) && !(~high.defined & 0xffffffff);
  permute(
      w, i, [=](int l) { return ((l & ~15) ^ Cross) | static_cast<int>(selects >> 4 * (l & 15) & 15); }, i.op_sel & 1,
      i.op_sel & 2, defined ? all_defined : defined_lanes{});
}

// The same with the select in each lane's second source.
template <int Cross>
void permute_rows_by_lane(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<u32> room;
  const u32* select = v.words(1, room);
  permute(w, i, [=](int l) { return ((l & ~15) ^ Cross) | static_cast<int>(select[l] & 15); }, i.op_sel & 1,
          i.op_sel & 2, {v.def.low, v.def.low});
}

// Lanes 0-31 and 32-63 change places; a wave of 32 has nothing to do.
void permute_halves(wave& w, const instruction& i) {
  if (w.wave64()) permute(w, i, [](int l) { return l ^ 32; }, true, false, all_defined);
}

// gfx950: odd rows (of 16 or 32 lanes) of the first register change places with even rows of the second. AMD's manual
// does not say what inactive lanes do, though the encoding has bound_ctrl and fi.
template <int Row>
void swap_rows(wave& w, const instruction& i) {
  const operand &a = i.x(0), &b = i.x(1);
  if (a.is != operand::vector || b.is != operand::vector) bad_operand(i, 1);
  if (w.exec() != w.all_lanes) throw fault(fault_kind::unimplemented, i.name + " with inactive lanes");
  u32 *x = w.v(a.index), *y = w.v(b.index);
  defined_lanes &dx = w.defined[a.index], &dy = w.defined[b.index];
  const auto swap_bits = [](uint64_t& p, uint64_t& q) {
    constexpr uint64_t even = Row == 16 ? 0x0000ffff0000ffff : 0x00000000ffffffff;
    const uint64_t differ = (p >> Row ^ q) & even;
    p ^= differ << Row;
    q ^= differ;
  };
  for (int l = 0; l < w.lanes; ++l)
    if (!(l & Row)) std::swap(x[l + Row], y[l]);
  swap_bits(dx.low, dy.low);
  swap_bits(dx.high, dy.high);
}

constexpr auto valu = instruction_class::valu;
constexpr operation table[] = {
    {"v_readlane_b32", read_lane, valu},
    {"v_readfirstlane_b32", read_first_lane, valu},
    {"v_writelane_b32", write_lane, valu},
    {"v_mbcnt_lo_u32_b32", count_below<false>, valu},
    {"v_mbcnt_hi_u32_b32", count_below<true>, valu},
    {"v_permlane16_b32", permute_rows<0>, valu},
    {"v_permlanex16_b32", permute_rows<16>, valu},
    {"v_permlane16_var_b32", permute_rows_by_lane<0>, valu},
    {"v_permlanex16_var_b32", permute_rows_by_lane<16>, valu},
    {"v_permlane64_b32", permute_halves, valu},
    {"v_permlane16_swap_b32", swap_rows<16>, valu, 2},
    {"v_permlane32_swap_b32", swap_rows<32>, valu, 2},
};

}  // namespace

std::span<const operation> lane_operations() {
  return table;
}

}  // namespace hipemu
