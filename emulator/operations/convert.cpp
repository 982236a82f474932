// SPDX-License-Identifier: Apache-2.0
// Conversions between numbers of 16, 32 and 64 bits; 8 bits and fewer have their own file.
#include "operations/float_formulas.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

using i16 = int16_t;
using u16 = uint16_t;
using i32 = int32_t;
using u32 = uint32_t;
using f32 = float;
using f64 = double;

// Towards zero; what is out of range becomes the range's end, a NaN zero.
template <class To>
constexpr auto whole = [](auto x) { return saturating_cast<To>(x); };
template <class To>
constexpr auto same = [](auto x) { return static_cast<To>(x); };
template <class To>
constexpr auto quieted = [](auto x) { return static_cast<To>(quiet(x)); };
template <int Byte>
constexpr auto byte_of = [](u32 x) { return static_cast<f32>(static_cast<i32>(x >> 8 * Byte & 0xff)); };

// [-1, 1] and [0, 1] on the range of 16 bits.
template <class To>
constexpr auto normalised = [](f32 x) {
  constexpr f32 scale = std::numeric_limits<To>::max(), low = std::is_signed_v<To> ? -1 : 0;
  const f32 bounded = x > 1 ? 1 : x < low ? low : x;
  return static_cast<To>(x != x ? 0 : round_even(static_cast<f64>(bounded) * scale));
};

template <class D, class S, auto F>
constexpr handler from = lanewise<D, S>::template run<F>;

// Two sources of type S, converted by F to the halves of the result.
template <class S, auto F>
void pack(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<S> a, b;
  lane_buffer<u32> room;
  const auto* x = v.in<S>(0, a);
  const uint64_t low = v.def.low & v.def.high;
  v.def = {~uint64_t{0}, ~uint64_t{0}};
  const auto* y = v.in<S>(1, b);
  const uint64_t high = v.def.low & v.def.high;
  each_lane(
      w.lanes, room.x,
      [](lane_type<S> p, lane_type<S> q) {
        return static_cast<u16>(F(p)) | static_cast<u32>(static_cast<u16>(F(q))) << 16;
      },
      x, y);
  v.store(i.x(0), room.x, {low, high});
}

// To two f16, as MODE rounds or towards zero.
template <bool ToZero>
void pack_half(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<f32> x[2];
  lane_buffer<u32> bits[2], room;
  uint64_t defined[2];
  for (int k = 0; k < 2; ++k) {
    v.def = {~uint64_t{0}, ~uint64_t{0}};
    lane_buffer<f32> source;
    each_lane(w.lanes, x[k].x, [](f32 f) { return f; }, v.in<f32>(k, source));
    defined[k] = v.def.low & v.def.high;
    v.finish<half>(x[k].x);
    const uint8_t mode = ToZero ? 3 : w.mode.round_16_64;
    if (mode) set_host_rounding(mode);
    v.to_half(x[k].x, bits[k].x);
    if (mode) set_host_rounding(0);
  }
  each_lane(w.lanes, room.x, [](u32 low, u32 high) { return low | high << 16; }, bits[0].x, bits[1].x);
  v.store(i.x(0), room.x, {defined[0], defined[1]});
}

u32 to_bf16(f32 x, uint8_t mode) {
  return mode ? encode(bf16_format, x, static_cast<rounding>(mode)) : bhalf_bits(x);
}

void pack_bhalf(wave& w, const instruction& i) {
  const uint8_t mode = w.mode.round_16_64;
  if (!mode) return pack<f32, [](f32 x) { return bhalf_bits(x); }>(w, i);
  vector_operation v(w, i);
  lane_buffer<f32> a, b;
  lane_buffer<u32> room;
  const f32 *x = v.in<f32>(0, a), *y = v.in<f32>(1, b);
  each_lane(w.lanes, room.x, [mode](f32 p, f32 q) { return to_bf16(p, mode) | to_bf16(q, mode) << 16; }, x, y);
  const uint64_t both = v.def.low & v.def.high;
  v.store(i.x(0), room.x, {both, both});
}

// The bits that the format has no room for carry with a random number.
template <const number_format& Format>
void stochastic(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<f32> a;
  lane_buffer<u32> b, room;
  const f32* x = v.in<f32>(0, a);
  const u32* random = v.in<u32>(1, b);
  const bool saturate = w.mode.fp16_overflow;
  each_lane(
      w.lanes, room.x, [=](f32 p, u32 r) { return encode(Format, p, rounding::stochastic, r, saturate); }, x, random);
  const uint64_t both = v.def.low & v.def.high;
  v.store_half(i.x(0), room.x, {both, both});
}

// A byte of the third source, or of the destination, is replaced. MODE rounds.
template <bool Accumulates>
void pack_byte(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<f32> a;
  lane_buffer<u32> b, c, room;
  const f32* x = v.in<f32>(0, a);
  const u32 *byte = v.in<u32>(1, b), *rest = Accumulates ? v.accumulator<u32>(c) : v.in<u32>(2, c);
  {
    const mode_rounding<f32> rounding(w);
    each_lane(
        w.lanes, room.x,
        [](f32 value, u32 at, u32 old) {
          const u32 shift = 8 * (at & 3);
          return (old & ~(0xffu << shift)) | static_cast<u32>(saturating_cast<uint8_t>(std::rint(value))) << shift;
        },
        x, byte, rest);
  }
  const uint64_t both = v.def.low & v.def.high;
  v.store(i.x(0), room.x, {both, both});
}

