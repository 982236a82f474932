// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/op.h"
#include "gen/gemm.h"
#include "ops/gemm/params.h"

namespace hipinfer {

void gemm_launch(call& c, const gemm_args& a) {
  gemm_params p{};
  p.input = a.input.data;
  p.weight = a.weight.data;
  p.bias = a.bias.data;
  p.residual = a.residual.data;
  p.output = a.output.data;
  p.m = a.output.shape[0];
  p.n = a.output.shape[1];
  p.k = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.weight_stride = a.weight.stride[0];
  p.residual_stride = a.residual.stride[0];
  p.output_stride = a.output.stride[0];
  p.vector = a.input.aligned(16) && a.weight.aligned(16);
  p.batch_invariant = c.batch_invariant();
  // In double, for the product of the two counts may pass 2^63 while no element does.
  const double large_tiles =
      static_cast<double>(ceil_div<int64_t>(p.m, 128)) * static_cast<double>(ceil_div<int64_t>(p.n, 128));
  p.few_tiles = large_tiles < c.compute_units();
  if (p.m == 0 || p.n == 0) return;
  c.run<gemm_tune>(p, [&](const gemm_tune& tune) {
    constexpr int64_t enough = int64_t{1} << 30;  // the launch clamps further; this keeps the product in 64 bits
    return grid{std::min(ceil_div<int64_t>(p.m, tune.tile_m), enough) *
                std::min(ceil_div<int64_t>(p.n, tune.tile_n), enough)};
  });
}

}  // namespace hipinfer
