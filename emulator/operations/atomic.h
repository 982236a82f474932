// SPDX-License-Identifier: Apache-2.0
// Read, compute, write back: the formulas of atomic operations, and what applies one to the memory that lanes point to.
#pragma once

#include <algorithm>
#include <type_traits>

#include "operations/lane_bytes.h"
#include "operations/lanes.h"

namespace hipemu {

// f(what memory holds, the operand[, what to compare with]) -> what memory holds then.
namespace atomics {

inline constexpr auto swap = [](auto, auto x) { return x; };
inline constexpr auto compare_swap = [](auto old, auto x, auto compare) { return old == compare ? x : old; };
inline constexpr auto add = [](auto old, auto x) { return old + x; };
inline constexpr auto subtract = [](auto old, auto x) { return old - x; };
inline constexpr auto subtract_from = [](auto old, auto x) { return x - old; };
inline constexpr auto both = [](auto old, auto x) { return old & x; };
inline constexpr auto either = [](auto old, auto x) { return old | x; };
inline constexpr auto differ = [](auto old, auto x) { return old ^ x; };
inline constexpr auto masked = [](auto old, auto mask, auto x) { return (old & ~mask) | x; };
inline constexpr auto increment = [](auto old, auto limit) { return old >= limit ? 0 : old + 1; };
inline constexpr auto decrement = [](auto old, auto limit) { return old == 0 || old > limit ? limit : old - 1; };
inline constexpr auto wrap = [](auto old, auto x, auto y) { return old >= x ? old - x : old + y; };
inline constexpr auto subtract_clamped = [](auto old, auto x) { return old > x ? old - x : 0; };
inline constexpr auto subtract_if_enough = [](auto old, auto x) { return old >= x ? old - x : old; };
inline constexpr auto minimum = [](auto old, auto x) { return x < old ? x : old; };
inline constexpr auto maximum = [](auto old, auto x) { return x > old ? x : old; };

// Of numbers, if one of them is none: the other; and -0 is less than +0. (gfx12's min_num and max_num.)
inline constexpr auto minimum_number = [](auto old, auto x) {
  return old != old ? x : x != x ? old : x < old || (x == old && std::signbit(x)) ? x : old;
};
inline constexpr auto maximum_number = [](auto old, auto x) {
  return old != old ? x : x != x ? old : x > old || (x == old && !std::signbit(x)) ? x : old;
};

inline constexpr auto add_halves = [](uint32_t old, uint32_t x) -> uint32_t {
  const auto sum = [](uint32_t a, uint32_t b) {
    return static_cast<uint32_t>(
        half_bits(half_value(static_cast<uint16_t>(a)) + half_value(static_cast<uint16_t>(b))));
  };
  return sum(old, x) | sum(old >> 16, x >> 16) << 16;
};
inline constexpr auto add_bhalves = [](uint32_t old, uint32_t x) -> uint32_t {
  const auto sum = [](uint32_t a, uint32_t b) {
    return static_cast<uint32_t>(
        bhalf_bits(bhalf_value(static_cast<uint16_t>(a)) + bhalf_value(static_cast<uint16_t>(b))));
  };
  return sum(old, x) | sum(old >> 16, x >> 16) << 16;
};

}  // namespace atomics

// Rows of registers that an atomic reads or writes; null if it has none.
struct atomic_rows {
  uint32_t* row = nullptr;
  defined_lanes* defined = nullptr;
};
inline atomic_rows rows_of(wave& w, const operand& x, int first = 0) {
  return {w.v(x.index + first), &w.defined[x.index + first]};
}
template <class U>
U value_of(const atomic_rows& from, int lane) {
  U x = from.row[lane];
  if constexpr (sizeof(U) == 8) x |= static_cast<U>(from.row[lanes_max + lane]) << 32;
  return x;
}
template <class U>
bool is_defined(const atomic_rows& from, int lane) {
  uint64_t is = from.defined[0].low & from.defined[0].high;
  if constexpr (sizeof(U) == 8) is &= from.defined[1].low & from.defined[1].high;
  return is >> lane & 1;
}

// Which subnormals an f32 atomic takes for zero.
struct flushing {
  bool inputs = false, outputs = false;
};

// Lane after lane, each an atomic operation of the host as well: workgroups run on several threads.
template <class T, auto F>
void apply_atomic(const lane_bytes& at, flushing flushes, const atomic_rows& x, const atomic_rows& y,
                  const atomic_rows& result) {
  using U = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  constexpr bool three = std::is_invocable_v<decltype(F), T, T, T>;
  constexpr bool overwrites =
      std::is_same_v<std::remove_const_t<decltype(F)>, std::remove_const_t<decltype(atomics::swap)>>;
  const auto typed = [&](U bits) {
    T value = bit_as<T>(bits);
    if constexpr (std::is_same_v<T, float>) value = flushes.inputs ? flush(value) : value;
    return value;
  };
  each_bit(at.active, [&](int l) {
    U* p = reinterpret_cast<U*>(at.bytes + at.at[l]);
    const U operand_bits = value_of<U>(x, l);
    U old = __atomic_load_n(p, __ATOMIC_SEQ_CST), next;
    do {
      T value;
      if constexpr (three)
        value = static_cast<T>(F(typed(old), typed(operand_bits), typed(value_of<U>(y, l))));
      else
        value = static_cast<T>(F(typed(old), typed(operand_bits)));
      if constexpr (std::is_same_v<T, float>) value = flushes.outputs ? flush(value) : value;
      next = bit_as<U>(value);
    } while (!__atomic_compare_exchange_n(p, &old, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    uint8_t* flags = at.defined ? at.defined + at.at[l] : nullptr;
    const bool before = !flags || !std::memchr(flags, 0, sizeof(U));
    if (flags) {
      bool after = (overwrites || before) && (!at.carries || is_defined<U>(x, l));
      if constexpr (three) after = after && (!at.carries || is_defined<U>(y, l));
      std::memset(flags, after, sizeof(U));
    }
    if (!result.row) return;
    const uint64_t bit = uint64_t{1} << l;
    for (int n = 0; n < static_cast<int>(sizeof(U) / 4); ++n) {
      result.row[n * lanes_max + l] = static_cast<uint32_t>(static_cast<uint64_t>(old) >> 32 * n);
      defined_lanes& d = result.defined[n];
      d = {before ? d.low | bit : d.low & ~bit, before ? d.high | bit : d.high & ~bit};
    }
  });
}

}  // namespace hipemu
