// SPDX-License-Identifier: Apache-2.0
// v_cmp and v_cmpx: a bit for each lane.
#include "operations/lanes.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

// v_cmp_class: is x of one of the classes whose bits are set? Of a float with that many bits of fraction.
template <class Bits, int Fraction>
constexpr bool is_of_class(Bits x, uint32_t classes) {
  constexpr int bits = 8 * sizeof(Bits);
  constexpr Bits one = 1, fraction = (one << Fraction) - 1, infinity = ((one << (bits - 1)) - 1) ^ fraction;
  const bool negative = x >> (bits - 1) & 1;
  const Bits size = x & static_cast<Bits>(~(one << (bits - 1)));
  if (size > infinity) return classes >> (size >> (Fraction - 1) & 1) & 1;  // 0 signalling, 1 quiet
  // 2 -inf, 3 -normal, 4 -subnormal, 5 -0, 6 +0, 7 +subnormal, 8 +normal, 9 +inf
  const int rank = size == infinity ? 3 : size > fraction ? 2 : size ? 1 : 0;
  return classes >> (negative ? 5 - rank : 6 + rank) & 1;
}

constexpr auto valu = instruction_class::valu;
using double_class = comparison<double, uint32_t>;
constexpr auto class_of_double = [](double x, uint32_t classes) {
  return is_of_class<uint64_t, 52>(bit_as<uint64_t>(x), classes);
};

// v_cmpx writes EXEC and, on gfx9, a mask: decode.cpp counts its destination.
#define COMPARE(predicate, type, tag, test)                                                                           \
  {"v_cmp_" predicate "_" type, comparison<tag, tag>::run<[](lane_type<tag> a, lane_type<tag> b) { return (test); }>, \
   valu},                                                                                                             \
  {                                                                                                                   \
    "v_cmpx_" predicate "_" type,                                                                                     \
        comparison<tag, tag>::run<[](lane_type<tag> a, lane_type<tag> b) { return (test); }, true>, valu              \
  }
#define NOTHING(a, b) (static_cast<void>(a), static_cast<void>(b), false)
#define ORDERS(type, tag)                                                                                        \
  COMPARE("lt", type, tag, a < b), COMPARE("eq", type, tag, a == b), COMPARE("le", type, tag, a <= b),           \
      COMPARE("gt", type, tag, a > b), COMPARE("ge", type, tag, a >= b), COMPARE("f", type, tag, NOTHING(a, b)), \
      COMPARE("t", type, tag, !NOTHING(a, b))
#define INTEGER(type, tag) ORDERS(type, tag), COMPARE("ne", type, tag, a != b)
#define FLOAT(type, tag)                                                                                            \
  ORDERS(type, tag), COMPARE("tru", type, tag, !NOTHING(a, b)), COMPARE("lg", type, tag, a<b || a> b),              \
      COMPARE("o", type, tag, a == a && b == b), COMPARE("u", type, tag, a != a || b != b),                         \
      COMPARE("nge", type, tag, !(a >= b)), COMPARE("nlg", type, tag, !(a < b || a > b)),                           \
      COMPARE("ngt", type, tag, !(a > b)), COMPARE("nle", type, tag, !(a <= b)), COMPARE("neq", type, tag, a != b), \
      COMPARE("nlt", type, tag, !(a < b))

constexpr operation table[] = {
    INTEGER("i16", int16_t),
    INTEGER("u16", uint16_t),
    INTEGER("i32", int32_t),
    INTEGER("u32", uint32_t),
    INTEGER("i64", int64_t),
    INTEGER("u64", uint64_t),
    FLOAT("f16", half),
    FLOAT("f32", float),
    FLOAT("f64", double),
    {"v_cmp_class_f16", comparison<uint16_t, uint16_t>::run<is_of_class<uint16_t, 10>>, valu},
    {"v_cmpx_class_f16", comparison<uint16_t, uint16_t>::run<is_of_class<uint16_t, 10>, true>, valu},
    {"v_cmp_class_f32", comparison<uint32_t, uint32_t>::run<is_of_class<uint32_t, 23>>, valu},
    {"v_cmpx_class_f32", comparison<uint32_t, uint32_t>::run<is_of_class<uint32_t, 23>, true>, valu},
    {"v_cmp_class_f64", double_class::run<class_of_double>, valu},
    {"v_cmpx_class_f64", double_class::run<class_of_double, true>, valu},
};

}  // namespace

std::span<const operation> compare_operations() {
  return table;
}

}  // namespace hipemu
