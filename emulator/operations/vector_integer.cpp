// SPDX-License-Identifier: Apache-2.0
// Vector operations on integers of 32 and 64 bits.
#include <algorithm>
#include <bit>

#include "operations/integers.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using i32 = int32_t;
using u64 = uint64_t;
using i64 = int64_t;

constexpr u32 saturate_unsigned(i64 x) {
  return x < 0 ? 0 : x > 0xffffffff ? 0xffffffff : static_cast<u32>(x);
}
constexpr u32 saturate_signed(i64 x) {
  return static_cast<u32>(x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : x);
}
// The low 24 bits, extended.
constexpr i64 signed_24(u32 x) {
  return static_cast<i32>(x << 8) >> 8;
}
constexpr u64 unsigned_24(u32 x) {
  return x & 0xffffff;
}
constexpr u32 byte(u32 x, int n) {
  return x >> 8 * n & 0xff;
}
constexpr u32 distance(u32 a, u32 b) {
  return a > b ? a - b : b - a;
}

constexpr u32 reverse(u32 x) {
  x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
  x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
  x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
  x = (x >> 8 & 0x00ff00ff) | (x & 0x00ff00ff) << 8;
  return x >> 16 | x << 16;
}

// Zeros above the highest one; -1 if there is no one.
constexpr u32 leading_zeros(u32 x) {
  return x ? static_cast<u32>(std::countl_zero(x)) : ~u32{0};
}
// How many of the highest bits are alike; -1 if all are.
constexpr u32 leading_signs(u32 x) {
  return leading_zeros(x >> 31 ? ~x : x);
}
constexpr u32 trailing_zeros(u32 x) {
  return x ? static_cast<u32>(std::countr_zero(x)) : ~u32{0};
}

constexpr u32 field(u32 x, u32 offset, u32 width) {
  return x >> (offset & 31) & ((u32{1} << (width & 31)) - 1);
}
constexpr u32 signed_field(u32 x, u32 offset, u32 width) {
  width &= 31;
  const u32 bits = static_cast<u32>(static_cast<i32>(x) >> (offset & 31)) & ((u32{1} << width) - 1);
  const u32 sign = width ? u32{1} << (width - 1) : 0;
  return (bits ^ sign) - sign;
}

// One byte of v_perm_b32: of {a, b}, of their sign bits, or a constant.
constexpr u32 permuted(u64 bytes, u32 select) {
  if (select >= 13) return 0xff;
  if (select == 12) return 0;
  if (select >= 8) return bytes >> (16 * (select - 8) + 15) & 1 ? 0xff : 0;
  return bytes >> 8 * select & 0xff;
}
constexpr u32 permute(u32 a, u32 b, u32 select) {
  const u64 bytes = u64{a} << 32 | b;
  u32 r = 0;
  for (int n = 0; n < 4; ++n) r |= permuted(bytes, byte(select, n)) << 8 * n;
  return r;
}

// Sums of absolute differences. The masked form skips bytes whose reference is zero.
constexpr u32 byte_distances(u32 a, u32 b) {
  u32 sum = 0;
  for (int n = 0; n < 4; ++n) sum += distance(byte(a, n), byte(b, n));
  return sum;
}
constexpr u32 masked_distances(u32 a, u32 b) {
  u32 sum = 0;
  for (int n = 0; n < 4; ++n) sum += byte(b, n) ? distance(byte(a, n), byte(b, n)) : 0;
  return sum;
}
constexpr u32 word_distances(u32 a, u32 b) {
  return distance(a & 0xffff, b & 0xffff) + distance(a >> 16, b >> 16);
}
// Four of them, of a window that slides over the bytes of a; sums of 16 bits.
template <auto Distances>
u64 sliding_distances(u64 a, u32 b, u64 sums) {
  u64 r = 0;
  for (int n = 0; n < 4; ++n) r |= u64{u16(Distances(u32(a >> 8 * n), b) + (sums >> 16 * n))} << 16 * n;
  return r;
}
template <auto Distances>
u64 sliding_distances_clamped(u64 a, u32 b, u64 sums) {
  u64 r = 0;
  for (int n = 0; n < 4; ++n)
    r |= u64{std::min<u32>(0xffff, Distances(u32(a >> 8 * n), b) + (sums >> 16 * n & 0xffff))} << 16 * n;
  return r;
}

