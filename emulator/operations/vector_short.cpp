// SPDX-License-Identifier: Apache-2.0
// Vector operations on integers of 16 bits, one a register; packed.cpp has those on two.
#include <algorithm>

#include "operations/integers.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

using u16 = uint16_t;
using i16 = int16_t;
using u32 = uint32_t;
using i32 = int32_t;

constexpr u16 saturate_unsigned(int64_t x) {
  return static_cast<u16>(x < 0 ? 0 : x > 0xffff ? 0xffff : x);
}
constexpr i16 saturate_signed(int64_t x) {
  return static_cast<i16>(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}
constexpr u32 saturate_byte(i32 x, i32 least, i32 most) {
  return static_cast<u32>(std::min(std::max(x, least), most)) & 0xff;
}

template <class T>
constexpr T median(T a, T b, T c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

constexpr auto valu = instruction_class::valu;
using unsigned_two = whole<u16, u16, u16>;
using signed_two = whole<i16, i16, i16>;
using unsigned_three = whole<u16, u16, u16, u16>;
using signed_three = whole<i16, i16, i16, i16>;

constexpr auto unsigned_mad =
    unsigned_three::clamps<[](u16 a, u16 b, u16 c) { return u16(u32{a} * b + c); },
                           [](u16 a, u16 b, u16 c) { return saturate_unsigned(int64_t{a} * b + c); }>;
constexpr auto signed_mad =
    signed_three::clamps<[](i16 a, i16 b, i16 c) { return i16(a * b + c); },
                         [](i16 a, i16 b, i16 c) { return saturate_signed(int64_t{a} * b + c); }>;

constexpr operation table[] = {
    {"v_add_u16",
     unsigned_two::clamps<[](u16 a, u16 b) { return u16(a + b); },
                          [](u16 a, u16 b) { return saturate_unsigned(a + b); }>,
     valu},
    {"v_sub_u16",
     unsigned_two::clamps<[](u16 a, u16 b) { return u16(a - b); },
                          [](u16 a, u16 b) { return saturate_unsigned(a - b); }>,
     valu},
    {"v_subrev_u16",
     unsigned_two::clamps<[](u16 a, u16 b) { return u16(b - a); },
                          [](u16 a, u16 b) { return saturate_unsigned(b - a); }>,
     valu},
    {"v_add_i16",
     signed_two::clamps<[](i16 a, i16 b) { return i16(a + b); }, [](i16 a, i16 b) { return saturate_signed(a + b); }>,
     valu},
    {"v_sub_i16",
     signed_two::clamps<[](i16 a, i16 b) { return i16(a - b); }, [](i16 a, i16 b) { return saturate_signed(a - b); }>,
     valu},
    {"v_mul_lo_u16",
     unsigned_two::clamps<[](u16 a, u16 b) { return u16(u32{a} * b); },
                          [](u16 a, u16 b) { return saturate_unsigned(int64_t{a} * b); }>,
     valu},
    {"v_mad_u16", unsigned_mad, valu},
    {"v_mad_i16", signed_mad, valu},
    {"v_mad_legacy_u16", unsigned_mad, valu},
    {"v_mad_legacy_i16", signed_mad, valu},
    {"v_mad_u32_u16",
     whole<u32, u16, u16, u32>::clamps<[](u16 a, u16 b, u32 c) { return u32{a} * b + c; },
                                       [](u16 a, u16 b, u32 c) {
                                         const uint64_t r = uint64_t{a} * b + c;
                                         return (r > 0xffffffff ? u32{0xffffffff} : u32(r));
                                       }>,
     valu},
    {"v_mad_i32_i16",
     whole<i32, i16, i16, i32>::clamps<[](i16 a, i16 b, i32 c) { return i32(u32(a * b) + u32(c)); },
                                       [](i16 a, i16 b, i32 c) {
                                         const int64_t r = int64_t{a} * b + c;
                                         return i32(r < INT32_MIN ? INT32_MIN : r > INT32_MAX ? INT32_MAX : r);
                                       }>,
     valu},
    {"v_not_b16", whole<u16, u16>::run<[](u16 a) { return u16(~a); }>, valu},
    {"v_and_b16", unsigned_two::run<[](u16 a, u16 b) { return u16(a & b); }>, valu},
    {"v_or_b16", unsigned_two::run<[](u16 a, u16 b) { return u16(a | b); }>, valu},
    {"v_xor_b16", unsigned_two::run<[](u16 a, u16 b) { return u16(a ^ b); }>, valu},
    {"v_lshlrev_b16", unsigned_two::run<[](u16 a, u16 b) { return u16(b << (a & 15)); }>, valu},
    {"v_lshrrev_b16", unsigned_two::run<[](u16 a, u16 b) { return u16(b >> (a & 15)); }>, valu},
    {"v_ashrrev_i16", signed_two::run<[](i16 a, i16 b) { return i16(b >> (a & 15)); }>, valu},
    {"v_min_u16", unsigned_two::run<[](u16 a, u16 b) { return std::min(a, b); }>, valu},
    {"v_max_u16", unsigned_two::run<[](u16 a, u16 b) { return std::max(a, b); }>, valu},
    {"v_min_i16", signed_two::run<[](i16 a, i16 b) { return std::min(a, b); }>, valu},
    {"v_max_i16", signed_two::run<[](i16 a, i16 b) { return std::max(a, b); }>, valu},
    {"v_min3_u16", unsigned_three::run<[](u16 a, u16 b, u16 c) { return std::min(std::min(a, b), c); }>, valu},
    {"v_max3_u16", unsigned_three::run<[](u16 a, u16 b, u16 c) { return std::max(std::max(a, b), c); }>, valu},
    {"v_med3_u16", unsigned_three::run<median<u16>>, valu},
    {"v_min3_i16", signed_three::run<[](i16 a, i16 b, i16 c) { return std::min(std::min(a, b), c); }>, valu},
    {"v_max3_i16", signed_three::run<[](i16 a, i16 b, i16 c) { return std::max(std::max(a, b), c); }>, valu},
    {"v_med3_i16", signed_three::run<median<i16>>, valu},
    {"v_sat_pk_u8_i16", whole<u16, u32>::run<[](u32 a) {
       return u16(saturate_byte(i16(a), 0, 255) | saturate_byte(i16(a >> 16), 0, 255) << 8);
     }>,
     valu},
    {"v_ashr_pk_i8_i32", whole<u16, i32, i32, u32>::run<[](i32 a, i32 b, u32 c) {
       return u16(saturate_byte(a >> (c & 31), -128, 127) | saturate_byte(b >> (c & 31), -128, 127) << 8);
     }>,
     valu},
    {"v_ashr_pk_u8_i32", whole<u16, i32, i32, u32>::run<[](i32 a, i32 b, u32 c) {
       return u16(saturate_byte(a >> (c & 31), 0, 255) | saturate_byte(b >> (c & 31), 0, 255) << 8);
     }>,
     valu},
};

}  // namespace

std::span<const operation> short_operations() {
  return table;
}

}  // namespace hipemu
