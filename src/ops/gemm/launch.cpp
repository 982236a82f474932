// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/op.h"
#include "gen/gemm.h"
#include "ops/gemm/params.h"

namespace hipinfer {
namespace {

// Tiles of `tile` x `tile`: how long the busiest compute unit takes. A smaller tile takes longer for what it computes, because it
// reads more: the factors are guesses from hipemu's model.
double time_of(int32_t tile, int64_t m, int64_t n, int compute_units) {
  const double an_element = tile == 256 ? 1 : tile == 128 ? 1.15 : 1.5;
  // In double, for the product of the two counts may pass 2^63 while no element does.
  const double tiles = std::ceil(static_cast<double>(m) / tile) * std::ceil(static_cast<double>(n) / tile);
  return std::ceil(tiles / compute_units) * tile * tile * an_element;
}

// Sets p.tile: of the tiles that a row of this context has, those that are done first; 0: another kernel serves.
void choose_tile(call& c, gemm_params& p) {
  int32_t tiles[] = {256, 128, 64};
  std::stable_sort(std::begin(tiles), std::end(tiles), [&](int32_t a, int32_t b) {
    return time_of(a, p.m, p.n, c.compute_units()) < time_of(b, p.m, p.n, c.compute_units());
  });
  for (const int32_t tile : tiles) {
    p.tile = tile;
    const kernel_row* row = c.find(&p, "main");
    if (row != nullptr && c.numbers<gemm_tune>(*row).tile == tile) return;
  }
  p.tile = 0;
}

}  // namespace

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
  // Bytes from a tile's first row to its last are counted in 32 bits there, and not below 0.
  const auto near = [](int64_t stride) { return stride >= 0 && stride < (int64_t{1} << 31) / (256 * 4); };
  p.vector = a.input.aligned(16) && a.weight.aligned(16) && near(p.input_stride) && near(p.weight_stride);
  p.vector_out = a.output.aligned(16) && (!a.bias.given() || a.bias.aligned(16)) &&
                 (!a.residual.given() || a.residual.aligned(16));
  p.batch_invariant = c.batch_invariant();
  if (p.m == 0 || p.n == 0) return;
  choose_tile(c, p);
  c.run<gemm_tune>(p, [&](const gemm_tune& tune) {
    constexpr int64_t enough = int64_t{1} << 30;  // the launch clamps further; this keeps the product in 64 bits
    return grid{
        std::min(ceil_div<int64_t>(p.m, tune.tile_m), enough) * std::min(ceil_div<int64_t>(p.n, tune.tile_n), enough),
        1, int64_t{tune.lds_kib} << 10};
  });
}

}  // namespace hipinfer
