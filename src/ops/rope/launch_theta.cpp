// SPDX-License-Identifier: Apache-2.0
// Rotation by angles that come from theta: frequencies and their scaling.
#include <cmath>
#include <iterator>
#include <numbers>

#include "gen/rope_cos_sin_cache.h"
#include "gen/rope_theta.h"
#include "ops/rope/launch.h"
#include "ops/rope/params.h"

namespace hipinfer {
namespace {

// Frequency i is f * (w + (1 - w) / factor) with f = theta^(-2i/R) = 2^(step * i), and w = slope_frequency * f +
// slope_index * i + offset, held within 0 and 1: how much of the frequency stays as trained. Cosine and sine are
// multiplied by amplitude.
struct rope_frequencies {
  double step, inverse_factor, slope_frequency, slope_index, offset, amplitude;

  double at(int64_t i) const {
    const double f = std::exp2(step * static_cast<double>(i));
    const double w =
        std::fmin(std::fmax(slope_frequency * f + slope_index * static_cast<double>(i) + offset, 0.0), 1.0);
    return f * (w + (1 - w) * inverse_factor);
  }
};

// From the options that rope_cos_sin_cache and rope_theta share.
template <class Args>
rope_frequencies frequencies_of(const call& c, const Args& a, int64_t r) {
  const double theta = a.theta;
  const auto or_default = [](double x, double value) { return x == 0 ? value : x; };
  const double factor = or_default(a.factor, a.scaling == rope_scaling::llama31 ? 8 : 1);
  const double context = or_default(a.original_context, a.scaling == rope_scaling::yarn ? 4096 : 8192);
  const double whole_turn = 2 * std::numbers::pi;
  const auto refuse_order = [&](const char* more, double high, const char* less, double low) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, more, "%.9g, expected more than %s, %.9g", high, less, low);
  };
  rope_frequencies f{-2 * std::log2(theta) / static_cast<double>(r), 1 / factor, 0, 0, 1, 1};
  if (a.scaling == rope_scaling::linear) f.offset = 0;
  if (a.scaling == rope_scaling::llama31) {
    // w grows with the number of turns in the training context.
    const double low = or_default(a.low_freq_factor, 1), high = or_default(a.high_freq_factor, 4);
    if (!(high > low)) refuse_order("high_freq_factor", high, "low_freq_factor", low);
    f.slope_frequency = context / whole_turn / (high - low);
    f.offset = -low / (high - low);
  }
  if (a.scaling == rope_scaling::yarn) {
    // w falls with i, from 1 where a dimension makes beta_fast turns in the training context to 0 at beta_slow.
    const double fast = or_default(a.beta_fast, 32), slow = or_default(a.beta_slow, 1);
    if (!(fast > slow)) refuse_order("beta_fast", fast, "beta_slow", slow);
    if (!(theta > 1)) refuse_order("theta", theta, "that of no rotation", 1);
    const auto dimension = [&](double turns) {
      return static_cast<double>(r) * std::log(context / (turns * whole_turn)) / (2 * std::log(theta));
    };
    const double low = std::fmax(std::floor(dimension(fast)), 0);
    double high = std::fmin(std::ceil(dimension(slow)), static_cast<double>(r - 1));
    if (high == low) high += 0.001;
    f.slope_index = -1 / (high - low);
    f.offset = 1 + low / (high - low);
    f.amplitude = or_default(a.attention_factor, factor > 1 ? 0.1 * std::log(factor) + 1 : 1);
  }
  return f;
}

void check_positions(const call& c, const rope_theta_args& a) {
  if (a.indptr.given() != a.offsets.given()) {
    c.refuse(HIPINFER_STATUS_NULL_POINTER, a.indptr.given() ? "offsets" : "indptr", "is NULL, but %s is given",
             a.indptr.given() ? "indptr" : "offsets");
  }
  if (!a.positions.given() && !a.indptr.given()) {
    c.refuse(HIPINFER_STATUS_NULL_POINTER, "positions", "is NULL, and so are indptr and offsets");
  }
  if (a.positions.given() && a.indptr.given()) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "positions", "is given, and so are indptr and offsets");
  }
}

}  // namespace

