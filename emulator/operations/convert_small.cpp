// SPDX-License-Identifier: Apache-2.0
// Conversions from and to numbers of 8, 6 and 4 bits: fp8 and bf8 since gfx942, with a scale and in all widths on
// gfx950. Source: the CDNA 4 instruction set manual, "Data conversion", and what LLVM's assembler tests write.
#include "operations/small_formats.h"

#include "operations/lanes.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

// Puts `width` bits at `shift` into the destination's register and keeps the rest. What is defined is known by halves:
// a half counts as defined when a byte of it is written, for compilers fill undefined registers byte by byte.
void insert(vector_operation& v, const uint32_t* bits, int shift, int width) {
  const operand& to = v.i.x(0);
  if (to.is != operand::vector) bad_operand(v.i, 0);
  const uint32_t mask = ((uint32_t{1} << width) - 1) << shift;
  lane_buffer<uint32_t> merged;
  each_lane(
      v.w.lanes, merged.x, [=](uint32_t x, uint32_t old) { return (old & ~mask) | (x << shift & mask); }, bits,
      v.w.v(to.index));
  const uint64_t both = v.def.low & v.def.high;
  const defined_lanes old = v.w.defined[to.index];
  v.store(to, merged.x, {shift < 16 ? both : old.low, shift >= 16 ? both : old.high});
}

// --- fp8 and bf8 ---------------------------------------------------------------------------------------------------

const number_format& format_of(const wave& w, bool bf8) {
  if (w.target.fp8_fnuz) return bf8 ? bf8_fnuz_format : fp8_fnuz_format;
  return bf8 ? bf8_format : fp8_format;
}

// SDWA picks the byte or word on gfx9; op_sel, byte_sel or the register's half later.
template <bool Bf8>
void byte_to_f32(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const byte_values& table = values_of_fp8(Bf8, w.target.fp8_fnuz);
  lane_buffer<uint32_t> a;
  lane_buffer<float> room;
  const uint32_t* x = v.in<uint32_t>(0, a);
  const int shift = i.sdwa ? 0 : 8 * (i.op_sel & 3);
  each_lane(w.lanes, room.x, [&](uint32_t b) { return table[b >> shift & 0xff]; }, x);
  v.done<float>(room.x);
}

template <bool Bf8>
void word_to_f32(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const byte_values& table = values_of_fp8(Bf8, w.target.fp8_fnuz);
  lane_buffer<uint32_t> a;
  lane_buffer<float> room[2];
  const uint32_t* x = v.in<uint32_t>(0, a);
  const int shift = !i.sdwa && (v.source(0).high || i.op_sel & 1) ? 16 : 0;
  const uint64_t both = v.def.low & v.def.high;
  for (int n = 0; n < 2; ++n) {
    each_lane(w.lanes, room[n].x, [&](uint32_t b) { return table[b >> (shift + 8 * n) & 0xff]; }, x);
    v.finish<float>(room[n].x);
  }
  for (int n = 0; n < 2; ++n) v.store(i.x(0), reinterpret_cast<const uint32_t*>(room[n].x), {both, both}, n);
}

template <bool Bf8>
void f32_to_word(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const number_format& format = format_of(w, Bf8);
  const bool saturate = w.mode.fp16_overflow;
  lane_buffer<float> a, b;
  lane_buffer<uint32_t> room;
  const float *x = v.in<float>(0, a), *y = v.in<float>(1, b);
  const auto convert = [&](float f) { return encode(format, f, rounding::nearest, 0, saturate); };
  each_lane(w.lanes, room.x, [&](float p, float q) { return convert(p) | convert(q) << 8; }, x, y);
  const uint64_t both = v.def.low & v.def.high;
  v.store_half(i.x(0), room.x, {both, both});
}

