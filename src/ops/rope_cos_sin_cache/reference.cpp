// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/rope_cos_sin_cache/params.h"

namespace hipinfer {

void rope_cos_sin_cache_reference(const rope_cos_sin_cache_params& p, const bound_dtypes& types) {
  with_float(types[rope_cos_sin_cache_dtype::real], [&]<class T>() {
    parallel_rows(p.positions, p.half * 32, [&](int64_t position) {
      T* row = static_cast<T*>(p.output) + position * p.output_stride;
      for (int64_t i = 0; i < p.half; ++i) {
        const double angle = static_cast<double>(position) * p.frequency[i];
        row[i] = narrow<T>(static_cast<accumulator<T>>(p.amplitude * std::cos(angle)));
        row[p.half + i] = narrow<T>(static_cast<accumulator<T>>(p.amplitude * std::sin(angle)));
      }
    });
  });
}

}  // namespace hipinfer
