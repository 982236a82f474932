// SPDX-License-Identifier: Apache-2.0
// What global, flat, scratch and buffer instructions have in common: the list of operations, and their ends at the
// registers. How an address is made is a policy's business: memory.cpp and buffer.cpp have them.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "machine/program.h"
#include "operations/atomic.h"
#include "operations/lds_access.h"

namespace hipemu {

// The operand that data come from or go to, checked to be registers for that many words.
inline const operand& data_registers(const instruction& i, int index, int words) {
  const operand& x = i.x(index);
  if (x.is != operand::vector || x.words != words) bad_operand(i, index);
  return x;
}

// Registers with ".h" say by it which half a 16-bit access has.
template <access_shape S>
void load_lanes(wave& w, const operand& to, const lane_bytes& from) {
  if constexpr (S.bytes == 2 && S.part == register_part::low) {
    constexpr access_shape upper{S.bytes, S.sign, register_part::high};
    if (to.high) return gather<upper>(w, w.v(to.index), &w.defined[to.index], from);
  }
  gather<S>(w, w.v(to.index), &w.defined[to.index], from);
}

template <access_shape S>
void store_lanes(wave& w, const operand& from, const lane_bytes& to, int first = 0) {
  if constexpr (S.bytes < 4 && S.part == register_part::word) {
    if (from.high) return store_lanes<access_shape{S.bytes, false, register_part::high}>(w, from, to);
  }
  const int row = from.index + first;
  const defined_lanes* defined = &w.defined[row];
  if (!to.carries) {
    uint64_t is = ~uint64_t{0};
    for (int n = 0; n < S.words(); ++n) {
      if (S.bytes >= 4 || S.part != register_part::high) is &= defined[n].low;
      if (S.bytes >= 4 || S.part == register_part::high) is &= defined[n].high;
    }
    need_defined(w, is, to.active, "the value to store");
  }
  scatter<S>(w, w.v(row), defined, to);
}

// Direct to LDS: each lane's value goes to M0 + offset + the lane's number times its size.
template <access_shape S>
void rows_to_lds(wave& w, const instruction& i, uint64_t active, const uint32_t* rows, const defined_lanes* defined) {
  constexpr int bytes = S.bytes < 4 ? 4 : S.bytes;
  need_defined(w, w.s_defined[sreg::m0] == ~0u ? ~uint64_t{0} : 0, active, "the LDS address in M0");
  // gfx950's LDS is larger than what M0's lower half can point to.
  const uint32_t m0 = w.s[sreg::m0] & (w.target.lds_bytes > 0x10000 ? ~0u : 0xffff);
  lds_addresses a;
  a.active = active;
  for (int l = 0; l < w.lanes; ++l) a.x[l] = m0 + static_cast<uint32_t>(i.offset) + static_cast<uint32_t>(l * bytes);
  lane_bytes here;
  access_lds(w, i, a, bytes, access_kind::store, here, {rows});
  scatter<access_shape{bytes}>(w, rows, defined, here);
}

// `data` is the operand's index; the value returned goes to operand 0, if one is asked for.
template <class T, auto F>
void atomic_lanes(wave& w, const instruction& i, int data, bool in_lds, const lane_bytes& at) {
  constexpr int words = sizeof(T) / 4;
  constexpr bool three = std::is_invocable_v<decltype(F), T, T, T>;
  const operand& x = data_registers(i, data, three ? 2 * words : words);
  if (!at.carries) {
    uint64_t is = ~uint64_t{0};
    for (int n = 0; n < x.words; ++n) is &= w.defined[x.index + n].low & w.defined[x.index + n].high;
    need_defined(w, is, at.active, "the operand of an atomic");
  }
  // Caches' adders drop f32's subnormals up to gfx90a, and up to gfx11; LDS goes by MODE.
  const generation gen = w.target.gen;
  const bool drops = gen <= generation::cdna2 || gen == generation::rdna2 || gen == generation::rdna3;
  const flushing flushes =
      in_lds ? flushing{!(w.mode.denormal_32 & 1), !(w.mode.denormal_32 & 2)} : flushing{drops, drops};
  apply_atomic<T, F>(at, flushes, rows_of(w, x), three ? rows_of(w, x, words) : atomic_rows{},
                     i.glc ? rows_of(w, data_registers(i, 0, i.x(0).words)) : atomic_rows{});
}

struct memory_row {
  const char* name;
  const char* later;  // gfx11's and gfx12's name
  handler run;
};

// P::load<shape>, P::store<shape>: handlers.
template <class P>
constexpr memory_row load_rows[] = {
    {"load_ubyte", "load_u8", P::template load<access_shape{1}>},
    {"load_sbyte", "load_i8", P::template load<access_shape{1, true}>},
    {"load_ushort", "load_u16", P::template load<access_shape{2}>},
    {"load_sshort", "load_i16", P::template load<access_shape{2, true}>},
    {"load_dword", "load_b32", P::template load<access_shape{4}>},
    {"load_dwordx2", "load_b64", P::template load<access_shape{8}>},
    {"load_dwordx3", "load_b96", P::template load<access_shape{12}>},
    {"load_dwordx4", "load_b128", P::template load<access_shape{16}>},
    {"load_ubyte_d16", "load_d16_u8", P::template load<access_shape{1, false, register_part::low}>},
    {"load_ubyte_d16_hi", "load_d16_hi_u8", P::template load<access_shape{1, false, register_part::high}>},
    {"load_sbyte_d16", "load_d16_i8", P::template load<access_shape{1, true, register_part::low}>},
    {"load_sbyte_d16_hi", "load_d16_hi_i8", P::template load<access_shape{1, true, register_part::high}>},
    {"load_short_d16", "load_d16_b16", P::template load<access_shape{2, false, register_part::low}>},
    {"load_short_d16_hi", "load_d16_hi_b16", P::template load<access_shape{2, false, register_part::high}>},
};

template <class P>
constexpr memory_row store_rows[] = {
    {"store_byte", "store_b8", P::template store<access_shape{1}>},
    {"store_byte_d16_hi", "store_d16_hi_b8", P::template store<access_shape{1, false, register_part::high}>},
    {"store_short", "store_b16", P::template store<access_shape{2}>},
    {"store_short_d16_hi", "store_d16_hi_b16", P::template store<access_shape{2, false, register_part::high}>},
    {"store_dword", "store_b32", P::template store<access_shape{4}>},
    {"store_dwordx2", "store_b64", P::template store<access_shape{8}>},
    {"store_dwordx3", "store_b96", P::template store<access_shape{12}>},
    {"store_dwordx4", "store_b128", P::template store<access_shape{16}>},
};

// P::atomic<type, formula>.
template <class P>
constexpr memory_row atomic_rows_of[] = {
    {"atomic_swap", "atomic_swap_b32", P::template atomic<uint32_t, atomics::swap>},
    {"atomic_swap_x2", "atomic_swap_b64", P::template atomic<uint64_t, atomics::swap>},
    {"atomic_cmpswap", "atomic_cmpswap_b32", P::template atomic<uint32_t, atomics::compare_swap>},
    {"atomic_cmpswap_x2", "atomic_cmpswap_b64", P::template atomic<uint64_t, atomics::compare_swap>},
    {"atomic_add", "atomic_add_u32", P::template atomic<uint32_t, atomics::add>},
    {"atomic_add_x2", "atomic_add_u64", P::template atomic<uint64_t, atomics::add>},
    {"atomic_sub", "atomic_sub_u32", P::template atomic<uint32_t, atomics::subtract>},
    {"atomic_sub_x2", "atomic_sub_u64", P::template atomic<uint64_t, atomics::subtract>},
    {"atomic_smin", "atomic_min_i32", P::template atomic<int32_t, atomics::minimum>},
    {"atomic_smin_x2", "atomic_min_i64", P::template atomic<int64_t, atomics::minimum>},
    {"atomic_umin", "atomic_min_u32", P::template atomic<uint32_t, atomics::minimum>},
    {"atomic_umin_x2", "atomic_min_u64", P::template atomic<uint64_t, atomics::minimum>},
    {"atomic_smax", "atomic_max_i32", P::template atomic<int32_t, atomics::maximum>},
    {"atomic_smax_x2", "atomic_max_i64", P::template atomic<int64_t, atomics::maximum>},
    {"atomic_umax", "atomic_max_u32", P::template atomic<uint32_t, atomics::maximum>},
    {"atomic_umax_x2", "atomic_max_u64", P::template atomic<uint64_t, atomics::maximum>},
    {"atomic_and", "atomic_and_b32", P::template atomic<uint32_t, atomics::both>},
    {"atomic_and_x2", "atomic_and_b64", P::template atomic<uint64_t, atomics::both>},
    {"atomic_or", "atomic_or_b32", P::template atomic<uint32_t, atomics::either>},
    {"atomic_or_x2", "atomic_or_b64", P::template atomic<uint64_t, atomics::either>},
    {"atomic_xor", "atomic_xor_b32", P::template atomic<uint32_t, atomics::differ>},
    {"atomic_xor_x2", "atomic_xor_b64", P::template atomic<uint64_t, atomics::differ>},
    {"atomic_inc", "atomic_inc_u32", P::template atomic<uint32_t, atomics::increment>},
    {"atomic_inc_x2", "atomic_inc_u64", P::template atomic<uint64_t, atomics::increment>},
    {"atomic_dec", "atomic_dec_u32", P::template atomic<uint32_t, atomics::decrement>},
    {"atomic_dec_x2", "atomic_dec_u64", P::template atomic<uint64_t, atomics::decrement>},
    {"atomic_csub_u32", "atomic_sub_clamp_u32", P::template atomic<uint32_t, atomics::subtract_clamped>},
    {"atomic_cond_sub_u32", nullptr, P::template atomic<uint32_t, atomics::subtract_if_enough>},
    {"atomic_add_f32", nullptr, P::template atomic<float, atomics::add>},
    {"atomic_add_f64", nullptr, P::template atomic<double, atomics::add>},
    {"atomic_min_f64", nullptr, P::template atomic<double, atomics::minimum>},
    {"atomic_max_f64", nullptr, P::template atomic<double, atomics::maximum>},
    {"atomic_cmpswap_f32", nullptr, P::template atomic<float, atomics::compare_swap>},
    {"atomic_min_f32", nullptr, P::template atomic<float, atomics::minimum>},
    {"atomic_max_f32", nullptr, P::template atomic<float, atomics::maximum>},
    {"atomic_min_num_f32", nullptr, P::template atomic<float, atomics::minimum_number>},
    {"atomic_max_num_f32", nullptr, P::template atomic<float, atomics::maximum_number>},
    {"atomic_pk_add_f16", nullptr, P::template atomic<uint32_t, atomics::add_halves>},
    {"atomic_pk_add_bf16", nullptr, P::template atomic<uint32_t, atomics::add_bhalves>},
};

// A table that builds its names.
class operation_table {
 public:
  void add(const std::string& name, handler run, instruction_class cls, uint8_t destinations) {
    names_.push_back(name);
    rows_.push_back({names_.back().c_str(), run, cls, destinations});
  }
  template <size_t N>
  void add(const char* prefix, const memory_row (&rows)[N], instruction_class cls, uint8_t destinations) {
    for (const memory_row& row : rows) {
      add(prefix + std::string(row.name), row.run, cls, destinations);
      if (row.later) add(prefix + std::string(row.later), row.run, cls, destinations);
    }
  }
  std::span<const operation> rows() const { return rows_; }

 private:
  std::deque<std::string> names_;
  std::vector<operation> rows_;
};

void add_buffer_operations(operation_table& table);

}  // namespace hipemu
