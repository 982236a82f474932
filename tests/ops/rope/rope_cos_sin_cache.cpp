// SPDX-License-Identifier: Apache-2.0
// The oracle shares the frequencies, which the host computes, with every kernel; so results are held against
// a second computation of them, here, in long double.
#include <algorithm>
#include <cmath>

#include "gen/rope_cos_sin_cache.api.h"
#include "gen/rope_theta.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

constexpr const char* op = "rope_cos_sin_cache";

using options = hipinfer_rope_cos_sin_cache_options;

options scaled(int32_t scaling, float factor = 0, float low = 0, float high = 0, int32_t context = 0) {
  options o{};
  o.struct_size = sizeof o;
  o.scaling = scaling;
  o.factor = factor;
  o.low_freq_factor = low;
  o.high_freq_factor = high;
  o.original_context = context;
  return o;
}

// As in Hugging Face's _compute_yarn_parameters, defaults written out.
long double yarn_frequency(int64_t i, int64_t r, float theta, const options& o) {
  const long double fast = o.beta_fast == 0 ? 32 : o.beta_fast, slow = o.beta_slow == 0 ? 1 : o.beta_slow;
  const long double context = o.original_context == 0 ? 4096 : o.original_context,
                    factor = o.factor == 0 ? 1 : o.factor;
  const auto dimension = [&](long double turns) {
    return r * std::log(context / (turns * 2 * std::acos(-1.0L))) / (2 * std::log(static_cast<long double>(theta)));
  };
  const long double low = std::max(std::floor(dimension(fast)), 0.0L);
  long double high = std::min(std::ceil(dimension(slow)), static_cast<long double>(r - 1));
  if (low == high) high += 0.001L;
  const long double ramp = std::min(std::max((i - low) / (high - low), 0.0L), 1.0L);
  const long double f = 1 / std::pow(static_cast<long double>(theta), 2.0L * i / r);
  return f / factor * ramp + f * (1 - ramp);
}
long double amplitude(const options& o) {
  if (o.scaling != HIPINFER_ROPE_SCALING_YARN) return 1;
  if (o.attention_factor != 0) return o.attention_factor;
  return o.factor <= 1 ? 1 : 0.1L * std::log(static_cast<long double>(o.factor)) + 1;
}

// As in Hugging Face's _compute_llama3_parameters: by wavelengths, defaults written out.
long double frequency(int64_t i, int64_t r, float theta, const options& o) {
  const long double pi = std::acos(-1.0L);
  if (o.scaling == HIPINFER_ROPE_SCALING_YARN) return yarn_frequency(i, r, theta, o);
  const long double f = 1 / std::pow(static_cast<long double>(theta), 2.0L * i / r);
  if (o.scaling == HIPINFER_ROPE_SCALING_LINEAR) return f / (o.factor == 0 ? 1 : o.factor);
  if (o.scaling != HIPINFER_ROPE_SCALING_LLAMA31) return f;
  const long double factor = o.factor == 0 ? 8 : o.factor, low = o.low_freq_factor == 0 ? 1 : o.low_freq_factor;
  const long double high = o.high_freq_factor == 0 ? 4 : o.high_freq_factor;
  const long double context = o.original_context == 0 ? 8192 : o.original_context;
  const long double wavelength = 2 * pi / f;
  if (wavelength > context / low) return f / factor;
  if (wavelength < context / high) return f;
  const long double smooth = (context / wavelength - low) / (high - low);
  return (1 - smooth) * f / factor + smooth * f;
}

test_case cache(tensor output, float theta, const options* o = nullptr) {
  const options kept = o != nullptr ? *o : scaled(HIPINFER_ROPE_SCALING_NONE);
  const bool given = o != nullptr;
  test_case c{{std::move(output)}, [=](auto context, auto t, auto, auto s) {
                return hipinfer_rope_cos_sin_cache(context, t[0], theta, given ? &kept : nullptr, s);
              }};
  c.judge = [=](const result& r) {
    const int64_t positions = r.arguments[0].shape[0], width = r.arguments[0].shape[1], half = width / 2;
    for (int64_t i = 0; i < half; ++i) {
      const long double f = frequency(i, width, theta, kept);
      for (int64_t p = 0; p < positions; ++p) {
        for (const bool sine : {false, true}) {
          const double exact = static_cast<double>(amplitude(kept) * (sine ? std::sin(p * f) : std::cos(p * f)));
          const double got = r.got[0][p * width + sine * half + i];
          // One rounding to fp32, and a few roundings of the frequency to double.
          const double allowed = 0.5001 * ulp_of(dtype::f32, exact) + 2e-14 * static_cast<double>(p * f);
          ASSERT_LE(std::fabs(got - exact), allowed)
              << r.where << ": position " << p << ", " << (sine ? "sine " : "cosine ") << i;
        }
      }
    }
  };
  return c;
}

}  // namespace

