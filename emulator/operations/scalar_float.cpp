// SPDX-License-Identifier: Apache-2.0
// The scalar unit's floating point (gfx12), on one value each. MODE rounds and flushes as it does for vectors; a result
// of 16 bits clears the upper half of its register.
#include "operations/float_formulas.h"
#include "operations/scalar.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

using u32 = uint32_t;
using s32 = int32_t;
using f32 = float;

// Where sources come from, beside the types of their own.
struct upper_half {};  // f16 in the bits 16-31
template <class T>
struct old {};  // what the destination holds

template <class T>
struct maybe_known {
  T x;
  bool known;
};

maybe_known<f32> as_f32(const wave& w, word a) {
  const f32 x = as_float(a.x);
  return {w.mode.denormal_32 & 1 ? x : flush(x), a.known()};
}
maybe_known<f32> as_half(const wave& w, word a) {
  const uint16_t bits = static_cast<uint16_t>(a.x);
  return {half_value(w.mode.denormal_16_64 & 1 ? bits : flush_f16(bits)), static_cast<uint16_t>(~a.defined) == 0};
}

template <class S>
struct source {  // integers
  static maybe_known<S> get(const wave& w, const instruction& i, int& next) {
    const word a = read_tracked<u32>(w, i.x(next++));
    return {static_cast<S>(a.x), a.known()};
  }
};
template <>
struct source<f32> {
  static auto get(const wave& w, const instruction& i, int& next) {
    return as_f32(w, read_tracked<u32>(w, i.x(next++)));
  }
};
template <>
struct source<half> {
  static auto get(const wave& w, const instruction& i, int& next) {
    return as_half(w, read_tracked<u32, half>(w, i.x(next++)));
  }
};
template <>
struct source<upper_half> {
  static auto get(const wave& w, const instruction& i, int& next) {
    return as_half(w, read_tracked<u32>(w, i.x(next++)) >> 16);
  }
};
template <class T>
struct source<old<T>> {
  static auto get(const wave& w, const instruction& i, int&) {
    int destination = 0;
    return source<T>::get(w, i, destination);
  }
};

template <class D>
word result_bits(const wave&, D x) {
  return static_cast<u32>(x);
}
template <>
word result_bits<f32>(const wave& w, f32 x) {
  return as_bits(w.mode.denormal_32 & 2 ? x : flush(x));
}
u32 to_half(const wave& w, f32 x) {
  uint16_t bits = half_bits(x);
  if (w.mode.fp16_overflow && (bits & 0x7fff) == 0x7c00 && std::isfinite(x)) --bits;
  return w.mode.denormal_16_64 & 2 ? bits : flush_f16(bits);
}

// D: f32, half, integers; bool for SCC.
template <class D, class... S>
struct scalar_float {
  template <auto F>
  static void run(wave& w, const instruction& i) {
    int next = i.destinations;
    const std::tuple sources{source<S>::get(w, i, next)...};
    const auto apply = [&](auto... s) {
      const bool known = (s.known && ...);
      if constexpr (std::is_same_v<D, bool>) {
        finish(w, i, flag{F(s.x...), known});
      } else {
        const mode_rounding<D> rounding(w);
        word d;
        if constexpr (std::is_same_v<D, half>)
          d = to_half(w, F(s.x...));
        else
          d = result_bits<D>(w, F(s.x...));
        d.defined = known ? ~u32{0} : 0;
        finish(w, i, d);
      }
    };
    std::apply(apply, sources);
  }
};

// Two f16, rounded towards zero whatever MODE says.
void pack_to_zero(wave& w, const instruction& i) {
  const auto low = as_f32(w, read_tracked<u32>(w, i.x(1))), high = as_f32(w, read_tracked<u32>(w, i.x(2)));
  set_host_rounding(static_cast<uint8_t>(rounding::zero));
  const u32 bits = to_half(w, low.x) | to_half(w, high.x) << 16;
  set_host_rounding(0);
  finish(w, i, word{bits, (low.known ? 0xffffu : 0) | (high.known ? 0xffff0000u : 0)});
}