template <bool Bf8>
void f32_to_byte(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const number_format& format = format_of(w, Bf8);
  const bool saturate = w.mode.fp16_overflow;
  lane_buffer<float> a;
  lane_buffer<uint32_t> b, room;
  const float* x = v.in<float>(0, a);
  const uint32_t* random = v.in<uint32_t>(1, b);
  each_lane(
      w.lanes, room.x, [&](float p, uint32_t r) { return encode(format, p, rounding::stochastic, r, saturate); }, x,
      random);
  const int byte = w.target.rdna() ? i.op_sel : i.op_sel >> 2 & 3;
  insert(v, room.x, 8 * byte, 8);
}

// --- With a scale --------------------------------------------------------------------------------------------------

// `Count` values of one format become as many of the other, divided by the scale on the way to fewer bits, multiplied on
// the way to more. The scale is the exponent of an f32. Where there are two sources (of f32), they take turns. Operands:
// destination, one or two sources, the random number of stochastic rounding, the scale.
template <const number_format& To, const number_format& From, int Count, int Sources, bool Stochastic>
void scaled_conversion(wave& w, const instruction& i) {
  constexpr int from_bits = From.bits(), to_bits = To.bits();
  constexpr int from_total = Count / Sources * from_bits, to_total = Count * to_bits;
  constexpr int from_words = (from_total + 31) / 32, to_words = (to_total + 31) / 32;
  constexpr bool narrows = to_bits < from_bits;
  vector_operation v(w, i);

  lane_buffer<uint32_t> from[Sources][from_words], room;
  int from_shift = 0;
  if (from_total == 8) from_shift = 8 * (i.op_sel & 3);
  if (from_total == 16) from_shift = 16 * (i.op_sel & 1);
  for (int s = 0; s < Sources; ++s) {
    const operand& x = v.source(s);
    uint32_t sign = 0, magnitude = ~0u;
    if (x.negate || x.absolute) {
      // Of packed sources, nobody says which of the values it would be.
      if (!narrows || from_total > 32 || (from_bits == 16 && Count > 1)) bad_operand(i, i.destinations + s);
      sign = x.negate ? 1u << (from_shift + from_bits - 1) : 0;
      magnitude = x.absolute ? ~(1u << (from_shift + from_bits - 1)) : ~0u;
    }
    for (int n = 0; n < from_words; ++n)
      each_lane(w.lanes, from[s][n].x, [=](uint32_t b) { return (b & magnitude) ^ sign; }, v.words(s, room, n));
  }
  lane_buffer<uint32_t> seeds, scales;
  const uint32_t* seed = Stochastic ? v.in<uint32_t>(Sources, seeds) : nullptr;
  const uint32_t* scale = v.in<uint32_t>(Sources + Stochastic, scales);

  const bool flushes = From.bits() == 32 && !v.denormals_kept(true, false);
  const bool saturate = w.mode.fp16_overflow;
  lane_buffer<uint32_t> to[to_words];
  for (int l = 0; l < w.lanes; ++l) {
    const double power = e8m0_to_f64(static_cast<uint8_t>(scale[l] >> 23));
    uint32_t random = Stochastic ? seed[l] : 0;
    for (auto& word : to) word.x[l] = 0;
    for (int n = 0; n < Count; ++n) {
      const int at = from_shift + n / Sources * from_bits;
      const auto& words = from[n % Sources];
      uint64_t bits = words[at / 32].x[l];
      if (at / 32 + 1 < from_words) bits |= static_cast<uint64_t>(words[at / 32 + 1].x[l]) << 32;
      const uint32_t mask = from_bits == 32 ? ~0u : (1u << (from_bits & 31)) - 1;
      float value = decode(From, static_cast<uint32_t>(bits >> at % 32) & mask);
      if (flushes) value = flush_subnormal(value);
      const double result = narrows ? value / power : value * power;
      const uint64_t encoded =
          encode(To, result, Stochastic ? rounding::stochastic : rounding::nearest, random, saturate);
      const int place = n * to_bits;
      to[place / 32].x[l] |= static_cast<uint32_t>(encoded << place % 32);
      if (place % 32 + to_bits > 32) to[place / 32 + 1].x[l] |= static_cast<uint32_t>(encoded >> (32 - place % 32));
      random = random << 1 ^ ((random >> 31) != 0 ? 197u : 0);  // v_prng_b32 between values
    }
  }
  if (to_total == 8) return insert(v, to[0].x, 8 * (i.op_sel >> 2 & 3), 8);
  const uint64_t both = v.def.low & v.def.high;
  if (to_total == 16) return v.store_half(i.x(0), to[0].x, {both, both});
  for (int n = 0; n < to_words; ++n) v.store(i.x(0), to[n].x, {both, both}, n);
}