TEST(rope_cos_sin_cache, dimensions) {
  for (const int64_t r : {2, 4, 6, 64, 80, 128, 254, 512}) {
    for (const int64_t p : {1, 3, 70}) run(op, cache(output(dtype::f32, {p, r}), 10000));
  }
  run(op, cache(output(dtype::f32, {0, 64}), 10000));
  run(op, cache(output(dtype::f32, {9, 64}).with_gap(5).starting_at(1), 10000));
}

TEST(rope_cos_sin_cache, a_million_positions) {
  run(op, cache(output(dtype::f32, {1000003, 2}), 10000));  // angles up to a million radians
  run(op, cache(output(dtype::f32, {20000, 32}), 500000));
  if (large()) run(op, cache(output(dtype::f32, {1000003, 32}), 500000));
}

TEST(rope_cos_sin_cache, scaling) {
  const float theta = 500000;
  for (const options& o :
       {scaled(HIPINFER_ROPE_SCALING_NONE), scaled(HIPINFER_ROPE_SCALING_NONE, 8), scaled(HIPINFER_ROPE_SCALING_LINEAR),
        scaled(HIPINFER_ROPE_SCALING_LINEAR, 4), scaled(HIPINFER_ROPE_SCALING_LLAMA31),
        scaled(HIPINFER_ROPE_SCALING_LLAMA31, 32), scaled(HIPINFER_ROPE_SCALING_LLAMA31, 8, 1, 4, 8192),
        scaled(HIPINFER_ROPE_SCALING_LLAMA31, 16, 2, 3, 100)}) {
    run(op, cache(output(dtype::f32, {200, 128}), theta, &o));
  }
  run(op, cache(output(dtype::f32, {100, 16}), 1));  // every frequency is 1
}

TEST(rope_cos_sin_cache, yarn) {
  for (const float theta : {10000.0f, 1000000.0f}) {
    for (const int64_t r : {2, 64, 128}) {
      options o = scaled(HIPINFER_ROPE_SCALING_YARN);
      run(op, cache(output(dtype::f32, {200, r}), theta, &o));
      o.factor = 16;
      run(op, cache(output(dtype::f32, {200, r}), theta, &o));
      o.original_context = 32768;
      o.factor = 4;
      o.attention_factor = 0.7f;
      run(op, cache(output(dtype::f32, {200, r}), theta, &o));
      o.beta_fast = 10;
      o.beta_slow = 2.5f;
      run(op, cache(output(dtype::f32, {200, r}), theta, &o));
    }
  }
}

TEST(rope_cos_sin_cache, refuses) {
  contract(op, cache(output(dtype::f32, {3, 64}), 10000));
  for (const int64_t r : {0, 3, 514}) {
    refused(op, cache(output(dtype::f32, {2, r}), 10000), HIPINFER_STATUS_INVALID_SHAPE, "rotary dimension");
  }
  const auto good = [] { return output(dtype::f32, {2, 64}); };
  for (const float theta : {0.0f, -1.0f, 0.5f, NAN, INFINITY}) {
    refused(op, cache(good(), theta), HIPINFER_STATUS_INVALID_ARGUMENT, "theta");
  }
  const auto bad = [&](const options& o, const char* text) {
    refused(op, cache(good(), 10000, &o), HIPINFER_STATUS_INVALID_ARGUMENT, text);
  };
  bad(scaled(4), "scaling");
  bad(scaled(-1), "scaling");
  bad(scaled(HIPINFER_ROPE_SCALING_LINEAR, -1), "factor");
  bad(scaled(HIPINFER_ROPE_SCALING_LINEAR, NAN), "factor");
  bad(scaled(HIPINFER_ROPE_SCALING_LLAMA31, 8, 4, 4), "high_freq_factor");
  bad(scaled(HIPINFER_ROPE_SCALING_LLAMA31, 8, 5), "high_freq_factor");
  bad(scaled(HIPINFER_ROPE_SCALING_LLAMA31, 8, 1, 4, -1), "original_context");
  options yarn = scaled(HIPINFER_ROPE_SCALING_YARN, 8);
  refused(op, cache(good(), 1, &yarn), HIPINFER_STATUS_INVALID_ARGUMENT, "theta");
  yarn.beta_slow = 32;
  bad(yarn, "beta_fast");
  yarn.attention_factor = NAN;
  bad(yarn, "attention_factor");
  options no_size{};
  bad(no_size, "struct_size");
}
