// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/op.h"
#include "gen/gemm.h"
#include "ops/gemm/params.h"

namespace hipinfer {
namespace {

static_assert(static_cast<int>(gemm_function::none) == gemm_activation::none &&
              static_cast<int>(gemm_function::relu) == gemm_activation::relu &&
              static_cast<int>(gemm_function::silu) == gemm_activation::silu &&
              static_cast<int>(gemm_function::gelu) == gemm_activation::gelu &&
              static_cast<int>(gemm_function::gelu_tanh) == gemm_activation::gelu_tanh);

struct tiling {
  int32_t m, n, clusters;
};

// How long the busiest compute unit takes, in ns: tiles of `t`, each a slice of 128 bytes of k after another.
double time_of(const tiling& t, const gemm_tune& tune, const gemm_params& p, int weights, int compute_units) {
  constexpr double ns_cluster = 500;  // to add each other's sums
  // In double, for the product of the two counts may pass 2^63 while no element does.
  const auto count = [](int64_t n, int32_t of) { return std::ceil(static_cast<double>(n) / of); };
  const double tiles = count(p.m, t.m) * count(p.n, t.n / weights) * static_cast<double>(p.batches) * t.clusters;
  const double slices = count(p.k, 64) / t.clusters;
  return std::ceil(tiles / compute_units) * (slices * tune.ns_slice + tune.ns_tile + (t.clusters > 1 ? ns_cluster : 0));
}

// Of the tiles that a row of this context has, those that are done first; {0, 0, 1}: another kernel serves.
tiling choose_tiling(call& c, gemm_params& p, int weights) {
  tiling best{0, 0, 1};
  if (p.m == 1 && p.vector && !p.batch_invariant) return best;  // gemv, whose products are all of use
  double best_time = INFINITY;
  for (const tiling t : {tiling{256, 256, 1},
                         {256, 128, 1},
                         {128, 128, 1},
                         {64, 128, 1},
                         {32, 128, 1},
                         {16, 128, 1},
                         {128, 64, 1},
                         {64, 64, 1},
                         {32, 64, 1},
                         {16, 64, 1}}) {
    p.tile_m = t.m;
    p.tile_n = t.n;
    const kernel_row* row = c.find(&p, "main");
    if (row == nullptr) continue;
    const gemm_tune& tune = c.numbers<gemm_tune>(*row);
    if (tune.ns_slice == 0 || tune.tile_m != t.m || tune.tile_n != t.n) continue;
    for (int32_t clusters = 1; clusters <= (p.batch_invariant ? 1 : tune.clusters); ++clusters) {
      const tiling candidate{t.m, t.n, clusters};
      const double time = time_of(candidate, tune, p, weights, c.compute_units());
      if (time >= best_time) continue;
      best = candidate;
      best_time = time;
    }
  }
  return best;
}

}  // namespace

void gemm_launch(call& c, const gemm_args& a) {
  gemm_params p{};
  p.input = a.input.data;
  const bool gated = a.traits.weights == 2;
  const view& weight = gated ? a.gate : a.weight;
  p.weight = weight.data;
  p.up = a.up.data;
  p.bias = a.bias.data;
  p.residual = a.residual.data;
  p.output = a.output.data;
  // The last two dimensions are a matrix's; a first one counts them.
  const bool batched = a.output.rank == 3;
  const auto batch_stride = [&](const view& x) { return batched && x.given() ? x.stride[0] : 0; };
  const auto row_stride = [&](const view& x) { return x.given() ? x.stride[x.rank - 2] : 0; };
  p.batches = batched ? a.output.shape[0] : 1;
  p.m = a.output.extent(2);
  p.n = a.output.extent(1);
  p.k = a.input.extent(1);
  p.input_batch_stride = batch_stride(a.input);
  p.weight_batch_stride = batch_stride(weight);
  p.residual_batch_stride = batch_stride(a.residual);
  p.output_batch_stride = batch_stride(a.output);
  p.input_stride = row_stride(a.input);
  p.weight_stride = row_stride(weight);
  p.up_stride = row_stride(a.up);
  p.residual_stride = row_stride(a.residual);
  p.output_stride = row_stride(a.output);
  p.output_f32 = a.output.type == dtype::f32;
  p.activation = static_cast<gemm_function>(a.activation);
  // Bytes from a tile's first row to its last, at most 256 of up to 4 bytes an element, are counted in 32 bits, and not below 0.
  const auto near = [](int64_t stride) { return stride >= 0 && stride < (int64_t{1} << 31) / (256 * 4); };
  p.near = near(p.input_stride) && near(p.weight_stride) && near(p.up_stride);
  p.vector = p.near && a.input.aligned(16) && weight.aligned(16) && (!gated || a.up.aligned(16));
  p.vector_out = a.output.aligned(16) && (!a.bias.given() || a.bias.aligned(16)) &&
                 (!a.residual.given() || a.residual.aligned(16));
  p.batch_invariant = c.batch_invariant();
  if (a.output.elements() == 0) return;
  const tiling chosen = choose_tiling(c, p, a.traits.weights);
  p.tile_m = chosen.m;
  p.tile_n = chosen.n;
  c.run<gemm_tune>(p, [&](const gemm_tune& tune) {
    constexpr int64_t enough = int64_t{1} << 30;  // the launch clamps further; this keeps the product in 64 bits
    return grid{std::min(ceil_div<int64_t>(p.m, tune.tile_m), enough) *
                    std::min(ceil_div<int64_t>(p.n, tune.tile_n / a.traits.weights), enough) * chosen.clusters,
                1, int64_t{tune.lds_kib} << 10, chosen.clusters};
  });
}

}  // namespace hipinfer
