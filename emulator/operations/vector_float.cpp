// SPDX-License-Identifier: Apache-2.0
// Vector operations on f16, f32 and f64; comparisons and conversions have their own files.
#include "operations/float_formulas.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

template <class T, auto F>
constexpr handler unary = lanewise<T, T>::template run<F>;
template <class T, auto F>
constexpr handler binary = lanewise<T, T, T>::template run<F>;
template <class T, auto F>
constexpr handler ternary = lanewise<T, T, T, T>::template run<F>;

// D = F(S0, S1, D)
template <class T, auto F>
void accumulate(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<T> a, b, c, room;
  const auto *x = v.in<T>(0, a), *y = v.in<T>(1, b), *z = v.accumulator<T>(c);
  auto* d = v.out<T>(room);
  const mode_rounding<T> rounding(w);
  each_lane(w.lanes, d, F, x, y, z);
  v.done<T>(d);
}

constexpr auto minus_from = [](auto x, auto y) { return with_nans(y - x, -x, y); };
// v_mad and v_mac round the product, and know no subnormals, whatever MODE says.
constexpr auto product_then_sum = [](float x, float y, float z) {
  const float a = flush(x), b = flush(y), c = flush(z);
  return with_nans(flush(flush(a * b) + c), a, b, c);
};
constexpr auto product_then_sum_half = [](float x, float y, float z) {
  const float p = half_value(half_bits(x * y));
  return with_nans(p + z, x, y, z);
};
// DX9's rule: zero times anything is zero.
constexpr auto times_dx9 = [](float x, float y) { return x == 0 || y == 0 ? 0 : times(x, y); };
constexpr auto fused_dx9 = [](float x, float y, float z) { return x == 0 || y == 0 ? quiet(z) : fused(x, y, z); };
constexpr auto product_then_sum_dx9 = [](float x, float y, float z) {
  const float product = times_dx9(flush(x), flush(y));
  return with_nans(flush(flush(product) + flush(z)), product, flush(z));
};

template <bool Ieee>
struct selections {
  static constexpr auto min = least<Ieee>, max = most<Ieee>;
  static constexpr auto min3 = [](auto x, auto y, auto z) { return min(min(x, y), z); };
  static constexpr auto max3 = [](auto x, auto y, auto z) { return max(max(x, y), z); };
  static constexpr auto minmax = [](auto x, auto y, auto z) { return max(min(x, y), z); };
  static constexpr auto maxmin = [](auto x, auto y, auto z) { return min(max(x, y), z); };
  static constexpr auto median = [](auto x, auto y, auto z) { return med3(x, y, z, Ieee); };
};
using with = selections<true>;
using without = selections<false>;

constexpr auto lesser = [](auto x, auto y) { return minimum(x, y); };
constexpr auto greater = [](auto x, auto y) { return maximum(x, y); };
constexpr auto lesser3 = [](auto x, auto y, auto z) { return minimum(minimum(x, y), z); };
constexpr auto greater3 = [](auto x, auto y, auto z) { return maximum(maximum(x, y), z); };
constexpr auto lesser_greater = [](auto x, auto y, auto z) { return maximum(minimum(x, y), z); };
constexpr auto greater_lesser = [](auto x, auto y, auto z) { return minimum(maximum(x, y), z); };

constexpr auto truncate = [](auto x) { return quiet(std::trunc(x)); };
constexpr auto ceiling = [](auto x) { return quiet(std::ceil(x)); };
constexpr auto lower = [](auto x) { return quiet(std::floor(x)); };
constexpr auto nearest = [](auto x) { return quiet(round_even(x)); };
template <auto Below>  // the largest value below one
constexpr auto fraction = [](auto x) {
  const auto rest = with_nans(x - std::floor(x), x, x);
  return rest > Below ? Below : rest;
};
constexpr auto fraction_16 = fraction<0x1.ffcp-1f>;
constexpr auto fraction_32 = fraction<0x1.fffffep-1f>;
constexpr auto fraction_64 = fraction<0x1.fffffffffffffp-1>;

