// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "gen/rope_cos_sin_cache.h"
#include "gen/rope_theta.h"
#include "ops/rope/reference.h"

namespace hipinfer {
namespace {

double or_default(double x, double value) {
  return x == 0 ? value : x;
}

// How much of a frequency stays as trained, from 0 to 1; the rest is divided by the factor.
template <class Args>
double kept(const Args& a, int64_t r, int64_t i, double frequency) {
  const double whole_turn = 2 * std::numbers::pi;
  const double context = or_default(a.original_context, a.scaling == rope_scaling::yarn ? 4096 : 8192);
  switch (a.scaling) {
    case rope_scaling::linear:
      return 0;
    case rope_scaling::llama31: {
      // Linear in the turns that the frequency makes in the training context.
      const double low = or_default(a.low_freq_factor, 1), high = or_default(a.high_freq_factor, 4);
      const double slope = context / whole_turn / (high - low);
      return std::clamp(slope * frequency - low / (high - low), 0.0, 1.0);
    }
    case rope_scaling::yarn: {
      // Linear in i, between the dimensions that make beta_fast and beta_slow turns in the training context.
      const auto dimension = [&](double turns) {
        return static_cast<double>(r) * std::log(context / (turns * whole_turn)) / (2 * std::log(double{a.theta}));
      };
      const double low = std::fmax(std::floor(dimension(or_default(a.beta_fast, 32))), 0);
      double high = std::fmin(std::ceil(dimension(or_default(a.beta_slow, 1))), static_cast<double>(r - 1));
      if (high == low) high += 0.001;
      return std::clamp(-1 / (high - low) * static_cast<double>(i) + (1 + low / (high - low)), 0.0, 1.0);
    }
    default:
      return 1;
  }
}

// Radians a position of pair i, and what cosine and sine are multiplied by.
struct pair_frequencies {
  std::vector<double> of;
  double amplitude = 1;
};
template <class Args>
pair_frequencies frequencies_of(const Args& a, int64_t r) {
  pair_frequencies f;
  const double factor = or_default(a.factor, a.scaling == rope_scaling::llama31 ? 8 : 1);
  const double step = -2 * std::log2(double{a.theta}) / static_cast<double>(r);
  for (int64_t i = 0; i < r / 2; ++i) {
    const double trained = std::exp2(step * static_cast<double>(i)), w = kept(a, r, i, trained);
    f.of.push_back(trained * (w + (1 - w) * (1 / factor)));
  }
  if (a.scaling == rope_scaling::yarn) {
    f.amplitude = or_default(a.attention_factor, factor > 1 ? 0.1 * std::log(factor) + 1 : 1);
  }
  return f;
}

// A position's cosines and sines, to `row`.
template <class Real>
void write_angles(const pair_frequencies& f, int64_t position, std::span<Real> row) {
  const size_t half = f.of.size();
  for (size_t i = 0; i < half; ++i) {
    const double angle = static_cast<double>(position) * f.of[i];
    row[i] = static_cast<Real>(f.amplitude * std::cos(angle));
    row[half + i] = static_cast<Real>(f.amplitude * std::sin(angle));
  }
}

// -1 where a token has none.
int64_t position_of(const rope_theta_args& a, int64_t t) {
  if (a.positions.given()) return integers(a.positions)(t);
  const int64_t b = request_of(a.indptr, t);
  return b < 0 ? -1 : wrapping_add(integers(a.offsets)(b), wrapping_subtract(t, integers(a.indptr)(b)));
}

}  // namespace

void rope_theta_reference(const rope_theta_args& a) {
  const int64_t tokens = a.q.shape[0], d = a.q.shape[2];
  const int64_t r = a.rotary_dim == 0 ? d : a.rotary_dim;
  const int64_t heads = a.q.shape[1] + (a.k.given() ? a.k.shape[1] : 0);
  const pair_frequencies f = frequencies_of(a, r);
  with_float(a.q.type, [&]<class T>() {
    using real = accumulator<T>;
    parallel_rows<real>(tokens, heads * d + 16 * r, r + d, [&](int64_t t, std::span<real> scratch) {
      const auto row = scratch.first(static_cast<size_t>(r)), room = scratch.subspan(static_cast<size_t>(r));
      const int64_t position = position_of(a, t);
      pair_angles<real> angles;
      if (position >= 0 && position < int64_t{1} << 40) {
        write_angles(f, position, row);
        angles = row;
      }
      rotate_heads<T>(a.q, a.q_out, t, angles, a.interleaved != 0, room);
      rotate_heads<T>(a.k, a.k_out, t, angles, a.interleaved != 0, room);
    });
  });
}

void rope_cos_sin_cache_reference(const rope_cos_sin_cache_args& a) {
  const int64_t positions = a.output.shape[0], r = a.output.shape[1];
  const pair_frequencies f = frequencies_of(a, r);
  with_float(a.output.type, [&]<class T>() {
    using real = accumulator<T>;
    const elements<T> output(a.output);
    parallel_rows<real>(positions, 16 * r, r, [&](int64_t position, std::span<real> row) {
      write_angles(f, position, row);
      for (int64_t i = 0; i < r; ++i) output(position, i) = narrow<T>(row[i]);
    });
  });
}

}  // namespace hipinfer
