// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <string>

#include "core/op.h"
#include "core/products.h"
#include "gen/gemm.h"
#include "ops/gemm/params.h"

namespace hipinfer {
namespace {

static_assert(static_cast<int>(gemm_function::none) == gemm_activation::none &&
              static_cast<int>(gemm_function::relu) == gemm_activation::relu &&
              static_cast<int>(gemm_function::silu) == gemm_activation::silu &&
              static_cast<int>(gemm_function::gelu) == gemm_activation::gelu &&
              static_cast<int>(gemm_function::gelu_tanh) == gemm_activation::gelu_tanh);

// Tiles of so many rows that a product of each has, or all segments may have (segments.h).
int64_t tiles_of(const gemm_params& p, int32_t rows) {
  return p.indptr != nullptr ? p.m / rows + p.segments : ceil_div<int64_t>(p.m, rows);
}

// How long the busiest compute unit takes, in ns: tiles of a row's size, each a slice of 128 bytes of k after another.
double time_of(const gemm_tune& tune, int32_t clusters, const gemm_params& p, int bytes, int weights,
               int compute_units) {
  constexpr double ns_cluster = 500;  // to add each other's sums; fitted to 26 shapes on an H200
  // In double, for the product of the two counts may pass 2^63 while no element does.
  const auto count = [](int64_t n, int32_t of) { return std::ceil(static_cast<double>(n) / of); };
  const double tiles = static_cast<double>(tiles_of(p, tune.tile_m)) * count(p.n, tune.tile_n / weights) *
                       static_cast<double>(p.batches) * clusters;
  const double slices = count(p.k, 128 / bytes) / clusters;
  // Rows past the end read the last one. Where they are half of a tile, many blocks wait for the same lines of L2: 64 rows took 79 us
  // in tiles of 128, which hold 128 rows in 50 (H200).
  const double crowd = tune.tile_m >= 2 * p.rows ? 2 : 1;
  return crowd * std::ceil(tiles / compute_units) *
         (slices * tune.ns_slice + tune.ns_tile + (clusters > 1 ? ns_cluster : 0));
}

struct choice {
  const kernel_row* row;
  int32_t clusters;
};

// Of the rows with tiles that take the call, the one that is done first, and in how many blocks of a cluster; but a row without
// (ns_slice 0) serves where it comes before them.
choice choose_row(call& c, const gemm_params& p, int bytes, int weights) {
  choice best{nullptr, 1};
  double best_time = INFINITY;
  const bool one_row = p.m == 1 && p.indptr == nullptr && bytes > 1 && p.vector &&
                       !p.batch_invariant;  // gemv's, whose products are all of use
  c.each_row(&p, "main", [&](const kernel_row& row) {
    const gemm_tune& tune = c.numbers<gemm_tune>(row);
    if (tune.ns_slice == 0) {
      if (best.row == nullptr) best.row = &row;
      return false;
    }
    for (int32_t clusters = 1; !one_row && clusters <= (p.batch_invariant ? 1 : tune.clusters); ++clusters) {
      const double time = time_of(tune, clusters, p, bytes, weights, c.compute_units());
      if (time >= best_time) continue;
      best = {&row, clusters};
      best_time = time;
    }
    return true;
  });
  if (best.row == nullptr) best.row = c.choose(&p, "main");
  return best;
}

// The strides of a scale's matrices, rows and blocks of k: 0 where one serves all. Rows: how many there may be in place of 1.
void set_scale(call& c, const char* name, const view& scale, std::initializer_list<int64_t> rows, int64_t blocks,
               int64_t (&stride)[3]) {
  if (scale.rank < 2) return;  // left out, or one number
  const int64_t have_rows = scale.extent(2), have_blocks = scale.extent(1);
  if (have_rows != 1 && std::find(rows.begin(), rows.end(), have_rows) == rows.end()) {
    std::string expected;
    for (const int64_t n : rows) expected += " or " + std::to_string(n);
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, name, "scales of %lld rows, expected 1%s",
             static_cast<long long>(have_rows), expected.c_str());
  }
  if (have_blocks != 1 && have_blocks != blocks) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, name, "%lld scales a row, expected 1 or %lld",
             static_cast<long long>(have_blocks), static_cast<long long>(blocks));
  }
  for (int i = 0; i < scale.rank; ++i) {
    if (scale.extent(i + 1) != 1) stride[2 - i] = scale.stride[scale.rank - 1 - i];
  }
}