constexpr auto scale_f32 = [](float x, int32_t n) {
  const int64_t power = n > 600 ? 600 : n < -600 ? -600 : n;
  return static_cast<float>(static_cast<double>(x) * as_double(static_cast<uint64_t>(power + 1023) << 52));
};
constexpr auto scale_f16 = [](float x, int16_t n) {
  const int32_t power = n > 60 ? 60 : n < -60 ? -60 : n;
  return x * as_float(static_cast<uint32_t>(power + 127) << 23);
};

constexpr auto root = [](auto x) { return std::sqrt(x); };
constexpr auto reciprocal = [](auto x) { return 1 / x; };
constexpr auto reciprocal_root = [](auto x) { return static_cast<decltype(x)>(rsq_f64(x)); };
constexpr auto power_16 = [](float x) { return static_cast<float>(exp2_f64(x)); };
constexpr auto log_16 = [](float x) { return static_cast<float>(log2_f64(x)); };
constexpr auto sine = [](float x) { return sin_f32(x); };
constexpr auto cosine = [](float x) { return cos_f32(x); };
constexpr auto exp_32 = [](float x) { return exp2_f32(x); };
constexpr auto log_32 = [](float x) { return log2_f32(x); };
constexpr auto rcp_32 = [](float x) { return rcp_f32(x); };
constexpr auto rsq_32 = [](float x) { return rsq_f32(x); };
constexpr auto sqrt_32 = [](float x) { return sqrt_f32(x); };

// gfx12's v_s_*: one value, from and to SGPRs, whatever EXEC says.
template <class T, auto F>
void on_scalar(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<T> a, room;
  const float* x = v.in<T>(0, a);
  each_lane(w.lanes, room.x, [](float) { return 0.0f; }, x);
  room.x[0] = F(x[0]);
  v.finish<T>(room.x);
  const uint64_t defined = v.def.low & v.def.high & 1 ? ~uint64_t{0} : 0;
  if constexpr (std::is_same_v<T, half>) {
    lane_buffer<uint32_t> bits;
    v.to_half(room.x, bits.x);
    write_scalar(w, i.x(0), bits.x[0], 1, defined);
  } else {
    write_scalar(w, i.x(0), as_bits(room.x[0]), 1, defined);
  }
}

template <class T>
void division_scale(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<T> a, b, c, room;
  const T *x = v.in<T>(0, a), *y = v.in<T>(1, b), *z = v.in<T>(2, c);
  uint64_t flags = 0;
  for (int l = 0; l < w.lanes; ++l) {
    const scaled<T> one = div_scale(x[l], y[l], z[l]);
    room.x[l] = one.value;
    flags |= static_cast<uint64_t>(one.flag) << l;
  }
  v.done<T>(room.x);
  v.store_mask(i.x(1), flags);
}

template <class T>
void division_fmas(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<T> a, b, c, room;
  const T *x = v.in<T>(0, a), *y = v.in<T>(1, b), *z = v.in<T>(2, c);
  const uint64_t vcc = w.s[sreg::vcc] | static_cast<uint64_t>(w.s[sreg::vcc + 1]) << 32;
  const uint64_t known = w.s_defined[sreg::vcc] | static_cast<uint64_t>(w.s_defined[sreg::vcc + 1]) << 32;
  v.def = v.def & defined_lanes{known, known};
  {
    const mode_rounding<T> rounding(w);
    if (vcc & v.active) {
      for (int l = 0; l < w.lanes; ++l)
        room.x[l] = with_nans(div_fmas(x[l], y[l], z[l], vcc >> l & 1), x[l], y[l], z[l]);
    } else {
      each_lane(w.lanes, room.x, fused, x, y, z);
    }
  }
  v.done<T>(room.x);
}

