// SPDX-License-Identifier: Apache-2.0
// How scalar operations read and write: `salu<S...>::run<f>` makes a handler of a formula over values that carry, bit
// for bit, what of them is defined. The S say where the sources come from; what the formula gives says where it goes:
// a tracked value to the destination, a flag to SCC, a with_scc to both.
#pragma once

#include <string>
#include <tuple>

#include "operations/lanes.h"

namespace hipemu {

template <class T>
struct tracked {
  T x;
  T defined;
  tracked(T value = 0, T bits = static_cast<T>(~T{0})) : x(value), defined(bits) {}
  bool known() const { return defined == static_cast<T>(~T{0}); }

  // A defined 0 makes an AND defined, a defined 1 an OR.
  friend tracked operator&(tracked a, tracked b) {
    return {a.x & b.x, (a.defined & b.defined) | (a.defined & ~a.x) | (b.defined & ~b.x)};
  }
  friend tracked operator|(tracked a, tracked b) {
    return {a.x | b.x, (a.defined & b.defined) | (a.defined & a.x) | (b.defined & b.x)};
  }
  friend tracked operator^(tracked a, tracked b) { return {a.x ^ b.x, a.defined & b.defined}; }
  friend tracked operator~(tracked a) { return {static_cast<T>(~a.x), a.defined}; }
  tracked operator<<(unsigned n) const { return {x << n, ~(~defined << n)}; }
  tracked operator>>(unsigned n) const { return {x >> n, ~(~defined >> n)}; }
  // A sum's bit depends on the bits at and below it.
  static T below_undefined(T bits) {
    const T undefined = ~bits;
    return ~(undefined | (T{0} - undefined));
  }
  friend tracked operator+(tracked a, tracked b) { return {a.x + b.x, below_undefined(a.defined & b.defined)}; }
  friend tracked operator-(tracked a, tracked b) { return {a.x - b.x, below_undefined(a.defined & b.defined)}; }
  friend tracked operator*(tracked a, tracked b) { return {a.x * b.x, below_undefined(a.defined & b.defined)}; }
};

struct flag {
  bool x = false, defined = true;
  bool known() const { return defined; }
};

template <class T>
struct with_scc {
  tracked<T> value;
  flag scc;
};

template <class T>
inline flag is_nonzero(tracked<T> a) {
  return {a.x != 0, a.known() || (a.x & a.defined) != 0};
}

using word = tracked<uint32_t>;
using pair = tracked<uint64_t>;

// A fault if what depends on a value that nothing wrote.
inline void need_known(const wave& w, bool known, const char* what) {
  if (!known && w.launch.check.undefined)
    throw fault(fault_kind::undefined_value, std::string(what) + " depends on a value that nothing wrote");
}

// Where sources come from. The plain types, and `i64`, whose 32-bit literals are extended by their sign, take the next
// operand.
struct i64 {};
struct simm {};   // the next operand, 16 bits with a sign
struct uimm {};   // and without
struct old32 {};  // what the destination holds
struct old64 {};
struct scc {};
struct exec_mask {};

template <class T, class Literal = T>
inline tracked<T> read_tracked(const wave& w, const operand& x) {
  if (x.is == operand::constant) return static_cast<T>(constant_bits<Literal>(x));
  const scalar_source s = read_scalar(w, x);
  return {static_cast<T>(s.x), static_cast<T>(s.defined)};
}

template <class S>
struct salu_source {  // uint32_t, uint64_t
  static tracked<S> get(const wave& w, const instruction& i, int& next) { return read_tracked<S>(w, i.x(next++)); }
};
template <>
struct salu_source<i64> {
  static pair get(const wave& w, const instruction& i, int& next) {
    return read_tracked<uint64_t, int64_t>(w, i.x(next++));
  }
};
template <>
struct salu_source<simm> {
  static word get(const wave&, const instruction& i, int& next) {
    return static_cast<uint32_t>(static_cast<int16_t>(i.x(next++).bits));
  }
};
template <>
struct salu_source<uimm> {
  static word get(const wave&, const instruction& i, int& next) {
    return static_cast<uint32_t>(i.x(next++).bits & 0xffff);
  }
};
template <>
struct salu_source<old32> {
  static word get(const wave& w, const instruction& i, int&) { return read_tracked<uint32_t>(w, i.x(0)); }
};
template <>
struct salu_source<old64> {
  static pair get(const wave& w, const instruction& i, int&) { return read_tracked<uint64_t>(w, i.x(0)); }
};
template <>
struct salu_source<scc> {
  static flag get(const wave& w, const instruction&, int&) { return {w.scc, w.scc_defined}; }
};

inline void finish(wave& w, const instruction&, flag f) {
  w.scc = f.x;
  w.scc_defined = f.defined;
}
template <class T>
inline void finish(wave& w, const instruction& i, tracked<T> value) {
  write_scalar(w, i.x(0), value.x, sizeof(T) / 4, value.defined);
}
template <class T>
inline void finish(wave& w, const instruction& i, with_scc<T> both) {
  finish(w, i, both.value);
  finish(w, i, both.scc);
}

template <class... S>
struct salu {
  template <auto F>
  static void run(wave& w, const instruction& i) {
    int next = i.destinations;
    const std::tuple<decltype(salu_source<S>::get(w, i, next))...> sources{salu_source<S>::get(w, i, next)...};
    finish(w, i, std::apply(F, sources));
  }
};

// Formulas of plain numbers: the result is defined if all sources are.
template <auto F>
inline constexpr auto whole = [](auto... s) {
  using D = decltype(F(s.x...));
  const bool known = (s.known() && ...);
  if constexpr (std::is_same_v<D, bool>) {
    return flag{F(s.x...), known};
  } else {
    return tracked<D>{F(s.x...), known ? static_cast<D>(~D{0}) : D{0}};
  }
};

// And SCC says whether the result is other than zero.
template <auto F>
inline constexpr auto nonzero = [](auto... s) {
  const auto d = F(s...);
  return with_scc<std::remove_const_t<decltype(d.x)>>{d, is_nonzero(d)};
};

}  // namespace hipemu