void set_scales(call& c, gemm_params& p, const gemm_args& a) {
  p.input_scale = static_cast<const float*>(a.input_scale.data);
  p.weight_scale = static_cast<const float*>(a.weight_scale.data);
  p.output_bf16 = a.output.type == dtype::bf16;
  const int64_t blocks = ceil_div(p.k, gemm_scale_block), weight_blocks = ceil_div(p.n, gemm_scale_block);
  set_scale(c, "input_scale", a.input_scale, {p.m}, blocks, p.input_scale_stride);
  set_scale(c, "weight_scale", a.weight_scale, {p.n, weight_blocks}, blocks, p.weight_scale_stride);
  const auto in_blocks = [](const view& scale) { return scale.rank >= 2 && scale.extent(1) != 1; };
  p.scaling = in_blocks(a.input_scale) || in_blocks(a.weight_scale) ? gemm_scaling::blocks : gemm_scaling::whole;
  const int64_t weight_rows = a.weight_scale.rank >= 2 ? a.weight_scale.extent(2) : 1;
  if (weight_rows == weight_blocks) p.weight_scale_shift = std::countr_zero(static_cast<uint64_t>(gemm_scale_block));
  if (p.scaling == gemm_scaling::blocks && weight_rows != 1 && weight_rows != weight_blocks) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "weight_scale",
             "a scale for each row, expected one for all or for each %lld, as scales are of blocks of k",
             static_cast<long long>(gemm_scale_block));
  }
  constexpr int64_t most = INT32_MAX / (128 * 128);
  if (a.input.type == dtype::i8 && p.scaling == gemm_scaling::whole && p.k > most) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of %lld i8, expected at most %lld without scales of blocks",
             static_cast<long long>(p.k), static_cast<long long>(most));
  }
}

// The segments of gemm_grouped; of any other operation all rows are those of one product.
void set_segments(call& c, gemm_params& p, const gemm_args& a) {
  p.weight_k_stride = 1;
  p.rows = p.m;
  if (!a.indptr.given()) return;
  p.indptr = a.indptr.data;
  p.wide_indptr = a.indptr.type == dtype::i64;
  p.weight_indices = a.weight_indices.data;
  p.wide_weight_indices = a.weight_indices.type == dtype::i64;
  p.segments = a.indptr.shape[0] - 1;
  p.weights = a.weight.shape[0];
  p.weight_batch_stride = a.weight.stride[0];
  if (p.k > 1) p.weight_k_stride = a.weight.stride[2];
  p.rows = ceil_div(p.m, std::max<int64_t>(p.segments, 1));
  if (!a.weight_indices.given() && p.weights != p.segments) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "weight", "%lld weights, expected one for each of %lld segments",
             static_cast<long long>(p.weights), static_cast<long long>(p.segments));
  }
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
  set_scales(c, p, a);
  set_segments(c, p, a);
  // Bytes from a tile's first row to its last, at most 256 of up to 4 bytes an element, are counted in 32 bits, and not below 0.
  const auto near = [](int64_t stride) { return stride >= 0 && stride < (int64_t{1} << 31) / (256 * 4); };
  p.near = near(p.input_stride) && near(p.weight_stride) && near(p.up_stride) && p.weight_k_stride == 1;
  p.vector = p.near && a.input.aligned(16) && weight.aligned(16) && (!gated || a.up.aligned(16));
  p.vector_out = a.output.aligned(16) && (!a.bias.given() || a.bias.aligned(16)) &&
                 (!a.residual.given() || a.residual.aligned(16));
  p.batch_invariant = c.batch_invariant();
  if (a.output.elements() == 0 || (p.indptr != nullptr && p.segments == 0)) return;
  const choice chosen = choose_row(c, p, dtype_bytes(a.input.type), a.traits.weights);
  c.run_row<gemm_tune>(chosen.row, p, [&](const gemm_tune& tune) {
    const int64_t tiles = saturated_product(
        {tiles_of(p, tune.tile_m), ceil_div<int64_t>(p.n, tune.tile_n / a.traits.weights), p.batches, chosen.clusters});
    return grid{tiles, 1, int64_t{tune.lds_kib} << 10, chosen.clusters};
  });
}

}  // namespace hipinfer