// The bits of 2/pi after the point, 53 of them from where S1 says: what reduces an argument of sin to its quadrant.
double two_over_pi(double x, uint32_t part) {
  constexpr uint64_t bits[] = {0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u, 0xfe5163abdebbc561u,
                               0xb7246e3a424dd2e0u, 0x06492eea09d1921cu, 0xfe1deb1cb129a73eu, 0xe88235f52ebb4484u,
                               0xe99c7026b45f7e41u, 0x3991d639835339f4u, 0x9c845f8bbdf9283bu, 0x1ff897ffde05980fu,
                               0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u, 0x4f463f669e5fea2du, 0x7527bac7ebe5f17bu,
                               0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u, 0x56033046fc7b6babu};
  int shift = static_cast<int>(part & 31) * 53;
  const int exponent = static_cast<int>(as_bits(x) >> 52 & 0x7ff);
  if (exponent > 1077) shift += exponent - 1077;
  uint64_t chunk = 0;
  for (int n = 0; n < 53; ++n) {
    const int at = shift + n;
    chunk = chunk << 1 | (at < 1201 ? bits[at / 64] >> (63 - at % 64) & 1 : 0);
  }
  return std::ldexp(static_cast<double>(chunk), (exponent >= 1968 ? 128 : 0) - 53 - shift);
}

using enum instruction_class;
using f32 = float;
using f64 = double;

