// SPDX-License-Identifier: Apache-2.0
// DS instructions on LDS: reads, writes, atomics. Those that only move data between lanes are in lds_permute.cpp.
#include <array>

#include "operations/lds_permute.h"
#include "operations/tables.h"
#include "operations/transpose.h"
#include "operations/vector_memory.h"

namespace hipemu {
namespace {

void only_lds(const instruction& i) {
  if (i.gds) throw fault(fault_kind::unimplemented, i.name + " on GDS");
}

// Offsets into LDS: the address register's plus the instruction's, modulo 2^32. False if no lane is active.
bool addresses(wave& w, const instruction& i, int vaddr, uint32_t offset, lds_addresses& a) {
  only_lds(i);
  a.active = w.exec();
  if (!a.active) return false;
  const operand& v = i.x(vaddr);
  if (v.is != operand::vector || v.words != 1) bad_operand(i, vaddr);
  need_defined(w, w.defined[v.index].low & w.defined[v.index].high, a.active, "the LDS address");
  const uint32_t* base = w.v(v.index);
  for (int l = 0; l < w.lanes; ++l) a.x[l] = base[l] + offset;
  return true;
}

template <access_shape S>
void read(wave& w, const instruction& i) {
  lds_addresses a;
  if (!addresses(w, i, 1, static_cast<uint32_t>(i.offset), a)) return;
  lane_bytes here;
  access_lds(w, i, a, S.bytes, access_kind::load, here);
  load_lanes<S>(w, data_registers(i, 0, S.words()), here);
}

template <access_shape S>
void write(wave& w, const instruction& i) {
  lds_addresses a;
  if (!addresses(w, i, 0, static_cast<uint32_t>(i.offset), a)) return;
  lane_bytes here;
  const operand& from = data_registers(i, 1, S.words());
  const bool high = S.bytes < 4 && (S.part == register_part::high || from.high);
  access_lds(w, i, a, S.bytes, access_kind::store, here, {w.v(from.index), high});
  store_lanes<S>(w, from, here);
}

// Two accesses, at offsets that count in elements, or in 64 of them.
std::array<uint32_t, 2> two_offsets(const instruction& i, int unit) {
  return {static_cast<uint32_t>(i.offset0 * unit), static_cast<uint32_t>(i.offset1 * unit)};
}

template <int Bytes, int Stride = 1>
void read_two(wave& w, const instruction& i) {
  constexpr int words = Bytes / 4;
  const operand& to = data_registers(i, 0, 2 * words);
  // Both addresses before either result: the registers may be the same.
  std::array<lds_addresses, 2> a;
  const auto offsets = two_offsets(i, Bytes * Stride);
  for (int n = 0; n < 2; ++n)
    if (!addresses(w, i, 1, offsets[n], a[n])) return;
  for (int n = 0; n < 2; ++n) {
    lane_bytes here;
    access_lds(w, i, a[n], Bytes, access_kind::load, here);
    gather<access_shape{Bytes}>(w, w.v(to.index + n * words), &w.defined[to.index + n * words], here);
  }
}

template <int Bytes, int Stride = 1>
void write_two(wave& w, const instruction& i) {
  const auto offsets = two_offsets(i, Bytes * Stride);
  for (int n = 0; n < 2; ++n) {
    lds_addresses a;
    if (!addresses(w, i, 0, offsets[n], a)) return;
    lane_bytes here;
    const operand& from = data_registers(i, 1 + n, Bytes / 4);
    access_lds(w, i, a, Bytes, access_kind::store, here, {w.v(from.index)});
    store_lanes<access_shape{Bytes}>(w, from, here);
  }
}

flushing lds_flushing(const wave& w) {
  return {!(w.mode.denormal_32 & 1), !(w.mode.denormal_32 & 2)};
}

// ds_op addr, data[, data2]; ds_op_rtn vdst, addr, data[, data2].
template <class T, auto F>
void atomic(wave& w, const instruction& i) {
  constexpr int words = sizeof(T) / 4;
  const int first = i.destinations;
  lds_addresses a;
  if (!addresses(w, i, first, static_cast<uint32_t>(i.offset), a)) return;
  lane_bytes here;
  access_lds(w, i, a, sizeof(T), access_kind::atomic, here);
  constexpr bool three = std::is_invocable_v<decltype(F), T, T, T>;
  apply_atomic<T, F>(here, lds_flushing(w), rows_of(w, data_registers(i, first + 1, words)),
                     three ? rows_of(w, data_registers(i, first + 2, words)) : atomic_rows{},
                     first ? rows_of(w, data_registers(i, 0, words)) : atomic_rows{});
}

template <class T, int Stride = 1>
void exchange_two(wave& w, const instruction& i) {
  constexpr int words = sizeof(T) / 4;
  const operand& to = data_registers(i, 0, 2 * words);
  std::array<lds_addresses, 2> a;
  const auto offsets = two_offsets(i, sizeof(T) * Stride);
  for (int n = 0; n < 2; ++n)
    if (!addresses(w, i, 1, offsets[n], a[n])) return;
  uint32_t rows[4 * lanes_max];
  defined_lanes defined[4];
  for (int n = 0; n < 2; ++n) {
    lane_bytes here;
    access_lds(w, i, a[n], sizeof(T), access_kind::atomic, here);
    apply_atomic<T, atomics::swap>(here, {}, rows_of(w, data_registers(i, 2 + n, words)), {},
                                   {rows + n * words * lanes_max, defined + n * words});
  }
  for (int n = 0; n < 2 * words; ++n) {
    each_bit(w.exec(), [&](int l) { w.v(to.index + n)[l] = rows[n * lanes_max + l]; });
    defined_lanes& d = w.defined[to.index + n];
    d = {with_lanes(d.low, defined[n].low, w.exec()), with_lanes(d.high, defined[n].high, w.exec())};
  }
}

constexpr auto compare_store = [](auto old, auto compare, auto x) { return old == compare ? x : old; };

uint32_t base_in_m0(const wave& w, const instruction& i) {
  only_lds(i);
  need_defined(w, w.s_defined[sreg::m0] == ~0u ? ~uint64_t{0} : 0, w.exec(), "the LDS address in M0");
  return (w.s[sreg::m0] & 0xffff) + static_cast<uint32_t>(i.offset);
}

template <access_kind Kind>
void by_lane(wave& w, const instruction& i) {
  if (!w.exec()) return;
  lds_addresses a;
  a.active = w.exec();
  const uint32_t base = base_in_m0(w, i);
  for (int l = 0; l < w.lanes; ++l) a.x[l] = base + static_cast<uint32_t>(4 * l);
  lane_bytes here;
  access_lds(w, i, a, 4, Kind, here);
  const operand& data = data_registers(i, 0, 1);
  if constexpr (Kind == access_kind::load)
    load_lanes<access_shape{4}>(w, data, here);
  else
    store_lanes<access_shape{4}>(w, data, here);
}

// Adds or subtracts the number of active lanes, once for all of them; each gets what was there before.
template <auto F>
void count_lanes(wave& w, const instruction& i) {
  const uint64_t active = w.exec();
  if (!active) return;
  const int first = __builtin_ctzll(active);
  lds_addresses a;
  a.active = uint64_t{1} << first;
  a.x[first] = base_in_m0(w, i);
  lane_bytes here;
  access_lds(w, i, a, 4, access_kind::atomic, here);
  uint32_t number[lanes_max], before[lanes_max];
  defined_lanes all{~uint64_t{0}, ~uint64_t{0}}, before_defined;
  number[first] = static_cast<uint32_t>(__builtin_popcountll(active));
  apply_atomic<uint32_t, F>(here, {}, {number, &all}, {}, {before, &before_defined});
  const operand& to = data_registers(i, 0, 1);
  each_bit(active, [&](int l) { w.v(to.index)[l] = before[first]; });
  const uint64_t is = before_defined.low & a.active ? active : 0;
  defined_lanes& d = w.defined[to.index];
  d = {with_lanes(d.low, is, active), with_lanes(d.high, is, active)};
}

// gfx950's transposing reads: each 16 lanes read a matrix with rows of 16 elements, each lane gets a column.
template <int Bits, int Words>
void read_transposed(wave& w, const instruction& i) {
  if (w.exec() != w.all_lanes) throw fault(fault_kind::unimplemented, i.name + " with lanes switched off");
  lds_addresses a;
  addresses(w, i, 1, static_cast<uint32_t>(i.offset), a);
  lane_bytes here;
  access_lds(w, i, a, 4 * Words, access_kind::load, here);
  need_aligned(w, here.at, here.active, Words == 3 ? 16 : 8, "LDS offset");
  uint32_t rows[Words * lanes_max];
  defined_lanes defined[Words];
  gather<access_shape{4 * Words}>(w, rows, defined, here);
  const operand& to = data_registers(i, 0, Words);
  transpose<Bits, Words, 16>(w.lanes, rows, defined, w.v(to.index), &w.defined[to.index]);
}

constexpr memory_row read_rows[] = {
    {"read_b32", "load_b32", read<access_shape{4}>},
    {"read_b64", "load_b64", read<access_shape{8}>},
    {"read_b96", "load_b96", read<access_shape{12}>},
    {"read_b128", "load_b128", read<access_shape{16}>},
    {"read_u8", "load_u8", read<access_shape{1}>},
    {"read_i8", "load_i8", read<access_shape{1, true}>},
    {"read_u16", "load_u16", read<access_shape{2}>},
    {"read_i16", "load_i16", read<access_shape{2, true}>},
    {"read_u8_d16", "load_u8_d16", read<access_shape{1, false, register_part::low}>},
    {"read_u8_d16_hi", "load_u8_d16_hi", read<access_shape{1, false, register_part::high}>},
    {"read_i8_d16", "load_i8_d16", read<access_shape{1, true, register_part::low}>},
    {"read_i8_d16_hi", "load_i8_d16_hi", read<access_shape{1, true, register_part::high}>},
    {"read_u16_d16", "load_u16_d16", read<access_shape{2, false, register_part::low}>},
    {"read_u16_d16_hi", "load_u16_d16_hi", read<access_shape{2, false, register_part::high}>},
    {"read2_b32", "load_2addr_b32", read_two<4>},
    {"read2_b64", "load_2addr_b64", read_two<8>},
    {"read2st64_b32", "load_2addr_stride64_b32", read_two<4, 64>},
    {"read2st64_b64", "load_2addr_stride64_b64", read_two<8, 64>},
    {"read_addtid_b32", "load_addtid_b32", by_lane<access_kind::load>},
    {"read_b64_tr_b4", nullptr, read_transposed<4, 2>},
    {"read_b96_tr_b6", nullptr, read_transposed<6, 3>},
    {"read_b64_tr_b8", nullptr, read_transposed<8, 2>},
    {"read_b64_tr_b16", nullptr, read_transposed<16, 2>},
    {"append", nullptr, count_lanes<atomics::add>},
    {"consume", nullptr, count_lanes<atomics::subtract>},
    {"permute_b32", nullptr, ds_permute},
    {"bpermute_b32", nullptr, ds_bpermute},
    {"bpermute_fi_b32", nullptr, ds_bpermute_fetch_inactive},
    {"swizzle_b32", nullptr, ds_swizzle},
    {"wrxchg2_rtn_b32", "storexchg_2addr_rtn_b32", exchange_two<uint32_t>},
    {"wrxchg2_rtn_b64", "storexchg_2addr_rtn_b64", exchange_two<uint64_t>},
    {"wrxchg2st64_rtn_b32", "storexchg_2addr_stride64_rtn_b32", exchange_two<uint32_t, 64>},
    {"wrxchg2st64_rtn_b64", "storexchg_2addr_stride64_rtn_b64", exchange_two<uint64_t, 64>},
    {"wrxchg_rtn_b32", "storexchg_rtn_b32", atomic<uint32_t, atomics::swap>},
    {"wrxchg_rtn_b64", "storexchg_rtn_b64", atomic<uint64_t, atomics::swap>},
    {"wrap_rtn_b32", nullptr, atomic<uint32_t, atomics::wrap>},
};

constexpr memory_row write_rows[] = {
    {"write_b8", "store_b8", write<access_shape{1}>},
    {"write_b8_d16_hi", "store_b8_d16_hi", write<access_shape{1, false, register_part::high}>},
    {"write_b16", "store_b16", write<access_shape{2}>},
    {"write_b16_d16_hi", "store_b16_d16_hi", write<access_shape{2, false, register_part::high}>},
    {"write_b32", "store_b32", write<access_shape{4}>},
    {"write_b64", "store_b64", write<access_shape{8}>},
    {"write_b96", "store_b96", write<access_shape{12}>},
    {"write_b128", "store_b128", write<access_shape{16}>},
    {"write2_b32", "store_2addr_b32", write_two<4>},
    {"write2_b64", "store_2addr_b64", write_two<8>},
    {"write2st64_b32", "store_2addr_stride64_b32", write_two<4, 64>},
    {"write2st64_b64", "store_2addr_stride64_b64", write_two<8, 64>},
    {"write_addtid_b32", "store_addtid_b32", by_lane<access_kind::store>},
    {"nop", nullptr, [](wave&, const instruction&) {}},
};

// Each also as ..._rtn_...
constexpr memory_row atomic_ds_rows[] = {
    {"add_u32", nullptr, atomic<uint32_t, atomics::add>},
    {"add_u64", nullptr, atomic<uint64_t, atomics::add>},
    {"sub_u32", nullptr, atomic<uint32_t, atomics::subtract>},
    {"sub_u64", nullptr, atomic<uint64_t, atomics::subtract>},
    {"rsub_u32", nullptr, atomic<uint32_t, atomics::subtract_from>},
    {"rsub_u64", nullptr, atomic<uint64_t, atomics::subtract_from>},
    {"inc_u32", nullptr, atomic<uint32_t, atomics::increment>},
    {"inc_u64", nullptr, atomic<uint64_t, atomics::increment>},
    {"dec_u32", nullptr, atomic<uint32_t, atomics::decrement>},
    {"dec_u64", nullptr, atomic<uint64_t, atomics::decrement>},
    {"min_i32", nullptr, atomic<int32_t, atomics::minimum>},
    {"min_i64", nullptr, atomic<int64_t, atomics::minimum>},
    {"max_i32", nullptr, atomic<int32_t, atomics::maximum>},
    {"max_i64", nullptr, atomic<int64_t, atomics::maximum>},
    {"min_u32", nullptr, atomic<uint32_t, atomics::minimum>},
    {"min_u64", nullptr, atomic<uint64_t, atomics::minimum>},
    {"max_u32", nullptr, atomic<uint32_t, atomics::maximum>},
    {"max_u64", nullptr, atomic<uint64_t, atomics::maximum>},
    {"and_b32", nullptr, atomic<uint32_t, atomics::both>},
    {"and_b64", nullptr, atomic<uint64_t, atomics::both>},
    {"or_b32", nullptr, atomic<uint32_t, atomics::either>},
    {"or_b64", nullptr, atomic<uint64_t, atomics::either>},
    {"xor_b32", nullptr, atomic<uint32_t, atomics::differ>},
    {"xor_b64", nullptr, atomic<uint64_t, atomics::differ>},
    {"mskor_b32", nullptr, atomic<uint32_t, atomics::masked>},
    {"mskor_b64", nullptr, atomic<uint64_t, atomics::masked>},
    // The older ones have the value to compare with first, the later ones the value to store.
    {"cmpst_b32", nullptr, atomic<uint32_t, compare_store>},
    {"cmpst_b64", nullptr, atomic<uint64_t, compare_store>},
    {"cmpst_f32", nullptr, atomic<float, compare_store>},
    {"cmpst_f64", nullptr, atomic<double, compare_store>},
    {"cmpstore_b32", nullptr, atomic<uint32_t, atomics::compare_swap>},
    {"cmpstore_b64", nullptr, atomic<uint64_t, atomics::compare_swap>},
    {"cmpstore_f32", nullptr, atomic<float, atomics::compare_swap>},
    {"cmpstore_f64", nullptr, atomic<double, atomics::compare_swap>},
    {"add_f32", nullptr, atomic<float, atomics::add>},
    {"add_f64", nullptr, atomic<double, atomics::add>},
    {"min_f32", nullptr, atomic<float, atomics::minimum>},
    {"min_f64", nullptr, atomic<double, atomics::minimum>},
    {"max_f32", nullptr, atomic<float, atomics::maximum>},
    {"max_f64", nullptr, atomic<double, atomics::maximum>},
    {"min_num_f32", nullptr, atomic<float, atomics::minimum_number>},
    {"min_num_f64", nullptr, atomic<double, atomics::minimum_number>},
    {"max_num_f32", nullptr, atomic<float, atomics::maximum_number>},
    {"max_num_f64", nullptr, atomic<double, atomics::maximum_number>},
    {"pk_add_f16", nullptr, atomic<uint32_t, atomics::add_halves>},
    {"pk_add_bf16", nullptr, atomic<uint32_t, atomics::add_bhalves>},
    {"cond_sub_u32", nullptr, atomic<uint32_t, atomics::subtract_if_enough>},
    {"sub_clamp_u32", nullptr, atomic<uint32_t, atomics::subtract_clamped>},
};

}  // namespace

std::span<const operation> lds_operations() {
  static const operation_table table = [] {
    operation_table t;
    t.add("ds_", read_rows, instruction_class::lds, 1);
    t.add("ds_", write_rows, instruction_class::lds, 0);
    t.add("ds_", atomic_ds_rows, instruction_class::lds, 0);
    for (const memory_row& row : atomic_ds_rows) {
      std::string name = row.name;
      t.add("ds_" + name.insert(name.rfind('_'), "_rtn"), row.run, instruction_class::lds, 1);
    }
    return t;
  }();
  return table.rows();
}

}  // namespace hipemu
