// SPDX-License-Identifier: Apache-2.0
// Vector operations that move: copies, choices, swaps, registers chosen by M0.
#include "operations/integers.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;

// v_cndmask: the second source where the mask has a one. A lane is defined where its source is, and its bit.
template <class T>
void choose(wave& w, const instruction& i) {
  vector_operation v(w, i);
  constexpr defined_lanes all{~uint64_t{0}, ~uint64_t{0}};
  lane_buffer<T> a_room, b_room;
  const T* a = v.in<T>(0, a_room);
  const defined_lanes a_defined = v.def;
  v.def = all;
  const T* b = v.in<T>(1, b_room);
  // VOPD does not print the mask: VCC.
  scalar_source mask;
  if (v.sources() > 2) {
    mask = read_scalar(w, v.source(2));
  } else {
    mask = {w.s[sreg::vcc], w.s_defined[sreg::vcc]};
  }
  const auto chosen = [&mask](uint64_t x, uint64_t y) { return ((x & ~mask.x) | (y & mask.x)) & mask.defined; };
  const defined_lanes d{chosen(a_defined.low, v.def.low), chosen(a_defined.high, v.def.high)};
  lane_buffer<u32> word;
  for (int c = 0; c < w.lanes; c += 32) {
    const u32 bits = static_cast<u32>(mask.x >> c);
#pragma GCC ivdep
    for (int l = 0; l < 32; ++l) word.x[c + l] = static_cast<u32>(bits >> l & 1 ? b[c + l] : a[c + l]);
  }
  if constexpr (sizeof(T) == 2)
    v.store_half(i.operands[0], word.x, d);
  else
    v.store(i.operands[0], word.x, d);
}

void swap(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const operand &a = i.operands[0], &b = i.operands[1];
  if (a.is != operand::vector || b.is != operand::vector) bad_operand(i, 1);
  lane_buffer<u32> kept;
  std::memcpy(kept.x, w.v(a.index), sizeof(kept.x));
  const defined_lanes kept_defined = w.defined[a.index];
  v.store(a, w.v(b.index), w.defined[b.index]);
  v.store(b, kept.x, kept_defined);
}

void swap_halves(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const operand &a = i.operands[0], &b = i.operands[1];
  if (a.is != operand::vector || b.is != operand::vector) bad_operand(i, 1);
  const auto half_of = [&w](const operand& x, lane_buffer<u32>& room) {
    const defined_lanes d = w.defined[x.index];
    const int shift = x.high ? 16 : 0;
    each_lane(w.lanes, room.x, [shift](u32 r) { return r >> shift & 0xffff; }, w.v(x.index));
    return x.high ? defined_lanes{d.high, d.high} : defined_lanes{d.low, d.low};
  };
  lane_buffer<u32> first, second;
  const defined_lanes first_defined = half_of(a, first), second_defined = half_of(b, second);
  v.store_half(a, second.x, second_defined);
  v.store_half(b, first.x, first_defined);
}

// Two words, each of a source of two, chosen by op_sel.
void move_pair(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<u32> room[2];
  defined_lanes d[2];
  for (int n = 0; n < 2; ++n) {
    v.def = {~uint64_t{0}, ~uint64_t{0}};
    const u32* from = v.words(n, room[n], i.op_sel >> n & 1, 64);
    if (from != room[n].x) std::memcpy(room[n].x, from, sizeof(room[n].x));
    d[n] = v.def;
  }
  for (int n = 0; n < 2; ++n) v.store(i.operands[0], room[n].x, d[n], n);
}

// v_movrel: M0 is added to the number of the destination, of the source, or a part of it to each.
enum class relative { destination, source, both, parts };
int moved_register(wave& w, const operand& x, u32 by) {
  const int index = x.index + static_cast<int>(by), first = x.index < 256 ? 0 : 256;
  if (x.is != operand::vector || index < first || index >= first + (first ? w.agpr_count : w.vgpr_count))
    throw fault(fault_kind::out_of_bounds, "a register that the kernel does not have");
  return index;
}
template <relative Kind, bool Swap>
void move_relative(wave& w, const instruction& i) {
  vector_operation v(w, i);
  need_defined(w, w.s_defined[sreg::m0] == ~u32{0} ? ~uint64_t{0} : 0, 1, "the number of a register");
  const u32 m0 = w.s[sreg::m0];
  const u32 to_by = Kind == relative::source ? 0 : Kind == relative::parts ? m0 >> 16 & 0x3ff : m0;
  const u32 from_by = Kind == relative::destination ? 0 : Kind == relative::parts ? m0 & 0x3ff : m0;
  operand to = i.operands[0];
  to.index = static_cast<uint16_t>(moved_register(w, to, to_by));
  if (Kind == relative::destination) {  // the source may be a scalar
    lane_buffer<u32> room;
    const u32* from = v.words(0, room);
    return v.store(to, from, v.def);
  }
  operand from = i.operands[1];
  from.index = static_cast<uint16_t>(moved_register(w, from, from_by));
  lane_buffer<u32> kept;
  std::memcpy(kept.x, w.v(to.index), sizeof(kept.x));
  const defined_lanes kept_defined = w.defined[to.index];
  v.store(to, w.v(from.index), w.defined[from.index]);
  if (Swap) v.store(from, kept.x, kept_defined);
}

constexpr auto valu = instruction_class::valu;
constexpr auto copy = traced<u32, u32>::run<[](u32 a) { return a; }>;

constexpr operation table[] = {
    {"v_mov_b32", copy, valu},
    {"v_mov_b64", traced<u64, u64>::run<[](u64 a) { return a; }>, valu},
    {"v_mov_b16", whole<u16, u16>::run<[](u16 a) { return a; }>, valu},
    {"v_accvgpr_read_b32", copy, valu},
    {"v_accvgpr_write_b32", copy, valu},
    {"v_accvgpr_mov_b32", copy, valu},
    {"v_pk_mov_b32", move_pair, valu},
    {"v_cndmask_b32", choose<u32>, valu},
    {"v_cndmask_b16", choose<u16>, valu},
    {"v_swap_b32", swap, valu, 2},
    {"v_swap_b16", swap_halves, valu, 2},
    {"v_movreld_b32", move_relative<relative::destination, false>, valu},
    {"v_movrels_b32", move_relative<relative::source, false>, valu},
    {"v_movrelsd_b32", move_relative<relative::both, false>, valu},
    {"v_movrelsd_2_b32", move_relative<relative::parts, false>, valu},
    {"v_swaprel_b32", move_relative<relative::parts, true>, valu, 2},
    {"v_nop", [](wave&, const instruction&) {}, valu, 0},
    {"v_clrexcp", [](wave&, const instruction&) {}, valu, 0},
    {"v_pipeflush", [](wave&, const instruction&) {}, valu, 0},
};

}  // namespace

std::span<const operation> move_operations() {
  return table;
}

}  // namespace hipemu