constexpr operation table[] = {
    {"v_add_f32", binary<f32, plus>, valu},
    {"v_sub_f32", binary<f32, minus>, valu},
    {"v_subrev_f32", binary<f32, minus_from>, valu},
    {"v_mul_f32", binary<f32, times>, valu},
    {"v_mul_legacy_f32", binary<f32, times_dx9>, valu},
    {"v_fma_f32", ternary<f32, fused>, valu},
    {"v_fmaak_f32", ternary<f32, fused>, valu},
    {"v_fmamk_f32", ternary<f32, fused>, valu},
    {"v_fmac_f32", accumulate<f32, fused>, valu},
    {"v_fma_legacy_f32", ternary<f32, fused_dx9>, valu},
    {"v_fmac_legacy_f32", accumulate<f32, fused_dx9>, valu},
    {"v_mad_f32", ternary<f32, product_then_sum>, valu},
    {"v_madak_f32", ternary<f32, product_then_sum>, valu},
    {"v_madmk_f32", ternary<f32, product_then_sum>, valu},
    {"v_mac_f32", accumulate<f32, product_then_sum>, valu},
    {"v_mad_legacy_f32", ternary<f32, product_then_sum_dx9>, valu},

    {"v_add_f16", binary<half, plus>, valu},
    {"v_sub_f16", binary<half, minus>, valu},
    {"v_subrev_f16", binary<half, minus_from>, valu},
    {"v_mul_f16", binary<half, times>, valu},
    {"v_fma_f16", ternary<half, fused_for_half>, valu},
    {"v_fma_legacy_f16", ternary<half, fused_for_half>, valu},
    {"v_fmaak_f16", ternary<half, fused_for_half>, valu},
    {"v_fmamk_f16", ternary<half, fused_for_half>, valu},
    {"v_fmac_f16", accumulate<half, fused_for_half>, valu},
    {"v_mad_f16", ternary<half, product_then_sum_half>, valu},
    {"v_mad_legacy_f16", ternary<half, product_then_sum_half>, valu},
    {"v_madak_f16", ternary<half, product_then_sum_half>, valu},
    {"v_madmk_f16", ternary<half, product_then_sum_half>, valu},
    {"v_mac_f16", accumulate<half, product_then_sum_half>, valu},

    {"v_add_f64", binary<f64, plus>, valu},
    {"v_mul_f64", binary<f64, times>, valu},
    {"v_fma_f64", ternary<f64, fused>, valu},
    {"v_fmac_f64", accumulate<f64, fused>, valu},

    {"v_min_f16", by_ieee<binary<half, with::min>, binary<half, without::min>>, valu},
    {"v_min_f32", by_ieee<binary<f32, with::min>, binary<f32, without::min>>, valu},
    {"v_min_f64", by_ieee<binary<f64, with::min>, binary<f64, without::min>>, valu},
    {"v_max_f16", by_ieee<binary<half, with::max>, binary<half, without::max>>, valu},
    {"v_max_f32", by_ieee<binary<f32, with::max>, binary<f32, without::max>>, valu},
    {"v_max_f64", by_ieee<binary<f64, with::max>, binary<f64, without::max>>, valu},
    {"v_min3_f16", by_ieee<ternary<half, with::min3>, ternary<half, without::min3>>, valu},
    {"v_min3_f32", by_ieee<ternary<f32, with::min3>, ternary<f32, without::min3>>, valu},
    {"v_max3_f16", by_ieee<ternary<half, with::max3>, ternary<half, without::max3>>, valu},
    {"v_max3_f32", by_ieee<ternary<f32, with::max3>, ternary<f32, without::max3>>, valu},
    {"v_med3_f16", by_ieee<ternary<half, with::median>, ternary<half, without::median>>, valu},
    {"v_med3_f32", by_ieee<ternary<f32, with::median>, ternary<f32, without::median>>, valu},
    {"v_minmax_f16", by_ieee<ternary<half, with::minmax>, ternary<half, without::minmax>>, valu},
    {"v_minmax_f32", by_ieee<ternary<f32, with::minmax>, ternary<f32, without::minmax>>, valu},
    {"v_maxmin_f16", by_ieee<ternary<half, with::maxmin>, ternary<half, without::maxmin>>, valu},
    {"v_maxmin_f32", by_ieee<ternary<f32, with::maxmin>, ternary<f32, without::maxmin>>, valu},
    {"v_minimum_f16", binary<half, lesser>, valu},
    {"v_minimum_f32", binary<f32, lesser>, valu},
    {"v_minimum_f64", binary<f64, lesser>, valu},
    {"v_maximum_f16", binary<half, greater>, valu},
    {"v_maximum_f32", binary<f32, greater>, valu},
    {"v_maximum_f64", binary<f64, greater>, valu},
    {"v_minimum3_f16", ternary<half, lesser3>, valu},
    {"v_minimum3_f32", ternary<f32, lesser3>, valu},
    {"v_maximum3_f16", ternary<half, greater3>, valu},
    {"v_maximum3_f32", ternary<f32, greater3>, valu},
    {"v_minimummaximum_f16", ternary<half, lesser_greater>, valu},
    {"v_minimummaximum_f32", ternary<f32, lesser_greater>, valu},
    {"v_maximumminimum_f16", ternary<half, greater_lesser>, valu},
    {"v_maximumminimum_f32", ternary<f32, greater_lesser>, valu},

    {"v_trunc_f16", unary<half, truncate>, valu},
    {"v_trunc_f32", unary<f32, truncate>, valu},
    {"v_trunc_f64", unary<f64, truncate>, valu},
    {"v_ceil_f16", unary<half, ceiling>, valu},
    {"v_ceil_f32", unary<f32, ceiling>, valu},
    {"v_ceil_f64", unary<f64, ceiling>, valu},
    {"v_floor_f16", unary<half, lower>, valu},
    {"v_floor_f32", unary<f32, lower>, valu},
    {"v_floor_f64", unary<f64, lower>, valu},
    {"v_rndne_f16", unary<half, nearest>, valu},
    {"v_rndne_f32", unary<f32, nearest>, valu},
    {"v_rndne_f64", unary<f64, nearest>, valu},
    {"v_fract_f16", unary<half, fraction_16>, valu},
    {"v_fract_f32", unary<f32, fraction_32>, valu},
    {"v_fract_f64", unary<f64, fraction_64>, valu},

    {"v_frexp_exp_i16_f16", lanewise<int16_t, half>::run<[](float x) { return frexp_exponent(x); }>, valu},
    {"v_frexp_exp_i32_f32", lanewise<int32_t, f32>::run<[](float x) { return frexp_exponent(x); }>, valu},
    {"v_frexp_exp_i32_f64", lanewise<int32_t, f64>::run<[](double x) { return frexp_exponent(x); }>, valu},
    {"v_frexp_mant_f16", unary<half, [](float x) { return frexp_mantissa(x); }>, valu},
    {"v_frexp_mant_f32", unary<f32, [](float x) { return frexp_mantissa(x); }>, valu},
    {"v_frexp_mant_f64", unary<f64, [](double x) { return frexp_mantissa(x); }>, valu},
    {"v_ldexp_f16", lanewise<half, half, int16_t>::run<scale_f16>, valu},
    {"v_ldexp_f32", lanewise<f32, f32, int32_t>::run<scale_f32>, valu},
    {"v_ldexp_f64", lanewise<f64, f64, int32_t>::run<[](double x, int32_t n) { return ldexp_f64(x, n); }>, valu},

    {"v_rcp_f32", unary<f32, rcp_32>, transcendental},
    {"v_rcp_iflag_f32", unary<f32, rcp_32>, transcendental},
    {"v_rsq_f32", unary<f32, rsq_32>, transcendental},
    {"v_sqrt_f32", unary<f32, sqrt_32>, transcendental},
    {"v_exp_f32", unary<f32, exp_32>, transcendental},
    {"v_exp_legacy_f32", unary<f32, exp_32>, transcendental},
    {"v_log_f32", unary<f32, log_32>, transcendental},
    {"v_log_legacy_f32", unary<f32, log_32>, transcendental},
    {"v_sin_f32", unary<f32, sine>, transcendental},
    {"v_cos_f32", unary<f32, cosine>, transcendental},
    {"v_rcp_f16", unary<half, reciprocal>, transcendental},
    {"v_rsq_f16", unary<half, reciprocal_root>, transcendental},
    {"v_sqrt_f16", unary<half, root>, transcendental},
    {"v_exp_f16", unary<half, power_16>, transcendental},
    {"v_log_f16", unary<half, log_16>, transcendental},
    {"v_sin_f16", unary<half, sine>, transcendental},
    {"v_cos_f16", unary<half, cosine>, transcendental},
    {"v_rcp_f64", unary<f64, reciprocal>, transcendental},
    {"v_rsq_f64", unary<f64, reciprocal_root>, transcendental},
    {"v_sqrt_f64", unary<f64, root>, transcendental},
    {"v_s_exp_f32", on_scalar<f32, exp_32>, transcendental},
    {"v_s_log_f32", on_scalar<f32, log_32>, transcendental},
    {"v_s_rcp_f32", on_scalar<f32, rcp_32>, transcendental},
    {"v_s_rsq_f32", on_scalar<f32, rsq_32>, transcendental},
    {"v_s_sqrt_f32", on_scalar<f32, sqrt_32>, transcendental},
    {"v_s_exp_f16", on_scalar<half, power_16>, transcendental},
    {"v_s_log_f16", on_scalar<half, log_16>, transcendental},
    {"v_s_rcp_f16", on_scalar<half, reciprocal>, transcendental},
    {"v_s_rsq_f16", on_scalar<half, reciprocal_root>, transcendental},
    {"v_s_sqrt_f16", on_scalar<half, root>, transcendental},

    {"v_div_scale_f32", division_scale<f32>, valu, 2},
    {"v_div_scale_f64", division_scale<f64>, valu, 2},
    {"v_div_fmas_f32", division_fmas<f32>, valu},
    {"v_div_fmas_f64", division_fmas<f64>, valu},
    {"v_div_fixup_f16", ternary<half, [](float q, float d, float n) { return div_fixup(q, d, n); }>, valu},
    {"v_div_fixup_legacy_f16", ternary<half, [](float q, float d, float n) { return div_fixup(q, d, n); }>, valu},
    {"v_div_fixup_f32", ternary<f32, [](float q, float d, float n) { return div_fixup(q, d, n); }>, valu},
    {"v_div_fixup_f64", ternary<f64, [](double q, double d, double n) { return div_fixup(q, d, n); }>, valu},
    {"v_trig_preop_f64", lanewise<f64, f64, uint32_t>::run<[](double x, uint32_t n) { return two_over_pi(x, n); }>,
     valu},
};

}  // namespace

std::span<const operation> float_operations() {
  return table;
}

}  // namespace hipemu