constexpr auto signed_sixteenths = [](u32 x) { return static_cast<f32>(static_cast<i32>(x << 28) >> 28) / 16; };
constexpr auto nearest_above = [](f32 x) { return saturating_cast<i32>(std::floor(x + 0.5)); };  // an exact sum
constexpr auto below = [](f32 x) { return saturating_cast<i32>(std::floor(x)); };
constexpr auto clamp_i16 = [](i32 x) { return std::clamp(x, -32768, 32767); };
constexpr auto clamp_u16 = [](u32 x) { return std::min(x, 65535u); };
constexpr auto next_random = [](u32 x) { return x << 1 ^ ((x >> 31) != 0 ? 197u : 0); };

using enum instruction_class;

constexpr operation table[] = {
    {"v_cvt_f32_i32", from<f32, i32, same<f32>>, valu},
    {"v_cvt_f32_u32", from<f32, u32, same<f32>>, valu},
    {"v_cvt_i32_f32", from<i32, f32, whole<i32>>, valu},
    {"v_cvt_u32_f32", from<u32, f32, whole<u32>>, valu},
    {"v_cvt_f64_i32", from<f64, i32, same<f64>>, valu},
    {"v_cvt_f64_u32", from<f64, u32, same<f64>>, valu},
    {"v_cvt_i32_f64", from<i32, f64, whole<i32>>, valu},
    {"v_cvt_u32_f64", from<u32, f64, whole<u32>>, valu},
    {"v_cvt_f16_i16", from<half, i16, same<f32>>, valu},
    {"v_cvt_f16_u16", from<half, u16, same<f32>>, valu},
    {"v_cvt_i16_f16", from<i16, half, whole<i16>>, valu},
    {"v_cvt_u16_f16", from<u16, half, whole<u16>>, valu},
    {"v_cvt_i32_i16", from<i32, i16, same<i32>>, valu},
    {"v_cvt_u32_u16", from<u32, u16, same<u32>>, valu},
    {"v_cvt_f16_f32", from<half, f32, quieted<f32>>, valu},
    {"v_cvt_f32_f16", from<f32, half, quieted<f32>>, valu},
    {"v_cvt_f32_bf16", from<f32, bhalf, quieted<f32>>, valu},
    {"v_cvt_f32_f64", from<f32, f64, quieted<f32>>, valu},
    {"v_cvt_f64_f32", from<f64, f32, quieted<f64>>, valu},
    {"v_cvt_f32_ubyte0", from<f32, u32, byte_of<0>>, valu},
    {"v_cvt_f32_ubyte1", from<f32, u32, byte_of<1>>, valu},
    {"v_cvt_f32_ubyte2", from<f32, u32, byte_of<2>>, valu},
    {"v_cvt_f32_ubyte3", from<f32, u32, byte_of<3>>, valu},
    {"v_cvt_off_f32_i4", from<f32, u32, signed_sixteenths>, valu},
    {"v_cvt_rpi_i32_f32", from<i32, f32, nearest_above>, valu},
    {"v_cvt_flr_i32_f32", from<i32, f32, below>, valu},
    {"v_cvt_norm_i16_f16", from<i16, half, normalised<i16>>, valu},
    {"v_cvt_norm_u16_f16", from<u16, half, normalised<u16>>, valu},

    {"v_cvt_pknorm_i16_f32", pack<f32, normalised<i16>>, valu},
    {"v_cvt_pknorm_u16_f32", pack<f32, normalised<u16>>, valu},
    {"v_cvt_pknorm_i16_f16", pack<half, normalised<i16>>, valu},
    {"v_cvt_pknorm_u16_f16", pack<half, normalised<u16>>, valu},
    {"v_cvt_pk_i16_f32", pack<f32, whole<i16>>, valu},
    {"v_cvt_pk_u16_f32", pack<f32, whole<u16>>, valu},
    {"v_cvt_pk_i16_i32", pack<i32, clamp_i16>, valu},
    {"v_cvt_pk_u16_u32", pack<u32, clamp_u16>, valu},
    {"v_cvt_pkrtz_f16_f32", pack_half<true>, valu},
    {"v_cvt_pk_f16_f32", pack_half<false>, valu},
    {"v_cvt_pk_bf16_f32", pack_bhalf, valu},
    {"v_cvt_pk_u8_f32", pack_byte<false>, valu},
    {"v_cvt_pkaccum_u8_f32", pack_byte<true>, valu},
    {"v_cvt_sr_f16_f32", stochastic<f16_format>, valu},
    {"v_cvt_sr_bf16_f32", stochastic<bf16_format>, valu},
    {"v_prng_b32", from<u32, u32, next_random>, valu},
};

}  // namespace

std::span<const operation> convert_operations() {
  return table;
}

}  // namespace hipemu