constexpr auto least_number = [](f32 x, f32 y) { return min_number(x, y); };
constexpr auto most_number = [](f32 x, f32 y) { return max_number(x, y); };
constexpr auto lesser = [](f32 x, f32 y) { return minimum(x, y); };
constexpr auto greater = [](f32 x, f32 y) { return maximum(x, y); };
constexpr auto ceiling = [](f32 x) { return quiet(std::ceil(x)); };
constexpr auto lower = [](f32 x) { return quiet(std::floor(x)); };
constexpr auto truncate = [](f32 x) { return quiet(std::trunc(x)); };
constexpr auto nearest = [](f32 x) { return quiet(round_even(x)); };
constexpr auto same = [](auto x) { return static_cast<f32>(x); };
constexpr auto quieted = [](f32 x) { return quiet(x); };
template <class To>
constexpr auto whole_number = [](f32 x) { return saturating_cast<To>(x); };

constexpr auto salu_class = instruction_class::salu;
template <class T, auto F>
constexpr handler unary = scalar_float<T, T>::template run<F>;
template <class T, auto F>
constexpr handler binary = scalar_float<T, T, T>::template run<F>;

#define BOTH(name, arity, f)                       \
  {"s_" name "_f32", arity<f32, f>, salu_class}, { \
    "s_" name "_f16", arity<half, f>, salu_class   \
  }
#define COMPARE(name, test)                                                                                      \
  {"s_cmp_" name "_f32", scalar_float<bool, f32, f32>::run<[](f32 a, f32 b) { return (test); }>, salu_class, 0}, \
      {"s_cmp_" name "_f16", scalar_float<bool, half, half>::run<[](f32 a, f32 b) { return (test); }>, salu_class, 0}

constexpr operation table[] = {
    BOTH("add", binary, plus),
    BOTH("sub", binary, minus),
    BOTH("mul", binary, times),
    BOTH("min_num", binary, least_number),
    BOTH("max_num", binary, most_number),
    BOTH("minimum", binary, lesser),
    BOTH("maximum", binary, greater),
    BOTH("ceil", unary, ceiling),
    BOTH("floor", unary, lower),
    BOTH("trunc", unary, truncate),
    BOTH("rndne", unary, nearest),
    {"s_fmac_f32", scalar_float<f32, f32, f32, old<f32>>::run<fused>, salu_class},
    {"s_fmac_f16", scalar_float<half, half, half, old<half>>::run<fused_for_half>, salu_class},
    {"s_fmaak_f32", scalar_float<f32, f32, f32, f32>::run<fused>, salu_class},
    {"s_fmamk_f32", scalar_float<f32, f32, f32, f32>::run<fused>, salu_class},
    {"s_cvt_f32_i32", scalar_float<f32, s32>::run<same>, salu_class},
    {"s_cvt_f32_u32", scalar_float<f32, u32>::run<same>, salu_class},
    {"s_cvt_i32_f32", scalar_float<s32, f32>::run<whole_number<s32>>, salu_class},
    {"s_cvt_u32_f32", scalar_float<u32, f32>::run<whole_number<u32>>, salu_class},
    {"s_cvt_f16_f32", scalar_float<half, f32>::run<quieted>, salu_class},
    {"s_cvt_f32_f16", scalar_float<f32, half>::run<quieted>, salu_class},
    {"s_cvt_hi_f32_f16", scalar_float<f32, upper_half>::run<quieted>, salu_class},
    {"s_cvt_pk_rtz_f16_f32", pack_to_zero, salu_class},
    COMPARE("lt", a < b),
    COMPARE("eq", a == b),
    COMPARE("le", a <= b),
    COMPARE("gt", a > b),
    COMPARE("lg", a<b || a> b),
    COMPARE("ge", a >= b),
    COMPARE("o", a == a && b == b),
    COMPARE("u", a != a || b != b),
    COMPARE("nge", !(a >= b)),
    COMPARE("nlg", !(a < b || a > b)),
    COMPARE("ngt", !(a > b)),
    COMPARE("nle", !(a <= b)),
    COMPARE("neq", a != b),
    COMPARE("nlt", !(a < b)),
};

}  // namespace

std::span<const operation> scalar_float_operations() {
  return table;
}

}  // namespace hipemu