// v_mqsad_u32_u8: four sums of 32 bits.
void masked_sliding_distances(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<u64> a_room;
  lane_buffer<u32> b_room, sum_room[4], result[4];
  const u64* a = v.in<u64>(0, a_room);
  const u32* b = v.in<u32>(1, b_room);
  const bool clamp = i.clamp;
  for (int n = 0; n < 4; ++n) {
    each_lane(
        w.lanes, result[n].x,
        [=](u64 x, u32 y, u32 sum) -> u32 {
          const u64 r = u64{masked_distances(u32(x >> 8 * n), y)} + sum;
          return clamp && r > 0xffffffff ? 0xffffffff : static_cast<u32>(r);
        },
        a, b, v.words(2, sum_room[n], n));
  }
  const uint64_t both = v.def.low & v.def.high;
  for (int n = 0; n < 4; ++n) v.store(i.operands[0], result[n].x, {both, both}, n);
}

constexpr u32 mean_of_bytes(u32 a, u32 b, u32 round_up) {
  u32 r = 0;
  for (int n = 0; n < 4; ++n) r |= (byte(a, n) + byte(b, n) + (byte(round_up, n) & 1)) >> 1 << 8 * n;
  return r;
}

template <class T>
constexpr T median(T a, T b, T c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

// a + b, a - b or b - a with a carry for each lane: out into a mask and, with CarryIn, in from one.
enum class sum { add, sub, subrev };
template <sum Kind, bool CarryIn>
void with_carry(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<u32> a_room, b_room, c_room, room;
  const u32* a = v.in<u32>(Kind == sum::subrev ? 1 : 0, a_room);
  const u32* b = v.in<u32>(Kind == sum::subrev ? 0 : 1, b_room);
  uint64_t carries = 0;
  if constexpr (CarryIn) {
    const scalar_source mask = read_scalar(w, v.source(2));
    carries = mask.x;
    v.def = v.def & defined_lanes{mask.defined, mask.defined};
  }
  for (int c = 0; c < w.lanes; c += 32) {
    const u32 bits = static_cast<u32>(carries >> c);
    for (int l = 0; l < 32; ++l) c_room.x[c + l] = bits >> l & 1;
  }
  alignas(64) uint8_t out[lanes_max];
  const bool clamp = i.clamp;
  const auto result = [clamp](u32 x, u32 y, u32 c) -> u32 {
    const i64 r = Kind == sum::add ? i64{x} + y + c : i64{x} - y - c;
    return clamp ? saturate_unsigned(r) : static_cast<u32>(r);
  };
  const auto carry = [](u32 x, u32 y, u32 c) -> uint8_t {
    return Kind == sum::add ? (u64{x} + y + c) >> 32 & 1 : x < u64{y} + c;
  };
  each_lane(w.lanes, out, carry, a, b, c_room.x);  // first: the destination may be a source
  each_lane(w.lanes, room.x, result, a, b, c_room.x);
  v.store(i.operands[0], room.x, {v.def.low, v.def.low & v.def.high});  // carries go up
  v.store_mask(i.operands[1], gather_bits(out, w.lanes));
}

// a * b + c in 64 bits, with the carry into a mask.
template <class T, class Wide>
void multiply_add_64(wave& w, const instruction& i) {
  if (i.clamp) throw fault(fault_kind::unimplemented, i.name + " with clamp");
  vector_operation v(w, i);
  lane_buffer<T> a_room, b_room;
  lane_buffer<u64> c_room;
  const T *a = v.in<T>(0, a_room), *b = v.in<T>(1, b_room);
  const u64* c = v.in<u64>(2, c_room);
  alignas(64) uint8_t out[lanes_max];
  each_lane(
      w.lanes, out,
      [](T x, T y, u64 z) -> uint8_t {
        const Wide product = Wide{x} * y;
        Wide r;
        return __builtin_add_overflow(product, static_cast<Wide>(z), &r);
      },
      a, b, c);
  const uint64_t carry = gather_bits(out, w.lanes);
  traced<u64, T, T, u64>::apply(w, i, [](T x, T y, u64 z) { return static_cast<u64>(Wide{x} * y) + z; });
  v.store_mask(i.operands[1], carry);
}

// Any function of three bits; bit abc of the table is its value.
template <class T>
void bit_function(wave& w, const instruction& i) {
  u32 term[8];
  for (int n = 0; n < 8; ++n) term[n] = i.bitop3 >> n & 1 ? ~u32{0} : 0;
  traced<T, T, T, T>::apply(w, i, [&term](T a, T b, T c) {
    const u32 low = (~b & ((~c & term[0]) | (c & term[1]))) | (b & ((~c & term[2]) | (c & term[3])));
    const u32 high = (~b & ((~c & term[4]) | (c & term[5]))) | (b & ((~c & term[6]) | (c & term[7])));
    return static_cast<T>((~a & low) | (a & high));
  });
}

constexpr auto valu = instruction_class::valu;
using one = traced<u32, u32>;
using two = traced<u32, u32, u32>;
using three = traced<u32, u32, u32, u32>;
using whole_one = whole<u32, u32>;
using whole_two = whole<u32, u32, u32>;
using whole_three = whole<u32, u32, u32, u32>;
using signed_two = whole<i32, i32, i32>;
using signed_three = whole<i32, i32, i32, i32>;

constexpr operation table[] = {
    // sums and products
    {"v_add_u32",
     two::clamps<[](u32 a, u32 b) { return a + b; },  //
                 [](u32 a, u32 b) { return saturate_unsigned(i64{a} + b); }>,
     valu},
    {"v_sub_u32",
     two::clamps<[](u32 a, u32 b) { return a - b; },  //
                 [](u32 a, u32 b) { return saturate_unsigned(i64{a} - b); }>,
     valu},
    {"v_subrev_u32",
     two::clamps<[](u32 a, u32 b) { return b - a; },  //
                 [](u32 a, u32 b) { return saturate_unsigned(i64{b} - a); }>,
     valu},
    {"v_add_i32",
     two::clamps<[](u32 a, u32 b) { return a + b; },  //
                 [](u32 a, u32 b) { return saturate_signed(i64{i32(a)} + i32(b)); }>,
     valu},
    {"v_sub_i32",
     two::clamps<[](u32 a, u32 b) { return a - b; },  //
                 [](u32 a, u32 b) { return saturate_signed(i64{i32(a)} - i32(b)); }>,
     valu},
    {"v_add_co_u32", with_carry<sum::add, false>, valu, 2},
    {"v_sub_co_u32", with_carry<sum::sub, false>, valu, 2},
    {"v_subrev_co_u32", with_carry<sum::subrev, false>, valu, 2},
    {"v_addc_co_u32", with_carry<sum::add, true>, valu, 2},
    {"v_subb_co_u32", with_carry<sum::sub, true>, valu, 2},
    {"v_subbrev_co_u32", with_carry<sum::subrev, true>, valu, 2},
    {"v_add3_u32", three::run<[](u32 a, u32 b, u32 c) { return a + b + c; }>, valu},
    {"v_add_lshl_u32", three::run<[](u32 a, u32 b, u32 c) { return (a + b) << (c & 31); }>, valu},
    {"v_lshl_add_u32", three::run<[](u32 a, u32 b, u32 c) { return (a << (b & 31)) + c; }>, valu},
    {"v_lshl_add_u64",
     traced<u64, u64, u32, u64>::run<[](u64 a, u32 b, u64 c) { return (a << ((b & 7) > 4 ? 0 : b & 7)) + c; }>, valu},
    {"v_xad_u32", three::run<[](u32 a, u32 b, u32 c) { return (a ^ b) + c; }>, valu},
    {"v_mul_lo_u32", two::run<[](u32 a, u32 b) { return a * b; }>, valu},
    {"v_mul_hi_u32", whole_two::run<[](u32 a, u32 b) { return static_cast<u32>((u64{a} * b) >> 32); }>, valu},
    {"v_mul_hi_i32", signed_two::run<[](i32 a, i32 b) { return static_cast<i32>((i64{a} * b) >> 32); }>, valu},
    {"v_mul_i32_i24", two::run<[](u32 a, u32 b) { return static_cast<u32>(signed_24(a) * signed_24(b)); }>, valu},
    {"v_mul_u32_u24", two::run<[](u32 a, u32 b) { return static_cast<u32>(unsigned_24(a) * unsigned_24(b)); }>, valu},
    {"v_mul_hi_i32_i24",
     whole_two::run<[](u32 a, u32 b) { return static_cast<u32>(signed_24(a) * signed_24(b) >> 32); }>, valu},
    {"v_mul_hi_u32_u24",
     whole_two::run<[](u32 a, u32 b) { return static_cast<u32>(unsigned_24(a) * unsigned_24(b) >> 32); }>, valu},
    {"v_mad_i32_i24",
     three::clamps<[](u32 a, u32 b, u32 c) { return static_cast<u32>(signed_24(a) * signed_24(b)) + c; },
                   [](u32 a, u32 b, u32 c) { return saturate_signed(signed_24(a) * signed_24(b) + i32(c)); }>,
     valu},
    {"v_mad_u32_u24",
     three::clamps<[](u32 a, u32 b, u32 c) { return static_cast<u32>(unsigned_24(a) * unsigned_24(b)) + c; },
                   [](u32 a, u32 b, u32 c) { return saturate_unsigned(i64(unsigned_24(a) * unsigned_24(b)) + c); }>,
     valu},
    {"v_mad_u64_u32", multiply_add_64<u32, u64>, valu, 2},
    {"v_mad_i64_i32", multiply_add_64<i32, i64>, valu, 2},

    // bits
    {"v_not_b32", one::run<[](u32 a) { return ~a; }>, valu},
    {"v_bfrev_b32", one::run<reverse>, valu},
    {"v_and_b32", two::run<[](u32 a, u32 b) { return a & b; }>, valu},
    {"v_or_b32", two::run<[](u32 a, u32 b) { return a | b; }>, valu},
    {"v_xor_b32", two::run<[](u32 a, u32 b) { return a ^ b; }>, valu},
    {"v_xnor_b32", two::run<[](u32 a, u32 b) { return ~(a ^ b); }>, valu},
    {"v_or3_b32", three::run<[](u32 a, u32 b, u32 c) { return a | b | c; }>, valu},
    {"v_xor3_b32", three::run<[](u32 a, u32 b, u32 c) { return a ^ b ^ c; }>, valu},
    {"v_and_or_b32", three::run<[](u32 a, u32 b, u32 c) { return (a & b) | c; }>, valu},
    {"v_lshl_or_b32", three::run<[](u32 a, u32 b, u32 c) { return a << (b & 31) | c; }>, valu},
    {"v_bitop3_b32", bit_function<u32>, valu},
    {"v_bitop3_b16", bit_function<u16>, valu},
    {"v_bfi_b32", three::run<[](u32 a, u32 b, u32 c) { return (a & b) | (~a & c); }>, valu},
    {"v_bfm_b32", two::run<[](u32 a, u32 b) { return ((u32{1} << (a & 31)) - 1) << (b & 31); }>, valu},
    {"v_bfe_u32", three::run<field>, valu},
    {"v_bfe_i32", three::run<signed_field>, valu},
    {"v_bcnt_u32_b32", whole_two::run<[](u32 a, u32 b) { return static_cast<u32>(std::popcount(a)) + b; }>, valu},
    {"v_ffbh_u32", whole_one::run<leading_zeros>, valu},
    {"v_ffbh_i32", whole_one::run<leading_signs>, valu},
    {"v_ffbl_b32", whole_one::run<trailing_zeros>, valu},
    {"v_perm_b32", three::run<permute>, valu},

    // shifts: the amount is the first source, of 5 or 6 bits; gfx11's alignbit takes it from half a register
    {"v_lshlrev_b32", two::run<[](u32 a, u32 b) { return b << (a & 31); }>, valu},
    {"v_lshrrev_b32", two::run<[](u32 a, u32 b) { return (b >> (a & 31)); }>, valu},
    {"v_ashrrev_i32", two::run<[](u32 a, u32 b) { return static_cast<u32>(i32(b) >> (a & 31)); }>, valu},
    {"v_lshlrev_b64", traced<u64, u32, u64>::run<[](u32 a, u64 b) { return b << (a & 63); }>, valu},
    {"v_lshrrev_b64", traced<u64, u32, u64>::run<[](u32 a, u64 b) { return (b >> (a & 63)); }>, valu},
    {"v_ashrrev_i64", traced<u64, u32, i64>::run<[](u32 a, i64 b) { return static_cast<u64>(b >> (a & 63)); }>, valu},
    {"v_alignbit_b32",
     traced<u32, u32, u32, u16>::run<[](u32 a, u32 b, u16 c) { return u32((u64{a} << 32 | b) >> (c & 31)); }>, valu},
    {"v_alignbyte_b32",
     traced<u32, u32, u32, u16>::run<[](u32 a, u32 b, u16 c) { return u32((u64{a} << 32 | b) >> 8 * (c & 3)); }>, valu},

    // the least, the greatest, the middle
    {"v_min_i32", signed_two::run<[](i32 a, i32 b) { return std::min(a, b); }>, valu},
    {"v_max_i32", signed_two::run<[](i32 a, i32 b) { return std::max(a, b); }>, valu},
    {"v_min_u32", whole_two::run<[](u32 a, u32 b) { return std::min(a, b); }>, valu},
    {"v_max_u32", whole_two::run<[](u32 a, u32 b) { return std::max(a, b); }>, valu},
    {"v_min3_i32", signed_three::run<[](i32 a, i32 b, i32 c) { return std::min(std::min(a, b), c); }>, valu},
    {"v_max3_i32", signed_three::run<[](i32 a, i32 b, i32 c) { return std::max(std::max(a, b), c); }>, valu},
    {"v_med3_i32", signed_three::run<median<i32>>, valu},
    {"v_min3_u32", whole_three::run<[](u32 a, u32 b, u32 c) { return std::min(std::min(a, b), c); }>, valu},
    {"v_max3_u32", whole_three::run<[](u32 a, u32 b, u32 c) { return std::max(std::max(a, b), c); }>, valu},
    {"v_med3_u32", whole_three::run<median<u32>>, valu},
    {"v_maxmin_i32", signed_three::run<[](i32 a, i32 b, i32 c) { return std::min(std::max(a, b), c); }>, valu},
    {"v_minmax_i32", signed_three::run<[](i32 a, i32 b, i32 c) { return std::max(std::min(a, b), c); }>, valu},
    {"v_maxmin_u32", whole_three::run<[](u32 a, u32 b, u32 c) { return std::min(std::max(a, b), c); }>, valu},
    {"v_minmax_u32", whole_three::run<[](u32 a, u32 b, u32 c) { return std::max(std::min(a, b), c); }>, valu},

    // bytes and words in parallel
    {"v_lerp_u8", whole_three::run<mean_of_bytes>, valu},
    {"v_sad_u8",
     whole_three::clamps<[](u32 a, u32 b, u32 c) { return byte_distances(a, b) + c; },
                         [](u32 a, u32 b, u32 c) { return saturate_unsigned(i64{byte_distances(a, b)} + c); }>,
     valu},
    {"v_sad_hi_u8",
     whole_three::clamps<[](u32 a, u32 b, u32 c) { return (byte_distances(a, b) << 16) + c; },
                         [](u32 a, u32 b, u32 c) { return saturate_unsigned((i64{byte_distances(a, b)} << 16) + c); }>,
     valu},
    {"v_sad_u16",
     whole_three::clamps<[](u32 a, u32 b, u32 c) { return word_distances(a, b) + c; },
                         [](u32 a, u32 b, u32 c) { return saturate_unsigned(i64{word_distances(a, b)} + c); }>,
     valu},
    {"v_sad_u32",
     whole_three::clamps<[](u32 a, u32 b, u32 c) { return distance(a, b) + c; },
                         [](u32 a, u32 b, u32 c) { return saturate_unsigned(i64{distance(a, b)} + c); }>,
     valu},
    {"v_msad_u8",
     whole_three::clamps<[](u32 a, u32 b, u32 c) { return masked_distances(a, b) + c; },
                         [](u32 a, u32 b, u32 c) { return saturate_unsigned(i64{masked_distances(a, b)} + c); }>,
     valu},
    {"v_qsad_pk_u16_u8",
     whole<u64, u64, u32, u64>::clamps<sliding_distances<byte_distances>, sliding_distances_clamped<byte_distances>>,
     valu},
    {"v_mqsad_pk_u16_u8",
     whole<u64, u64, u32, u64>::clamps<sliding_distances<masked_distances>,
                                       sliding_distances_clamped<masked_distances>>,
     valu},
    {"v_mqsad_u32_u8", masked_sliding_distances, valu},
};

}  // namespace

std::span<const operation> vector_operations() {
  return table;
}

}  // namespace hipemu