void rope_theta_launch(call& c, const rope_theta_args& a) {
  rope_theta_params p{};
  set_heads_in_place(c, p, a);
  check_positions(c, a);
  const int64_t r = a.rotary_dim == 0 ? p.head_dim : a.rotary_dim;
  check_rotary_dimension(c, "rotary_dim", r, p.head_dim);
  if (r == 0 || r > most_rotary) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "rotary_dim", "rotary dimension %lld, expected 2 to %d",
             static_cast<long long>(r), most_rotary);
  }
  const rope_frequencies f = frequencies_of(c, a, r);
  p.step = f.step;
  p.inverse_factor = f.inverse_factor;
  p.slope_frequency = f.slope_frequency;
  p.slope_index = f.slope_index;
  p.offset = f.offset;
  p.amplitude = f.amplitude;
  p.positions = a.positions.data;
  p.indptr = a.indptr.data;
  p.offsets = a.offsets.data;
  p.requests = a.offsets.given() ? a.offsets.shape[0] : 0;
  p.wide = (a.positions.given() ? a.positions : a.indptr).type == dtype::i64;
  const int64_t units = set_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, heads_aligned(a),
                                  p.q_in_place && (p.k_in_place || p.k_heads == 0));
  p.pairs = make_divisor(p.half, most_slots);
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads * units == 0) return;
  c.run<rope_theta_tune>(p, [&](const rope_theta_tune& t) {
    // As many tokens a block as the table of the kernel has room for, while every compute unit has four blocks; and so
    // many heads a thread that all of a block's threads have some.
    const int64_t room = std::min<int64_t>(rope_theta_table_floats / r, t.tokens),
                  spread = p.tokens / (4 * c.compute_units());
    p.tokens_per_block = static_cast<int32_t>(std::clamp<int64_t>(spread, 1, room));
    const int64_t enough = ceil_div(p.tokens_per_block * heads * units, int64_t{item_threads});
    // Chunks are rounded up: a few threads' second turn would take as long as all threads' first. The more heads a thread has,
    // the fewer chunks there are, so that halving finds the fewest heads that leave no second turn, up to twice as many.
    int64_t each = enough, most = 2 * enough;
    while (each < most) {
      const int64_t middle = (each + most) / 2;
      if (p.tokens_per_block * set_chunks(p, middle) * units <= item_threads)
        most = middle;
      else
        each = middle + 1;
    }
    p.slots = make_divisor(set_chunks(p, each) * units, most_slots);
    return block_grid(ceil_div<int64_t>(p.tokens, p.tokens_per_block));
  });
}

void rope_cos_sin_cache_launch(call& c, const rope_cos_sin_cache_args& a) {
  rope_cos_sin_cache_params p{};
  static_assert(2 * std::size(decltype(p.frequency){}) == most_rotary);
  const int64_t r = a.output.shape[1];
  if (r < 2 || r % 2 != 0 || r > most_rotary) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "output", "rotary dimension %lld, expected an even number from 2 to %d",
             static_cast<long long>(r), most_rotary);
  }
  p.output = a.output.data;
  p.positions = a.output.shape[0];
  p.half = r / 2;
  p.pairs = make_divisor(p.half, p.positions * p.half);
  p.output_stride = a.output.stride[0];
  const rope_frequencies f = frequencies_of(c, a, r);
  for (int64_t i = 0; i < p.half; ++i) p.frequency[i] = f.at(i);
  p.amplitude = f.amplitude;
  if (p.positions == 0) return;
  c.run<rope_cos_sin_cache_tune>(p, [&](const rope_cos_sin_cache_tune&) { return item_grid(p.positions * p.half); });
}

}  // namespace hipinfer
