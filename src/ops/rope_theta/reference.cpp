// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "gen/ops.h"
#include "ops/rope_theta/params.h"
#include "ops/ropes/launch.h"
#include "ops/ropes/reference.h"

namespace hipinfer {
namespace {

int64_t position_of(const rope_theta_params& p, int64_t token) {
  if (p.positions != nullptr) return index_at(p.positions, p.wide, token);
  for (int64_t b = 0; b < p.requests; ++b) {
    const int64_t begin = index_at(p.indptr, p.wide, b);
    if (token >= begin && token < index_at(p.indptr, p.wide, b + 1)) {
      return index_at(p.offsets, p.wide, b) + token - begin;
    }
  }
  return -1;
}

}  // namespace

void rope_theta_reference(const rope_theta_params& p, const bound_dtypes& types) {
  const rope_frequencies f{p.step, p.inverse_factor, p.slope_frequency, p.slope_index, p.offset, p.amplitude};
  std::vector<double> frequencies(p.half);
  for (int64_t i = 0; i < p.half; ++i) frequencies[i] = f.at(i);
  with_float(types[rope_theta_dtype::data], [&]<class T>() {
    parallel_rows(p.tokens, (p.q_heads + p.k_heads) * p.head_dim + 32 * p.half, [&](int64_t token) {
      const int64_t position = position_of(p, token);
      const bool valid = position >= 0 && position < int64_t{1} << 40;
      std::vector<accumulator<T>> angles(2 * p.half);
      for (int64_t i = 0; valid && i < p.half; ++i) {
        const double angle = static_cast<double>(position) * frequencies[i];
        angles[i] = static_cast<accumulator<T>>(p.amplitude * std::cos(angle));
        angles[p.half + i] = static_cast<accumulator<T>>(p.amplitude * std::sin(angle));
      }
      rotate_token<T>(p, token, valid ? angles.data() : nullptr);
    });
  });
}

}  // namespace hipinfer