constexpr const number_format &f32 = f32_format, &f16 = f16_format, &bf16 = bf16_format, &fp8 = fp8_format,
                              &bf8 = bf8_format, &fp6 = fp6_format, &bf6 = bf6_format, &fp4 = fp4_format;

template <const number_format& To, const number_format& From, int Count = 1, int Sources = 1>
constexpr handler scaled_to = scaled_conversion<To, From, Count, Sources, false>;
template <const number_format& To, const number_format& From, int Count = 1>
constexpr handler stochastic_to = scaled_conversion<To, From, Count, 1, true>;

using enum instruction_class;

constexpr operation table[] = {
    {"v_cvt_f32_fp8", byte_to_f32<false>, valu},
    {"v_cvt_f32_bf8", byte_to_f32<true>, valu},
    {"v_cvt_pk_f32_fp8", word_to_f32<false>, valu},
    {"v_cvt_pk_f32_bf8", word_to_f32<true>, valu},
    {"v_cvt_pk_fp8_f32", f32_to_word<false>, valu},
    {"v_cvt_pk_bf8_f32", f32_to_word<true>, valu},
    {"v_cvt_sr_fp8_f32", f32_to_byte<false>, valu},
    {"v_cvt_sr_bf8_f32", f32_to_byte<true>, valu},
    {"v_cvt_scalef32_f32_fp8", scaled_to<f32, fp8>, valu},
    {"v_cvt_scalef32_f16_fp8", scaled_to<f16, fp8>, valu},
    {"v_cvt_scalef32_pk_f32_fp8", scaled_to<f32, fp8, 2>, valu},
    {"v_cvt_scalef32_pk_f16_fp8", scaled_to<f16, fp8, 2>, valu},
    {"v_cvt_scalef32_pk_bf16_fp8", scaled_to<bf16, fp8, 2>, valu},
    {"v_cvt_scalef32_pk_fp8_f32", scaled_to<fp8, f32, 2, 2>, valu},
    {"v_cvt_scalef32_pk_fp8_f16", scaled_to<fp8, f16, 2>, valu},
    {"v_cvt_scalef32_pk_fp8_bf16", scaled_to<fp8, bf16, 2>, valu},
    {"v_cvt_scalef32_sr_fp8_f32", stochastic_to<fp8, f32>, valu},
    {"v_cvt_scalef32_sr_fp8_f16", stochastic_to<fp8, f16>, valu},
    {"v_cvt_scalef32_sr_fp8_bf16", stochastic_to<fp8, bf16>, valu},
    {"v_cvt_scalef32_f32_bf8", scaled_to<f32, bf8>, valu},
    {"v_cvt_scalef32_f16_bf8", scaled_to<f16, bf8>, valu},
    {"v_cvt_scalef32_pk_f32_bf8", scaled_to<f32, bf8, 2>, valu},
    {"v_cvt_scalef32_pk_f16_bf8", scaled_to<f16, bf8, 2>, valu},
    {"v_cvt_scalef32_pk_bf16_bf8", scaled_to<bf16, bf8, 2>, valu},
    {"v_cvt_scalef32_pk_bf8_f32", scaled_to<bf8, f32, 2, 2>, valu},
    {"v_cvt_scalef32_pk_bf8_f16", scaled_to<bf8, f16, 2>, valu},
    {"v_cvt_scalef32_pk_bf8_bf16", scaled_to<bf8, bf16, 2>, valu},
    {"v_cvt_scalef32_sr_bf8_f32", stochastic_to<bf8, f32>, valu},
    {"v_cvt_scalef32_sr_bf8_f16", stochastic_to<bf8, f16>, valu},
    {"v_cvt_scalef32_sr_bf8_bf16", stochastic_to<bf8, bf16>, valu},
    {"v_cvt_scalef32_pk_f32_fp4", scaled_to<f32, fp4, 2>, valu},
    {"v_cvt_scalef32_pk_f16_fp4", scaled_to<f16, fp4, 2>, valu},
    {"v_cvt_scalef32_pk_bf16_fp4", scaled_to<bf16, fp4, 2>, valu},
    {"v_cvt_scalef32_pk_fp4_f32", scaled_to<fp4, f32, 2, 2>, valu},
    {"v_cvt_scalef32_pk_fp4_f16", scaled_to<fp4, f16, 2>, valu},
    {"v_cvt_scalef32_pk_fp4_bf16", scaled_to<fp4, bf16, 2>, valu},
    {"v_cvt_scalef32_sr_pk_fp4_f32", stochastic_to<fp4, f32, 2>, valu},
    {"v_cvt_scalef32_sr_pk_fp4_f16", stochastic_to<fp4, f16, 2>, valu},
    {"v_cvt_scalef32_sr_pk_fp4_bf16", stochastic_to<fp4, bf16, 2>, valu},
    {"v_cvt_scalef32_pk32_f32_fp6", scaled_to<f32, fp6, 32>, valu},
    {"v_cvt_scalef32_pk32_f16_fp6", scaled_to<f16, fp6, 32>, valu},
    {"v_cvt_scalef32_pk32_bf16_fp6", scaled_to<bf16, fp6, 32>, valu},
    {"v_cvt_scalef32_pk32_fp6_f16", scaled_to<fp6, f16, 32>, valu},
    {"v_cvt_scalef32_pk32_fp6_bf16", scaled_to<fp6, bf16, 32>, valu},
    {"v_cvt_scalef32_2xpk16_fp6_f32", scaled_to<fp6, f32, 32, 2>, valu},
    {"v_cvt_scalef32_sr_pk32_fp6_f32", stochastic_to<fp6, f32, 32>, valu},
    {"v_cvt_scalef32_sr_pk32_fp6_f16", stochastic_to<fp6, f16, 32>, valu},
    {"v_cvt_scalef32_sr_pk32_fp6_bf16", stochastic_to<fp6, bf16, 32>, valu},
    {"v_cvt_scalef32_pk32_f32_bf6", scaled_to<f32, bf6, 32>, valu},
    {"v_cvt_scalef32_pk32_f16_bf6", scaled_to<f16, bf6, 32>, valu},
    {"v_cvt_scalef32_pk32_bf16_bf6", scaled_to<bf16, bf6, 32>, valu},
    {"v_cvt_scalef32_pk32_bf6_f16", scaled_to<bf6, f16, 32>, valu},
    {"v_cvt_scalef32_pk32_bf6_bf16", scaled_to<bf6, bf16, 32>, valu},
    {"v_cvt_scalef32_2xpk16_bf6_f32", scaled_to<bf6, f32, 32, 2>, valu},
    {"v_cvt_scalef32_sr_pk32_bf6_f32", stochastic_to<bf6, f32, 32>, valu},
    {"v_cvt_scalef32_sr_pk32_bf6_f16", stochastic_to<bf6, f16, 32>, valu},
    {"v_cvt_scalef32_sr_pk32_bf6_bf16", stochastic_to<bf6, bf16, 32>, valu},
};

}  // namespace

std::span<const operation> small_conversion_operations() {
  return table;
}

}  // namespace hipemu
